import { describe, expect, it } from 'vitest';
import type { ClaimedJob } from '../../core/kernel/messages.ts';
import { byId, type Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { bury, complete, release, retry, spec, specs, T, unbegun } from './spec.ts';
import { heardBy, openBare, openWith, witness } from './witness.ts';

const needs = ['witness'];
const needy = (id: string, more = {}) => spec(id, { needs, ...more });

type Pages = () => Promise<{ readonly has: Opening; readonly lacks: Opening }>;

export function describeNeeding(scene: Scene): void {
  describe('a job that must not be run without a feature', () => {
    const pages: Pages = async () => ({
      has: await openWith(scene, witness()),
      lacks: await openBare(scene),
    });
    describeRunning(scene, pages);
    describeSteering(scene, pages);
    describeWaking(pages);
    describeKeys(pages);
    describeChanges(pages);
  });
}

function describeRunning(scene: Scene, pages: Pages): void {
  it('is claimed where the feature is, and never where it is not; others of its name go on', async () => {
    const { has, lacks } = await pages();
    await has.enqueue(T, needy('x', { priority: 5 }), spec('y'), needy('z', { delayMs: 10 }));
    expect(await lacks.claimIds(T + 10, { idle: true })).toEqual(['y']);
    expect(await lacks.claimIds(T + 10, { idle: true })).toEqual([]);
    expect(await has.claimIds(T + 10)).toEqual(['x', 'z']);
  });

  it('needs all of its features', async () => {
    const { has } = await pages();
    await has.enqueue(T, spec('x', { needs: ['witness', 'other'] }), spec('y', { needs: ['other'] }));
    expect(await has.claimIds(T)).toEqual([]);
    const both = await openWith(scene, witness(), witness('other'));
    expect(await both.claimIds(T)).toEqual(['x', 'y']);
  });

  it('is claimed for a worker elsewhere when its feature is in use there, too', async () => {
    const { has } = await pages();
    await has.enqueue(T, needy('x'), spec('y'));
    expect(await has.claimIds(T, { uses: [] })).toEqual(['y']);
    expect(await has.claimIds(T, { uses: ['other'] })).toEqual([]);
    expect(await has.claimIds(T, { uses: ['other', 'witness'] })).toEqual(['x']);
  });

  it('needs none by an empty list, and one of which it has two by name only once', async () => {
    const { lacks } = await pages();
    await lacks.enqueue(T, spec('x', { needs: [] }), spec('y', { needs: ['b', 'a', 'b'] }));
    expect(await lacks.claimIds(T)).toEqual(['x']);
    const both = await openWith(scene, witness('a'), witness('b'));
    expect(await both.claimIds(T)).toEqual(['y']);
  });

  it('costs a page without it nothing, however many wait', async () => {
    const { has, lacks } = await pages();
    const cost = async () => {
      await has.enqueue(T, spec('plain'));
      const before = scene.harness.steps();
      await lacks.settle(T, await lacks.claimOne(T), complete());
      const after = scene.harness.steps();
      return [after.read - before.read, after.written - before.written];
    };
    const before = await cost();
    await has.enqueue(T, ...specs('x', 200, { needs, priority: 9 }));
    expect(await cost()).toEqual(before);
  });

  it('stops no others when it is suspect', async () => {
    const { has, lacks } = await pages();
    await has.enqueue(T, needy('x', { priority: 5 }), spec('y'), spec('z'));
    let now = T;
    for (let crashes = 0; crashes < 2; crashes++) {
      await has.claimOne(now);
      await lacks.reclaim(now, { goneWorkers: ['worker'] });
      now = (await has.job('x')).runAt;
    }
    expect(await has.claimIds(now)).toEqual([]);
    expect(await lacks.claimIds(now)).toEqual(['y', 'z']);
  });

  it('keeps its place in its lane: who is behind it waits for it', async () => {
    const { has, lacks } = await pages();
    const lane = { lane: 'doc' };
    await has.enqueue(T, needy('x', lane), spec('y', lane), needy('z', lane));
    expect(await lacks.claimIds(T)).toEqual([]);
    await has.settle(T, await has.claimOne(T), complete());
    await lacks.settle(T, await lacks.claimOne(T), complete());
    expect(await lacks.claimIds(T)).toEqual([]);
    expect(await has.claimIds(T)).toEqual(['z']);
  });

  it('goes with many others of both kinds, and nothing is left of any', async () => {
    const { has, lacks } = await pages();
    const both = Array.from({ length: 12 }, (_, n) => (n % 3 === 0 ? spec(`${n}`) : needy(`${n}`)));
    await has.enqueue(T, ...both);
    const jobs = await has.claim(T, { limit: 8 });
    await has.exchange(
      T,
      jobs.map((job) => [job, complete()] as const),
    );
    expect(await lacks.count()).toMatchObject({ pending: 4, active: 0, completed: 8 });
    const left = (await has.list({ state: 'pending' })).jobs.map(({ id }) => id);
    expect((await has.claimIds(T)).sort()).toEqual(left.sort());
    expect(left).toHaveLength(4);
  });
}

function describeSteering(scene: Scene, pages: Pages): void {
  it('is cancelled, taken back, buried, redriven and removed by every page', async () => {
    const { has, lacks } = await pages();
    await has.enqueue(
      T,
      needy('x'),
      needy('y'),
      needy('z', { maxAgeMs: 1_000 }),
      needy('gone', { maxCrashes: 1 }),
    );
    expect(await lacks.cancel(T, 'x')).toEqual(['cancelled']);
    const held = byId(await has.claim(T));
    expect(await lacks.settle(T, held('y'), bury())).toBe('settled');
    expect(await lacks.reclaim(T, { goneWorkers: ['worker'] })).toMatchObject({ dead: ['gone'] });
    await lacks.look(T + 1_500);
    expect(await lacks.listIds('dead')).toEqual(expect.arrayContaining(['y', 'z', 'gone']));
    expect(await lacks.redrive(T + 1_500, 'y')).toEqual(['redriven']);
    expect(await lacks.remove(T + 1_500, 'z')).toEqual(['removed']);
    expect(await lacks.claimIds(T + 1_500)).toEqual([]);
    expect(await has.claimIds(T + 1_500)).toEqual(['y']);
  });

  it.each([
    ['a retry', retry(T + 5)],
    ['a release', release(T + 5)],
    ['an end before it began', unbegun],
  ])('is one still after %s', async (_, outcome) => {
    const { has, lacks } = await pages();
    await has.enqueue(T, needy('x'));
    await has.settle(T, await has.claimOne(T), outcome);
    expect(await lacks.claimIds(T + 5)).toEqual([]);
    expect(await has.claimIds(T + 5)).toEqual(['x']);
  });

  it('is one still when the clock was set back, by whoever notices', async () => {
    const { has, lacks } = await pages();
    await has.enqueue(T, needy('x', { delayMs: 60_000 }), needy('y'));
    const back = T - 3_600_000;
    expect(await lacks.claimIds(back)).toEqual([]);
    expect(await lacks.claimIds(back + 60_000)).toEqual([]);
    expect((await has.claimIds(back + 60_000)).sort()).toEqual(['x', 'y']);
  });

  it('is explained, and counted by feature, where the feature is not', async () => {
    const { has, lacks } = await pages();
    await has.enqueue(T, needy('x'), needy('y'), spec('z', { needs: ['other', 'witness'] }), spec('plain'));
    expect(await lacks.waits(T, 'x')).toEqual([{ why: 'needs-feature', features: ['witness'] }]);
    expect(await lacks.waits(T, 'z')).toEqual([{ why: 'needs-feature', features: ['other', 'witness'] }]);
    expect(await has.waits(T, 'x')).toEqual([]);
    expect(await lacks.waits(T, 'plain')).toEqual([]);
    expect((await lacks.stats(T)).needsFeatures).toEqual({ other: 1, witness: 3 });
    expect((await has.stats(T)).needsFeatures).toEqual({ other: 1 });
  });

  it('is counted and listed like others, and what it needs is shown by nobody', async () => {
    const { has, lacks } = await pages();
    await has.enqueue(T, needy('x'));
    expect(await lacks.count()).toMatchObject({ pending: 1 });
    expect('needs' in (await lacks.job('x'))).toBe(false);
    expect((await lacks.stats(T)).names).toMatchObject({ job: { waiting: 1 } });
    expect(await heardBy(scene.b)).toEqual([]);
  });
}

function describeWaking(pages: Pages): void {
  it('wakes no page without the feature: not while it waits, is delayed, or runs', async () => {
    const { has, lacks } = await pages();
    await has.enqueue(T, needy('x'), needy('y', { delayMs: 50 }));
    expect((await lacks.look(T, { asksLeft: true })).left).toEqual({ waiting: 0, elsewhere: 0 });
    expect(await lacks.look(T)).toEqual({ settled: [], jobs: [] });
    expect((await has.look(T, { limit: 1, worker: 'other' })).nextAt).toBe(T + 50);
    expect(await lacks.look(T)).toEqual({ settled: [], jobs: [] });
    const asked = { asksLeft: true } as const;
    expect((await lacks.look(T, asked)).left).toEqual({ waiting: 0, elsewhere: 0 });
    expect((await has.look(T, asked)).left).toEqual({ waiting: 1, elsewhere: 1 });
  });
}

function describeKeys(pages: Pages): void {
  const key = { idempotencyKey: 'k' };

  it.each(['replace', 'restart', 'debounce'] as const)(
    'has a newcomer with its key follow it, where the feature is not: %s',
    async (onDuplicate) => {
      const { has, lacks } = await pages();
      await has.enqueue(T, needy('x', { ...key, payload: 1 }));
      const next = spec('y', { ...key, onDuplicate, payload: 2 });
      expect(await lacks.enqueue(T, next)).toMatchObject([{ id: 'y', status: 'enqueued' }]);
      expect((await lacks.job('x')).payload).toBe(1);
      expect(await lacks.job('y')).toMatchObject({ parked: true, payload: 2 });
      expect(await lacks.enqueue(T, { ...next, id: 'z', payload: 3 })).toMatchObject([
        { id: 'y', status: 'replaced' },
      ]);
      expect(await lacks.claimIds(T)).toEqual([]);
      await has.settle(T, await has.claimOne(T), complete());
      expect((await lacks.claimOne(T)).job).toMatchObject({ id: 'y', payload: 3 });
    },
  );

  it('gives its place to a newcomer where the feature is', async () => {
    const { has, lacks } = await pages();
    await has.enqueue(T, needy('x', key));
    const next = spec('y', { ...key, onDuplicate: 'replace', payload: 2 });
    expect(await has.enqueue(T, next)).toMatchObject([{ id: 'x', status: 'replaced' }]);
    expect(await lacks.enqueue(T, spec('z', key))).toMatchObject([{ id: 'x', status: 'duplicate' }]);
    expect(await lacks.claimIds(T)).toEqual([]);
    expect((await has.claimOne(T)).job).toMatchObject({ id: 'x', payload: 2 });
  });

  it('is what a plain one becomes by a newcomer that needs a feature', async () => {
    const { has, lacks } = await pages();
    await lacks.enqueue(T, spec('x', key));
    await has.enqueue(T, needy('y', { ...key, onDuplicate: 'replace' }));
    expect(await lacks.claimIds(T)).toEqual([]);
    expect(await has.claimIds(T)).toEqual(['x']);
  });
}

function describeChanges(pages: Pages): void {
  /** As a feature does it whose attempt left something for the next. */
  const add = async (opening: Opening, held: ClaimedJob, feature: string) =>
    expect(await opening.extend(T, [held], { attach: { [feature]: 1 } })).toEqual(['extended']);

  it.each([
    ['retried', retry(T + 5)],
    ['given back unbegun', unbegun],
  ])('is what one becomes while it runs: %s, it needs the feature', async (_, outcome) => {
    const { has, lacks } = await pages();
    await lacks.enqueue(T, spec('x', { lane: 'doc' }), spec('y', { lane: 'doc' }));
    const held = await lacks.claimOne(T);
    await add(lacks, held, 'witness');
    await add(lacks, held, 'witness');
    expect(await lacks.settle(T, held, outcome)).toBe('settled');
    expect(await lacks.count()).toMatchObject({ pending: 2, active: 0 });
    expect(await lacks.claimIds(T + 5)).toEqual([]);
    await has.settle(T + 5, await has.claimOne(T + 5), complete());
    expect(await lacks.claimIds(T + 5)).toEqual(['y']);
    expect(await lacks.get('x')).toBeUndefined();
  });
}
