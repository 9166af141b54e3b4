import {
  count,
  DeadLetterError,
  drain,
  enqueueMany,
  fixed,
  job,
  memoryBacking,
  pause,
  RetryLaterError,
  UnreachableError,
  work,
} from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { deaf, ended, lostConnection, pass, setScene, untilAborted } from './scene.ts';

const jobs = {
  push: job<string>({ backoff: fixed({ delayMs: 100 }), maxAttempts: 3 }),
  other: job<string>(),
};

const nothing = {
  completed: 0,
  retried: 0,
  released: 0,
  dead: 0,
  cancelled: 0,
  activeElsewhere: 0,
  closed: [],
};
/** When a scene's clock starts. */
const start = fakeEnvironment().now();

describe('a drain', () => {
  it('of an empty queue returns at once', async () => {
    const { queue, environment } = setScene(jobs);
    const drained = drain(queue, { push: () => {} });
    await environment.flush();
    expect(await ended(drained)).toEqual(nothing);
  });

  it('of one job that takes 200 ms returns after 200 ms', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const drained = drain(queue, { push: () => pass(environment, 200) }).then((done) => ({
      done,
      at: elapsed(),
    }));
    await environment.advance(1_000);
    expect(await ended(drained)).toEqual({ done: { ...nothing, completed: 1 }, at: 200 });
  });

  it('runs all that is due, also what is enqueued while it runs', async () => {
    const { queue, environment } = setScene(jobs);
    for (let i = 0; i < 50; i++) await queue.enqueue('push', `${i}`);
    const push = async (word: string) => {
      if (word === '49') await queue.enqueue('push', 'meanwhile');
    };
    const drained = drain(queue, { push });
    await environment.advance(100);
    expect(await ended(drained)).toEqual({ ...nothing, completed: 51 });
  });

  it('runs retries that become due while it runs', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    await queue.enqueue('other', 'long');
    const attempts: number[] = [];
    const drained = drain(queue, {
      push: (_, { attempt }) => {
        attempts.push(attempt);
        if (attempt < 3) throw new Error('no');
      },
      other: () => pass(environment, 250),
    });
    await environment.advance(1_000);
    expect(await ended(drained)).toEqual({ ...nothing, retried: 2, completed: 2 });
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('does not wait for retries and delayed jobs when nothing runs', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    await queue.enqueue('push', 'later', { delayMs: 50 });
    const drained = drain(queue, { push: () => Promise.reject(new Error('no')) });
    await environment.flush();
    expect(await ended(drained)).toEqual({ ...nothing, retried: 1, nextAt: start + 50 });
    expect(await count(queue)).toMatchObject({ pending: 2 });
  });

  it('tells how its jobs ended', async () => {
    const { queue, environment } = setScene(jobs);
    for (const word of ['good', 'good', 'bad', 'dead', 'given']) await queue.enqueue('push', word);
    const drained = drain(queue, {
      push: (word, { release }) => {
        if (word === 'bad') throw new Error('no');
        if (word === 'dead') throw new DeadLetterError('never');
        if (word === 'given') release({ delayMs: 1_000 });
      },
    });
    await environment.flush();
    expect(await ended(drained)).toEqual({
      ...nothing,
      completed: 2,
      retried: 1,
      dead: 1,
      released: 1,
      nextAt: start + 100,
    });
  });

  it('stops at its deadline: it aborts what runs and gives back what is not done', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    for (const word of ['1', '2', '3']) await queue.enqueue('push', word);
    const drained = drain(queue, { push: untilAborted }, { deadlineMs: 500, concurrency: 2 }).then(
      (done) => ({ done, at: elapsed() }),
    );
    await environment.advance(1_000);
    expect(await ended(drained)).toEqual({ done: { ...nothing, released: 2, nextAt: start + 500 }, at: 500 });
    expect(await count(queue)).toMatchObject({ pending: 3, active: 0 });
  });

  it.each([
    ['has held by', new RetryLaterError({ delayMs: 5_000, hold: true })],
    ['found closed by', new UnreachableError('busy', { reason: 'busy', retryAfterMs: 5_000 })],
  ])('says when its only name opens again that it %s its last attempt', async (_, error) => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const fails = () => {
      throw error;
    };
    const drained = drain(queue, { push: fails });
    await environment.flush();
    expect(await ended(drained)).toMatchObject({ retried: 1, nextAt: start + 5_000 });
  });

  it('with handlers that heed nothing is over at its deadline all the same', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const drained = drain(queue, { push: deaf }, { deadlineMs: 500 });
    await environment.advance(500);
    expect(await ended(drained)).toEqual({ ...nothing, released: 1, nextAt: start + 500 });
    expect(environment.timers).toBe(0);
  });

  it('with a deadline of 0 runs nothing for long', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const drained = drain(queue, { push: deaf }, { deadlineMs: 0 });
    await environment.advance(0);
    await ended(drained);
    expect(await count(queue)).toMatchObject({ pending: 1, active: 0 });
  });

  it('leaves no timer, deadline or not', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const drained = drain(queue, { push: () => {} }, { deadlineMs: 60_000 });
    await environment.flush();
    await ended(drained);
    expect(environment.timers).toBe(0);
  });

  it('is ended by its signal', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const controller = new AbortController();
    const drained = drain(queue, { push: untilAborted }, { signal: controller.signal });
    await environment.advance(100);
    controller.abort();
    await environment.advance(5_000);
    expect(await ended(drained)).toEqual({ ...nothing, released: 1, nextAt: start + 100 });
  });

  it('is ended by the close of its queue', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const drained = drain(queue, { push: untilAborted });
    await environment.flush();
    const closed = queue.close({ graceMs: 100 });
    await environment.advance(100);
    await ended(closed);
    expect(await ended(drained)).toEqual({ ...nothing, released: 1, nextAt: start });
  });

  it('leaves the jobs of other workers to them, and does not wait for them', async () => {
    const backing = memoryBacking();
    const { queue, environment } = setScene(jobs, { backing });
    const other = setScene(jobs, { backing, environment });
    await queue.enqueue('push', 'x');
    work(other.queue, { push: () => pass(environment, 5_000) });
    await environment.flush();
    const drained = drain(queue, { push: () => {} });
    await environment.flush();
    expect(await ended(drained)).toEqual({ ...nothing, activeElsewhere: 1, nextAt: start + 30_000 });
  });

  it('takes over the jobs of a worker that is gone', async () => {
    const backing = memoryBacking();
    const frozen = setScene(jobs, { backing });
    await frozen.queue.enqueue('push', 'x');
    work(frozen.queue, { push: deaf }, { leaseMs: 5_000 });
    await frozen.environment.flush();
    const { queue, environment } = setScene(jobs, { backing });
    await environment.advance(5_000);
    const drained = drain(queue, { push: () => {} });
    await environment.flush();
    expect(await ended(drained)).toEqual({ ...nothing, completed: 1 });
  });

  it('takes them over also when the store fails it at first', async () => {
    const backing = memoryBacking();
    const gone = setScene(jobs, { backing });
    await gone.queue.enqueue('push', 'x');
    work(gone.queue, { push: deaf }, { leaseMs: 5_000 });
    await gone.environment.flush();
    const { queue, environment, store } = setScene(jobs, { backing });
    environment.jump(5_000);
    store.failNext('reclaim', lostConnection());
    const drained = drain(queue, { push: () => {} });
    await environment.advance(250);
    expect(await ended(drained)).toEqual({ ...nothing, completed: 1 });
  });

  it('returns although jobs without a handler wait', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('other', 'x');
    const drained = drain(queue, { push: () => {} });
    await environment.flush();
    expect(await ended(drained)).toEqual(nothing);
  });

  it('of a paused queue returns at once', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    await pause(queue);
    const drained = drain(queue, { push: () => {} });
    await environment.flush();
    expect(await ended(drained)).toEqual(nothing);
  });

  it('without any handler returns at once', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const drained = drain(queue, {});
    await environment.flush();
    expect(await ended(drained)).toEqual(nothing);
  });

  it('shares the jobs with another drain, and each job runs once', async () => {
    const { queue, environment } = setScene(jobs);
    await enqueueMany(
      queue,
      Array.from({ length: 40 }, (_, i) => ({ name: 'push', payload: `${i}` })),
    );
    const ran: string[] = [];
    const push = (word: string) => pass(environment, 10).then(() => ran.push(word));
    const drains = Promise.all([drain(queue, { push }), drain(queue, { push })]);
    await environment.advance(1_000);
    const [a, b] = await ended(drains);
    expect(a.completed + b.completed).toBe(40);
    expect(new Set(ran).size).toBe(40);
    expect(ran).toHaveLength(40);
  });
});

it.each([
  [{ deadlineMs: -1 }, 'deadlineMs is -1'],
  [{ deadline: 5 }, 'drain options is "deadline"'],
  [{ concurrency: 0 }, 'concurrency is 0'],
  [{ waitFor: -1 }, 'waitFor is -1'],
  [{ waitFor: 'idle' }, 'waitFor is "idle"'],
  [null, 'drain options is null'],
])('a drain with %o is refused, and begins nothing', async (options, message) => {
  const { queue, environment, store } = setScene(jobs);
  await queue.enqueue('push', 'x');
  await expect(drain(queue, { push: () => {} }, options as never)).rejects.toThrow(message);
  await environment.flush();
  expect(store.callsOf('exchange')).toBe(0);
  expect(environment.timers).toBe(0);
});
