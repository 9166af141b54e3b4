import {
  count,
  defineJobs,
  drain,
  type ExchangeRequest,
  fixed,
  get,
  type HandlerContext,
  job,
  list,
  PayloadError,
  pause,
  StoreError,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, ended, latch, lostConnection, pass, setScene } from './scene.ts';

const jobs = defineJobs({
  first: job<string>({ backoff: fixed({ delayMs: 1_000 }), maxAttempts: 3 }),
  next: job<unknown>(),
});

type Context = HandlerContext<typeof jobs>;

/** One job `first` that runs this, and what then waits as `next`. */
async function afterFirst(first: (word: string, context: Context) => unknown, options = {}) {
  const scene = setScene(jobs, options);
  const { id } = await scene.queue.enqueue('first', 'x');
  work(scene.queue, { first });
  await scene.environment.advance(100);
  const { jobs: waiting } = await list(scene.queue, { state: 'pending', name: 'next' });
  return { ...scene, id, next: waiting };
}

describe('what a handler enqueues', () => {
  it('is there when its job has completed, under the id it was told', async () => {
    let id = '';
    const { next, queue } = await afterFirst((_, context) => {
      id = context.enqueue('next', { n: 1 }, { priority: 'high', lane: 'doc' });
    });
    expect(next).toMatchObject([{ id, payload: { n: 1 }, priority: 10, lane: 'doc' }]);
    expect(await count(queue)).toMatchObject({ completed: 1, pending: 1 });
  });

  it('is not there before its job has completed', async () => {
    const ends = latch();
    const { queue, environment } = await afterFirst(async (_, { enqueue }) => {
      enqueue('next', 1);
      await ends.promise;
    });
    expect(await count(queue)).toMatchObject({ active: 1, pending: 0 });
    ends.open();
    await environment.flush();
    expect(await count(queue)).toMatchObject({ completed: 1, pending: 1 });
  });

  it.each<[string, (context: Context) => unknown]>([
    [
      'throws',
      () => {
        throw new Error('no');
      },
    ],
    ['releases its job', ({ release }) => release({ delayMs: 5_000 })],
  ])('is dropped when its handler then %s', async (_, then) => {
    const { queue } = await afterFirst((_word, context) => {
      context.enqueue('next', 1);
      then(context);
    });
    expect(await count(queue)).toMatchObject({ pending: 1, completed: 0 });
  });

  it('is enqueued once, by the attempt that completed', async () => {
    const { queue, environment } = await afterFirst((_, { enqueue, attempt }) => {
      enqueue('next', attempt);
      if (attempt < 3) throw new Error('no');
    });
    await environment.advance(10_000);
    const { jobs: next } = await list(queue, { state: 'pending' });
    expect(next.map(({ payload }) => payload)).toEqual([3]);
  });

  it('is dropped when its worker lost the lease', async () => {
    const ends = latch();
    const { queue, environment, store } = await afterFirst((_, { enqueue }) => {
      enqueue('next', 1);
      return ends.promise;
    });
    await store.reclaim(
      { queue: 'sync', limit: 1, goneWorkers: [workerOf(await list(queue, { state: 'active' }))] },
      environment.now(),
    );
    await pause(queue);
    ends.open();
    await environment.flush();
    expect(await list(queue, { state: 'pending', name: 'next' })).toEqual({ jobs: [] });
  });

  const workerOf = ({ jobs: [one] }: { jobs: readonly { lease?: { workerId: string } }[] }) =>
    one!.lease!.workerId;

  it('keeps its order', async () => {
    const { next } = await afterFirst((_, { enqueue }) => {
      for (let i = 0; i < 10; i++) enqueue('next', i);
    });
    expect(next.map(({ payload }) => payload)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('is not refused by a queue that is full', async () => {
    const { queue, next } = await afterFirst(
      (_, { enqueue }) => {
        for (let i = 0; i < 5; i++) enqueue('next', i);
      },
      { maxDepth: 1, maxBytes: 10 },
    );
    expect(next).toHaveLength(5);
    expect(await count(queue)).toMatchObject({ completed: 1 });
  });

  it('may be delayed, counted from the completion', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('first', 'x');
    work(queue, {
      first: async (_, { enqueue }) => {
        enqueue('next', 1, { delayMs: 1_000 });
        await pass(environment, 50);
      },
    });
    await environment.advance(100);
    const { jobs: next } = await list(queue, { state: 'pending' });
    expect(next[0]?.runAt).toBe(environment.now() - 50 + 1_000);
  });

  it('is told as enqueued, after the completion', async () => {
    const { queue, environment } = setScene(jobs);
    const told: string[] = [];
    queue.on('job:completed', ({ job: { name } }) => told.push(`completed ${name}`));
    await queue.enqueue('first', 'x');
    queue.on('job:enqueued', ({ name }) => told.push(`enqueued ${name}`));
    work(queue, { first: (_, { enqueue }) => enqueue('next', 1) });
    await environment.flush();
    expect(told).toEqual(['completed first', 'enqueued next']);
  });

  it('is stored once when the answer to the completion is lost', async () => {
    const scene = setScene(jobs);
    await scene.queue.enqueue('first', 'x');
    work(scene.queue, {
      first: (_, { enqueue }) => {
        enqueue('next', 1);
        scene.store.failNext('exchange', lostConnection(), { after: true });
      },
    });
    await scene.environment.advance(10_000);
    expect(await count(scene.queue)).toMatchObject({ completed: 1, pending: 1 });
  });

  it('does not change with what the handler does to it afterwards', async () => {
    const { next } = await afterFirst((_, { enqueue }) => {
      const payload = { n: 1 };
      enqueue('next', payload);
      payload.n = 2;
    });
    expect(next[0]?.payload).toEqual({ n: 1 });
  });
});

describe('context.enqueue throws, and its attempt fails,', () => {
  it.each<[string, (enqueue: Context['enqueue']) => unknown, string]>([
    ['for an unknown name', (enqueue) => enqueue('nxt' as 'next', 1), 'job "nxt" is not defined'],
    ['for an invalid option', (enqueue) => enqueue('next', 1, { delayMs: -1 }), 'delayMs is -1'],
    ['for a payload that cannot be stored', (enqueue) => enqueue('next', deaf), 'payload is a function'],
    [
      'for more jobs than a store takes at once',
      (enqueue) => {
        for (let i = 0; i <= 1_000; i++) enqueue('next', i);
      },
      'context.enqueue is 1001: expected at most 1000 jobs',
    ],
    [
      'for more bytes than a store takes at once',
      (enqueue) => {
        for (let i = 0; i < 8; i++) enqueue('next', 'x'.repeat(1024 * 1024));
      },
      'context.enqueue is',
    ],
  ])('%s', async (_, act, message) => {
    const { queue, id, next } = await afterFirst((_word, { enqueue }) => act(enqueue));
    const failed = await get(queue, id);
    expect(failed).toMatchObject({ state: 'pending', failures: 1 });
    expect(failed?.errors[0]?.message).toContain(message);
    expect(next).toEqual([]);
  });
});

describe('what a store refuses of what handlers enqueued', () => {
  /** A store that cannot hold blobs, as it says when they arrive. */
  function withoutBlobs() {
    const scene = setScene(jobs);
    scene.store.failWhen(
      'exchange',
      new PayloadError('payload', 'is a Blob: this store cannot hold it'),
      ({ settle }: ExchangeRequest) =>
        settle.some(
          ({ outcome }) =>
            outcome.kind === 'complete' && outcome.enqueue?.some(({ payload }) => payload instanceof Blob),
        ),
    );
    return scene;
  }

  it('fails the attempt that enqueued it', async () => {
    const { queue, environment } = withoutBlobs();
    const { id } = await queue.enqueue('first', 'x');
    work(queue, { first: (_, { enqueue }) => enqueue('next', new Blob([])) });
    await environment.flush();
    expect(await get(queue, id)).toMatchObject({
      state: 'pending',
      failures: 1,
      errors: [{ name: 'PayloadError', message: 'payload is a Blob: this store cannot hold it' }],
    });
    await environment.advance(10_000);
    expect(await get(queue, id)).toMatchObject({ state: 'dead', failures: 3 });
  });

  it('costs no other job its outcome, and the worker goes on', async () => {
    const { queue, environment } = withoutBlobs();
    for (const word of ['1', '2', 'bad', '3', '4']) await queue.enqueue('first', word);
    const ends = latch();
    work(
      queue,
      {
        first: (word, { enqueue }) => {
          enqueue('next', word === 'bad' ? new Blob([]) : word);
          return ends.promise;
        },
      },
      { concurrency: 5 },
    );
    await environment.flush();
    ends.open();
    await environment.advance(500);
    expect(await count(queue)).toMatchObject({ completed: 4, active: 0, pending: 5 });
    const { jobs: next } = await list(queue, { state: 'pending', name: 'next' });
    expect(next.map(({ payload }) => payload).toSorted()).toEqual(['1', '2', '3', '4']);
  });
});

describe('what a full disk refuses of what handlers enqueued', () => {
  /** A disk that has room for nothing new, until it has. */
  function fullDisk() {
    const scene = setScene(jobs);
    let full = true;
    const tries: number[] = [];
    const error = new StoreError('the disk is full', { retryable: false });
    scene.store.failWhen('exchange', error, ({ settle }: ExchangeRequest) => {
      const chained = settle.filter(({ outcome }) => outcome.kind === 'complete' && outcome.enqueue);
      if (chained.length === 1 && settle.length === 1) tries.push(scene.elapsed());
      return full && chained.length > 0;
    });
    const free = () => {
      full = false;
    };
    return { ...scene, free, tries };
  }

  /** Handlers that enqueue, of the name `first`, and one that does not, of the name `next`. */
  async function working(words: readonly string[], concurrency: number) {
    const scene = fullDisk();
    for (const word of words) await scene.queue.enqueue('first', word);
    const runs: string[] = [];
    const worker = work(
      scene.queue,
      {
        first: (word, { enqueue }) => {
          runs.push(word);
          enqueue('next', `after ${word}`);
        },
        next: (word) => void runs.push(String(word)),
      },
      { concurrency },
    );
    await scene.environment.flush();
    return { ...scene, worker, runs };
  }

  it('holds up no job that comes after it', async () => {
    const { queue, environment, runs } = await working(['x'], 2);
    await queue.enqueue('next', 'y');
    await environment.flush();
    await queue.enqueue('next', 'z');
    await environment.flush();
    expect(runs).toEqual(['x', 'y', 'z']);
    expect(await count(queue)).toMatchObject({ completed: 2, active: 1, pending: 0 });
  });

  it('holds up no outcome of the same turn', async () => {
    const { queue, environment } = fullDisk();
    const ends = latch();
    for (const word of ['x', 'y']) await queue.enqueue('first', word);
    await queue.enqueue('next', 'z');
    work(queue, {
      first: async (word, { enqueue }) => {
        await ends.promise;
        enqueue('next', word);
      },
      next: () => ends.promise,
    });
    await environment.flush();
    ends.open();
    await environment.flush();
    expect(await count(queue)).toMatchObject({ completed: 1, active: 2, pending: 0 });
  });

  it('is kept and stored when there is room, and no handler runs again', async () => {
    const { queue, environment, runs, free } = await working(['x', 'y'], 4);
    await environment.advance(120_000);
    expect(await count(queue)).toMatchObject({ active: 2, completed: 0, dead: 0 });
    free();
    await environment.advance(30_000);
    expect(runs.toSorted()).toEqual(['after x', 'after y', 'x', 'y']);
    expect(await count(queue)).toMatchObject({ completed: 4, active: 0, pending: 0 });
  });

  it('keeps its slot: no more such jobs run than there are slots', async () => {
    const { queue, environment, runs, free } = await working(['1', '2', '3', '4', '5'], 2);
    await environment.advance(120_000);
    expect(runs).toEqual(['1', '2']);
    expect(await count(queue)).toMatchObject({ active: 2, pending: 3 });
    free();
    await environment.advance(60_000);
    expect(runs).toHaveLength(10);
  });

  it('keeps the slot of its name', async () => {
    const chained = { first: job<string>({ concurrency: 1 }), next: job<unknown>() };
    const { queue, environment, store } = setScene(chained);
    for (const word of ['1', '2']) await queue.enqueue('first', word);
    const runs: string[] = [];
    const error = new StoreError('the disk is full', { retryable: false });
    store.failWhen('exchange', error, ({ settle }: ExchangeRequest) => settle.length > 0);
    work(queue, {
      first: (word, { enqueue }) => {
        runs.push(word);
        enqueue('next', word);
      },
    });
    await environment.advance(60_000);
    expect(runs).toEqual(['1']);
  });

  it('is tried less and less often, down to twice a minute', async () => {
    const { environment, tries } = await working(['x'], 2);
    await environment.advance(3_600_000);
    expect(tries.slice(0, 5)).toEqual([0, 250, 750, 1_750, 3_750]);
    expect(tries.length).toBeLessThan(130);
    expect(tries.length).toBeGreaterThan(110);
  });

  it('waits no longer for its next try when the clock is set back', async () => {
    const { environment, tries } = await working(['x'], 2);
    await environment.advance(60_000);
    const before = tries.length;
    environment.jump(-3_600_000);
    await environment.advance(60_000);
    expect(tries.length).toBeGreaterThan(before);
  });

  it('is tried five times more by a worker that stops, which then gives up', async () => {
    const { environment, worker, tries, queue } = await working(['x'], 2);
    await environment.advance(60_000);
    const before = tries.length;
    const stopped = worker.stop();
    await environment.flush();
    expect(tries).toHaveLength(before + 1);
    await environment.advance(10_000);
    await ended(stopped);
    expect(tries).toHaveLength(before + 5);
    expect(environment.timers).toBe(0);
    expect(await count(queue)).toMatchObject({ active: 1, completed: 0 });
  });

  it('is that of the last attempt, when a job was lost and came back, and no timer of the one before is left', async () => {
    const { environment, store, worker, free, queue, runs } = await working(['x'], 2);
    await environment.advance(62_000);
    const { jobs: active } = await list(queue, { state: 'active' });
    const owner = active[0]?.lease?.workerId ?? '';
    await store.reclaim({ queue: 'sync', goneWorkers: [owner], limit: 1 }, environment.now());
    await environment.advance(2_000);
    await queue.enqueue('next', 'y');
    await environment.flush();
    expect(runs.toSorted()).toEqual(['x', 'x', 'y']);
    free();
    await environment.advance(2_000);
    expect(await count(queue)).toMatchObject({ active: 0, completed: 3, pending: 0 });
    await ended(worker.stop());
    expect(environment.timers).toBe(0);
  });

  it('is stored by a worker that stops, if there is room by then', async () => {
    const { environment, worker, free, queue } = await working(['x'], 2);
    await environment.advance(60_000);
    free();
    const stopped = worker.stop();
    await environment.flush();
    await ended(stopped);
    expect(await count(queue)).toMatchObject({ active: 0, completed: 1, pending: 1 });
    expect(environment.timers).toBe(0);
  });
});

it('a handler may enqueue 1,000 jobs', async () => {
  const { queue } = await afterFirst((_, { enqueue }) => {
    for (let i = 0; i < 1_000; i++) enqueue('next', i);
  });
  expect(await count(queue)).toMatchObject({ completed: 1, pending: 1_000 });
});

it('context.enqueue throws when its handler has ended: what it enqueued then would be lost', async () => {
  let late: Context['enqueue'] | undefined;
  const { queue, id } = await afterFirst((_, { enqueue }) => {
    late = enqueue;
  });
  expect(() => late?.('next', 1)).toThrow(`the handler of job ${id} is over`);
  expect(await count(queue)).toMatchObject({ completed: 1, pending: 0 });
});

it('a chain of jobs drains to its end', async () => {
  const { queue, environment } = setScene({ count: job<number>() });
  await queue.enqueue('count', 5);
  const seen: number[] = [];
  const drained = drain(queue, {
    count: (n, { enqueue }) => {
      seen.push(n);
      if (n > 0) enqueue('count', n - 1);
    },
  });
  await environment.flush();
  expect(await ended(drained)).toMatchObject({ completed: 6 });
  expect(seen).toEqual([5, 4, 3, 2, 1, 0]);
});
