import { describe, expect, it } from 'vitest';
import type { Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { spec, specs, T } from './spec.ts';

export function describeAgeing(scene: Scene): void {
  describe('ageing', () => {
    it('every n-th claimed job is the one that has waited longest, whatever its priority', async () => {
      const { a, b } = scene;
      await a.enqueue(T, ...specs('low', 2, { priority: -10 }));
      await a.enqueue(T + 1, ...specs('high', 9, { priority: 10 }));
      expect(await b.claimIds(T + 2, { ageing: 3, limit: 8 })).toEqual([
        'high0',
        'high1',
        'low0',
        'high2',
        'high3',
        'low1',
        'high4',
        'high5',
      ]);
    });

    it('it is counted over all openings and workers, one claim at a time', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('low', { priority: -10 }));
      await a.enqueue(T + 1, ...specs('high', 9, { priority: 10 }));
      const ids = [];
      for (const [i, opening] of [a, b, a, b].entries())
        ids.push((await opening.claimOne(T + 2, { ageing: 3, worker: `w${i}` })).job.id);
      expect(ids).toEqual(['high0', 'high1', 'low', 'high2']);
    });

    it('a job before which k had waited longer is claimed after at most n × (k + 1), however many greater ones come', async () => {
      const { a, b } = scene;
      const [k, n] = [5, 4];
      await a.enqueue(T, ...specs('low', k + 1, { priority: -10 }));
      let claimed = 0;
      for (let at = T + 1; claimed <= n * (k + 1); at += 1) {
        await a.enqueue(at, ...specs(`high ${at} `, 2, { priority: 10 }));
        const { job } = await b.claimOne(at, { ageing: n });
        claimed += 1;
        if (job.id === `low${k}`) break;
      }
      expect(claimed).toBe(n * (k + 1));
    });

    it('a delayed job has waited since it was due', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('delayed', { priority: -10, delayMs: 100 }));
      await a.enqueue(T + 50, spec('low', { priority: -20 }), ...specs('high', 3, { priority: 10 }));
      expect(await b.claimIds(T + 200, { ageing: 2 })).toEqual(['high0', 'low', 'high1', 'high2', 'delayed']);
    });

    it('without it a greater priority always goes first', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('low', { priority: -10 }));
      await drainHigh(a, b);
      expect(await b.job('low')).toMatchObject({ state: 'pending' });
    });
  });
}

async function drainHigh(a: Opening, b: Opening): Promise<void> {
  for (let i = 0; i < 20; i += 1) {
    await a.enqueue(T + i, spec(`high${i}`, { priority: 10 }));
    expect(await b.claimIds(T + i, { limit: 1 })).toEqual([`high${i}`]);
  }
}
