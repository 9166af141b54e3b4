import { describe, expect, it } from 'vitest';
import { LEASE_MS } from './opening.ts';
import type { Scene } from './scene.ts';
import { complete, spec, specs, T } from './spec.ts';

export function describeActiveWorkers(scene: Scene): void {
  describe('workers', () => {
    it('that have jobs are told, with these and since when, the one that began first at the front', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'), spec('m', { name: 'mail' }), spec('y'), spec('z'));
      await a.claim(T + 5, { worker: 'first', limit: 2, names: ['mail', 'job'] });
      const [z] = await b.claim(T + 7, { worker: 'second', limit: 1 });
      await a.look(T + 9, { worker: 'idle' });
      const { workers } = await b.workers(T + 10);
      expect(workers).toMatchObject([
        { workerId: 'first', since: T + 5, seenAt: T + 5, active: 2 },
        { workerId: 'second', since: T + 7, seenAt: T + 7, active: 1, jobs: [{ id: z?.job.id }] },
        { workerId: 'idle', since: T + 9, seenAt: T + 9, active: 1 },
      ]);
      expect(workers.flatMap(({ jobs }) => jobs.map(({ id, name }) => `${name} ${id}`)).sort()).toEqual([
        'job x',
        'job y',
        'job z',
        'mail m',
      ]);
    });

    it('that have none any more are not told, and begin anew with the next', async () => {
      const { a, b } = scene;
      await a.enqueue(T, ...specs('x', 3));
      const first = await a.claimOne(T);
      await a.claimOne(T + 10);
      await a.exchange(T + 20, [[first, complete()]]);
      expect((await b.workers(T + 20)).workers).toMatchObject([{ since: T, active: 1 }]);
      await b.settle(
        T + 30,
        await b.job('x1').then(({ lease }) => ({ id: 'x1', fence: lease?.fence ?? 0 })),
        complete(),
      );
      expect((await a.workers(T + 30)).workers).toEqual([]);
      await b.claimOne(T + 40);
      expect((await a.workers(T + 40)).workers).toMatchObject([{ since: T + 40, active: 1 }]);
    });

    it('were seen when they last extended a lease', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'));
      const held = await a.claimOne(T);
      await a.extend(T + LEASE_MS / 2, [held]);
      expect((await b.workers(T + LEASE_MS)).workers).toMatchObject([{ since: T, seenAt: T + LEASE_MS / 2 }]);
    });

    it('of another queue are others, and of none there are none', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'));
      await a.claimOne(T);
      expect(await b.inQueue('other').workers(T)).toEqual({ workers: [], names: [] });
    });

    it('are told up to a hundred, with up to a hundred jobs each', async () => {
      const { a, b } = scene;
      await a.enqueue(T, ...specs('x', 230));
      await a.claim(T, { worker: 'many', limit: 120 });
      for (let n = 0; n < 101; n += 1) await a.claim(T + 1 + n, { worker: `w${n}`, limit: 1 });
      const { workers } = await b.workers(T + 200);
      expect(workers).toHaveLength(100);
      expect([workers[0]?.active, workers[0]?.jobs.length]).toEqual([120, 100]);
    });
  });

  it('names that somebody says to run are told for fifteen minutes', async () => {
    const { a, b } = scene;
    const { store, queue } = a;
    await a.enqueue(T, spec('x'));
    await store.exchange({ queue, workerId: 'w', settle: [], runs: ['1 mail', '2 job', '1 job'] }, T);
    expect((await b.workers(T + 899_000)).names).toEqual(['job', 'mail']);
    expect((await b.workers(T + 900_000)).names).toEqual([]);
  });
}
