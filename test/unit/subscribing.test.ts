import {
  cancel,
  count,
  drain,
  enqueueMany,
  job,
  memoryBacking,
  pause,
  redrive,
  remove,
  resume,
  watch,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { ended, pass, setScene } from './scene.ts';

const jobs = { push: job<string>(), other: job<string>() };

describe('a subscriber', () => {
  it('is called once for whatever happens within 50 ms', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    const at: number[] = [];
    watch(queue).subscribe(() => at.push(elapsed()));
    await enqueueMany(
      queue,
      Array.from({ length: 20 }, (_, i) => ({ name: 'push', payload: `${i}` })),
    );
    work(queue, { push: () => {} });
    await environment.advance(49);
    expect(at).toEqual([]);
    await environment.advance(1);
    expect(at).toEqual([50]);
    await environment.advance(10_000);
    expect(at).toEqual([50]);
  });

  it('is called again for what happens after that, at most every 50 ms', async () => {
    const { queue, environment } = setScene(jobs);
    let calls = 0;
    watch(queue).subscribe(() => void calls++);
    for (let i = 0; i < 100; i++) {
      await queue.enqueue('push', `${i}`);
      await environment.advance(10);
    }
    expect(calls).toBeGreaterThan(10);
    expect(calls).toBeLessThanOrEqual(20);
  });

  it('is called when another opening changes the queue', async () => {
    const backing = memoryBacking();
    const { queue, environment } = setScene(jobs, { backing });
    const other = setScene(jobs, { backing, environment });
    let calls = 0;
    watch(queue).subscribe(() => void calls++);
    const steps = [
      () => other.queue.enqueue('push', 'x', { id: 'a' }),
      () => pause(other.queue),
      () => resume(other.queue),
      () => cancel(other.queue, 'a'),
    ];
    for (const step of steps) {
      calls = 0;
      await step();
      await environment.advance(50);
      expect(calls).toBe(1);
    }
  });

  it.each([
    ['cancel', cancel, 'waiting'],
    ['redrive', redrive, 'dead'],
    ['remove', remove, 'dead'],
  ] as const)('is called after %s here', async (_, act, id) => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x', { id: 'dead', maxAttempts: 1 });
    const drained = drain(queue, { push: () => Promise.reject(new Error('no')) });
    await environment.flush();
    await ended(drained);
    await queue.enqueue('other', 'x', { id: 'waiting' });
    let calls = 0;
    watch(queue).subscribe(() => void calls++);
    await act(queue, id);
    await environment.advance(50);
    expect(calls).toBe(1);
  });

  it('is called no more once it unsubscribed, and leaves no timer', async () => {
    const { queue, environment } = setScene(jobs);
    let calls = 0;
    const off = watch(queue).subscribe(() => void calls++);
    off();
    await queue.enqueue('push', 'x');
    await environment.advance(100);
    expect(calls).toBe(0);
    expect(environment.timers).toBe(0);
  });

  it('is called no more once its queue is closed', async () => {
    const { queue, environment } = setScene(jobs);
    let calls = 0;
    watch(queue).subscribe(() => void calls++);
    await queue.enqueue('push', 'x');
    await queue.close();
    await environment.advance(100);
    expect(calls).toBe(0);
    expect(environment.timers).toBe(0);
  });
});

it('without a subscriber there is no timer', async () => {
  const { queue, environment } = setScene(jobs);
  await queue.enqueue('push', 'x');
  expect(environment.timers).toBe(0);
});

describe('a worker elsewhere is woken at once', () => {
  /** Two openings; the worker of the second runs `other` only, as `push` is the first one's. */
  function twoOpenings() {
    const backing = memoryBacking();
    const one = setScene(jobs, { backing });
    const two = setScene(jobs, { backing, environment: one.environment });
    const ranAt: number[] = [];
    work(two.queue, { other: () => void ranAt.push(one.elapsed()) });
    return { one, two, ranAt, environment: one.environment };
  }

  it('by an enqueue', async () => {
    const { one, ranAt, environment } = twoOpenings();
    await environment.advance(1_000);
    await one.queue.enqueue('other', 'x');
    await environment.flush();
    expect(ranAt).toEqual([1_000]);
  });

  it('by the resume of the queue', async () => {
    const { one, ranAt, environment } = twoOpenings();
    await pause(one.queue);
    await one.queue.enqueue('other', 'x');
    await environment.advance(1_000);
    await resume(one.queue);
    await environment.flush();
    expect(ranAt).toEqual([1_000]);
  });

  it('by a redrive', async () => {
    const { one, two, ranAt, environment } = twoOpenings();
    await one.queue.enqueue('push', 'x', { id: 'dead', maxAttempts: 1 });
    const drained = drain(one.queue, { push: () => Promise.reject(new Error('no')) });
    await environment.flush();
    await ended(drained);
    const ran: string[] = [];
    work(two.queue, { push: (word) => void ran.push(word) });
    await environment.advance(1_000);
    await redrive(one.queue, 'dead');
    await environment.flush();
    expect(ran).toEqual(['x']);
    expect(ranAt).toEqual([]);
  });

  it('by what a handler enqueued', async () => {
    const { one, ranAt, environment } = twoOpenings();
    work(one.queue, { push: (_, { enqueue }) => enqueue('other', 'next') });
    await environment.advance(1_000);
    await one.queue.enqueue('push', 'x');
    await environment.flush();
    expect(ranAt).toEqual([1_000]);
  });
});

describe('a worker beside it, of the same queue object, is woken at once', () => {
  function twoWorkers() {
    const scene = setScene(jobs);
    const ranAt: number[] = [];
    work(scene.queue, { other: () => void ranAt.push(scene.elapsed()) });
    return { ...scene, ranAt };
  }

  it('by what a handler enqueued', async () => {
    const { queue, environment, ranAt } = twoWorkers();
    work(queue, { push: (_, { enqueue }) => enqueue('other', 'next') });
    await environment.advance(1_000);
    await queue.enqueue('push', 'x');
    await environment.flush();
    expect(ranAt).toEqual([1_000]);
  });

  it('by the end of the job before its own in a lane', async () => {
    const { queue, environment, ranAt } = twoWorkers();
    work(queue, { push: () => pass(environment, 500) });
    await environment.advance(1_000);
    await queue.enqueue('push', 'x', { lane: 'doc' });
    await queue.enqueue('other', 'y', { lane: 'doc' });
    await environment.advance(500);
    expect(ranAt).toEqual([1_500]);
  });

  it('by what a stopping worker gives back', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    await enqueueMany(
      queue,
      Array.from({ length: 60 }, (_, i) => ({ name: 'push', payload: `${i}` })),
    );
    const slow = work(queue, { push: () => pass(environment, 1) }, { concurrency: 1 });
    await environment.advance(15);
    let lastAt = -1;
    const push = () => {
      lastAt = elapsed();
    };
    void drain(queue, { push }, { waitFor: 'empty' });
    await environment.advance(1);
    const stopped = slow.stop();
    await environment.advance(5);
    await ended(stopped);
    expect(await count(queue)).toMatchObject({ completed: 60 });
    expect(lastAt).toBeLessThan(25);
  });
});
