import { beforeEach, describe, expect, it } from 'vitest';
import type { Outcome } from '../../core/kernel/messages.ts';
import type { LosingHarness } from './harness.ts';
import { byId, type Opening } from './opening.ts';
import { alike, type Scene } from './scene.ts';
import { bury, complete, retry, spec, specs, T } from './spec.ts';

/** Jobs whose rows the platform cannot read at all. */
export function describeUnreadable(scene: Scene): void {
  const lose = (...ids: string[]) => (scene.harness as LosingHarness).loseRows(scene.a.queue, ids);
  describe('a job whose row cannot be read', () => {
    beforeEach(() => expect(scene.harness.loseRows).toBeTypeOf('function'));
    describeClaiming(scene, lose);
    describeLooking(scene, lose);
    describeRunning(scene, lose);
    describeEnded(scene, lose);
    describeRemoving(scene, lose);
    describeAllLost(scene);
  });
}

type Lose = (...ids: string[]) => Promise<void>;

const DEAD = { state: 'dead', payload: undefined, failures: 0 };

async function claimAll(opening: Opening, now = T) {
  const { jobs, buried = [] } = await opening.look(now, { limit: 100 });
  return { ids: jobs.map(({ job }) => job.id), buried: buried.map(({ id }) => id) };
}

function describeClaiming(scene: Scene, lose: Lose): void {
  it('is a dead letter when a claim meets it, and the others are claimed in the same exchange', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...['x', 'y', 'z'].map((id) => spec(id)));
    await lose('y');
    expect(await claimAll(b)).toEqual({ ids: ['x', 'z'], buried: ['y'] });
    expect(await a.count()).toMatchObject({ pending: 0, active: 2, dead: 1 });
    const dead = await a.job('y');
    expect(dead).toMatchObject({ ...DEAD, finishedAt: T });
    expect(dead.errors).toMatchObject([
      {
        name: 'PayloadError',
        message: expect.stringMatching(/cannot be read: .*cannot read it \(.+\)/),
        at: T,
      },
    ]);
  });

  it('is one of many: all are buried, and who is behind them runs', async () => {
    const { a, b } = scene;
    const ids = Array.from({ length: 40 }, (_, n) => `lost ${n}`);
    await a.enqueue(T, ...ids.map((id) => spec(id)), spec('good'));
    await lose(...ids);
    expect(await claimAll(b)).toEqual({ ids: ['good'], buried: ids });
    expect(await a.listIds('dead')).toEqual(ids);
  });

  it('stops no lane: as its head, in the middle of it, and at its end', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...['w', 'x', 'y', 'z'].map((id) => spec(id, { lane: 'doc' })));
    await lose('w', 'x', 'z');
    const [y] = (await b.look(T)).jobs;
    expect(y?.job.id).toBe('y');
    expect(await b.settle(T, y as NonNullable<typeof y>, complete())).toBe('settled');
    expect(await a.listIds('dead')).toEqual(expect.arrayContaining(['w', 'x', 'z']));
    await a.enqueue(T, spec('next', { lane: 'doc' }));
    expect(await b.claimIds(T)).toEqual(['next']);
    expect(await a.count()).toMatchObject({ pending: 0, active: 1, dead: 3 });
  });

  it('ends for the batch that had it: once none is left of which that is not known, the batch is over', async () => {
    const { a, b } = alike(scene);
    const queue = a.queue;
    await a.store.putBatch({ queue, id: 'b', whenDone: spec('last') }, T);
    await a.store.putBatch({ queue, id: 'other' }, T);
    const own = { batch: 'b' };
    await a.enqueue(
      T,
      spec('x', own),
      spec('y', { ...own, lane: 'doc' }),
      spec('z', { ...own, lane: 'doc' }),
    );
    await a.enqueue(T, spec('u', { batch: 'other' }), spec('v', { ...own, delayMs: 1_000 }));
    await a.store.closeBatch({ queue, id: 'b' }, T);
    const held = byId((await b.look(T)).jobs);
    await lose('x', 'z', 'v');
    await b.settle(T, held('x'), bury());
    await b.settle(T, held('y'), complete());
    await claimAll(b);
    expect(await a.store.countBatch({ queue, id: 'b' })).toMatchObject({ open: 3, completed: 1 });
    await claimAll(b, T + 1_000);
    await claimAll(b, T + 1_000);
    expect(await a.store.countBatch({ queue, id: 'b' })).toMatchObject({ open: 0, completed: 1, dead: 3 });
    expect(await a.store.countBatch({ queue, id: 'other' })).toMatchObject({ open: 1 });
    expect(await a.get('last')).toBeDefined();
  });

  it('holds its key against nobody', async () => {
    const { a, b } = scene;
    const key = { idempotencyKey: 'k' };
    await a.enqueue(T, spec('x', key));
    await lose('x');
    expect(await b.enqueue(T, spec('y', key))).toMatchObject([{ id: 'y', status: 'enqueued' }]);
    expect(await claimAll(b)).toEqual({ ids: ['y'], buried: ['x'] });
  });

  it('that is delayed is buried when it is due, and follows a clock that is set back', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { delayMs: 5_000 }), spec('y', { delayMs: 6_000 }), spec('now'));
    await lose('x');
    expect(await claimAll(b)).toEqual({ ids: ['now'], buried: [] });
    expect(await claimAll(a, T + 6_000)).toEqual({ ids: ['y'], buried: ['x'] });
  });

  it('is a death to those that wait for it', async () => {
    const { a, b } = alike(scene);
    await a.enqueue(T, spec('x'), spec('y', { dependsOn: { x: 'x' }, onDependencyDeath: 'run' }));
    await lose('x');
    await b.look(T);
    expect(await b.claimIds(T)).toEqual(['y']);
  });
}

function describeLooking(scene: Scene, lose: Lose): void {
  it('is found, listed, counted and explained while it waits', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'), spec('p', { lane: 'l' }), spec('q', { lane: 'l' }));
    await lose('x', 'q');
    expect(await b.listIds('pending')).toEqual(['x', 'y', 'p', 'q']);
    expect(await b.get('x')).toMatchObject({ state: 'pending', payload: undefined });
    expect(await b.get('y')).toMatchObject({ state: 'pending', payload: null });
    expect(await b.count()).toMatchObject({ pending: 4 });
    expect(await b.stats(T)).toMatchObject({ names: { job: { waiting: 3 } } });
    expect(await b.waits(T, 'x')).toBeInstanceOf(Array);
  });

  it('is passed by page after page', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 9));
    await lose('x0', 'x4', 'x8');
    const found: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const from: { cursor?: string } = cursor === '' ? {} : { cursor };
      const page = await b.list({ state: 'pending', limit: 2, ...from });
      found.push(...page.jobs.map(({ id }) => id));
      cursor = page.cursor;
    }
    expect(found).toEqual(Array.from({ length: 9 }, (_, n) => `x${n}`));
  });
}

function describeRunning(scene: Scene, lose: Lose): void {
  it('while it runs can complete; what does not complete is a dead letter', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('done'), spec('fails'), spec('crashes'), spec('other'));
    const claimed = byId(await b.claim(T));
    await lose('done', 'fails', 'crashes');
    const outcomes: readonly [string, Outcome][] = [
      ['done', complete()],
      ['fails', retry(T + 5)],
      ['other', complete()],
    ];
    const { settled } = await b.exchange(
      T,
      outcomes.map(([id, outcome]) => [claimed(id), outcome]),
    );
    expect(settled).toEqual(['settled', 'settled', 'settled']);
    await a.reclaim(T, { goneWorkers: ['worker'] });
    expect(await claimAll(b, T + 90_000)).toMatchObject({ ids: [] });
    expect(await a.count()).toMatchObject({ pending: 0, active: 0, completed: 2, dead: 2 });
    expect([...(await a.listIds('dead'))].sort()).toEqual(['crashes', 'fails']);
  });

  it('is listed while it runs, and can be cancelled', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    await b.claim(T);
    await lose('x');
    expect(await a.listIds('active')).toEqual(['x', 'y']);
    expect(await a.cancel(T, 'x', 'y')).toEqual(['requested', 'requested']);
  });
}

function describeEnded(scene: Scene, lose: Lose): void {
  it('among the dead letters is listed, is not redriven, and can be removed', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    for (const held of await b.claim(T)) await b.settle(T, held, bury());
    await lose('x');
    expect(await a.listIds('dead')).toEqual(['x', 'y']);
    expect(await a.redrive(T, 'x', 'y')).toEqual(['unreadable', 'redriven']);
    expect(await a.remove(T, 'x')).toEqual(['removed']);
    expect(await a.count()).toMatchObject({ pending: 1, dead: 0 });
  });

  it('among the remembered is forgotten in its time, and stops nothing', async () => {
    const { a, b } = scene;
    await a.enqueue(
      T,
      spec('x', { known: true, dedupeMs: 50 }),
      spec('y', { known: true, dedupeMs: 90_000 }),
    );
    for (const held of await b.claim(T)) await b.settle(T, held, complete());
    await lose('x');
    expect(await a.enqueue(T, spec('x', { known: true }))).toMatchObject([{ status: 'duplicate' }]);
    await a.enqueue(T, spec('z', { dedupeMs: 1 }));
    await b.settle(T + 100, await b.claimOne(T + 100), complete());
    expect(await a.enqueue(T + 100, spec('x', { known: true }))).toMatchObject([{ status: 'enqueued' }]);
  });
}

function describeRemoving(scene: Scene, lose: Lose): void {
  it('is cancelled like any other', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3), ...specs('l', 3, { lane: 'doc' }));
    await lose('x1', 'l0');
    expect(new Set(await b.cancel(T, 'x0', 'x1', 'x2', 'l0', 'l1', 'l2'))).toEqual(new Set(['cancelled']));
    expect(await a.count()).toMatchObject({ pending: 0, active: 0, cancelled: 6 });
  });

  it('is purged with all others, in whatever state', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('dies'), spec('stays', { known: true, dedupeMs: 90_000 }));
    const held = byId(await b.claim(T));
    await b.settle(T, held('dies'), bury());
    await b.settle(T, held('stays'), complete());
    await a.enqueue(
      T,
      ...specs('x', 3),
      ...specs('l', 3, { lane: 'doc' }),
      spec('later', { delayMs: 9_000 }),
    );
    await lose('dies', 'stays', 'x1', 'l0', 'l2', 'later');
    expect(await a.purge(T)).toEqual({ removed: 9, active: 0 });
    expect(await b.count()).toMatchObject({ pending: 0, dead: 0 });
    for (const id of ['dies', 'x1', 'l2', 'later']) expect(await b.get(id)).toBeUndefined();
  });
}

/** What fails is the database then. */
function describeAllLost(scene: Scene): void {
  it('is not buried when nothing can be read at all: the call may be repeated, and then finds all', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    const mend = await (scene.harness as LosingHarness).failReads();
    await expect(b.look(T)).rejects.toMatchObject({ code: 'Store', retryable: true });
    await expect(b.list({ state: 'pending' })).rejects.toMatchObject({ code: 'Store', retryable: true });
    await mend();
    expect(await claimAll(b)).toEqual({ ids: ['x', 'y'], buried: [] });
  });
}
