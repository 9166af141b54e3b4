import { describe, expect, it } from 'vitest';
import { byId } from './opening.ts';
import type { Scene } from './scene.ts';
import { bury, cancelled, complete, spec, specs, T } from './spec.ts';

const doc = { lane: 'doc' } as const;

export function describeLaneExits(scene: Scene): void {
  describe('leaving a lane', () => {
    describeLeaving(scene);
    describePromotion(scene);
    describeRestart(scene);
  });
}

function describeLeaving(scene: Scene): void {
  for (const [how, outcome] of [
    ['completed', complete()],
    ['buried', bury()],
    ['cancelled', cancelled],
  ] as const)
    it(`a head that is ${how} lets the next by seq go on`, async () => {
      const { a, b } = scene;
      await a.enqueue(
        T,
        spec('x', doc),
        spec('y', { ...doc, priority: -1 }),
        spec('z', { ...doc, priority: 1 }),
      );
      const x = await b.claimOne(T);
      expect(await a.exchange(T, [[x, outcome]], {})).toMatchObject({
        settled: ['settled'],
        jobs: [{ job: { id: 'y' } }],
      });
      expect(await b.job('z')).toMatchObject({ parked: true });
    });

  it('a head cancelled while it waits lets the next go on', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...doc, delayMs: 60_000 }), spec('y', doc), spec('z', doc));
    await b.cancel(T, 'x');
    expect(await a.claimIds(T)).toEqual(['y']);
  });

  it('heads cancelled together let the first that is left go on', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 4, doc));
    expect(await b.cancel(T, 'x0', 'x1', 'x2')).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(await a.claimIds(T)).toEqual(['x3']);
  });

  it('a parked job that is cancelled leaves the head alone', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3, doc));
    await b.cancel(T, 'x1');
    const head = await a.claimOne(T);
    expect(head.job.id).toBe('x0');
    expect(await b.claimIds(T)).toEqual([]);
    await b.settle(T, head, complete());
    expect(await a.claimIds(T)).toEqual(['x2']);
  });
}

function describePromotion(scene: Scene): void {
  it('heads of several lanes settled together let each lane go on', async () => {
    const { a, b } = scene;
    await a.enqueue(
      T,
      spec('x1', doc),
      spec('y1', { lane: 'b' }),
      spec('x2', doc),
      spec('y2', { lane: 'b' }),
    );
    const held = byId(await b.claim(T));
    const { settled, jobs } = await a.exchange(
      T,
      [
        [held('y1'), bury()],
        [held('x1'), complete()],
      ],
      {},
    );
    expect(settled).toEqual(['settled', 'settled']);
    expect(jobs.map(({ job }) => job.id)).toEqual(['x2', 'y2']);
  });

  it('a promoted job has waited since it was promoted', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', doc), spec('y', doc));
    const x = await b.claimOne(T);
    await b.enqueue(T + 5, spec('before'));
    await a.settle(T + 10, x, complete());
    await b.enqueue(T + 15, spec('after'));
    expect(await a.claimIds(T + 20)).toEqual(['before', 'y', 'after']);
  });

  it('a promoted job is not due before its own runAt', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', doc), spec('y', { ...doc, delayMs: 5_000 }));
    await b.settle(T + 10, await a.claimOne(T), complete());
    expect(await b.look(T + 10)).toMatchObject({ jobs: [], nextAt: T + 5_000 });
    expect(await a.claimIds(T + 5_000)).toEqual(['y']);
  });
}

function describeRestart(scene: Scene): void {
  it('a lane that ran empty starts again with a head', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', doc));
    await b.settle(T, await a.claimOne(T), complete());
    await b.enqueue(T, spec('y', doc), spec('z', doc));
    expect(await a.claimIds(T)).toEqual(['y']);
  });

  it('what a head enqueues into its own lane when it completes goes behind those who wait there', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', doc), spec('y', doc));
    await b.settle(T, await a.claimOne(T), complete(spec('z', doc)));
    const y = await b.claimOne(T);
    expect(y.job.id).toBe('y');
    expect(await a.claimIds(T)).toEqual([]);
    await a.settle(T, y, complete(spec('last', doc)));
    const z = await b.claimOne(T);
    await a.settle(T, z, complete());
    expect(await b.claimIds(T)).toEqual(['last']);
  });
}
