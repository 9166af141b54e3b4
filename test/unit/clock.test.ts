import { count, enqueueMany, fixed, get, job, memoryBacking, pause, resume, work } from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { latch, pass, setScene } from './scene.ts';

const HOUR_MS = 3_600_000;

const jobs = { push: job<string>({ backoff: fixed({ delayMs: 5_000 }) }) };

function working() {
  const scene = setScene(jobs);
  const ran: string[] = [];
  work(scene.queue, { push: (word) => void ran.push(word) });
  return { ...scene, ran };
}

it('a clock that is set forward makes due what is then due, within half a minute', async () => {
  const { queue, environment, ran } = working();
  await queue.enqueue('push', 'x', { delayMs: HOUR_MS });
  await environment.advance(1_000);
  environment.jump(HOUR_MS);
  await environment.advance(30_000);
  expect(ran).toEqual(['x']);
});

it('a clock that is set back keeps nothing waiting that was due by the old one', async () => {
  const { queue, environment, ran } = working();
  await pause(queue);
  await queue.enqueue('push', 'x', { delayMs: 5_000 });
  await environment.advance(30_000);
  environment.jump(-HOUR_MS);
  await resume(queue);
  await environment.flush();
  expect(ran).toEqual(['x']);
});

it('a clock that is set back stops no undelayed job', async () => {
  const { queue, environment, ran } = working();
  await queue.enqueue('push', 'before');
  await environment.flush();
  environment.jump(-HOUR_MS);
  await queue.enqueue('push', 'after');
  await environment.flush();
  expect(ran).toEqual(['before', 'after']);
});

it('a clock that is set back while a handler runs takes its job from nobody', async () => {
  const backing = memoryBacking();
  const { queue, environment } = setScene(jobs, { backing });
  await queue.enqueue('push', 'x');
  const ends = latch();
  let runs = 0;
  const push = () => {
    runs += 1;
    return ends.promise;
  };
  work(queue, { push }, { leaseMs: 10_000 });
  work(setScene(jobs, { backing, environment }).queue, { push }, { leaseMs: 10_000 });
  await environment.advance(1_000);
  environment.jump(-HOUR_MS);
  await environment.advance(60_000);
  ends.open();
  await environment.flush();
  expect(runs).toBe(1);
  expect(await count(queue)).toMatchObject({ completed: 1 });
});

it('a clock that tells fractions of a millisecond is cut to whole ones', async () => {
  const environment = fakeEnvironment({ now: 1_750_000_000_000.6 });
  const { queue } = setScene(jobs, { environment });
  const now = Math.floor(environment.now());
  const { id } = await queue.enqueue('push', 'x', { delayMs: 100 });
  expect(await get(queue, id)).toMatchObject({ enqueuedAt: now, runAt: now + 100 });
  const ran: string[] = [];
  work(queue, {
    push: (word, { attempt }) => {
      ran.push(word);
      if (attempt === 1) throw new Error('no');
    },
  });
  await environment.advance(100);
  const retried = await get(queue, id);
  expect(retried?.failures).toBe(1);
  expect(Number.isInteger(retried?.runAt)).toBe(true);
  expect(Number.isInteger(retried?.errors[0]?.at)).toBe(true);
  await environment.advance(5_001);
  expect(ran).toEqual(['x', 'x']);
});

it('a handler that times out does so by the time that passed, whatever the clock says', async () => {
  const { queue, environment, elapsed } = setScene(jobs);
  await queue.enqueue('push', 'x', { timeoutMs: 1_000 });
  let abortedAt = -1;
  work(queue, {
    push: (_, { signal }) => {
      signal.addEventListener('abort', () => {
        abortedAt = elapsed();
      });
      return pass(environment, 2_000);
    },
  });
  await environment.flush();
  environment.jump(HOUR_MS);
  await environment.advance(999);
  expect(abortedAt).toBe(-1);
  await environment.advance(1);
  expect(abortedAt).toBe(HOUR_MS + 1_000);
});

it('a pause of the loop is not made longer by a clock that is set back', async () => {
  const { queue, environment, store } = setScene(jobs);
  const ran: string[] = [];
  store.failNext('exchange', new Error('the store is broken'));
  work(queue, { push: (word) => void ran.push(word) });
  await environment.flush();
  environment.jump(-HOUR_MS);
  await queue.enqueue('push', 'x');
  await environment.advance(250);
  expect(ran).toEqual(['x']);
});

describe('a clock that was a year ahead and is set right', () => {
  const YEAR_MS = 365 * 24 * HOUR_MS;

  it('keeps no retry waiting longer than its backoff, nor what is behind it in its lane', async () => {
    const { queue, environment } = setScene(jobs);
    environment.jump(YEAR_MS);
    const ran: string[] = [];
    let isDown = true;
    const push = (word: string) => {
      if (isDown) throw new Error('503');
      ran.push(word);
    };
    work(queue, { push });
    await queue.enqueue('push', 'x', { id: 'x', lane: 'note' });
    await environment.flush();
    expect(await get(queue, 'x')).toMatchObject({ failures: 1 });
    environment.jump(-YEAR_MS);
    isDown = false;
    await queue.enqueue('push', 'y', { lane: 'note' });
    await environment.advance(5_000);
    expect(ran).toEqual(['x', 'y']);
  });

  it('keeps no retry waiting longer than its backoff, though the clock was set right before that was stored', async () => {
    const { queue, environment, store } = setScene(jobs);
    environment.jump(YEAR_MS);
    const ends = latch();
    let runs = 0;
    work(queue, {
      push: async () => {
        runs += 1;
        if (runs > 1) return;
        await ends.promise;
        store.failNext('exchange', new Error('the store is broken'));
        throw new Error('503');
      },
    });
    await queue.enqueue('push', 'x');
    await environment.flush();
    ends.open();
    await environment.flush();
    environment.jump(-YEAR_MS);
    await environment.advance(10_000);
    expect(runs).toBe(2);
  });

  it('keeps no job waiting that a stopping worker gave back, though the clock was set right before that was stored', async () => {
    const { queue, environment, store } = setScene(jobs);
    environment.jump(YEAR_MS);
    await queue.enqueue('push', 'x');
    const heeding = (_: string, { signal }: { readonly signal: AbortSignal }) =>
      new Promise<void>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    const worker = work(queue, { push: heeding });
    await environment.flush();
    store.failNext('exchange', new Error('the store is broken'), { times: 2 });
    const stopped = worker.stop({ graceMs: 0 });
    await environment.advance(1);
    environment.jump(-YEAR_MS);
    await environment.advance(5_000);
    await stopped;
    const ran: string[] = [];
    work(queue, { push: (word) => void ran.push(word) });
    await environment.advance(1_000);
    expect(ran).toEqual(['x']);
  });

  it('is found within half a minute by a worker that nobody wakes', async () => {
    const { queue, environment, ran } = working();
    environment.jump(YEAR_MS);
    await queue.enqueue('push', 'x', { delayMs: 60_000 });
    await environment.flush();
    environment.jump(-YEAR_MS);
    await environment.advance(90_000);
    expect(ran).toEqual(['x']);
  });

  it('keeps no short wait for as long as it takes to go through many long ones', async () => {
    const { queue, environment } = setScene({ later: job<number>(), push: job<string>() });
    environment.jump(YEAR_MS);
    const many = Array.from({ length: 10_000 }, (_, payload) => ({
      name: 'later' as const,
      payload,
      delayMs: 24 * HOUR_MS,
    }));
    await enqueueMany(queue, many, {});
    await queue.enqueue('push', 'x', { delayMs: 1_000 });
    const ran: string[] = [];
    work(queue, { later: () => {}, push: (word) => void ran.push(word) });
    await environment.flush();
    environment.jump(-YEAR_MS);
    await queue.enqueue('push', 'y');
    await environment.advance(1_100);
    expect(ran).toEqual(['y', 'x']);
  });
});
