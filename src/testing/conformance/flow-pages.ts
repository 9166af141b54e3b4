import { describe, expect, it } from 'vitest';
import type { FeatureKind } from '../../core/kernel/records.ts';
import { read } from '../../core/kernel/step.ts';
import type { EverySpec } from '../every-feature.ts';
import type { Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { after, bury, complete, retry, spec, T } from './spec.ts';
import { openBare, openWith, within } from './witness.ts';

/** The records that this feature has, and what is owed to it. */
const kept = (page: Opening) =>
  within(page, function* (rows) {
    const found: string[] = [];
    for (const kind of ['batch', 'dependent', 'ended', 'revival', 'owed'] as FeatureKind[])
      for (const { key } of yield* read(rows.recordsAfter(kind, '', 9))) found.push(`${kind} ${key}`);
    return found;
  });

const returning = (value: string) => ({ kind: 'complete', result: { value } }) as const;

/** How `x` leaves on a page without the feature, and where those that wait for it are then. */
const WAYS: Readonly<
  Record<string, readonly [(page: Opening) => Promise<unknown>, 'free' | 'dead' | 'gone']>
> = {
  'it is done': [async (page) => page.settle(T, await page.claimOne(T), complete()), 'free'],
  'it dies': [async (page) => page.settle(T, await page.claimOne(T), bury()), 'dead'],
  'it is too old': [(page) => page.look(T + 1_000), 'dead'],
  'it kills its owner': [
    async (page) => {
      await page.claimOne(T);
      await page.reclaim(T, { goneWorkers: ['worker'] });
    },
    'dead',
  ],
  'it is cancelled': [(page) => page.cancel(T, 'x'), 'gone'],
  'it is cancelled while it runs': [
    async (page) => {
      const held = await page.claimOne(T);
      await page.cancel(T, 'x');
      await page.settle(T, held, retry(T));
    },
    'gone',
  ],
  'it is dropped for others': [
    (page) => page.enqueueWithin({ maxDepth: 2, drops: 'oldest' }, T, spec('other')),
    'gone',
  ],
};

interface Pages {
  readonly has: Opening;
  readonly lacks: Opening;
}

export function describeFlowPages(scene: Scene): void {
  describe('a flow that a page without the feature comes by', () => {
    const pages = async () => ({ has: await openWith(scene), lacks: await openBare(scene) });
    describeEnds(pages);
    describeSteering(pages);
  });
}

function describeEnds(pages: () => Promise<Pages>): void {
  it.each(Object.entries(WAYS))('goes on where the feature is, when there %s', async (_, [leave, where]) => {
    const { has, lacks } = await pages();
    await has.enqueue(T, spec('x', { maxCrashes: 1, maxAgeMs: 1_000 }), after('y', ['x']));
    await leave(lacks);
    expect(await lacks.job('y')).toMatchObject({ state: 'pending', parked: true });
    await has.look(T + 1_000, { names: [] });
    const found = await has.get('y');
    expect([found?.state, found?.parked]).toEqual(
      { free: ['pending', false], dead: ['dead', false], gone: [undefined, undefined] }[where],
    );
  });

  it('brings what the handler returned, and runs what finds that where the feature is', async () => {
    const { has, lacks } = await pages();
    await has.enqueue(T, spec('x'), after('y', ['x']));
    await lacks.settle(T, await lacks.claimOne(T), returning('done'));
    expect(await lacks.claimIds(T)).toEqual([]);
    await has.look(T, { names: [] });
    await has.enqueue(T, spec('plain'));
    expect(await lacks.claimIds(T)).toEqual(['plain']);
    expect(await lacks.waits(T, 'y')).toEqual([{ why: 'needs-feature', features: ['flows'] }]);
    expect((await has.claimOne(T)).job).toMatchObject({ id: 'y', results: { x: 'done' } });
  });

  it('is run there as far as it finds nothing', async () => {
    const { has, lacks } = await pages();
    await has.enqueue(T, spec('x'), after('y', ['x']));
    await lacks.settle(T, await lacks.claimOne(T), complete());
    await has.look(T, { names: [] });
    expect(await lacks.claimIds(T)).toEqual(['y']);
  });

  it('counts in its batch what is done there, once, and its last job is run where the feature is', async () => {
    const { has, lacks } = await pages();
    const batch = { queue: has.queue, id: 'b' };
    await has.store.putBatch({ ...batch, whenDone: spec('last') }, T);
    const more = { batch: 'b' } as Partial<EverySpec>;
    await has.enqueue(T, spec('x', more), spec('y', { ...more, known: true, dedupeMs: 60_000 }));
    await has.store.closeBatch(batch, T);
    await lacks.settle(T, await lacks.claimOne(T), bury());
    await lacks.redrive(T, 'x');
    for (let left = 2; left > 0; left--) await lacks.settle(T, await lacks.claimOne(T), complete());
    expect(await has.store.countBatch(batch)).toMatchObject({ open: 2 });
    await has.look(T, { names: [] });
    expect(await has.store.countBatch(batch)).toMatchObject({ open: 0, completed: 2, dead: 0 });
    expect(await lacks.claimIds(T)).toEqual([]);
    const { job } = await has.claimOne(T);
    expect(job.results).toEqual({ batch: { total: 2, completed: 2, dead: 0, cancelled: 0 } });
  });
}

function describeSteering(pages: () => Promise<Pages>): void {
  it('keeps waiting there, says for what, and can be cancelled: what waits for that hears of it', async () => {
    const { has, lacks } = await pages();
    await has.enqueue(T, spec('x'), after('y', ['x']), after('z', ['y']));
    expect(await lacks.claimIds(T)).toEqual(['x']);
    expect(await lacks.waits(T, 'y')).toEqual([{ why: 'needs-feature', features: ['flows'] }]);
    await lacks.cancel(T, 'y');
    await has.look(T, { names: [] });
    expect(await has.listIds('pending')).toEqual([]);
    expect(await has.count()).toMatchObject({ active: 1, cancelled: 2 });
  });

  it('is redriven there from its first step; what died of that lives again where the feature is', async () => {
    const { has, lacks } = await pages();
    await has.enqueue(T, spec('x'), after('y', ['x']));
    await has.exchange(T, [[await has.claimOne(T), bury()]]);
    expect(await lacks.redrive(T, 'y')).toEqual(['blocked']);
    expect(await lacks.redrive(T, 'x')).toEqual(['redriven']);
    await has.look(T, { names: [] });
    expect(await has.job('y')).toMatchObject({ state: 'pending', blockedBy: ['x'] });
    await lacks.settle(T, await lacks.claimOne(T), complete());
    expect(await has.claimIds(T)).toEqual(['y']);
  });

  it('waits on when a newcomer from there takes the place of a step', async () => {
    const { has, lacks } = await pages();
    const key = { idempotencyKey: 'k' };
    await has.enqueue(T, spec('x'), after('y', ['x'], key));
    await lacks.enqueue(T, spec('new', { ...key, onDuplicate: 'replace', payload: 'newer' }));
    const held = await lacks.claim(T);
    expect(held.map(({ job }) => job.id)).toEqual(['x']);
    await has.settle(T, held[0] as never, complete());
    expect((await has.claimOne(T)).job).toMatchObject({ id: 'y', payload: 'newer' });
  });

  it('is freed when the feature is abandoned: what waits is run, in its lane, and what died of others can be', async () => {
    const { has, lacks } = await pages();
    const lane = { lane: 'doc' };
    await has.enqueue(T, spec('d'), after('e', ['d']));
    await has.exchange(T, [[await has.claimOne(T), bury()]]);
    await has.enqueue(T, spec('x', { delayMs: 9_000 }), after('y', ['x'], lane), after('z', ['x'], lane));
    expect(await lacks.abandon(T, 'flows')).toEqual({ freed: 5, dropped: 3 });
    expect(await lacks.claimIds(T)).toEqual(['y']);
    expect(await lacks.redrive(T, 'e')).toEqual(['redriven']);
    expect(await lacks.claimIds(T)).toEqual(['e']);
    await lacks.cancel(T, 'y');
  });

  it('leaves nothing when the feature is abandoned: where it comes back, jobs wait for the same ones as if it had never been', async () => {
    const { has, lacks } = await pages();
    await has.store.putBatch({ queue: has.queue, id: 'b', whenDone: spec('last') }, T);
    const counted = { batch: 'b' } as Partial<EverySpec>;
    await has.enqueue(
      T,
      spec('dies', counted),
      spec('ends'),
      after('w', ['ends']),
      after('o', ['dies']),
      spec('x'),
    );
    await has.enqueue(T, after('y', ['x']), after('z', ['x', 'w']));
    const [dies, ends] = await lacks.claim(T, { limit: 2 });
    await lacks.settle(T, dies as never, bury());
    await has.settle(T, ends as never, returning('found'));
    expect(await lacks.abandon(T, 'flows')).toMatchObject({ freed: 7 });
    expect(await kept(lacks)).toEqual([]);
    expect(await lacks.abandon(T, 'flows')).toEqual({ freed: 0, dropped: 0 });
    expect(await has.job('w')).not.toHaveProperty('results');
    expect(await has.job('dies')).not.toHaveProperty('batch');
    await has.enqueue(T, after('again', ['x']), after('behind', ['dies'], { onDependencyDeath: 'run' }));
    expect(await has.job('again')).toMatchObject({ blockedBy: ['x'] });
    const held = await lacks.claim(T);
    expect(held.map(({ job }) => job.id).sort()).toEqual(['last', 'w', 'x', 'y', 'z']);
    await lacks.settle(T, held.find(({ job }) => job.id === 'x') as never, complete());
    await has.look(T, { names: [] });
    expect(await lacks.claimIds(T)).toEqual(['again', 'behind']);
  });

  it('forgets for whom a dead job waited that is removed there', async () => {
    const { has, lacks } = await pages();
    await has.enqueue(T, spec('x'), after('y', ['x']), after('z', ['y']));
    await has.exchange(T, [[await has.claimOne(T), bury()]]);
    expect(await has.listIds('dead')).toEqual(['x', 'y', 'z']);
    await lacks.remove(T, 'y', 'z', 'x');
    await has.look(T, { names: [] });
    expect(await kept(has)).toEqual([]);
  });
}
