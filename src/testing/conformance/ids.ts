import { describe, expect, it } from 'vitest';
import type { Scene } from './scene.ts';
import { bury, complete, spec, specs, T } from './spec.ts';

const known = { known: true } as const;

/** Ids that come from the caller, or from a call that is repeated because its answer was lost. */
export function describeIds(scene: Scene): void {
  describe('ids', () => {
    describeRepeats(scene);
    describeBatches(scene);
    describeMemory(scene);
    describeRemembered(scene);
  });
}

function describeRepeats(scene: Scene): void {
  it('a known id that waits is a duplicate, and nothing is stored', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...known, payload: 'first' }));
    const [before, count] = [await b.job('x'), await b.count()];
    expect(await b.enqueue(T + 5, spec('x', { ...known, payload: 'second' }))).toEqual([
      { id: 'x', status: 'duplicate' },
    ]);
    expect(await a.job('x')).toEqual(before);
    expect(await a.count()).toEqual(count);
  });

  it('a known id that runs is a duplicate', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await b.claimOne(T);
    expect(await a.enqueue(T, spec('x', known))).toEqual([{ id: 'x', status: 'duplicate' }]);
    expect(await b.count()).toMatchObject({ pending: 0, active: 1 });
  });

  it('a known id that is parked is a duplicate', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('head', { lane: 'doc' }), spec('x', { lane: 'doc' }));
    expect(await b.enqueue(T, spec('x', known))).toEqual([{ id: 'x', status: 'duplicate' }]);
    expect(await a.count()).toMatchObject({ pending: 2 });
  });

  it('a known id that is dead is a duplicate', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await a.settle(T, await b.claimOne(T), bury());
    expect(await b.enqueue(T, spec('x', known))).toEqual([{ id: 'x', status: 'duplicate' }]);
    expect(await a.count()).toMatchObject({ pending: 0, dead: 1 });
  });
}

function describeBatches(scene: Scene): void {
  it('an id of another name is a duplicate all the same', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    expect(await b.enqueue(T, spec('x', { ...known, name: 'mail' }))).toEqual([
      { id: 'x', status: 'duplicate' },
    ]);
  });

  it('the same id twice in a batch is one job', async () => {
    const { a, b } = scene;
    expect(
      await a.enqueue(T, spec('x', { ...known, payload: 1 }), spec('x', { ...known, payload: 2 })),
    ).toEqual([
      { id: 'x', status: 'enqueued' },
      { id: 'x', status: 'duplicate' },
    ]);
    expect(await b.claim(T)).toMatchObject([{ job: { id: 'x', payload: 1 } }]);
    expect(await b.count()).toMatchObject({ pending: 0, active: 1 });
  });

  it('an id that comes again as a known one in its batch is one job', async () => {
    const { a, b } = scene;
    expect(await a.enqueue(T, spec('x', { payload: 1 }), spec('x', { ...known, payload: 2 }))).toEqual([
      { id: 'x', status: 'enqueued' },
      { id: 'x', status: 'duplicate' },
    ]);
    expect(await b.claim(T)).toMatchObject([{ job: { id: 'x', payload: 1 } }]);
    expect(await b.count()).toMatchObject({ pending: 0, active: 1 });
  });

  it('an enqueue whose answer was lost can be repeated', async () => {
    const { a, b } = scene;
    const batch = specs('x', 3, known);
    await a.enqueue(T, ...batch);
    const again = await b.enqueue(T + 1, ...batch);
    expect(again.map(({ status }) => status)).toEqual(['duplicate', 'duplicate', 'duplicate']);
    expect(await a.count()).toMatchObject({ pending: 3 });
  });

  it('a repeat is a duplicate of itself before it is a replacement', async () => {
    const { a, b } = scene;
    const job = spec('x', { ...known, idempotencyKey: 'k', onDuplicate: 'replace' });
    await a.enqueue(T, job);
    await b.claimOne(T);
    expect(await a.enqueue(T, job)).toEqual([{ id: 'x', status: 'duplicate' }]);
    expect(await b.count()).toMatchObject({ pending: 0, active: 1 });
  });

  it('an id whose job was cancelled is free', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', known));
    await b.cancel(T, 'x');
    expect(await a.enqueue(T, spec('x', known))).toEqual([{ id: 'x', status: 'enqueued' }]);
    expect(await b.claimIds(T)).toEqual(['x']);
  });
}

async function completed({ a, b }: Scene, dedupeMs?: number) {
  await a.enqueue(T, spec('x', dedupeMs === undefined ? known : { ...known, dedupeMs }));
  await a.settle(T + 50, await b.claimOne(T), complete());
}

function describeMemory(scene: Scene): void {
  it('a completed id is remembered for dedupeMs', async () => {
    const { a, b } = scene;
    await completed(scene, 1_000);
    expect(await b.enqueue(T + 1_049, spec('x', known))).toEqual([{ id: 'x', status: 'duplicate' }]);
    expect(await a.claimIds(T + 1_049)).toEqual([]);
    expect(await b.count()).toMatchObject({ pending: 0, active: 0, completed: 1 });
  });

  it('a completed id is forgotten after dedupeMs', async () => {
    const { a, b } = scene;
    await completed(scene, 1_000);
    expect(await b.enqueue(T + 1_051, spec('x', known))).toEqual([{ id: 'x', status: 'enqueued' }]);
    expect(await a.job('x')).toMatchObject({ state: 'pending', enqueuedAt: T + 1_051 });
    expect(await a.claimIds(T + 1_051)).toEqual(['x']);
  });

  it('a completed id is remembered only if asked for', async () => {
    const { a, b } = scene;
    await completed(scene);
    expect(await b.get('x')).toBeUndefined();
    expect(await b.enqueue(T + 51, spec('x', known))).toEqual([{ id: 'x', status: 'enqueued' }]);
    await a.settle(T + 60, await a.claimOne(T + 60), complete());
    await completed(scene, 0);
    expect(await b.get('x')).toBeUndefined();
  });

  it('an id that is remembered for long keeps none that is remembered for short', async () => {
    const { a, b } = scene;
    await a.enqueue(
      T,
      ...specs('long', 20, { ...known, dedupeMs: 900_000 }),
      spec('short', { ...known, dedupeMs: 1_000 }),
      spec('last'),
    );
    const jobs = await b.claim(T, { limit: 21 });
    await a.exchange(
      T,
      jobs.map((claimed) => [claimed, complete()]),
    );
    await b.settle(T + 1_001, await a.claimOne(T + 1_001), complete());
    expect(await a.get('short')).toBeUndefined();
    expect((await b.listIds('completed')).length).toBe(20);
  });

  it('of remembered ids the first to be forgotten is listed first', async () => {
    const { a, b } = scene;
    const times = [3_000, 1_000, 2_000];
    await a.enqueue(T, ...times.map((dedupeMs) => spec(`${dedupeMs}`, { ...known, dedupeMs })));
    const jobs = await b.claim(T);
    await a.exchange(
      T,
      jobs.map((claimed) => [claimed, complete()]),
    );
    expect(await b.listIds('completed')).toEqual(['1000', '2000', '3000']);
  });

  it('a remembered job is read as completed', async () => {
    const { a, b } = scene;
    await completed(scene, 1_000);
    expect(await b.job('x')).toMatchObject({ id: 'x', name: 'job', state: 'completed', finishedAt: T + 50 });
    expect((await a.list({ state: 'completed' })).jobs).toMatchObject([{ id: 'x', state: 'completed' }]);
  });
}

function describeRemembered(scene: Scene): void {
  it('a remembered job holds no bytes, no depth, no key and no lane', async () => {
    const { a, b } = scene;
    const more = { idempotencyKey: 'k', lane: 'doc', payload: 'a'.repeat(100) };
    await a.enqueue(T, spec('x', { ...known, ...more, dedupeMs: 1_000 }));
    await a.settle(T, await b.claimOne(T), complete());
    expect(await b.count()).toMatchObject({ bytes: 0, completed: 1 });
    expect(await b.enqueueWithin({ maxDepth: 1 }, T, spec('y', more))).toEqual([
      { id: 'y', status: 'enqueued' },
    ]);
    expect(await a.claimIds(T)).toEqual(['y']);
  });

  it('a remembered job can be removed, and its id is free then', async () => {
    const { a, b } = scene;
    await completed(scene, 1_000);
    expect(await b.remove(T + 60, 'x')).toEqual(['removed']);
    expect(await a.get('x')).toBeUndefined();
    expect(await b.enqueue(T + 60, spec('x', known))).toEqual([{ id: 'x', status: 'enqueued' }]);
    expect(await a.count()).toMatchObject({ pending: 1, completed: 1 });
  });

  it('a remembered job is finished: it is neither cancelled nor redriven nor extended', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...known, dedupeMs: 1_000 }));
    const x = await b.claimOne(T);
    await a.settle(T, x, complete());
    expect(await b.cancel(T, 'x')).toEqual(['finished']);
    expect(await a.redrive(T, 'x')).toEqual(['not-dead']);
    expect(await b.extend(T, [x])).toEqual(['stale']);
    expect(await a.settle(T, x, complete())).toBe('stale');
    expect(await b.count()).toMatchObject({ completed: 1, cancelled: 0 });
  });
}
