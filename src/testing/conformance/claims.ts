import { describe, expect, it } from 'vitest';
import type { Scene } from './scene.ts';
import { complete, release, spec, specs, T } from './spec.ts';

export function describeClaims(scene: Scene): void {
  describe('claims', () => {
    describeOwnership(scene);
    describeFences(scene);
    describeAsking(scene);
    describeVersions(scene);
    describeDue(scene);
  });
}

function describeOwnership(scene: Scene): void {
  it('a job is claimed by exactly one of two workers', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    expect(await b.claimIds(T, { worker: 'one' })).toEqual(['x']);
    expect(await a.claimIds(T, { worker: 'two' })).toEqual([]);
    expect(await b.claimIds(T, { worker: 'one' })).toEqual([]);
  });

  it('a job is claimed by exactly one of two workers that ask at once', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const both = await Promise.all([a.claimIds(T, { worker: 'one' }), b.claimIds(T, { worker: 'two' })]);
    expect(both.flat()).toEqual(['x']);
  });

  it('workers that ask at once share the jobs out', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 40));
    const claims = [a, b, a, b].map((opening, index) => opening.claimIds(T, { worker: `${index}` }));
    const shares = await Promise.all(claims);
    expect(shares.map((share) => share.length)).toEqual([10, 10, 10, 10]);
    expect(new Set(shares.flat()).size).toBe(40);
  });

  it('a claimed job is active and carries its lease', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { payload: { n: 1 } }));
    const { job, fence } = await b.claimOne(T + 5, { worker: 'one', leaseMs: 7_000 });
    const lease = { workerId: 'one', fence, until: T + 7_005 };
    expect(job).toMatchObject({ id: 'x', state: 'active', payload: { n: 1 }, attempt: 1, lease });
    expect(await a.job('x')).toEqual(job);
  });
}

function describeFences(scene: Scene): void {
  it('the fence grows at each claim, whoever claims', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'), spec('z'));
    const x = await a.claimOne(T);
    const y = await b.claimOne(T);
    await a.settle(T, y, complete());
    const z = await a.claimOne(T);
    expect(y.fence).toBeGreaterThan(x.fence);
    expect(z.fence).toBeGreaterThan(y.fence);
  });

  it('the fence grows along the claims of one job', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const first = await b.claimOne(T);
    await a.settle(T, first, release(T));
    const second = await a.claimOne(T);
    expect(second.fence).toBeGreaterThan(first.fence);
    await b.reclaim(T, { goneWorkers: ['worker'] });
    expect((await b.claimOne(T)).fence).toBeGreaterThan(second.fence);
  });

  it('a fence is worth nothing in another queue', async () => {
    const { a, b } = scene;
    const other = a.inQueue('other');
    await a.enqueue(T, spec('x'));
    await other.enqueue(T, spec('y'));
    const x = await b.claimOne(T);
    expect(await other.settle(T, x, complete())).toBe('stale');
    expect(await a.settle(T, x, complete())).toBe('settled');
  });
}

function describeAsking(scene: Scene): void {
  it('gives at most as many jobs as the limit', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 5));
    expect(await b.claimIds(T, { limit: 0 })).toEqual([]);
    expect(await b.claimIds(T, { limit: 2 })).toEqual(['x0', 'x1']);
    expect(await a.claimIds(T, { limit: 1_000 })).toEqual(['x2', 'x3', 'x4']);
  });

  it('gives at most as many jobs of a name as it has slots', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 5));
    const slots = (count: number) => ({ names: { job: { version: 1, slots: count } } });
    expect(await b.claimIds(T, slots(0))).toEqual([]);
    expect(await b.claimIds(T, slots(2))).toEqual(['x0', 'x1']);
    expect(await a.claimIds(T, slots(9))).toEqual(['x2', 'x3', 'x4']);
  });

  it('takes no more when payloads of 1 MB have come together: the others are due at once', async () => {
    const { a, b } = scene;
    const large = () => ({ payload: new Uint8Array(400_000) });
    await a.enqueue(T, ...specs('x', 5, large()), ...specs('y', 20));
    expect(await b.claimIds(T, { limit: 100 })).toEqual(['x0', 'x1', 'x2']);
    expect(await b.claimIds(T, { limit: 100 })).toEqual(['x3', 'x4', ...specs('y', 20).map(({ id }) => id)]);
    await a.enqueue(T, ...specs('z', 4, large()));
    expect((await b.look(T, { limit: 100 })).nextAt).toBeLessThanOrEqual(T);
  });

  it('a name at its slots does not shrink the batch of another name', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 20), ...specs('m', 5, { name: 'mail' }));
    const names = { job: { version: 1, slots: 1 }, mail: { version: 1, slots: 9 } };
    expect(await b.claimIds(T, { names, limit: 4 })).toEqual(['x0', 'm0', 'm1', 'm2']);
  });

  it('says what it left of the names it asked for, where it is asked', async () => {
    const { a, b } = scene;
    const asking = { asksLeft: true, limit: 1 };
    await a.enqueue(T, ...specs('x', 3), spec('later', { delayMs: 50 }), spec('m', { name: 'mail' }));
    await a.enqueue(T, spec('new', { version: 2 }), ...specs('l', 2, { lane: 'one' }));
    await a.claimOne(T, { worker: 'other' });
    expect((await b.look(T, asking)).left).toEqual({ waiting: 3, elsewhere: 1 });
    expect((await b.look(T, { ...asking, names: ['mail'] })).left).toEqual({ waiting: 0, elsewhere: 0 });
    expect((await b.look(T)).left).toBeUndefined();
  });

  it('touches no job of a name that was not asked for', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { priority: 100 }), spec('m', { name: 'mail' }));
    expect(await b.claimIds(T, { names: ['mail', 'never seen'] })).toEqual(['m']);
    expect(await b.claimIds(T, { names: [] })).toEqual([]);
    expect(await a.job('x')).toMatchObject({ state: 'pending' });
    expect(await a.claimIds(T)).toEqual(['x']);
  });
}

function describeVersions(scene: Scene): void {
  it('takes payloads of older versions along, in the one order', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('2nd', { version: 2 }), spec('1st', { version: 1 }), spec('3rd', { version: 3 }));
    const claimed = await b.claim(T, { names: { job: { version: 3, slots: 10 } } });
    expect(claimed.map(({ job }) => [job.id, job.version])).toEqual([
      ['2nd', 2],
      ['1st', 1],
      ['3rd', 3],
    ]);
  });

  it('leaves a payload of a newer version alone', async () => {
    const { a, b } = scene;
    await a.enqueue(
      T,
      spec('new', { version: 2, priority: 9 }),
      spec('old'),
      spec('newest', { version: 10 }),
    );
    expect(await b.claimIds(T)).toEqual(['old']);
    expect(await a.claimIds(T, { names: { job: { version: 9, slots: 10 } } })).toEqual(['new']);
    expect(await b.claimIds(T, { names: { job: { version: 10, slots: 10 } } })).toEqual(['newest']);
  });

  it('the slots of a name are shared by its versions', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('1'), spec('2', { version: 2 }), spec('3'), spec('4', { version: 2 }));
    expect(await b.claimIds(T, { names: { job: { version: 2, slots: 3 } } })).toEqual(['1', '2', '3']);
  });
}

function describeDue(scene: Scene): void {
  it('never gives a job early', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { delayMs: 1_000, priority: 100 }));
    expect(await b.claimIds(T + 999)).toEqual([]);
    expect(await a.claimIds(T + 1_000)).toEqual(['x']);
  });

  it('a job that is not due holds up nobody', async () => {
    const { a, b } = scene;
    await a.enqueue(
      T,
      spec('later', { delayMs: 1_000, priority: 100 }),
      spec('also', { delayMs: 1 }),
      spec('x'),
    );
    expect(await b.claimIds(T)).toEqual(['x']);
  });
}
