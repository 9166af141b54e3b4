import { describe, expect, it } from 'vitest';
import { LEASE_MS } from './opening.ts';
import type { Scene } from './scene.ts';
import { complete, release, spec, specs, T } from './spec.ts';

const tight = (maxActive: number, slots = 100) => ({ job: { version: 1, slots, maxActive } });

export function describeMaxActive(scene: Scene): void {
  describe('limits over all workers', () => {
    describeNames(scene);
    describeQueue(scene);
    describeFreeing(scene);
  });
}

function describeNames(scene: Scene): void {
  it('no more of a name are active than its maxActive, whoever claims them', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 6));
    expect(await a.claimIds(T, { names: tight(3), limit: 2, worker: 'w1' })).toEqual(['x0', 'x1']);
    expect(await b.claimIds(T, { names: tight(3), worker: 'w2' })).toEqual(['x2']);
    expect(await a.claimIds(T, { names: tight(3), worker: 'w3' })).toEqual([]);
    expect(await b.count()).toMatchObject({ active: 3, pending: 3 });
  });

  it('what ended in an exchange makes room for the claim in it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    const x = await b.claimOne(T, { names: tight(1) });
    const { jobs } = await a.exchange(T, [[x, complete()]], { names: tight(1) });
    expect(jobs.map(({ job }) => job.id)).toEqual(['x1']);
  });

  it('two workers with different numbers each keep to their own', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 9));
    expect(await a.claimIds(T, { names: tight(2), worker: 'old tab' })).toHaveLength(2);
    expect(await b.claimIds(T, { names: tight(5), worker: 'new tab' })).toHaveLength(3);
    expect(await a.claimIds(T, { names: tight(2), worker: 'old tab' })).toEqual([]);
    expect(await b.count()).toMatchObject({ active: 5 });
  });

  it('a tight name never shrinks the batch of another, nor stands in its way', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 5, { priority: 10 }), ...specs('m', 8, { name: 'mail' }));
    const names = { ...tight(1), mail: { version: 1, slots: 100 } };
    expect(await b.claimIds(T, { names, limit: 6 })).toEqual(['x0', 'm0', 'm1', 'm2', 'm3', 'm4']);
    expect(await a.claimIds(T, { names, limit: 2, worker: 'w2' })).toEqual(['m5', 'm6']);
  });

  it('jobs of other names do not count', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('m', 4, { name: 'mail' }), spec('x'));
    await a.claim(T, { names: ['mail'] });
    expect(await b.claimIds(T, { names: tight(1) })).toEqual(['x']);
  });
}

function describeQueue(scene: Scene): void {
  it('no more are active in the queue than its maxActive, over all names, the greatest priorities first', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('m', 3, { name: 'mail' }), ...specs('x', 3, { priority: 1 }));
    const names = ['job', 'mail'];
    expect(await a.claimIds(T, { names, maxActive: 4, limit: 2, worker: 'w1' })).toEqual(['x0', 'x1']);
    expect(await b.claimIds(T, { names, maxActive: 4, worker: 'w2' })).toEqual(['x2', 'm0']);
    expect(await a.claimIds(T, { names, maxActive: 4, worker: 'w3' })).toEqual([]);
  });

  it('the limit of the queue and that of a name hold together', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3), ...specs('m', 3, { name: 'mail' }));
    const names = { ...tight(1), mail: { version: 1, slots: 100 } };
    expect(await b.claimIds(T, { names, maxActive: 3 })).toEqual(['x0', 'm0', 'm1']);
  });
}

function describeFreeing(scene: Scene): void {
  it('while a limit holds jobs back, there is nothing to do before the first lease ends', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    expect(await a.look(T, { names: tight(1) })).toMatchObject({ nextAt: T + LEASE_MS });
    expect(await b.look(T + 5, { names: tight(1), worker: 'w2' })).toEqual({
      settled: [],
      jobs: [],
      nextAt: T + LEASE_MS,
    });
    expect(await b.look(T + 5, { maxActive: 1, worker: 'w2' })).toMatchObject({
      jobs: [],
      nextAt: T + LEASE_MS,
    });
  });

  it('a lease that ran out counts until it is taken back: its handler may still run', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 2));
    await a.claim(T, { names: tight(1) });
    const late = T + LEASE_MS + 1;
    expect(await b.claimIds(late, { names: tight(1), worker: 'w2' })).toEqual([]);
    await b.reclaim(late);
    expect(await b.claimIds(late, { names: tight(1), worker: 'w2' })).toEqual(['x1']);
    expect(await a.claimIds(late, { maxActive: 1, worker: 'w3' })).toEqual([]);
  });

  it('who frees a place and does not take it says so, if a job waits for it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    const x = await a.claimOne(T, { names: tight(1) });
    expect(await a.exchange(T, [[x, complete()]])).toMatchObject({ freed: true });
    const y = await b.claimOne(T, { maxActive: 1 });
    const taken = await b.exchange(T, [[y, complete()]], { maxActive: 1 });
    expect(taken.jobs.map(({ job }) => job.id)).toEqual(['x2']);
    expect(taken.freed).toBeUndefined();
    const last = await b.exchange(T, [[taken.jobs[0] ?? y, complete()]]);
    expect(last.freed).toBeUndefined();
  });

  it('a job that was given back makes room too', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 2));
    const x = await a.claimOne(T, { names: tight(1) });
    await a.settle(T, x, release(T + 1_000));
    expect(await b.claimIds(T, { names: tight(1), worker: 'w2' })).toEqual(['x1']);
  });

  it('what another worker frees under the limit of one name says nothing to jobs of others', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('m', { name: 'mail' }));
    const x = await b.claimOne(T, { names: tight(1) });
    expect((await a.exchange(T, [[x, complete()]])).freed).toBeUndefined();
  });
}
