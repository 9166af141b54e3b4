import { describe, expect, it } from 'vitest';
import { byId } from './opening.ts';
import type { Scene } from './scene.ts';
import { bury, complete, release, retry, spec, specs, T } from './spec.ts';

const doc = { lane: 'doc' } as const;

export function describeLanes(scene: Scene): void {
  describe('lanes', () => {
    describeEntering(scene);
    describeApartness(scene);
    describeHead(scene);
    describeStay(scene);
    describeReturning(scene);
  });
}

function describeEntering(scene: Scene): void {
  it('the first job of a lane is its head, all others are parked', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', doc));
    await b.enqueue(T, spec('y', doc));
    await a.enqueue(T, spec('z', doc));
    const parked = [];
    for (const id of ['x', 'y', 'z']) parked.push((await b.job(id)).parked);
    expect(parked).toEqual([false, true, true]);
    expect(await b.job('y')).toMatchObject({ state: 'pending', lane: 'doc' });
  });

  it('a batch of one lane parks all but its first', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3, doc), spec('free'));
    expect(await b.claimIds(T)).toEqual(['x0', 'free']);
    expect(await a.claimIds(T)).toEqual([]);
    expect(await a.count()).toMatchObject({ pending: 2, active: 2 });
  });

  it('jobs of a lane run one at a time, in order', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3, doc));
    const ids = [];
    for (const [one, other] of [
      [a, b],
      [b, a],
      [a, b],
    ] as const) {
      const [claimed, ...more] = await one.claim(T);
      expect(more).toEqual([]);
      expect(await other.claimIds(T)).toEqual([]);
      if (claimed) await other.settle(T, claimed, complete());
      ids.push(claimed?.job.id);
    }
    expect(ids).toEqual(['x0', 'x1', 'x2']);
  });

  it('two openings that enqueue into a lane at once make one head', async () => {
    const { a, b } = scene;
    await Promise.all([
      a.enqueue(T, spec('x', doc)),
      b.enqueue(T, spec('y', doc)),
      a.enqueue(T, spec('z', doc)),
    ]);
    const { jobs } = await b.list({ state: 'pending' });
    expect(jobs.filter((job) => !job.parked)).toHaveLength(1);
    expect(await a.claim(T)).toHaveLength(1);
  });
}

function describeApartness(scene: Scene): void {
  it('lanes do not disturb each other, nor jobs without one', async () => {
    const { a, b } = scene;
    const other = { lane: 'other' };
    await a.enqueue(T, spec('x1', doc), spec('y1', other), spec('x2', doc), spec('y2', other), spec('z'));
    const held = byId(await b.claim(T));
    await a.settle(T, held('x1'), complete());
    expect(await a.claimIds(T)).toEqual(['x2']);
    await b.settle(T, held('y1'), retry(T + 50));
    expect(await b.claimIds(T)).toEqual([]);
    expect(await a.job('z')).toMatchObject({ state: 'active' });
  });

  it('a lane belongs to its queue', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', doc));
    await a.inQueue('other').enqueue(T, spec('y', doc));
    expect(await b.inQueue('other').claimIds(T)).toEqual(['y']);
    expect(await b.claimIds(T)).toEqual(['x']);
  });
}

function describeHead(scene: Scene): void {
  it('priority does not overtake inside a lane', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...doc, priority: -10 }), spec('y', { ...doc, priority: 10 }), spec('z'));
    expect(await b.claimIds(T)).toEqual(['z', 'x']);
  });

  it('a parked job takes its priority along when it becomes the head', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', doc), spec('y', { ...doc, priority: 10 }), spec('z'));
    const x = await b.claimOne(T);
    await a.settle(T, x, complete());
    expect(await b.claimIds(T)).toEqual(['y', 'z']);
  });

  it('a delayed head holds its lane', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...doc, delayMs: 1_000 }));
    await b.enqueue(T, spec('y', doc));
    expect(await a.claimIds(T + 999)).toEqual([]);
    expect(await b.claimIds(T + 1_000)).toEqual(['x']);
  });

  it('a lane goes across names, and a head of a name nobody asks for holds it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...doc, name: 'mail' }), spec('y', doc));
    expect(await b.claimIds(T)).toEqual([]);
    const x = await a.claimOne(T, { names: ['mail'] });
    await b.settle(T, x, complete());
    expect(await a.claimIds(T)).toEqual(['y']);
  });
}

function describeStay(scene: Scene): void {
  it('a retried head keeps its lane', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', doc), spec('y', doc));
    await b.settle(T, await a.claimOne(T), retry(T + 1_000));
    expect(await a.job('x')).toMatchObject({ parked: false });
    expect(await a.claimIds(T + 999)).toEqual([]);
    expect(await b.claimIds(T + 1_000)).toEqual(['x']);
  });

  it('a released head keeps its lane', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', doc), spec('y', doc));
    await b.settle(T, await a.claimOne(T), release(T + 1_000));
    expect(await a.claimIds(T + 999)).toEqual([]);
    expect(await b.claimIds(T + 1_000)).toEqual(['x']);
  });

  it('a reclaimed head keeps its lane', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', doc), spec('y', doc));
    await a.claimOne(T, { worker: 'gone' });
    await b.reclaim(T + 5, { goneWorkers: ['gone'] });
    expect(await a.claimIds(T + 5)).toEqual(['x']);
  });
}

function describeReturning(scene: Scene): void {
  it('a dead job is no longer in its lane', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', doc));
    await b.settle(T, await a.claimOne(T), bury());
    await b.enqueue(T, spec('y', doc));
    expect(await a.claimIds(T)).toEqual(['y']);
  });

  it('a redriven job becomes the head of a lane that is empty', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', doc));
    await b.settle(T, await a.claimOne(T), bury());
    await a.redrive(T, 'x');
    await b.enqueue(T, spec('y', doc));
    expect(await a.claimIds(T)).toEqual(['x']);
  });

  it('a redriven job waits behind the head, and then goes by its old seq', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3, doc));
    await b.settle(T, await a.claimOne(T), bury());
    const running = await b.claimOne(T);
    expect(await a.redrive(T, 'x0')).toEqual(['redriven']);
    expect(await b.job('x0')).toMatchObject({ state: 'pending', parked: true });
    expect(await b.claimIds(T)).toEqual([]);
    await a.settle(T, running, complete());
    const first = await b.claimOne(T);
    expect(first.job.id).toBe('x0');
    await a.settle(T, first, complete());
    expect(await b.claimIds(T)).toEqual(['x2']);
  });

  it('jobs of a lane redriven together have one head', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 2, doc));
    await b.settle(T, await a.claimOne(T), bury());
    await b.settle(T, await a.claimOne(T), bury());
    expect(await a.redrive(T, 'x0', 'x1')).toEqual(['redriven', 'redriven']);
    const head = await b.claimOne(T);
    expect(await a.claimIds(T)).toEqual([]);
    await a.settle(T, head, complete());
    expect(await b.claim(T)).toHaveLength(1);
  });
}
