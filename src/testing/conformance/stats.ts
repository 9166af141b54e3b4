import { describe, expect, it } from 'vitest';
import { byId } from './opening.ts';
import type { Scene } from './scene.ts';
import { release, retry, spec, specs, T } from './spec.ts';

export function describeStats(scene: Scene): void {
  describe('stats', () => {
    it('counts by name what waits, the delayed too, and what runs', async () => {
      const { a, b } = scene;
      await a.enqueue(T, ...specs('x', 3), spec('high', { priority: 5 }), spec('late', { delayMs: 900 }));
      await a.enqueue(T, spec('m', { name: 'mail' }));
      await b.claim(T, { limit: 2 });
      expect(await a.stats(T)).toEqual({
        names: {
          job: { waiting: 3, active: 2, oldestAgeMs: 0 },
          mail: { waiting: 1, active: 0, oldestAgeMs: 0 },
        },
      });
    });

    it('tells how long the job has been due that is next, of all priorities and of those that come back', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('first'), spec('low', { priority: -5 }));
      await b.settle(T, await b.claimOne(T), retry(T + 100));
      expect((await a.stats(T + 150)).names['job']?.oldestAgeMs).toBe(150);
      await b.claimOne(T + 150);
      await b.claimOne(T + 150);
      expect(await a.stats(T + 150)).toEqual({ names: { job: { waiting: 0, active: 2 } } });
    });

    it('tells no age of a job that runs, though one before it came back and was cancelled', async () => {
      const { a, b } = scene;
      await a.enqueue(T, ...['x', 'y', 'z'].map((id, i) => spec(id, { delayMs: 10 * (i + 1) })));
      const held = byId(await b.claim(T + 30, { limit: 2 }));
      await b.settle(T + 30, held('x'), release(T + 10));
      await a.cancel(T + 30, 'x');
      expect((await a.stats(T + 40)).names['job']).toEqual({ waiting: 1, active: 1, oldestAgeMs: 10 });
    });

    it('knows no age where nothing is due, and no name where nothing is', async () => {
      const { a, b } = scene;
      expect(await a.stats(T)).toEqual({ names: {} });
      await a.enqueue(T, spec('late', { delayMs: 900 }));
      expect(await b.stats(T)).toEqual({ names: { job: { waiting: 1, active: 0 } } });
      expect(await b.stats(T + 1_000)).toEqual({
        names: { job: { waiting: 1, active: 0, oldestAgeMs: 100 } },
      });
    });

    it('tells until when names are held, and of a hold that is over nothing', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'));
      await a.hold(T, 'job', T + 40);
      await b.hold(T, '__proto__', T + 90);
      await b.enqueue(T, spec('m', { name: 'mail' }));
      await a.settle(T, await b.claimOne(T, { names: ['mail'] }), retry(T, undefined, T + 60));
      const { holds = {} } = await b.stats(T + 39);
      expect(Object.entries(holds).sort()).toEqual([
        ['__proto__', T + 90],
        ['job', T + 40],
        ['mail', T + 60],
      ]);
      expect(await a.stats(T + 90)).not.toHaveProperty('holds');
    });

    it('reads one row a stream, however many wait', async () => {
      const { a, b, harness } = scene;
      await a.enqueue(T, ...specs('x', 500));
      const before = harness.steps().read;
      await b.stats(T);
      expect(harness.steps().read - before).toBeLessThanOrEqual(3);
    });
  });
}
