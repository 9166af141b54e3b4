import { describe, expect, it } from 'vitest';
import type { Scene } from './scene.ts';
import { complete, spec, T } from './spec.ts';

const BOTH = { names: ['job', 'mail'] };

export function describePausedNames(scene: Scene): void {
  describe('a paused name', () => {
    it('gives no jobs to anybody, and the other names give theirs', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'), spec('m', { name: 'mail' }), spec('y'));
      await a.pause(T, 'job');
      expect(await b.claimIds(T, BOTH)).toEqual(['m']);
      await b.resume(T, 'job');
      expect(await a.claimIds(T, BOTH)).toEqual(['x', 'y']);
    });

    it('is not worth waking for', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'), spec('late', { delayMs: 500 }));
      await b.pause(T, 'job');
      expect(await a.look(T)).toEqual({ settled: [], jobs: [] });
      await b.enqueue(T, spec('m', { name: 'mail', delayMs: 900 }));
      expect((await a.look(T, BOTH)).nextAt).toBe(T + 900);
    });

    it('is resumed by itself: resuming the queue leaves it paused, and the other way round', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'), spec('m', { name: 'mail' }));
      await a.pause(T);
      await a.pause(T, 'job');
      await b.resume(T, 'job');
      expect(await a.claimIds(T, BOTH)).toEqual([]);
      await b.pause(T, 'job');
      await b.resume(T);
      expect(await a.claimIds(T, BOTH)).toEqual(['m']);
    });

    it('is counted by name, as long as one is', async () => {
      const { a, b } = scene;
      await a.pause(T, 'job');
      await b.pause(T, 'mail');
      await b.pause(T, 'mail');
      expect((await a.count()).pausedNames).toEqual(['job', 'mail']);
      await a.resume(T, 'job');
      await a.resume(T, 'mail');
      expect(await b.count()).not.toHaveProperty('pausedNames');
    });

    it('lets what runs end, and its lane goes on', async () => {
      const { a, b } = scene;
      const lane = { lane: 'doc' };
      await a.enqueue(T, spec('x', lane), spec('m', { ...lane, name: 'mail' }));
      const held = await b.claimOne(T, BOTH);
      await a.pause(T, 'job');
      expect(await b.settle(T, held, complete())).toBe('settled');
      expect(await a.claimIds(T, BOTH)).toEqual(['m']);
    });
  });
}
