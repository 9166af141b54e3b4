import { describe, expect, it } from 'vitest';
import { type Opening, WORKER } from './opening.ts';
import type { Scene } from './scene.ts';
import { list, put } from './schedule-scene.ts';
import { bury, complete, retry, spec, specs, T } from './spec.ts';

const NOTHING = {
  pending: 0,
  active: 0,
  completed: 0,
  dead: 0,
  cancelled: 0,
  bytes: 0,
  dropped: 0,
  paused: false,
};

export function describePurging(scene: Scene): void {
  describe('a purge', () => {
    describeWhole(scene);
    describeRunning(scene);
    describeAfter(scene);
  });
}

/** Jobs in every state, a lane with two of them parked, a key, an age and a hold. One runs. */
async function fill({ a, b }: { readonly a: Opening; readonly b: Opening }) {
  await a.enqueue(T, spec('done', { known: true, dedupeMs: 90_000 }), spec('dies'), spec('runs'));
  const [done, dies, runs] = await b.claim(T);
  await b.settle(T, done as NonNullable<typeof done>, complete());
  await b.settle(T, dies as NonNullable<typeof dies>, bury());
  await a.enqueue(
    T,
    ...specs('x', 7),
    ...specs('l', 3, { lane: 'doc' }),
    spec('later', { delayMs: 9_000 }),
    spec('key', { idempotencyKey: 'k', keyForMs: 90_000, maxAgeMs: 90_000 }),
  );
  await b.store.hold({ queue: b.queue, name: 'job', until: T + 90_000 }, T);
  await b.store.pause({ queue: b.queue }, T);
  return runs as NonNullable<typeof runs>;
}

function describeWhole(scene: Scene): void {
  it('removes jobs in every state and all else that the queue had', async () => {
    const { a, b } = scene;
    await b.settle(T, await fill(scene), complete());
    expect(await a.purge(T, false, 4)).toEqual({ removed: 14, active: 0 });
    expect(await b.count()).toMatchObject(NOTHING);
    for (const id of ['done', 'dies', 'x3', 'l2', 'later', 'key']) expect(await b.get(id)).toBeUndefined();
    expect(await b.look(T)).toEqual({ settled: [], jobs: [] });
    expect(await a.enqueue(T, spec('done', { known: true }), spec('v', { idempotencyKey: 'k' }))).toEqual([
      { id: 'done', status: 'enqueued' },
      { id: 'v', status: 'enqueued' },
    ]);
    expect(await b.claimIds(T)).toEqual(['done', 'v']);
  });

  it('removes schedules: none is listed any more, nor comes back with another', async () => {
    const { a, b } = scene;
    await put(a, T, 's');
    await b.enqueue(T, spec('x'));
    await a.purge(T, false, 1);
    expect(await list(b)).toEqual([]);
    await put(b, T, 'r');
    expect(await list(a)).toMatchObject([{ id: 'r' }]);
  });

  it('removes no more in one call than it was told, and what is left is whole', async () => {
    const { a, b } = scene;
    await fill(scene);
    const first = await a.store.purge({ queue: a.queue, limit: 5, force: false }, T);
    expect(first).toMatchObject({ removed: 5, more: true });
    await b.store.resume({ queue: b.queue }, T);
    await b.look(T + 45_000, { names: ['nobody'] });
    const claimed = await b.claim(T + 90_000, { limit: 100 });
    const counts = await b.count();
    expect(counts).toMatchObject({ pending: 0, active: claimed.length + 1 });
    for (const one of claimed) expect(await b.settle(T + 90_000, one, complete())).toBe('settled');
  });

  it('that is interrupted leaves no lane halted, no key held and no batch open for what it removed', async () => {
    const { a, b } = scene;
    const keyed = { idempotencyKey: 'k', keyForMs: 60_000 };
    await a.store.putBatch({ queue: a.queue, id: 'batch' }, T);
    await a.enqueue(T, spec('head', { lane: 'doc', onLaneDeath: 'halt' }));
    await a.settle(T, await b.claimOne(T), bury());
    await a.enqueue(T, spec('runs'), spec('keyed', keyed), spec('counted', { batch: 'batch' }));
    await b.claimOne(T);
    const { active, removed } = await a.store.purge({ queue: a.queue, limit: 100, force: false }, T);
    expect({ active, removed }).toEqual({ active: 1, removed: 3 });
    expect(await b.store.countBatch({ queue: b.queue, id: 'batch' })).toMatchObject({
      open: 0,
      cancelled: 1,
    });
    expect(await a.enqueue(T, spec('next', { lane: 'doc' }), spec('again', keyed))).toMatchObject([
      { status: 'enqueued' },
      { status: 'enqueued' },
    ]);
    expect(await b.claimIds(T)).toEqual(['next', 'again']);
  });

  it('of a queue that is not there answers that nothing was', async () => {
    expect(await scene.a.purge(T)).toEqual({ removed: 0, active: 0 });
    expect(await scene.b.count()).toMatchObject(NOTHING);
  });

  it('touches no other queue, however much its name resembles', async () => {
    const { a, b } = scene;
    const others = ['sync2', 'syn', 'sync ', 'sync\u0003user', 'sync\u{1f600}'].map((name) =>
      b.inQueue(name),
    );
    for (const other of others) {
      await other.enqueue(
        T,
        ...specs('x', 2),
        spec('k', { idempotencyKey: 'k', keyForMs: 9_000, maxAgeMs: 9_000 }),
      );
      await other.settle(T, await other.claimOne(T), bury());
    }
    await a.enqueue(T, ...specs('x', 3));
    await a.purge(T);
    for (const other of others) {
      expect(await other.count()).toMatchObject({ pending: 2, dead: 1 });
      expect(await other.claimIds(T)).toEqual(['x1', 'k']);
    }
  });
}

function describeRunning(scene: Scene): void {
  it('asks running jobs to stop and leaves them until they have', async () => {
    const { a, b } = scene;
    const runs = await fill(scene);
    expect(await a.purge(T)).toEqual({ removed: 14, active: 1 });
    expect(await b.extend(T, [runs])).toEqual(['cancelRequested']);
    expect(await b.settle(T, runs, retry(T))).toBe('cancelled');
    expect(await a.purge(T)).toEqual({ removed: 0, active: 0 });
    expect(await b.count()).toMatchObject(NOTHING);
  });

  it('takes running jobs too when it is forced: whoever runs them finds the lease lost', async () => {
    const { a, b } = scene;
    const runs = await fill(scene);
    expect(await a.purge(T, true, 4)).toEqual({ removed: 15, active: 0 });
    expect(await b.extend(T, [runs])).toEqual(['stale']);
    expect(await b.settle(T, runs, complete(spec('follower')))).toBe('stale');
    expect(await a.count()).toMatchObject(NOTHING);
    expect(await a.get('follower')).toBeUndefined();
  });
}

function describeAfter(scene: Scene): void {
  it('leaves no fence behind that a later claim could repeat', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    const before = await b.claim(T);
    await a.purge(T + 1_000, true);
    await a.enqueue(T + 1_000, ...specs('x', 3));
    const after = await b.claim(T + 1_000, { worker: WORKER });
    const highest = Math.max(...before.map(({ fence }) => fence));
    for (const { fence } of after) expect(fence).toBeGreaterThan(highest);
    expect(await b.settle(T + 1_000, before[0] as (typeof before)[0], complete())).toBe('stale');
  });
}
