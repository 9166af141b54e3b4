import { describe, expect, it } from 'vitest';
import { read } from '../../core/kernel/step.ts';
import type { Scene } from './scene.ts';
import { bury, complete, retry, spec, specs, T } from './spec.ts';
import { heardBy, openBare, openWith, within, witness } from './witness.ts';

export function describeAbandoning(scene: Scene): void {
  describe('a feature that nobody has any more', () => {
    const both = { needs: ['witness'], owes: ['witness'] };
    const pages = async () => ({ has: await openWith(scene, witness()), lacks: await openBare(scene) });

    it('is abandoned: what needed it is run without it, in its order, waiting, delayed, parked and dead', async () => {
      const { has, lacks } = await pages();
      const lane = { lane: 'doc' };
      await has.enqueue(T, spec('dies', both));
      await has.settle(T, await has.claimOne(T), bury());
      await has.enqueue(
        T,
        spec('x', both),
        spec('y'),
        spec('z', { ...both, ...lane }),
        spec('next', { ...both, ...lane }),
      );
      await has.enqueue(T, spec('later', { ...both, delayMs: 50 }));
      expect(await lacks.claimIds(T, { limit: 1 })).toEqual(['y']);
      expect(await lacks.abandon(T, 'witness')).toEqual({ freed: 5, dropped: 0 });
      expect(await lacks.claimIds(T)).toEqual(['x', 'z']);
      await lacks.redrive(T + 50, 'dies');
      expect(await lacks.claimIds(T + 50)).toEqual(['dies', 'later']);
      await lacks.cancel(T + 50, 'z');
      expect(await lacks.abandon(T + 50, 'witness')).toEqual({ freed: 0, dropped: 0 });
    });

    it('is abandoned: ends that were owed to it are forgotten, and no more are owed', async () => {
      const { has, lacks } = await pages();
      const owes = ['other', 'witness'];
      await has.enqueue(T, spec('x', { owes }), spec('runs', { owes }));
      await has.enqueue(T, spec('y', { owes: ['witness'] }), spec('z', { owes }));
      await lacks.settle(T, await lacks.claimOne(T), complete());
      const held = await lacks.claimOne(T);
      expect(await lacks.abandon(T, 'witness')).toEqual({ freed: 2, dropped: 1 });
      await lacks.settle(T, held, complete());
      for (let left = 2; left > 0; left--) await lacks.settle(T, await lacks.claimOne(T), complete());
      const owed = await within(lacks, function* (rows) {
        return (yield* read(rows.recordsAfter('owed', '', 9))).map(({ key }) => key.split('\u0001')[0]);
      });
      expect(owed).toEqual(['other', 'other', 'other']);
      await has.look(T);
      expect(await heardBy(has)).toEqual([]);
    });

    it('is abandoned: the names that it marked are free at once, and those of others are not', async () => {
      const marker = (name: string, of: string) => ({ name, order: 0, marks: [of] });
      const marking = await openWith(scene, marker('marker', 'job'), marker('mark', 'mail'));
      const { lacks } = await pages();
      await marking.enqueue(T, spec('x'), spec('m', { name: 'mail' }));
      await marking.look(T, { names: [] });
      expect(await lacks.claimIds(T, { names: ['job', 'mail'] })).toEqual([]);
      await lacks.abandon(T, 'marker');
      expect(await lacks.claimIds(T, { names: ['job', 'mail'] })).toEqual(['x']);
    });

    it('keeps what runs, which is freed when it waits again; and needs of other features stay', async () => {
      const { has, lacks } = await pages();
      await has.enqueue(T, spec('x', both), spec('y', { needs: ['other', 'witness'] }));
      const held = await has.claimOne(T);
      expect(await lacks.abandon(T, 'witness')).toEqual({ freed: 1, dropped: 0 });
      expect(await has.settle(T, held, retry(T))).toBe('settled');
      expect(await lacks.claimIds(T)).toEqual([]);
      expect(await lacks.waits(T, 'y')).toEqual([{ why: 'needs-feature', features: ['other'] }]);
      expect(await lacks.abandon(T, 'witness')).toEqual({ freed: 1, dropped: 0 });
      expect(await lacks.claimIds(T)).toEqual(['x']);
    });

    it('is abandoned in many steps, however many jobs name it', async () => {
      const { has, lacks } = await pages();
      await has.enqueue(T, ...specs('x', 1_000, both));
      await has.enqueue(T, ...specs('y', 200, { ...both, lane: 'doc' }));
      expect(await lacks.abandon(T, 'witness')).toEqual({ freed: 1_200, dropped: 0 });
      expect(
        await lacks.claimIds(T, { limit: 2_000, names: { job: { version: 1, slots: 2_000 } } }),
      ).toHaveLength(1_001);
    });
  });
}
