import { count, explain, fixed, get, job, memoryBacking, pause, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../src/core/work/attempt.ts';
import { Left } from '../../src/core/work/left.ts';
import { deaf, latch, setScene } from './scene.ts';

const jobs = {
  hang: job<string>({ timeoutMs: 1_000, backoff: fixed({ delayMs: 0 }), maxAttempts: 3 }),
  free: job<string>(),
};
/** Its attempt ends after 1,500 ms. */
const how = { timeoutGraceMs: 500, overlapAfterMs: 8_000 };

/** A worker whose handlers of `hang` never end; when each began. */
function stuckScene(options: Parameters<typeof setScene>[1] = {}) {
  const scene = setScene(jobs, options as object);
  const { queue, elapsed } = scene;
  const begun: number[] = [];
  const stuck: [string, number][] = [];
  const start = scene.environment.now();
  queue.on('job:stuck', ({ job: { id }, until }) => stuck.push([id, until - start]));
  const hang = () => {
    begun.push(elapsed());
    return deaf();
  };
  return { ...scene, begun, stuck, hang };
}

describe('a job whose handler outlives its attempt and never ends', () => {
  it('begins again beside it when `overlapAfterMs` is over, counted from the end of that attempt', async () => {
    const { queue, environment, begun, hang } = stuckScene();
    await queue.enqueue('hang', 'x');
    work(queue, { hang }, how);
    await environment.advance(9_499);
    expect(begun).toEqual([0]);
    await environment.advance(1);
    expect(begun).toEqual([0, 9_500]);
  });

  it('is dead after `maxAttempts` attempts, each with its time, grace and limit', async () => {
    const { queue, environment, begun, hang } = stuckScene();
    const { id } = await queue.enqueue('hang', 'x');
    work(queue, { hang }, how);
    await environment.advance(19_000 + 1_499);
    expect(await get(queue, id)).toMatchObject({ state: 'active', attempt: 3 });
    await environment.advance(1);
    expect(begun).toEqual([0, 9_500, 19_000]);
    expect(await get(queue, id)).toMatchObject({ state: 'dead', failures: 3, crashes: 0 });
  });

  it('lets its lane go on when it is dead', async () => {
    const { queue, environment, elapsed, hang } = stuckScene();
    await queue.enqueue('hang', 'x', { lane: 'L' });
    await queue.enqueue('free', 'y', { lane: 'L' });
    const went: number[] = [];
    work(queue, { hang, free: () => void went.push(elapsed()) }, how);
    await environment.advance(60_000);
    expect(went).toEqual([20_500]);
  });

  it('is kept back for 20 seconds unless something else is said', async () => {
    const { queue, environment, begun, hang } = stuckScene();
    await queue.enqueue('hang', 'x');
    work(queue, { hang }, { timeoutGraceMs: 500 });
    await environment.advance(21_499);
    expect(begun).toEqual([0]);
    await environment.advance(1);
    expect(begun).toEqual([0, 21_500]);
  });

  it('begins again as soon as it is due with a limit of 0', async () => {
    const { queue, environment, begun, hang } = stuckScene();
    await queue.enqueue('hang', 'x');
    work(queue, { hang }, { ...how, overlapAfterMs: 0 });
    await environment.advance(1_500);
    expect(begun).toEqual([0, 1_500]);
  });

  it('begins again at once when its handler ends before the limit and the job is due', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    await queue.enqueue('hang', 'x');
    const ends = latch();
    const begun: number[] = [];
    const hang = () => (begun.push(elapsed()) === 1 ? ends.promise : undefined);
    work(queue, { hang }, how);
    await environment.advance(1_600);
    ends.open();
    await environment.advance(900);
    expect(begun).toEqual([0, 2_500]);
    expect(await count(queue)).toMatchObject({ completed: 1 });
  });

  it('is begun in another context meanwhile', async () => {
    const backing = memoryBacking();
    const { queue, environment, hang } = stuckScene({ backing });
    const { id } = await queue.enqueue('hang', 'x');
    const worker = work(queue, { hang }, { ...how, overlapAfterMs: 3_600_000 });
    await environment.advance(1_500);
    const other = setScene(jobs, { backing, environment });
    const begun: number[] = [];
    work(other.queue, { hang: () => void begun.push(environment.now()) });
    void worker.stop();
    await environment.advance(2_000);
    expect(begun).toHaveLength(1);
    expect(await get(queue, id)).toBeUndefined();
  });

  it('is given back a few times at most until the limit is over', async () => {
    const { queue, environment, hang } = stuckScene();
    await queue.enqueue('hang', 'x');
    let released = 0;
    queue.on('job:released', () => released++);
    work(queue, { hang }, { ...how, overlapAfterMs: 60_000 });
    await environment.advance(61_499);
    expect(released).toBeGreaterThan(0);
    expect(released).toBeLessThan(9);
  });

  it('holds up nobody more when what it left behind ends after the limit', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    const { id } = await queue.enqueue('hang', 'x');
    const first = latch();
    const second = latch();
    const begun: number[] = [];
    work(
      queue,
      {
        hang: () => [first.promise, second.promise, undefined][begun.push(elapsed()) - 1],
      },
      how,
    );
    await environment.advance(9_600);
    first.open();
    await environment.flush();
    expect(await get(queue, id)).toMatchObject({ state: 'active', attempt: 2 });
    // The second is kept apart from the first, which has ended: it keeps its job back for its own limit.
    await environment.advance(9_399);
    expect(begun).toEqual([0, 9_500]);
    await environment.advance(1);
    expect(begun).toEqual([0, 9_500, 19_000]);
    expect(await count(queue)).toMatchObject({ completed: 1 });
  });
});

describe('explain', () => {
  it('says of a job that its last handler is still running here, and since when it should not', async () => {
    const { queue, environment, hang } = stuckScene();
    const { id } = await queue.enqueue('hang', 'x');
    work(queue, { hang }, how);
    await environment.advance(2_000);
    const since = environment.now() - 500;
    const { waits } = (await explain(queue, id)) ?? {};
    expect(waits?.map(({ why }) => why)).toEqual(['not-due', 'still-running']);
    expect(waits?.[1]).toEqual({ why: 'still-running', since });
  });

  it('says it no more when the limit is over', async () => {
    const { queue, environment, hang } = stuckScene();
    const { id } = await queue.enqueue('hang', 'x');
    work(queue, { hang }, how);
    await environment.advance(2_000);
    await pause(queue);
    await environment.advance(7_500);
    expect((await explain(queue, id))?.waits).toEqual([{ why: 'paused' }]);
  });
});

describe('job:stuck', () => {
  it('is told once for each handler that outlives its attempt, with when its job may begin beside it', async () => {
    const { queue, environment, stuck, hang } = stuckScene();
    const { id } = await queue.enqueue('hang', 'x', { maxAttempts: 2 });
    work(queue, { hang }, how);
    await environment.advance(1_499);
    expect(stuck).toEqual([]);
    await environment.advance(1);
    expect(stuck).toEqual([[id, 9_500]]);
    await environment.advance(600_000);
    expect(stuck).toEqual([
      [id, 9_500],
      [id, 19_000],
    ]);
  });

  it('is not told for one that heeds its signal', async () => {
    const { queue, environment, stuck } = stuckScene();
    await queue.enqueue('hang', 'x', { maxAttempts: 1 });
    work(
      queue,
      { hang: (_, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', reject)) },
      how,
    );
    await environment.advance(60_000);
    expect(stuck).toEqual([]);
  });

  it('is told for one that its worker had to leave when it was stopped, and its job begins beside it after the limit', async () => {
    const { queue, environment, stuck, begun, hang } = stuckScene();
    const { id } = await queue.enqueue('hang', 'x', { timeoutMs: 3_600_000 });
    const worker = work(queue, { hang }, how);
    await environment.flush();
    void worker.stop({ graceMs: 0 });
    await environment.advance(0);
    expect(stuck).toEqual([[id, 8_000]]);
    work(queue, { hang }, how);
    await environment.advance(7_999);
    expect(begun).toEqual([0]);
    await environment.advance(1);
    expect(begun).toEqual([0, 8_000]);
  });

  it('is told for one that lost its lease when its job is here again', async () => {
    const backing = memoryBacking();
    const { queue, environment, stuck, begun, hang } = stuckScene({ backing });
    const { id } = await queue.enqueue('hang', 'x', { timeoutMs: 3_600_000 });
    work(queue, { hang }, { ...how, leaseMs: 5_000 });
    await environment.flush();
    const other = setScene(jobs, { backing });
    const taken = work(other.queue, { hang: (_, { release }) => release({ delayMs: 5_000 }) });
    await other.environment.advance(6_000);
    await taken.stop();
    environment.jump(6_000);
    await environment.advance(1_900);
    expect(stuck).toEqual([]);
    await environment.advance(6_000);
    expect(stuck.map(([stuckId]) => stuckId)).toEqual([id]);
    expect(begun).toHaveLength(1);
    await environment.advance(8_000);
    expect(begun).toHaveLength(2);
  });
});

it('the limit of a handler that does not end counts anew when the clock is set back, and is not longer by that', () => {
  const left = new Left(() => {});
  left.leave({ id: 'x' } as Attempt, 10_000, 5_000, false);
  expect(left.since('x', 2_000)).toBe(2_000);
  expect(left.since('x', 6_999)).toBe(2_000);
  expect(left.since('x', 7_000)).toBeUndefined();
});
