import { describe, expect, it } from 'vitest';
import { byId, LEASE_MS } from './opening.ts';
import type { Scene } from './scene.ts';
import { complete, release, spec, specs, T } from './spec.ts';

export function describeLeases(scene: Scene): void {
  describe('leases', () => {
    describeExtending(scene);
    describeProgress(scene);
    describeExpiry(scene);
    describeOwners(scene);
    describeReclaiming(scene);
  });
}

function describeExtending(scene: Scene): void {
  it('an extended lease lasts from now on', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await b.claimOne(T);
    expect(await a.extend(T + 20_000, [x], { leaseMs: 40_000 })).toEqual(['extended']);
    expect((await b.job('x')).lease).toEqual({ workerId: 'worker', fence: x.fence, until: T + 60_000 });
    expect(await b.reclaim(T + 59_999)).toEqual({ reclaimed: [], dead: [], cancelled: [] });
    expect(await a.reclaim(T + 60_000)).toEqual({ reclaimed: ['x'], dead: [], cancelled: [] });
  });

  it('extending one job of a claim extends no other', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    const held = byId(await b.claim(T));
    await a.extend(T + 10, [held('x1')]);
    const { reclaimed } = await b.reclaim(T + LEASE_MS);
    expect([...reclaimed].sort()).toEqual(['x0', 'x2']);
    expect(await a.settle(T + LEASE_MS, held('x1'), complete())).toBe('settled');
  });

  it('answers per lease, in input order', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    const held = byId(await b.claim(T));
    await b.settle(T, held('x0'), complete());
    await b.cancel(T, 'x1');
    const wrong = { id: 'x2', fence: held('x2').fence + 1 };
    const asked = [held('x2'), wrong, held('x1'), held('x0'), { id: 'unknown', fence: 1 }];
    expect(await a.extend(T, asked)).toEqual(['extended', 'stale', 'cancelRequested', 'stale', 'stale']);
  });

  it('nobody extends the lease of another worker', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await b.claimOne(T, { worker: 'one' });
    expect(await a.extend(T + 10, [x], { worker: 'two' })).toEqual(['stale']);
    expect((await b.job('x')).lease?.until).toBe(T + LEASE_MS);
  });

  it('a lease given back cannot be extended', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await b.claimOne(T);
    await a.settle(T, x, release(T));
    expect(await b.extend(T, [x])).toEqual(['stale']);
    expect(await a.job('x')).toMatchObject({ state: 'pending' });
  });
}

function describeProgress(scene: Scene): void {
  it('extending stores progress for everybody to see', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    const held = byId(await b.claim(T));
    await b.extend(T, [held('x')], { progress: { done: 3, at: new Date(T) } });
    expect((await a.job('x')).progress).toEqual({ done: 3, at: new Date(T) });
    expect((await a.job('y')).progress).toBeUndefined();
    await b.extend(T + 1, [held('x'), held('y')]);
    expect((await a.job('x')).progress).toEqual({ done: 3, at: new Date(T) });
    await a.extend(T + 2, [held('x')], { progress: 'nearly' });
    expect((await b.job('x')).progress).toBe('nearly');
  });

  it('a stale extension stores no progress', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await b.claimOne(T, { worker: 'one' });
    await a.extend(T, [x], { worker: 'two', progress: 'stolen' });
    expect((await b.job('x')).progress).toBeUndefined();
  });

  it('progress that no store could give back is refused, and no lease moves', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    const held = byId(await b.claim(T));
    const refused = a.extend(T + 10, [held('y'), held('x')], { progress: { of: () => 1 } });
    await expect(refused).rejects.toMatchObject({ code: 'Payload' });
    expect((await b.job('y')).lease?.until).toBe(T + LEASE_MS);
  });
}

function describeExpiry(scene: Scene): void {
  it('a lease is reclaimed when it is over and not before', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await a.claimOne(T, { leaseMs: 5_000 });
    expect((await b.reclaim(T + 4_999)).reclaimed).toEqual([]);
    expect(await a.job('x')).toMatchObject({ state: 'active' });
    expect((await b.reclaim(T + 5_000)).reclaimed).toEqual(['x']);
    expect(await a.job('x')).toMatchObject({ state: 'pending' });
    expect(await a.count()).toMatchObject({ pending: 1, active: 0 });
  });

  it('a lease that is over gives its job to nobody until it is reclaimed', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await a.claimOne(T, { leaseMs: 5_000 });
    expect(await b.claimIds(T + 9_000, { worker: 'two' })).toEqual([]);
  });

  it('a lease that is over but not reclaimed can still be settled and extended by its owner', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    const held = byId(await b.claim(T, { leaseMs: 5_000 }));
    expect(await a.settle(T + 9_000, held('x'), complete())).toBe('settled');
    expect(await b.extend(T + 9_000, [held('y')])).toEqual(['extended']);
    expect((await a.reclaim(T + 9_001)).reclaimed).toEqual([]);
    expect(await a.count()).toMatchObject({ active: 1, completed: 1 });
  });

  it('a reclaimed lease is stale for its old owner', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await a.claimOne(T, { worker: 'one', leaseMs: 5_000 });
    await b.reclaim(T + 5_000);
    expect(await a.settle(T + 5_001, x, complete(), 'one')).toBe('stale');
    expect(await b.extend(T + 5_001, [x], { worker: 'one' })).toEqual(['stale']);
    const again = await b.claimOne(T + 5_001, { worker: 'two' });
    expect(await a.settle(T + 5_002, x, complete(), 'one')).toBe('stale');
    expect(await a.settle(T + 5_002, again, complete(), 'two')).toBe('settled');
    expect(await b.count()).toMatchObject({ completed: 1 });
  });

  it('a worker that comes back under its old name cannot use its old fence', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const old = await a.claimOne(T);
    await b.reclaim(T, { goneWorkers: ['worker'] });
    await a.claimOne(T);
    expect(await b.settle(T, old, complete())).toBe('stale');
    expect(await a.job('x')).toMatchObject({ state: 'active' });
  });
}

function describeOwners(scene: Scene): void {
  it('leases of an owner proven gone are reclaimed at once, those of others are not', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 4));
    await a.claim(T, { worker: 'gone', limit: 2 });
    await b.claim(T, { worker: 'here', limit: 1 });
    const { reclaimed } = await b.reclaim(T + 1, { goneWorkers: ['gone', 'never seen'] });
    expect([...reclaimed].sort()).toEqual(['x0', 'x1']);
    expect(await a.job('x2')).toMatchObject({ state: 'active' });
    expect(await a.claimIds(T + 1)).toEqual(['x3', 'x0', 'x1']);
  });

  it('an owner proven alive has a minute of grace', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    await a.claimOne(T, { worker: 'hidden', leaseMs: 5_000 });
    await b.claimOne(T, { worker: 'other', leaseMs: 5_000 });
    const aliveWorkers = ['hidden'];
    expect((await b.reclaim(T + 5_000, { aliveWorkers })).reclaimed).toEqual(['y']);
    expect((await a.reclaim(T + 64_999, { aliveWorkers })).reclaimed).toEqual([]);
    expect((await b.reclaim(T + 65_000, { aliveWorkers })).reclaimed).toEqual(['x']);
  });
}

function describeReclaiming(scene: Scene): void {
  it('a reclaim takes back at most as many as its limit', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 5));
    await a.claim(T, { worker: 'gone', limit: 3 });
    await b.claim(T, { worker: 'lost' });
    const goneWorkers = ['gone', 'lost'];
    const [first, second, third] = [
      await b.reclaim(T, { goneWorkers, limit: 2 }),
      await a.reclaim(T, { goneWorkers, limit: 2 }),
      await b.reclaim(T, { goneWorkers, limit: 2 }),
    ];
    expect([first, second, third].map(({ reclaimed }) => reclaimed.length)).toEqual([2, 2, 1]);
    expect(await a.count()).toMatchObject({ pending: 5, active: 0 });
  });

  it('a reclaim takes back first what was claimed first, whoever held it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 5));
    const workers = ['c', 'a', 'b', 'a', 'c'];
    for (const worker of workers) await a.claimOne(T, { worker });
    const answers = [];
    for (const opening of [b, a, b])
      answers.push((await opening.reclaim(T, { goneWorkers: workers, limit: 2 })).reclaimed);
    expect(answers).toEqual([['x0', 'x1'], ['x2', 'x3'], ['x4']]);
  });

  it('two reclaims at once take a lease back once', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    await a.claim(T);
    const both = await Promise.all([a.reclaim(T + LEASE_MS), b.reclaim(T + LEASE_MS)]);
    expect(both.flatMap(({ reclaimed }) => reclaimed).sort()).toEqual(['x0', 'x1', 'x2']);
    expect(await b.job('x1')).toMatchObject({ crashes: 1 });
  });

  it('a reclaim touches no other queue', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await a.claimOne(T);
    expect(await b.inQueue('other').reclaim(T + LEASE_MS)).toEqual({
      reclaimed: [],
      dead: [],
      cancelled: [],
    });
    expect(await b.job('x')).toMatchObject({ state: 'active' });
  });
}
