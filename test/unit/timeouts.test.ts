import { count, drain, fixed, get, JobTimeoutError, job, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, latch, pass, setScene, untilAborted } from './scene.ts';

const jobs = {
  push: job<string>({ timeoutMs: 1_000, backoff: fixed({ delayMs: 0 }), maxAttempts: 2 }),
  free: job<string>(),
};

describe('a handler that runs longer than timeoutMs', () => {
  it('has its signal aborted with JobTimeoutError, neither sooner nor later', async () => {
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    let signal: AbortSignal | undefined;
    const push: typeof untilAborted = (_, context) => {
      signal = context.signal;
      return deaf();
    };
    work(queue, { push });
    await environment.advance(999);
    expect(signal?.aborted).toBe(false);
    await environment.advance(1);
    expect(signal?.reason).toBeInstanceOf(JobTimeoutError);
    expect(signal?.reason.message).toContain(id);
    expect(signal?.reason.message).toContain('1000 ms');
  });

  it('has failed its attempt, with that error, when it throws', async () => {
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x', { maxAttempts: 1 });
    work(queue, {
      push: async (word, context) => {
        await untilAborted(word, context).catch(() => {});
        throw new Error('what the abort came to');
      },
    });
    await environment.advance(1_000);
    expect(await get(queue, id)).toMatchObject({
      state: 'dead',
      errors: [{ name: 'JobTimeoutError', message: `job ${id} ran longer than 1000 ms` }],
    });
  });

  it('completes the job when it returns within the grace', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    work(queue, { push: () => pass(environment, 3_000) }, { timeoutGraceMs: 5_000 });
    await environment.advance(3_000);
    expect(await count(queue)).toMatchObject({ completed: 1, pending: 0, active: 0 });
  });

  it('keeps its slot until it ends', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    await queue.enqueue('push', 'x', { maxAttempts: 1 });
    await queue.enqueue('free', 'y');
    const startedAt: number[] = [];
    work(
      queue,
      {
        push: async (word, context) => {
          await untilAborted(word, context).catch(() => pass(environment, 2_000));
          throw new Error('late');
        },
        free: () => void startedAt.push(elapsed()),
      },
      { concurrency: 1, timeoutGraceMs: 5_000 },
    );
    await environment.advance(10_000);
    expect(startedAt).toEqual([3_000]);
  });

  it('keeps its slot until its grace is over when it does not end', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x', { maxAttempts: 1 });
    await queue.enqueue('free', 'y');
    const startedAt: number[] = [];
    work(
      queue,
      { push: deaf, free: () => void startedAt.push(elapsed()) },
      { concurrency: 1, timeoutGraceMs: 4_000 },
    );
    await environment.advance(4_999);
    expect(await get(queue, id)).toMatchObject({ state: 'active' });
    expect(startedAt).toEqual([]);
    await environment.advance(1);
    expect(startedAt).toEqual([5_000]);
    expect(await get(queue, id)).toMatchObject({ state: 'dead' });
  });

  it('is not overlapped in this worker by the next attempt of its job before `overlapAfterMs` is over', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    const ends = latch();
    const startedAt: number[] = [];
    work(
      queue,
      { push: () => (startedAt.push(elapsed()) === 1 ? ends.promise : undefined) },
      { timeoutGraceMs: 100, overlapAfterMs: 700_000 },
    );
    await environment.advance(600_000);
    expect(startedAt).toEqual([0]);
    expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 1, crashes: 0 });
    ends.open();
    await environment.advance(31_000);
    expect(startedAt).toHaveLength(2);
    expect(await count(queue)).toMatchObject({ completed: 1 });
  });

  it('keeps no worker busy while its job waits for it to end', async () => {
    const { queue, environment, store } = setScene(jobs);
    await queue.enqueue('push', 'x');
    work(queue, { push: deaf }, { timeoutGraceMs: 0, overlapAfterMs: 7_200_000 });
    await environment.advance(60_000);
    const before = store.calls.length;
    await environment.advance(3_600_000);
    expect(store.calls.length - before).toBeLessThan(1_000);
  });

  it('changes nothing any more when it returns after its grace', async () => {
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x', { maxAttempts: 1 });
    const told: string[] = [];
    queue.on('job:completed', () => told.push('completed'));
    queue.on('job:dead', () => told.push('dead'));
    work(queue, { push: () => pass(environment, 60_000) });
    await environment.advance(120_000);
    expect(told).toEqual(['dead']);
    expect(await get(queue, id)).toMatchObject({ state: 'dead' });
  });
});

it('timeoutMs counts for each attempt anew', async () => {
  const { queue, environment } = setScene(jobs);
  await queue.enqueue('push', 'x');
  work(queue, {
    push: (_, { attempt }) =>
      pass(environment, 800).then(() => (attempt === 1 ? Promise.reject(new Error('no')) : 'done')),
  });
  await environment.advance(2_000);
  expect(await count(queue)).toMatchObject({ completed: 1 });
});

it('timeoutMs of the job goes before that of its definition', async () => {
  const { queue, environment, elapsed } = setScene(jobs);
  await queue.enqueue('push', 'x', { timeoutMs: 300 });
  const abortedAt: number[] = [];
  work(queue, {
    push: (word, context) => untilAborted(word, context).finally(() => abortedAt.push(elapsed())),
  });
  await environment.advance(500);
  expect(abortedAt[0]).toBe(300);
});

it('without timeoutMs a handler may run for days', async () => {
  const { queue, environment } = setScene(jobs);
  await queue.enqueue('free', 'x');
  let aborted: boolean | undefined;
  work(queue, {
    free: async (_, { signal }) => {
      await pass(environment, 3_600_000);
      aborted = signal.aborted;
    },
  });
  await environment.advance(3_700_000);
  expect(aborted).toBe(false);
  expect(await count(queue)).toMatchObject({ completed: 1 });
});

it('a handler that ends in time leaves no timer behind', async () => {
  const { queue, environment } = setScene(jobs);
  await queue.enqueue('push', 'x');
  const drained = drain(queue, { push: () => {} });
  await environment.flush();
  await drained;
  expect(environment.timers).toBe(0);
});
