import { describe, expect, it } from 'vitest';
import { limits } from '../../core/features/limits/limits.ts';
import { read } from '../../core/kernel/step.ts';
import type { Feature } from '../../core/queue/feature.ts';
import type { Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { complete, spec, specs, T } from './spec.ts';
import { openBare, openWith, within } from './witness.ts';

const MARKED_MS = 900_000;

/** A feature made for tests: it says that it limits these names. */
const marker = (...marks: string[]): Feature => ({ name: 'marker', order: 0, marks });

const names = ['job', 'mail'];

/** Somebody looks, often enough that time is not in doubt. */
async function awake(page: Opening, from: number, to: number): Promise<void> {
  for (let now = from; now < to; now += 40_000) await page.look(now, { names: [] });
}

/** Pages with these limits beside one that has nothing in use. */
function describeLimits(scene: Scene): void {
  const rate = { limit: 1, perMs: 60_000 };

  it.each([
    ['how many of the name may be active', limits({ job: { maxActive: 1 } })],
    ['how often attempts of the name may begin', limits({ job: { rate } })],
  ])('no page without the feature breaks a limit of %s, and other names go on', async (_, use) => {
    const [has, again, lacks] = [
      await openWith(scene, use),
      await openWith(scene, use),
      await openBare(scene),
    ];
    await has.enqueue(T, ...specs('x', 3), spec('m', { name: 'mail' }));
    const [first] = await has.claim(T, { names: ['job'] });
    expect(first?.job.id).toBe('x0');
    expect(await lacks.claimIds(T, { names, worker: 'other' })).toEqual(['m']);
    expect(await again.claimIds(T, { names, worker: 'third' })).toEqual([]);
    const wait = { why: 'needs-feature', features: ['limits'], until: T + MARKED_MS };
    expect(await lacks.waits(T, 'x1')).toEqual([wait]);
    if (first === undefined) throw new Error('nothing was claimed');
    expect(await lacks.settle(T + 60_000, first, complete())).toBe('settled');
    expect(await again.claimIds(T + 60_000, { names, worker: 'third' })).toEqual(['x1']);
    await awake(lacks, T + 60_000, T + 60_000 + MARKED_MS);
    expect(await lacks.claimIds(T + 60_000 + MARKED_MS, { names, worker: 'other' })).toEqual(['x2']);
  });

  it('no page without the feature breaks a limit of all names together', async () => {
    const use = limits({ mail: { maxActive: 1 } }, { maxActive: 1 });
    const [has, lacks] = [await openWith(scene, use), await openBare(scene)];
    await has.enqueue(T, spec('x'), spec('m', { name: 'mail' }));
    const held = await has.claimOne(T, { names: ['job'] });
    expect(await lacks.claimIds(T, { names, worker: 'other' })).toEqual([]);
    // A page with the limit of the one name alone would break the other.
    const some = await openWith(scene, limits({ mail: { maxActive: 1 } }));
    expect(await some.claimIds(T, { names, worker: 'other' })).toEqual([]);
    await has.settle(T, held, complete());
    expect(await has.claimIds(T, { names })).toEqual(['m']);
  });

  it('a page that limits nothing marks nothing', async () => {
    const [has, lacks] = [await openWith(scene, limits({ job: {} })), await openBare(scene)];
    await has.enqueue(T, spec('x'));
    await has.look(T, { names: [] });
    expect(await lacks.claimIds(T, { names: ['job'] })).toEqual(['x']);
  });
}

export function describeMarkedNames(scene: Scene): void {
  describe('limits, beside pages without them', () => {
    describeLimits(scene);
  });
  describe('a name that a feature has marked', () => {
    const pages = async (...marks: string[]) => ({
      has: await openWith(scene, marker(...marks)),
      lacks: await openBare(scene),
    });
    const both = (opening: Opening, now: number) =>
      opening.enqueue(now, spec('x'), spec('m', { name: 'mail' }));

    it('is left alone by pages without it, and no other name is', async () => {
      const { has, lacks } = await pages('job');
      await both(has, T);
      await has.look(T, { names: [] });
      expect(await lacks.look(T, { names: ['job'] })).toMatchObject({ jobs: [], nextAt: T + MARKED_MS });
      expect(await lacks.claimIds(T, { names })).toEqual(['m']);
      expect(await lacks.claimIds(T + MARKED_MS - 1, { names })).toEqual([]);
      expect(await has.claimIds(T, { names })).toEqual(['x']);
    });

    it('is free again 15 minutes after the last page that has it', async () => {
      const { has, lacks } = await pages('job');
      await both(has, T);
      await has.look(T, { names: [] });
      await has.look(T + 400_000, { names: [] });
      expect(await lacks.claimIds(T + MARKED_MS, { names: ['job'] })).toEqual([]);
      await awake(lacks, T + MARKED_MS, T + 400_000 + MARKED_MS);
      expect(await lacks.claimIds(T + 400_000 + MARKED_MS, { names: ['job'] })).toEqual(['x']);
    });

    it('stands where all have slept, until it is sure who wakes', async () => {
      const { has, lacks } = await pages('job');
      await both(has, T);
      await has.look(T, { names: [] });
      const woken = T + 4 * MARKED_MS;
      const told = await lacks.look(woken, { names: ['job'] });
      expect(told).toMatchObject({ jobs: [], nextAt: woken + 90_000 });
      await has.look(woken + 1_000, { names: [] });
      await awake(lacks, woken + 2_000, woken + MARKED_MS);
      expect(await lacks.claimIds(woken + MARKED_MS, { names: ['job'] })).toEqual([]);
    });

    it('is free again when time was in doubt, and nobody came who has it', async () => {
      const { has, lacks } = await pages('job');
      await both(has, T);
      await has.look(T, { names: [] });
      const woken = T + 4 * MARKED_MS;
      await awake(lacks, woken, woken + 89_000);
      expect(await lacks.claimIds(woken + 89_000, { names: ['job'] })).toEqual([]);
      expect(await lacks.claimIds(woken + 90_000, { names: ['job'] })).toEqual(['x']);
    });

    it('is left alone by a page whose feature limits other names', async () => {
      const { has } = await pages('job');
      const other = await openWith(scene, marker('mail'));
      await both(has, T);
      for (const page of [has, other]) await page.look(T, { names: [] });
      expect(await other.claimIds(T, { names })).toEqual(['m']);
      expect(await has.claimIds(T, { names })).toEqual(['x']);
    });

    it('is any name where all are marked, and where too many are', async () => {
      for (const marks of [[''], Array.from({ length: 101 }, (_, n) => `name ${n}`)]) {
        const { has, lacks } = await pages(...marks);
        const [some, others] = [has.inQueue(`${marks.length}`), lacks.inQueue(`${marks.length}`)];
        await both(some, T);
        await some.look(T, { names: [] });
        expect(await others.claimIds(T, { names })).toEqual([]);
        expect(await some.claimIds(T, { names })).toEqual(['x', 'm']);
      }
    });

    it('wakes a page without it no more than four times an hour, however much is enqueued and done', async () => {
      const { has, lacks } = await pages('job');
      await has.enqueue(T, ...specs('x', 3));
      let wakes = 0;
      let next = T;
      for (let now = T; now < T + 3_600_000; now += 60_000) {
        await has.enqueue(now, spec(`at ${now}`));
        await has.settle(now, await has.claimOne(now), complete());
        if (now < next) continue;
        const { jobs, nextAt = Number.POSITIVE_INFINITY } = await lacks.look(now);
        expect(jobs).toEqual([]);
        wakes += 1;
        next = nextAt;
      }
      expect(wakes).toBeLessThanOrEqual(5);
    });

    it('is marked anew only after five minutes: until then an exchange writes nothing for it', async () => {
      const { has } = await pages('job');
      await has.enqueue(T, spec('later', { delayMs: 3_600_000 }));
      const marked = async (now: number) => {
        await has.look(now);
        return within(has, function* (rows) {
          return (yield* read(rows.control()))?.marks;
        });
      };
      const first = await marked(T);
      expect(first).toEqual({ 'marker job': T + MARKED_MS });
      expect(await marked(T + 290_000)).toEqual(first);
      expect(await marked(T + 301_000)).toEqual({ 'marker job': T + 301_000 + MARKED_MS });
    });

    it('is explained where it keeps a job waiting: by which feature, and until when', async () => {
      const { has, lacks } = await pages('job');
      await both(has, T);
      await has.look(T, { names: [] });
      const wait = { why: 'needs-feature', features: ['marker'], until: T + MARKED_MS };
      expect(await lacks.waits(T, 'x')).toEqual([wait]);
      expect(await lacks.waits(T, 'm')).toEqual([]);
      expect(await has.waits(T, 'x')).toEqual([]);
    });

    it('has as much of its time left when the clock is set back', async () => {
      const { has, lacks } = await pages('job');
      await both(has, T);
      await has.look(T, { names: [] });
      const back = T - 3_600_000;
      expect(await lacks.claimIds(back, { names })).toEqual(['m']);
      await awake(lacks, back, back + MARKED_MS);
      expect(await lacks.claimIds(back + MARKED_MS - 1, { names: ['job'] })).toEqual([]);
      expect(await lacks.claimIds(back + MARKED_MS, { names: ['job'] })).toEqual(['x']);
    });
  });
}
