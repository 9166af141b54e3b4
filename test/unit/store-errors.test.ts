import {
  count,
  defineJobs,
  drain,
  type ExchangeRequest,
  enqueueMany,
  fixed,
  get,
  type Hint,
  job,
  list,
  StoreError,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, ended, lostConnection, pass, setScene } from './scene.ts';

const jobs = defineJobs({ push: job<string>({ backoff: fixed({ delayMs: 100 }), maxAttempts: 3 }) });

/** A scene whose events are written down. */
function told() {
  const scene = setScene(jobs);
  const events: string[] = [];
  for (const name of [
    'job:started',
    'job:completed',
    'job:retried',
    'job:dead',
    'job:released',
    'job:stale',
  ] as const)
    scene.queue.on(name, ({ job: { payload } }) => events.push(`${name} ${payload}`));
  scene.queue.on('worker:error', ({ error }) => events.push(`worker:error ${(error as Error).message}`));
  return { ...scene, events };
}

describe('a settle that the store fails', () => {
  it('is repeated until it is written, and the handler is not run again', async () => {
    const { queue, environment, store, events } = told();
    await queue.enqueue('push', 'x');
    work(queue, { push: () => store.failNext('exchange', lostConnection(), { times: 3 }) });
    await environment.advance(10_000);
    expect(events).toEqual([
      'job:started x',
      'worker:error the connection was lost',
      'worker:error the connection was lost',
      'worker:error the connection was lost',
      'job:completed x',
    ]);
    expect(await count(queue)).toMatchObject({ completed: 1, pending: 0, active: 0, dead: 0 });
  });

  it('costs no attempt', async () => {
    const { queue, environment, store } = told();
    const { id } = await queue.enqueue('push', 'x');
    work(queue, {
      push: (_, { attempt }) => {
        if (attempt === 1) store.failNext('exchange', lostConnection());
        if (attempt < 3) throw new Error('no');
        return deaf();
      },
    });
    await environment.advance(5_000);
    expect(await get(queue, id)).toMatchObject({ attempt: 3, failures: 2, crashes: 0 });
  });

  it('is repeated alone, and then the worker goes on with the other jobs', async () => {
    const { queue, environment, store } = told();
    for (const word of ['1', '2', '3']) await queue.enqueue('push', word);
    const ran: string[] = [];
    const push = (word: string) => {
      if (ran.push(word) === 1) store.failNext('exchange', lostConnection());
    };
    work(queue, { push }, { concurrency: 1 });
    await environment.advance(2_000);
    expect(ran).toEqual(['1', '2', '3']);
  });

  it('for want of room is repeated by itself, without the others: that takes the least', async () => {
    const { queue, environment, store } = told();
    await enqueueMany(
      queue,
      ['1', '2', '3'].map((payload) => ({ name: 'push', payload })),
    );
    const full = new StoreError('the disk is full', { retryable: false });
    store.failWhen('exchange', full, ({ settle }: ExchangeRequest) => settle.length > 1);
    const ran: string[] = [];
    work(queue, { push: (word) => void ran.push(word) });
    await environment.advance(1_000);
    expect(ran).toEqual(['1', '2', '3']);
    expect(await count(queue)).toMatchObject({ completed: 3, active: 0 });
  });

  it('for want of room, alone too, holds up neither the others nor what comes later', async () => {
    const { queue, environment, store } = told();
    await enqueueMany(
      queue,
      ['1', '2', '3'].map((payload) => ({ name: 'push', payload })),
    );
    const { jobs: waiting } = await list(queue, { state: 'pending' });
    const full = new StoreError('the disk is full', { retryable: false });
    store.failWhen(
      'exchange',
      full,
      ({ settle }: ExchangeRequest) => settle.length > 1 || settle.some(({ id }) => id === waiting[0]?.id),
    );
    work(queue, { push: () => {} });
    await environment.advance(1_000);
    expect(await count(queue)).toMatchObject({ completed: 2, active: 1 });
    await enqueueMany(
      queue,
      Array.from({ length: 20 }, (_, n) => ({ name: 'push', payload: `later ${n}` })),
    );
    await environment.advance(10_000);
    expect(await count(queue)).toMatchObject({ completed: 22, active: 1, pending: 0 });
  });

  it('is repeated without a claim: jobs whose answer is lost again would wait for the end of a lease', async () => {
    const { queue, environment, store } = told();
    await enqueueMany(
      queue,
      ['1', '2', '3'].map((payload) => ({ name: 'push', payload })),
    );
    work(queue, { push: () => store.failNext('exchange', lostConnection()) }, { concurrency: 1 });
    await environment.flush();
    const before = store.calls.length;
    await environment.advance(250);
    const [repeat, next] = store.calls.slice(before).map(({ request }) => request as { claim?: unknown });
    expect(repeat).not.toHaveProperty('claim');
    expect(next).toHaveProperty('claim');
  });

  it('does not end a drain before all that is due has run', async () => {
    const { queue, environment, store } = told();
    for (const word of ['1', '2', '3']) await queue.enqueue('push', word);
    const ran: string[] = [];
    const push = (word: string) => {
      if (ran.push(word) === 1) store.failNext('exchange', lostConnection());
    };
    const drained = drain(queue, { push }, { concurrency: 1 });
    await environment.advance(2_000);
    expect(await ended(drained)).toMatchObject({ completed: 3 });
    expect(ran).toEqual(['1', '2', '3']);
  });

  it('after its commit is repeated and found stale: nothing is told, and nothing runs again', async () => {
    const { queue, environment, store, events } = told();
    await queue.enqueue('push', 'x');
    work(queue, { push: () => store.failNext('exchange', lostConnection(), { after: true }) });
    await environment.advance(120_000);
    expect(events).toEqual(['job:started x', 'worker:error the connection was lost']);
    expect(await count(queue)).toMatchObject({ completed: 1, pending: 0, active: 0 });
  });

  it('keeps the delay that counts from the failure', async () => {
    const { queue, environment, store, elapsed } = told();
    await queue.enqueue('push', 'x');
    const at: number[] = [];
    work(queue, {
      push: () => {
        at.push(elapsed());
        if (at.length === 1) store.failNext('exchange', lostConnection());
        throw new Error('no');
      },
    });
    await environment.advance(5_000);
    // Settled at 250, when its time was up already.
    expect(at.slice(0, 2)).toEqual([0, 250]);
  });

  it('is written by a stop that comes meanwhile', async () => {
    const { queue, environment, store } = told();
    await queue.enqueue('push', 'x');
    const worker = work(queue, { push: () => store.failNext('exchange', lostConnection(), { times: 2 }) });
    await environment.flush();
    const stopped = worker.stop();
    await environment.advance(2_000);
    await ended(stopped);
    expect(await count(queue)).toMatchObject({ completed: 1, active: 0 });
    expect(environment.timers).toBe(0);
  });
});

describe('a claim that the store fails', () => {
  it('is told, and tried again later: the job runs when the store is back', async () => {
    const { queue, environment, store, events } = told();
    await queue.enqueue('push', 'x');
    const up = store.failAll(lostConnection());
    work(queue, { push: () => {} });
    await environment.advance(60_000);
    expect(events.every((event) => event === 'worker:error the connection was lost')).toBe(true);
    expect(events.length).toBeGreaterThan(3);
    up();
    await environment.advance(30_000);
    expect(events.slice(-2)).toEqual(['job:started x', 'job:completed x']);
  });

  it('is tried less and less often, down to twice a minute', async () => {
    const { environment, store, queue, elapsed } = told();
    const at: number[] = [];
    queue.on('worker:error', () => at.push(elapsed()));
    store.failAll(lostConnection());
    work(queue, { push: () => {} });
    await environment.advance(3_600_000);
    expect(at.slice(0, 5)).toEqual([0, 250, 750, 1_750, 3_750]);
    expect(at.length).toBeLessThan(130);
    expect(at.length).toBeGreaterThan(110);
  });

  it('is not tried sooner because jobs are enqueued meanwhile', async () => {
    const { queue, environment, store } = told();
    work(queue, { push: () => {} });
    await environment.flush();
    store.failNext('exchange', lostConnection(), { times: 4 });
    for (let i = 0; i < 20; i++) {
      await queue.enqueue('push', `${i}`);
      await environment.flush();
    }
    expect(store.callsOf('exchange')).toBe(2);
    await environment.advance(10_000);
    expect(await count(queue)).toMatchObject({ completed: 20 });
  });

  it('starts its delays anew once the store has answered', async () => {
    const { queue, environment, store, elapsed } = told();
    store.failNext('exchange', lostConnection(), { times: 4 });
    work(queue, { push: () => {} });
    await environment.advance(5_000);
    const at: number[] = [];
    queue.on('worker:error', () => at.push(elapsed()));
    store.failNext('exchange', lostConnection());
    await queue.enqueue('push', 'x');
    await environment.advance(250);
    expect(at).toEqual([5_000]);
    expect(await count(queue)).toMatchObject({ completed: 1 });
  });

  it('loses no job when the answer was lost after the commit', async () => {
    const { queue, environment, store } = told();
    await queue.enqueue('push', 'x');
    store.failNext('exchange', lostConnection(), { after: true });
    let runs = 0;
    work(queue, { push: () => void runs++ }, { leaseMs: 10_000 });
    await environment.advance(60_000);
    expect(runs).toBe(1);
    expect(await count(queue)).toMatchObject({ completed: 1 });
  });
});

describe('a heartbeat that the store fails', () => {
  it('is told, the handler goes on, and the next one holds the lease', async () => {
    const { queue, environment, store, events } = told();
    await queue.enqueue('push', 'x');
    work(queue, { push: () => pass(environment, 50_000) }, { leaseMs: 30_000 });
    store.failNext('extend', lostConnection());
    await environment.advance(60_000);
    expect(events).toEqual(['job:started x', 'worker:error the connection was lost', 'job:completed x']);
  });

  it('keeps the progress for the next one', async () => {
    const { queue, environment, store } = told();
    const { id } = await queue.enqueue('push', 'x');
    work(queue, {
      push: async (_, { progress }) => {
        progress('half');
        await pass(environment, 60_000);
      },
    });
    store.failNext('extend', lostConnection());
    await environment.advance(11_000);
    expect(await get(queue, id)).not.toHaveProperty('progress');
    await environment.advance(10_000);
    expect(await get(queue, id)).toMatchObject({ progress: 'half' });
  });
});

it('a reclaim that the store fails is tried again soon', async () => {
  const { queue, environment, store } = told();
  let tell: (hint: Hint) => void = () => {};
  store.onHint = (_, listener) => {
    tell = listener;
    return () => {};
  };
  work(queue, { push: () => {} });
  await environment.flush();
  store.failNext('reclaim', lostConnection());
  tell('gone');
  await environment.advance(1_000);
  expect(store.callsOf('reclaim')).toBe(3);
});
