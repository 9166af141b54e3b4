import { type DrainOptions, drain, fixed, gates, job, memoryBacking, UnreachableError, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, ended, pass, setScene } from './scene.ts';

const jobs = {
  push: job<string>({ backoff: fixed({ delayMs: 1_000 }), maxAttempts: 3 }),
  other: job<string>(),
};

const throws = () => Promise.reject(new Error('no'));

/** A drain, and when it resolved. */
const timed = <T>(draining: Promise<T>, elapsed: () => number) =>
  draining.then((drained) => ({ drained, at: elapsed() }));

describe('a drain that waits for so many ms', () => {
  it('runs what becomes due within them, counted from when it has nothing to do', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const draining = timed(drain(queue, { push: throws }, { waitFor: 1_000 }), elapsed);
    await environment.advance(10_000);
    expect(await ended(draining)).toMatchObject({ drained: { retried: 2, dead: 1 }, at: 2_000 });
  });

  it('does not wait for what is due later than that, and says when it is', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    const start = environment.now();
    await queue.enqueue('push', 'x', { delayMs: 1_001 });
    const draining = timed(drain(queue, { push: throws }, { waitFor: 1_000 }), elapsed);
    await environment.flush();
    expect(await ended(draining)).toMatchObject({ drained: { nextAt: start + 1_001 }, at: 0 });
  });

  it('takes what is enqueued meanwhile', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    await queue.enqueue('push', 'soon', { delayMs: 900 });
    const draining = timed(drain(queue, { push: () => {} }, { waitFor: 1_000 }), elapsed);
    await environment.advance(500);
    await queue.enqueue('push', 'now');
    await environment.advance(10_000);
    expect(await ended(draining)).toMatchObject({ drained: { completed: 2 }, at: 900 });
  });

  it('waits for a job that runs elsewhere, and takes it over when its owner is gone', async () => {
    const backing = memoryBacking();
    const gone = setScene(jobs, { backing });
    await gone.queue.enqueue('push', 'x');
    work(gone.queue, { push: deaf }, { leaseMs: 5_000 });
    await gone.environment.flush();
    const { queue, environment, elapsed } = setScene(jobs, { backing });
    const draining = timed(drain(queue, { push: () => {} }, { waitFor: 10_000 }), elapsed);
    await environment.advance(60_000);
    expect(await ended(draining)).toMatchObject({
      drained: { completed: 1, activeElsewhere: 0 },
      at: 5_000,
    });
  });

  it('gives up on a job that still runs elsewhere after them, and says so', async () => {
    const backing = memoryBacking();
    const { queue, environment, elapsed } = setScene(jobs, { backing });
    const other = setScene(jobs, { backing, environment });
    await queue.enqueue('push', 'x');
    work(other.queue, { push: deaf });
    await environment.flush();
    const draining = timed(drain(queue, { push: () => {} }, { waitFor: 2_000 }), elapsed);
    await environment.advance(10_000);
    expect(await ended(draining)).toMatchObject({ drained: { activeElsewhere: 1 }, at: 2_000 });
  });

  it('does not wait for jobs of other names that run elsewhere', async () => {
    const backing = memoryBacking();
    const { queue, environment, elapsed } = setScene(jobs, { backing });
    const other = setScene(jobs, { backing, environment });
    await queue.enqueue('other', 'x');
    work(other.queue, { other: deaf });
    await environment.flush();
    const draining = timed(drain(queue, { push: () => {} }, { waitFor: 2_000 }), elapsed);
    await environment.flush();
    expect(await ended(draining)).toMatchObject({ drained: { activeElsewhere: 0 }, at: 0 });
  });

  it('ends at its deadline, and leaves no timer', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    await queue.enqueue('push', 'x', { delayMs: 900 });
    const draining = timed(drain(queue, { push: throws }, { waitFor: 1_000, deadlineMs: 500 }), elapsed);
    await environment.advance(500);
    expect(await ended(draining)).toMatchObject({ at: 500 });
    expect(environment.timers).toBe(0);
  });
});

describe('a drain until the queue is empty', () => {
  it('waits for every delay and every retry', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    await queue.enqueue('push', 'x');
    await queue.enqueue('other', 'late', { delayMs: 3_600_000 });
    const draining = timed(drain(queue, { push: throws, other: () => {} }, { waitFor: 'empty' }), elapsed);
    await environment.advance(4_000_000);
    expect(await ended(draining)).toMatchObject({ drained: { completed: 1, dead: 1 }, at: 3_600_000 });
  });

  it('waits for what runs elsewhere', async () => {
    const backing = memoryBacking();
    const { queue, environment } = setScene(jobs, { backing });
    const other = setScene(jobs, { backing, environment });
    await queue.enqueue('push', 'x');
    work(other.queue, { push: () => pass(environment, 20_000) });
    await environment.flush();
    let isOver = false;
    const draining = drain(queue, { push: () => {} }, { waitFor: 'empty' }).then((drained) => {
      isOver = true;
      return drained;
    });
    await environment.advance(19_999);
    expect(isOver).toBe(false);
    await environment.advance(60_000);
    expect(await ended(draining)).toMatchObject({ completed: 0, activeElsewhere: 0 });
  });

  it('does not wait for jobs without a handler here', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('other', 'x');
    const draining = drain(queue, { push: () => {} }, { waitFor: 'empty' });
    await environment.flush();
    expect(await ended(draining)).toMatchObject({ completed: 0 });
  });

  it('does not wait for names whose gate has closed', async () => {
    let open = true;
    const gate = { isOpen: () => open, subscribe: () => () => {} };
    const { queue, environment, elapsed } = setScene(
      { push: job<string>({ backoff: fixed({ delayMs: 1_000 }) }) },
      { use: [gates({ push: gate })] },
    );
    await queue.enqueue('push', 'x');
    const closes = () => {
      open = false;
      throw new Error('no');
    };
    const draining = timed(drain(queue, { push: closes }, { waitFor: 'empty' }), elapsed);
    await environment.advance(60_000);
    const { drained, at } = await ended(draining);
    expect(drained).toMatchObject({ retried: 1 });
    expect(at).toBeLessThan(60_000);
  });
});

describe('a drain that lifts', () => {
  const down = () => Promise.reject(new UnreachableError('nobody is there'));

  it('tries a closed target at once, and runs what waits for it; a counted backoff stays', async () => {
    const { queue, environment } = setScene({
      ...jobs,
      push: job<string>({ backoff: fixed({ delayMs: 3_600_000 }) }),
    });
    for (const word of ['a', 'b', 'c', 'd']) await queue.enqueue('other', word);
    await queue.enqueue('push', 'failed');
    const worker = work(queue, { other: down, push: throws });
    await environment.advance(40_000);
    await worker.stop();
    const ran: string[] = [];
    const run = (word: string) => void ran.push(word);
    const plain = drain(queue, { other: run, push: run });
    await environment.flush();
    await ended(plain);
    expect(ran).toEqual([]);
    const lifting = drain(queue, { other: run, push: run }, { lift: true });
    await environment.flush();
    expect(await ended(lifting)).toMatchObject({ completed: 4, closed: [] });
    expect(ran.sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('says which targets are closed, and when they are tried again', async () => {
    const { queue, environment } = setScene(jobs);
    const start = environment.now();
    for (const word of ['a', 'b', 'c', 'd']) await queue.enqueue('other', word);
    const draining = drain(queue, { other: down });
    await environment.flush();
    const { closed, nextAt } = await ended(draining);
    expect(closed).toMatchObject([{ target: 'other', since: start, reason: 'network' }]);
    expect(closed[0]?.nextProbeAt).toBeGreaterThanOrEqual(start + 1_000);
    expect(nextAt).toBe(closed[0]?.nextProbeAt);
    const again = drain(queue, { other: down });
    await environment.flush();
    expect(await ended(again)).toMatchObject({ retried: 0, closed });
  });

  it('by anything but true or false is refused', async () => {
    const { queue } = setScene(jobs);
    await expect(drain(queue, {}, { lift: 1 as never })).rejects.toThrow('lift is 1: expected true or false');
  });
});

describe('a drain that ends before all is done says that there is more to do now', () => {
  const filled = async () => {
    const scene = setScene(jobs);
    for (const word of ['x', 'y', 'z']) await scene.queue.enqueue('push', word);
    const work = async (options: DrainOptions) => {
      const draining = drain(scene.queue, { push: () => {} }, options);
      await scene.environment.advance(100);
      const { nextAt = Number.POSITIVE_INFINITY } = await ended(draining);
      return nextAt <= scene.environment.now();
    };
    return { ...scene, work };
  };

  it('when its `maxJobs` are spent', async () => {
    const { work } = await filled();
    expect(await work({ maxJobs: 1 })).toBe(true);
  });

  it('when it was stopped before it heard anything', async () => {
    const { work } = await filled();
    expect(await work({ signal: AbortSignal.abort() })).toBe(true);
  });

  it('when it was stopped while jobs were claimed for it', async () => {
    const { work, store, environment } = await filled();
    const answer = store.holdNext('exchange', { after: true });
    environment.setTimer(answer, 50);
    expect(await work({ deadlineMs: 10 })).toBe(true);
  });
});
