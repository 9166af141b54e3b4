import { describe, expect, it } from 'vitest';
import type { JobSpec } from '../../core/kernel/messages.ts';
import type { Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { complete, retry, spec, specs, T } from './spec.ts';

const full = { code: 'QueueFull', name: 'QueueFullError' };
const oldest = (maxDepth: number) => ({ maxDepth, drops: 'oldest' }) as const;
const lowest = (maxDepth: number) => ({ maxDepth, drops: 'lowest' }) as const;

export function describeDropping(scene: Scene): void {
  describe('a full queue that drops', () => {
    describeOldest(scene);
    describeLowest(scene);
    describeLanes(scene);
    describeBatches(scene);
    describeLacking(scene);
  });
  describe('the limit of the delayed', () => describeDelayed(scene));
  describe('room', () => describeRoom(scene));
}

const droppedBy = async (
  opening: Opening,
  limits: Parameters<Opening['enqueueWithin']>[0],
  ...jobs: JobSpec[]
) => (await opening.enqueueWithin(limits, T, ...jobs)).map(({ dropped = [] }) => dropped.map(({ id }) => id));

function describeOldest(scene: Scene): void {
  it('drops who has waited longest, tells it and counts it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { name: 'mail', payload: 'old' }), ...specs('y', 2));
    expect(await b.enqueueWithin(oldest(3), T + 1, spec('z'))).toEqual([
      { id: 'z', status: 'enqueued', dropped: [{ id: 'x', name: 'mail' }] },
    ]);
    expect(await a.get('x')).toBeUndefined();
    expect(await a.count()).toMatchObject({ pending: 3, cancelled: 0, dropped: 1 });
    expect(await b.claimIds(T + 1)).toEqual(['y0', 'y1', 'z']);
  });

  it('drops nothing as long as there is room', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 2));
    expect(await b.enqueueWithin(oldest(3), T, spec('y'))).toEqual([{ id: 'y', status: 'enqueued' }]);
    expect(await a.count()).toMatchObject({ pending: 3, dropped: 0 });
  });

  it('drops what is due before what is delayed', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('late', { delayMs: 90_000 }), spec('soon', { delayMs: 50_000 }));
    await a.enqueue(T + 5, spec('due'));
    expect(await droppedBy(b, oldest(3), spec('x'))).toEqual([['due']]);
    expect(await droppedBy(b, oldest(3), spec('y'))).toEqual([['x']]);
    await a.cancel(T, 'y');
    await b.enqueue(T, spec('z', { delayMs: 70_000 }));
    expect(await droppedBy(a, oldest(3), spec('v', { delayMs: 99_000 }))).toEqual([['soon']]);
  });

  it('never drops a running job: with nothing else it refuses', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 2));
    const held = await b.claim(T);
    await expect(a.enqueueWithin(oldest(2), T, spec('y'))).rejects.toMatchObject(full);
    expect(await a.count()).toMatchObject({ active: 2, pending: 0, dropped: 0 });
    for (const one of held) expect(await b.settle(T, one, complete())).toBe('settled');
  });

  it('passes by a running job that lies between those that wait', async () => {
    const { a, b } = scene;
    await a.enqueue(
      T,
      spec('x', { delayMs: 1 }),
      spec('runs', { delayMs: 2 }),
      spec('late', { delayMs: 90_000 }),
    );
    const [x] = await b.claim(T + 10);
    await b.settle(T + 10, x as NonNullable<typeof x>, retry(T + 1));
    const dropped = [];
    for (const id of ['y', 'z']) dropped.push(...(await a.enqueueWithin(oldest(3), T + 20, spec(id))));
    expect(dropped).toMatchObject([{ dropped: [{ id: 'x' }] }, { dropped: [{ id: 'y' }] }]);
    expect(await a.count()).toMatchObject({ active: 1, pending: 2, dropped: 2 });
  });

  it('drops as many as it takes for the bytes', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 4, { payload: 'a'.repeat(100) }));
    const { bytes } = await a.count();
    const limits = { maxBytes: bytes, drops: 'oldest' } as const;
    expect(await droppedBy(b, limits, spec('y', { payload: 'b'.repeat(150) }))).toEqual([['x0', 'x1']]);
    expect(await a.claimIds(T)).toEqual(['x2', 'x3', 'y']);
    await expect(
      b.enqueueWithin(limits, T, spec('z', { payload: 'c'.repeat(2 * bytes) })),
    ).rejects.toMatchObject(full);
  });

  it('a dropped job frees its key and its id', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { known: true, idempotencyKey: 'k', keyForMs: 9_000 }));
    await b.enqueueWithin(oldest(1), T, spec('y'));
    expect(await a.enqueueWithin(oldest(2), T, spec('x', { known: true, idempotencyKey: 'k' }))).toEqual([
      { id: 'x', status: 'enqueued' },
    ]);
  });

  it('a retried job can be dropped, and a new one is no reason to drop more than one', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 4));
    await b.settle(T, await a.claimOne(T), retry(T));
    expect(await droppedBy(b, oldest(2), spec('y'))).toEqual([['x0']]);
    expect(await a.count()).toMatchObject({ pending: 4, dropped: 1 });
  });
}

function describeLowest(scene: Scene): void {
  it('drops the lowest priority, and in it who has waited longest', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('high', { priority: 10 }), ...specs('low', 2, { priority: -10 }), spec('middle'));
    expect(await droppedBy(b, lowest(4), spec('x'))).toEqual([['low0']]);
    expect(await droppedBy(b, lowest(4), spec('y'))).toEqual([['low1']]);
    expect(await droppedBy(b, lowest(4), spec('z'))).toEqual([['middle']]);
    expect(await a.claimIds(T)).toEqual(['high', 'x', 'y', 'z']);
  });

  it('refuses what is lower than all that waits', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 2));
    await expect(b.enqueueWithin(lowest(2), T, spec('y', { priority: -1 }))).rejects.toMatchObject(full);
    expect(await a.claimIds(T)).toEqual(['x0', 'x1']);
    expect(await b.count()).toMatchObject({ dropped: 0 });
  });
}

function describeLanes(scene: Scene): void {
  it('the lane of a dropped head goes on', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 2, { lane: 'doc' }));
    expect(await droppedBy(b, oldest(2), spec('y', { lane: 'doc' }))).toEqual([['x0']]);
    await a.settle(T, await b.claimOne(T), complete());
    expect(await a.claimIds(T)).toEqual(['y']);
  });

  it('behind a running head the first of the parked is dropped', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3, { lane: 'doc' }));
    const head = await b.claimOne(T);
    expect(await droppedBy(a, oldest(3), spec('y', { lane: 'doc' }))).toEqual([['x1']]);
    await b.settle(T, head, complete());
    await a.settle(T, await b.claimOne(T), complete());
    expect(await a.claimIds(T)).toEqual(['y']);
    expect(await a.count()).toMatchObject({ pending: 0, active: 1, dropped: 1 });
  });

  it('heads go before the parked, and both in one call leave whole lanes', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 4, { lane: 'doc' }), ...specs('y', 2, { lane: 'note' }));
    const dropped = await droppedBy(b, oldest(6), ...specs('z', 3, { lane: 'doc' }));
    expect(dropped).toEqual([['x0'], ['y0'], ['x1']]);
    const seen: string[] = [];
    for (let left = await a.claim(T); left.length > 0; left = await a.claim(T))
      for (const claimed of left) {
        seen.push(claimed.job.id);
        await b.settle(T, claimed, complete());
      }
    expect(seen.filter((id) => id !== 'y1')).toEqual(['x2', 'x3', 'z0', 'z1', 'z2']);
    expect(await a.count()).toMatchObject({ pending: 0, completed: 6, dropped: 3 });
  });

  it('a parked job that is replaced while its head is dropped is there once', async () => {
    const { a, b } = scene;
    const key = { lane: 'doc', idempotencyKey: 'k', onDuplicate: 'replace' } as const;
    await a.enqueue(T, spec('head', { lane: 'doc' }), spec('x', { ...key, payload: 1 }));
    const answers = await b.enqueueWithin(oldest(2), T, spec('w', { ...key, payload: 2 }), spec('z'));
    expect(answers).toMatchObject([
      { id: 'x', status: 'replaced' },
      { id: 'z', dropped: [{ id: 'head' }] },
    ]);
    const claimed = (await a.claim(T)).map(({ job }) => [job.id, job.payload]);
    expect(claimed.sort()).toEqual([
      ['x', 2],
      ['z', null],
    ]);
    expect(await b.count()).toMatchObject({ pending: 0, active: 2 });
  });
}

function describeBatches(scene: Scene): void {
  it('a batch drops for each of its jobs, and none of its own', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    expect(await droppedBy(b, oldest(3), ...specs('y', 3))).toEqual([['x0'], ['x1'], ['x2']]);
    await expect(b.enqueueWithin(oldest(3), T, ...specs('z', 4))).rejects.toMatchObject(full);
    expect(await a.claimIds(T)).toEqual(['y0', 'y1', 'y2']);
  });

  it('a job that an answer of the batch names is not dropped by it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { idempotencyKey: 'k' }), spec('y'));
    const answers = await b.enqueueWithin(oldest(2), T, spec('w', { idempotencyKey: 'k' }), spec('z'));
    expect(answers).toEqual([
      { id: 'x', status: 'duplicate' },
      { id: 'z', status: 'enqueued', dropped: [{ id: 'y', name: 'job' }] },
    ]);
  });

  it('a refused batch drops nothing', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { priority: -10 }), spec('y', { priority: 10 }));
    await expect(b.enqueueWithin(lowest(2), T, ...specs('z', 2))).rejects.toMatchObject(full);
    expect(await a.claimIds(T)).toEqual(['y', 'x']);
  });
}

function describeDelayed(scene: Scene): void {
  const limit = { maxDelayed: 2 } as const;

  it('refuses one more that is to wait for an instant, and nothing that is not', async () => {
    const { a, b } = scene;
    await a.enqueueWithin(limit, T, ...specs('x', 2, { delayMs: 1_000 }));
    await expect(b.enqueueWithin(limit, T, spec('y', { delayMs: 1 }))).rejects.toMatchObject(full);
    await b.enqueueWithin(limit, T, ...specs('z', 3));
    expect(await a.count()).toMatchObject({ pending: 5 });
  });

  it('those whose instant has come count no more, claimed or not', async () => {
    const { a, b } = scene;
    await a.enqueueWithin(limit, T, spec('x', { delayMs: 1_000 }), spec('y', { delayMs: 5_000 }));
    await expect(b.enqueueWithin(limit, T + 999, spec('z', { delayMs: 1 }))).rejects.toMatchObject(full);
    expect(await b.enqueueWithin(limit, T + 1_000, spec('z', { delayMs: 1 }))).toMatchObject([{ id: 'z' }]);
  });

  it('jobs that come back for a later attempt count, and are never refused', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { delayMs: 1_000 }), spec('y'));
    const y = await b.claimOne(T);
    await a.enqueueWithin(limit, T, spec('z', { delayMs: 1_000 }));
    expect(await b.settle(T, y, retry(T + 2_000))).toBe('settled');
    await expect(a.enqueueWithin({ maxDelayed: 3 }, T, spec('v', { delayMs: 1 }))).rejects.toMatchObject(
      full,
    );
  });

  it('drops a delayed job for a delayed job, the first due first', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('due'), spec('late', { delayMs: 9_000 }), spec('soon', { delayMs: 1_000 }));
    const drops = { ...limit, drops: 'oldest' } as const;
    expect(await droppedBy(b, drops, spec('x', { delayMs: 5_000 }))).toEqual([['soon']]);
    expect(await a.claimIds(T + 9_000)).toEqual(['due', 'x', 'late']);
  });
}

function describeRoom(scene: Scene): void {
  it('there is room as long as one more job of one byte is accepted', async () => {
    const { a, b } = scene;
    expect(await a.room(T, { maxDepth: 1 })).toEqual({ room: true });
    await a.enqueue(T, ...specs('x', 2));
    const { bytes } = await a.count();
    expect(await b.room(T, { maxDepth: 3, maxBytes: bytes + 1, maxDelayed: 1 })).toEqual({ room: true });
    expect(await b.room(T, { maxDepth: 2 })).toEqual({ room: false });
    expect(await b.room(T, { maxBytes: bytes })).toEqual({ room: false });
    await b.settle(T, await a.claimOne(T), complete());
    expect(await a.room(T, { maxDepth: 2 })).toEqual({ room: true });
  });

  it('tells when a delayed job will make room', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { delayMs: 900 }), spec('y', { delayMs: 500, name: 'mail' }));
    expect(await b.room(T, { maxDelayed: 2 })).toEqual({ room: false, nextAt: T + 500 });
    expect(await b.room(T + 500, { maxDelayed: 2 })).toEqual({ room: true });
    expect(await b.room(T, { maxDelayed: 2, maxDepth: 2 })).toEqual({ room: false });
  });
}

function describeLacking(scene: Scene): void {
  it('on a page without the feature an enqueue beyond its limit is refused, whatever others drop', async () => {
    const { a, b } = scene;
    await a.enqueueWithin(oldest(1), T, spec('x'));
    await expect(b.enqueueWithin({ maxDepth: 1 }, T, spec('y'))).rejects.toMatchObject(full);
    expect(await droppedBy(a, oldest(1), spec('z'))).toEqual([['x']]);
    expect(await b.claimIds(T)).toEqual(['z']);
  });
}
