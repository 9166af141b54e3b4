import { describe, expect, it } from 'vitest';
import { byId, type Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { after, bury, cancelled, complete, retry, spec, specs, T } from './spec.ts';

/** Looks until nothing more is to be told. */
async function settleAll(opening: Opening, now: number): Promise<void> {
  for (let looks = 0; looks < 50; looks++) {
    const { nextAt } = await opening.look(now, { names: ['nobody'] });
    if (nextAt === undefined || nextAt > now) return;
  }
  throw new Error('there is always more to be told');
}

export function describeFlows(scene: Scene): void {
  describe('a job that depends on others', () => {
    describeWaiting(scene);
    describeResults(scene);
    describeRefusals(scene);
  });
  describe('when a dependency ends otherwise', () => {
    describeDeaths(scene);
    describeCascades(scene);
  });
}

function describeWaiting(scene: Scene): void {
  it('is pending and parked until the last of them has completed, and then due', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'), after('z', ['x', 'y']));
    expect(await b.job('z')).toMatchObject({ state: 'pending', parked: true, blockedBy: ['x', 'y'] });
    const held = byId(await b.claim(T));
    await a.settle(T + 1, held('x'), complete());
    expect(await b.job('z')).toMatchObject({ dependsOn: ['x', 'y'], blockedBy: ['y'] });
    expect(await a.claimIds(T + 1)).toEqual([]);
    await b.settle(T + 2, held('y'), complete());
    expect(await a.job('z')).not.toHaveProperty('blockedBy');
    expect(await a.claimIds(T + 2)).toEqual(['z']);
  });

  it('may come in the same call before what it depends on, or calls later, or while that runs', async () => {
    const { a, b } = scene;
    await a.enqueue(T, after('second', ['first']), spec('first'));
    const held = await b.claimOne(T);
    await a.enqueue(T, after('third', ['second']), after('also', ['first']));
    expect(await b.claimIds(T)).toEqual([]);
    await b.settle(T, held, complete());
    expect(new Set(await a.claimIds(T))).toEqual(new Set(['second', 'also']));
    expect((await a.job('third')).blockedBy).toEqual(['second']);
  });

  it('goes on when what it depends on ends, though nobody waited for that when it began to run', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const held = await b.claimOne(T);
    await a.enqueue(T, after('y', ['x']));
    await b.settle(T, held, complete());
    expect(await a.claimIds(T)).toEqual(['y']);
  });

  it('still waits while what it depends on is retried or reclaimed', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), after('y', ['x']));
    await b.settle(T, await a.claimOne(T), retry(T + 5));
    await a.claimOne(T + 5);
    await b.reclaim(T + 5, { goneWorkers: ['worker'] });
    const { runAt } = await a.job('x');
    expect(await a.claimIds(runAt)).toEqual(['x']);
    expect((await b.job('y')).blockedBy).toEqual(['x']);
  });

  it('is due at once when all of them had completed, as far as that is known', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { known: true, dedupeMs: 60_000 }));
    await b.settle(T, await b.claimOne(T), complete());
    await a.enqueue(T, after('y', ['x']));
    expect(await b.claimIds(T)).toEqual(['y']);
  });

  it('keeps its delay, its priority and its lane, which it enters when it is due', async () => {
    const { a, b } = scene;
    const lane = { lane: 'doc' };
    await a.enqueue(
      T,
      spec('x'),
      after('y', ['x'], { delayMs: 500 }),
      after('z', ['x'], { ...lane, priority: 5 }),
    );
    await a.enqueue(T, spec('head', lane), spec('x2'));
    const held = byId(await b.claim(T, { limit: 2 }));
    await b.settle(T + 10, held('x'), complete());
    expect(await a.claimIds(T + 10)).toEqual(['x2']);
    await b.settle(T + 20, held('head'), complete());
    expect(await a.claimIds(T + 20)).toEqual(['z']);
    expect(await a.claimIds(T + 500)).toEqual(['y']);
  });

  it('is explained by what it waits for, and can be cancelled like any other', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), after('y', ['x']), after('z', ['y']));
    expect(await b.waits(T, 'y')).toEqual([{ why: 'dependencies', ids: ['x'] }]);
    expect(await b.cancel(T, 'y')).toEqual(['cancelled']);
    await settleAll(a, T);
    expect(await a.get('z')).toBeUndefined();
    await b.settle(T, await b.claimOne(T), complete());
    expect(await a.count()).toMatchObject({ pending: 0, completed: 1, cancelled: 2 });
  });

  it('waits for the job that its dependency is a duplicate of', async () => {
    const { a, b } = scene;
    const key = { idempotencyKey: 'k' };
    await a.enqueue(T, spec('first', key));
    await b.enqueue(T, spec('again', key), after('y', ['again']));
    expect((await a.job('y')).blockedBy).toEqual(['first']);
  });

  it('waits for no other job that takes the id of the ended one that its dependency is a duplicate of', async () => {
    const { a, b } = scene;
    const key = { idempotencyKey: 'k', keyForMs: 60_000 };
    await a.enqueue(T, spec('old', { ...key, known: true }));
    await b.settle(T, await b.claimOne(T), complete());
    await a.enqueue(T, spec('again', key), after('y', ['again']), after('old', ['y'], { known: true }));
    expect(await a.job('y')).not.toHaveProperty('blockedBy');
    await b.settle(T, await b.claimOne(T), complete());
    expect(await a.claimIds(T)).toEqual(['old']);
  });
}

function describeResults(scene: Scene): void {
  it('finds what they returned, by the names that were given for them', async () => {
    const { a, b } = scene;
    const labels = { x: 'thumbs', y: 'labels' };
    await a.enqueue(T, spec('x'), spec('y'), spec('z', { dependsOn: labels }));
    const claimed = await b.claim(T);
    expect(claimed.map(({ awaited }) => awaited)).toEqual([true, true]);
    const held = byId(claimed);
    await b.settle(T, held('x'), { kind: 'complete', result: { value: { sizes: [1, 2] } } });
    await a.settle(T, held('y'), { kind: 'complete' });
    const last = await a.claimOne(T);
    expect(last.job).toMatchObject({ dependsOn: ['x', 'y'], results: { thumbs: { sizes: [1, 2] } } });
    expect(last).not.toHaveProperty('awaited');
  });

  it('finds under each of its names what a job returned that several of them are', async () => {
    const { a, b } = scene;
    const key = { idempotencyKey: 'k' };
    const labels = { x: 'first', again: 'second' };
    await a.enqueue(T, spec('x', key), spec('again', key), spec('z', { dependsOn: labels }));
    await b.settle(T, await b.claimOne(T), { kind: 'complete', result: { value: 7 } });
    expect((await a.claimOne(T)).job.results).toEqual({ first: 7, second: 7 });
  });

  it('finds what they returned as it was, also what JSON cannot hold', async () => {
    const { a, b } = scene;
    const value = new Map([['sizes', new Set([1n])]]);
    await a.enqueue(T, spec('x'), spec('y'), after('z', ['x', 'y']));
    const held = byId(await b.claim(T));
    await b.settle(T, held('x'), { kind: 'complete', result: { value } });
    await a.settle(T, held('y'), { kind: 'complete', result: { value: 7 } });
    expect((await a.claimOne(T)).job.results).toEqual({ x: value, y: 7 });
  });

  it('finds those that were kept of jobs that had completed before', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { keepResultMs: 60_000 }));
    await b.settle(T, await b.claimOne(T), { kind: 'complete', result: { value: 7 } });
    await a.enqueue(T, after('y', ['x']));
    expect((await b.claimOne(T)).job.results).toEqual({ x: 7 });
  });
}

function describeRefusals(scene: Scene): void {
  it('is refused with its whole call when one of them is not there', async () => {
    const { a, b } = scene;
    const refused = { code: 'InvalidOption', message: expect.stringContaining('nobody') };
    await expect(a.enqueue(T, spec('x'), after('y', ['x', 'nobody']))).rejects.toMatchObject(refused);
    expect(await b.count()).toMatchObject({ pending: 0 });
  });

  it('is refused when it waits for itself, however long the circle is', async () => {
    const { a, b } = scene;
    const circle = (ids: readonly string[]) =>
      ids.map((id, i) => after(id, [ids[(i + 1) % ids.length] as string]));
    for (const ids of [['x'], ['x', 'y'], specs('x', 1_000).map(({ id }) => id)])
      await expect(a.enqueue(T, ...circle(ids))).rejects.toMatchObject({ code: 'InvalidOption' });
    expect(await b.count()).toMatchObject({ pending: 0 });
  });

  it('counts as dead when a completion brings it and it is not there: nothing refuses a completion', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await b.settle(T, await a.claimOne(T), complete(after('y', ['nobody']), spec('z')));
    await settleAll(b, T);
    expect(await a.job('y')).toMatchObject({ state: 'dead', errors: [{ name: 'DependencyError' }] });
    expect(await b.claimIds(T)).toEqual(['z']);
  });
}

function describeDeaths(scene: Scene): void {
  it('a death takes along those that wait for it, cancels them or lets them run, as each of them says', async () => {
    const { a, b } = scene;
    await a.enqueue(
      T,
      spec('x'),
      after('bury', ['x']),
      after('cancel', ['x'], { onDependencyDeath: 'cancel' }),
      after('run', ['x'], { onDependencyDeath: 'run' }),
    );
    await b.settle(T, await a.claimOne(T), bury());
    await settleAll(b, T);
    expect(await a.listIds('dead')).toEqual(['x', 'bury']);
    expect((await a.job('bury')).errors).toMatchObject([{ name: 'DependencyError', attempt: 1 }]);
    expect(await b.get('cancel')).toBeUndefined();
    expect(await b.claimIds(T)).toEqual(['run']);
    expect(await a.count()).toMatchObject({ dead: 2, cancelled: 1, active: 1, pending: 0 });
  });

  it('one that is dead already counts as such', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await b.settle(T, await a.claimOne(T), bury());
    await a.enqueue(T, after('y', ['x']), after('z', ['x'], { onDependencyDeath: 'run' }));
    await settleAll(b, T);
    expect(await a.listIds('dead')).toEqual(['x', 'y']);
    expect(await b.claimIds(T)).toEqual(['z']);
  });

  it('a job that has taken the id of one that waited hears nothing that was meant for that one', async () => {
    const { a, b } = scene;
    const flow = [spec('x'), after('y', ['x'])];
    await a.enqueue(T, ...flow);
    await b.cancel(T, 'x', 'y');
    await a.enqueue(T, ...flow);
    await settleAll(b, T);
    expect(await a.job('y')).toMatchObject({ state: 'pending', blockedBy: ['x'] });
    await b.settle(T, await a.claimOne(T), complete());
    await settleAll(b, T);
    expect(await a.claimIds(T)).toEqual(['y']);
  });

  it('a cancel cancels those that wait, unless they are to run; also that of a running job', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), after('y', ['x']), after('run', ['x'], { onDependencyDeath: 'run' }));
    const held = await b.claimOne(T);
    await a.cancel(T, 'x');
    await b.settle(T, held, cancelled);
    await settleAll(b, T);
    expect(await a.get('y')).toBeUndefined();
    expect(await b.claimIds(T)).toEqual(['run']);
  });

  it('a crash too many counts as the death that it is', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { maxCrashes: 1 }), after('y', ['x']));
    await a.claimOne(T);
    expect((await b.reclaim(T, { goneWorkers: ['worker'] })).dead).toEqual(['x']);
    await settleAll(b, T);
    expect(new Set(await a.listIds('dead'))).toEqual(new Set(['x', 'y']));
  });
}

function describeCascades(scene: Scene): void {
  it('an end goes on through a chain of 300, a bounded part of it in a transaction', async () => {
    const { a, b, harness } = scene;
    const ids = Array.from({ length: 300 }, (_, i) => `c${String(i).padStart(3, '0')}`);
    await a.enqueue(T, ...ids.map((id, i) => (i === 0 ? spec(id) : after(id, [ids[i - 1] as string]))));
    const held = await b.claimOne(T);
    const before = harness.steps();
    await b.settle(T, held, bury());
    expect(harness.steps().written - before.written).toBeLessThan(900);
    expect((await a.count()).dead).toBeLessThan(300);
    await settleAll(b, T);
    expect(await a.count()).toMatchObject({ dead: 300, pending: 0, active: 0 });
  });

  it('a job with 300 that wait for it lets them go in bounded parts, and none is forgotten', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), ...specs('y', 300).map(({ id }) => after(id, ['x'])));
    await b.settle(T, await b.claimOne(T), complete());
    await settleAll(a, T);
    expect(await b.claimIds(T, { limit: 1_000 })).toHaveLength(300);
  });

  it('a job that nobody waits for costs what it did before', async () => {
    const { a, b, harness } = scene;
    const cost = async (id: string) => {
      const before = harness.steps();
      await a.enqueue(T, spec(id));
      await b.settle(T, await b.claimOne(T), complete());
      const { read, written } = harness.steps();
      return { read: read - before.read, written: written - before.written };
    };
    await a.enqueue(T, ...specs('d', 2, { delayMs: 9_000 }));
    const alone = await cost('x');
    await a.enqueue(T, after('y', ['d0', 'd1']));
    expect(await cost('z')).toEqual(alone);
  });
}
