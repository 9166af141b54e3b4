import { describe, expect, it } from 'vitest';
import type { BatchCounts } from '../../core/features/flows/messages.ts';
import type { EverySpec } from '../every-feature.ts';
import { byId, type Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { bury, complete, retry, spec, specs, T } from './spec.ts';
import { openBare } from './witness.ts';

const open = (opening: Opening, id: string, whenDone?: EverySpec) =>
  opening.store.putBatch({ queue: opening.queue, id, ...(whenDone && { whenDone }) }, T);
const close = (opening: Opening, id: string, now = T) =>
  opening.store.closeBatch({ queue: opening.queue, id }, now);
const counts = (opening: Opening, id: string) => opening.store.countBatch({ queue: opening.queue, id });
const counted = (more: Partial<BatchCounts>): BatchCounts => ({
  total: 0,
  open: 0,
  completed: 0,
  dead: 0,
  cancelled: 0,
  closed: false,
  ...more,
});
const BATCH = { batch: 'b' };

export function describeJobBatches(scene: Scene): void {
  describe('a batch of jobs', () => {
    describeCounts(scene);
    describeEnd(scene);
  });
}

function describeCounts(scene: Scene): void {
  it('counts its jobs by how they ended, whoever enqueued and ran them', async () => {
    const { a, b } = scene;
    await open(a, 'b');
    await a.enqueue(T, ...specs('x', 3, BATCH), spec('other'));
    await b.enqueue(T, spec('y', BATCH));
    expect(await a.job('y')).toMatchObject(BATCH);
    const held = byId(await b.claim(T));
    await b.settle(T, held('x0'), complete());
    await a.settle(T, held('x1'), bury());
    await a.settle(T, held('x2'), retry(T));
    await a.settle(T, held('other'), complete());
    await b.settle(T, held('y'), retry(T));
    await b.cancel(T, 'y');
    expect(await a.count()).toMatchObject({ completed: 2, dead: 1, cancelled: 1, pending: 1 });
    expect(await b.store.countBatch({ queue: b.queue, id: 'b' })).toEqual(
      counted({ total: 4, open: 1, completed: 1, dead: 1, cancelled: 1 }),
    );
  });

  it('counts a job that is remembered as it counts others: by its row, which is known', async () => {
    const { a, b } = scene;
    await open(a, 'b');
    await a.enqueue(T, spec('x', { ...BATCH, known: true, dedupeMs: 60_000 }), spec('open', BATCH));
    const held = byId(await b.claim(T));
    expect(await b.exchange(T, [[held('x'), complete()]])).not.toHaveProperty('wentOn');
    expect(await counts(a, 'b')).toEqual(counted({ total: 2, open: 1, completed: 1 }));
  });

  it('reads no row of a job to count it, where it was claimed with the feature', async () => {
    const { a, b, harness } = scene;
    await open(a, 'b');
    const bare = await openBare(scene);
    const cost = async (page: Opening, id: string) => {
      await a.enqueue(T, spec(id, BATCH));
      const held = await page.claimOne(T);
      const before = harness.steps().read;
      await b.settle(T, held, complete());
      return harness.steps().read - before;
    };
    await cost(b, 'first');
    const known = await cost(b, 'x');
    expect(await cost(bare, 'y')).toBeGreaterThan(known);
    expect(await counts(a, 'b')).toMatchObject({ completed: 3 });
  });

  it('does not count duplicates, and counts a redriven job as open again', async () => {
    const { a, b } = scene;
    await open(a, 'b');
    await a.enqueue(T, spec('x', { ...BATCH, idempotencyKey: 'k' }));
    await b.enqueue(
      T,
      spec('again', { ...BATCH, idempotencyKey: 'k' }),
      spec('x', { ...BATCH, known: true }),
    );
    expect(await counts(a, 'b')).toEqual(counted({ total: 1, open: 1 }));
    await a.settle(T, await b.claimOne(T), bury());
    await b.redrive(T, 'x');
    expect(await counts(a, 'b')).toEqual(counted({ total: 1, open: 1 }));
  });

  it('takes no jobs before it is opened and after it is closed, and then their whole call is refused', async () => {
    const { a, b } = scene;
    const refused = { code: 'InvalidOption' };
    await expect(a.enqueue(T, spec('x'), spec('y', BATCH))).rejects.toMatchObject(refused);
    await open(a, 'b');
    await a.enqueue(T, spec('y', BATCH));
    expect(await close(b, 'b')).toBe(true);
    await expect(a.enqueue(T, spec('x'), spec('z', BATCH))).rejects.toMatchObject(refused);
    expect(await b.count()).toMatchObject({ pending: 1 });
  });

  it('is not there when nobody opened it, and stays as it is when it is opened again', async () => {
    const { a, b } = scene;
    expect(await counts(a, 'b')).toBeUndefined();
    expect(await close(a, 'b')).toBe(false);
    await open(a, 'b');
    await a.enqueue(T, spec('x', BATCH));
    await open(b, 'b', spec('last'));
    expect(await counts(a, 'b')).toEqual(counted({ total: 1, open: 1 }));
    await b.settle(T, await b.claimOne(T), complete());
    await close(a, 'b');
    expect(await b.claimIds(T)).toEqual([]);
  });
}

function describeEnd(scene: Scene): void {
  it('brings its last job when the last of its jobs has ended, with the counts', async () => {
    const { a, b } = scene;
    await open(a, 'b', spec('last', { payload: { to: 'me' }, priority: 5 }));
    await a.enqueue(T, ...specs('x', 2, BATCH));
    await close(b, 'b');
    const held = byId(await b.claim(T));
    await b.settle(T, held('x0'), complete());
    expect(await a.claimIds(T)).toEqual([]);
    await a.settle(T, held('x1'), bury());
    const { job } = await b.claimOne(T);
    expect(job).toMatchObject({ id: 'last', payload: { to: 'me' }, priority: 5 });
    expect(job.results).toEqual({ batch: { total: 2, completed: 1, dead: 1, cancelled: 0 } });
  });

  it('is not over before it is closed, and an empty one is over with that', async () => {
    const { a, b } = scene;
    await open(a, 'b', spec('last'));
    await a.enqueue(T, spec('x', BATCH));
    await b.settle(T, await b.claimOne(T), complete());
    expect((await a.look(T)).jobs).toEqual([]);
    await close(a, 'b');
    expect(await b.claimIds(T)).toEqual(['last']);
    await open(b, 'empty', spec('too'));
    await close(a, 'empty');
    expect(await b.claimIds(T)).toEqual(['too']);
  });

  it('brings its last job once, also when a job of it is redriven and ends again', async () => {
    const { a, b } = scene;
    await open(a, 'b', spec('last'));
    await a.enqueue(T, spec('x', BATCH));
    await close(a, 'b');
    await close(b, 'b');
    await b.settle(T, await b.claimOne(T), bury());
    await b.settle(T, await a.claimOne(T), complete());
    await a.redrive(T, 'x');
    await b.settle(T, await a.claimOne(T), complete());
    expect(await a.claimIds(T)).toEqual([]);
    expect(await b.count()).toMatchObject({ completed: 2, pending: 0, active: 0 });
  });

  it('brings a job that is no duplicate of one that was enqueued with its id before', async () => {
    const { a, b } = scene;
    await open(a, 'b', spec('last', { known: true }));
    await a.enqueue(T, spec('last'));
    await close(a, 'b');
    expect(await b.claimIds(T)).toEqual(['last']);
  });

  it('is forgotten some batches later, a day after it was opened, and not while it is open', async () => {
    const { a, b } = scene;
    await open(a, 'a1');
    await close(a, 'a1');
    await open(a, 'a2');
    const late = T + 86_400_001;
    // Whether a day went by or a clock jumped is sure after a while.
    await b.store.putBatch({ queue: b.queue, id: 'y' }, late);
    expect(await counts(a, 'a1')).toEqual(counted({ closed: true }));
    await b.store.putBatch({ queue: b.queue, id: 'z' }, late + 90_000);
    expect(await counts(a, 'a1')).toBeUndefined();
    expect(await counts(a, 'a2')).toEqual(counted({}));
  });
}
