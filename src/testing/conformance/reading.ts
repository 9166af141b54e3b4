import { describe, expect, it } from 'vitest';
import type { Job, JobState } from '../../core/kernel/job.ts';
import type { ListRequest } from '../../core/kernel/messages.ts';
import { byId, type Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { bury, cancelled, complete, release, retry, spec, specs, T } from './spec.ts';

export function describeReading(scene: Scene): void {
  describe('list', () => {
    describeList(scene);
    describePendingList(scene);
  });
  describePages(scene);
  describe('count', () => {
    describeCount(scene);
    describeSums(scene);
  });
  describeUnknown(scene);
}

/** All pages of a listing, one after the other. */
async function pages(openings: readonly Opening[], request: Omit<ListRequest, 'queue'>): Promise<Job[][]> {
  const found: Job[][] = [];
  let { cursor } = request;
  do {
    const opening = openings[found.length % openings.length];
    const page = await opening?.list(cursor === undefined ? request : { ...request, cursor });
    expect(page?.jobs.length).toBeLessThanOrEqual(request.limit);
    found.push([...(page?.jobs ?? [])]);
    cursor = page?.cursor;
  } while (cursor !== undefined && found.length < 100);
  return found;
}

const idsOf = (jobs: readonly Job[]) => jobs.map((job) => job.id);

function describeList(scene: Scene): void {
  it('active jobs are listed by seq, as get answers them', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('low', { priority: -1 }), spec('normal'), spec('high', { priority: 1 }));
    await b.claim(T, { limit: 2 });
    await a.claimOne(T);
    const { jobs, cursor } = await a.list({ state: 'active' });
    expect(idsOf(jobs)).toEqual(['low', 'normal', 'high']);
    expect(jobs[0]).toEqual(await b.job('low'));
    expect(cursor).toBeUndefined();
  });

  it('dead jobs are listed by when they died, then by seq', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 4));
    const held = byId(await b.claim(T));
    for (const id of ['x2', 'x0']) await a.settle(T + 1, held(id), bury());
    for (const id of ['x3', 'x1']) await b.settle(T + 2, held(id), bury());
    const { jobs } = await b.list({ state: 'dead' });
    expect(idsOf(jobs)).toEqual(['x0', 'x2', 'x1', 'x3']);
    expect(jobs[1]).toEqual(await a.job('x2'));
  });
}

function describePendingList(scene: Scene): void {
  it('pending jobs of a name are listed in claim order, and then the parked', async () => {
    const { a, b } = scene;
    const lane = { lane: 'doc', priority: 50 };
    await a.enqueue(T, spec('late', { delayMs: 900 }), spec('soon', { delayMs: 500 }), spec('1'));
    await b.enqueue(T, spec('head', lane), spec('parked', lane), spec('2'), spec('high', { priority: 60 }));
    const { jobs } = await a.list({ state: 'pending' });
    expect(idsOf(jobs)).toEqual(['high', 'head', '1', '2', 'soon', 'late', 'parked']);
    expect(jobs.map((job) => job.parked)).toEqual([false, false, false, false, false, false, true]);
    expect(jobs[5]).toEqual(await b.job('late'));
  });

  it('pending jobs are listed name by name', async () => {
    const { a, b } = scene;
    const mail = { name: 'mail' };
    await a.enqueue(
      T,
      spec('m1', mail),
      spec('1'),
      spec('m2', mail),
      spec('2', { priority: 5 }),
      spec('m3', mail),
    );
    const listed = await b.listIds('pending');
    const [jobs, mails] = [
      listed.filter((id) => !id.startsWith('m')),
      listed.filter((id) => id.startsWith('m')),
    ];
    expect([jobs, mails]).toEqual([
      ['2', '1'],
      ['m1', 'm2', 'm3'],
    ]);
    expect([
      [...jobs, ...mails],
      [...mails, ...jobs],
    ]).toContainEqual(listed);
  });

  it('a job that runs or has ended is not listed as pending', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 4));
    const held = byId(await b.claim(T, { limit: 3 }));
    await a.settle(T, held('x0'), complete());
    await a.settle(T, held('x1'), retry(T + 5));
    expect(new Set(await b.listIds('pending'))).toEqual(new Set(['x1', 'x3']));
    expect(await a.listIds('active')).toEqual(['x2']);
  });

  it('completed lists the jobs that are remembered, cancelled lists none', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('kept', { known: true, dedupeMs: 5_000 }), spec('gone'), spec('stopped'));
    const held = byId(await b.claim(T));
    await a.exchange(T, [
      [held('kept'), complete()],
      [held('gone'), complete()],
      [held('stopped'), cancelled],
    ]);
    expect(await b.listIds('completed')).toEqual(['kept']);
    expect(await a.list({ state: 'cancelled' })).toEqual({ jobs: [] });
  });
}

function describePages(scene: Scene): void {
  /** Seven jobs of two names in each state, some of them parked. */
  async function filled() {
    const { a, b } = scene;
    const mixed = (prefix: string) => [
      ...specs(`${prefix}j`, 4),
      ...specs(`${prefix}m`, 3, { name: 'mail' }),
    ];
    await a.enqueue(T, ...mixed('dead '));
    const doomed = await b.claim(T, { names: ['job', 'mail'] });
    await a.exchange(
      T,
      doomed.map((claimed) => [claimed, bury()]),
    );
    await b.enqueue(T, ...mixed('active '));
    await a.claim(T, { names: ['job', 'mail'] });
    const lane = { lane: 'doc' };
    await b.enqueue(
      T,
      ...specs('lane ', 2, lane),
      spec('lane m', { ...lane, name: 'mail' }),
      ...mixed('pending '),
    );
  }

  for (const state of ['pending', 'active', 'dead'] satisfies JobState[]) {
    it(`pages through ${state} jobs, each once and in the order of one page`, async () => {
      const { a, b } = scene;
      await filled();
      const whole = (await a.list({ state })).jobs;
      expect(whole.length).toBeGreaterThanOrEqual(7);
      for (const limit of [1, 2, 3, 7]) expect((await pages([a, b], { state, limit })).flat()).toEqual(whole);
    });

    it(`lists the ${state} jobs of one name only, page by page`, async () => {
      const { a, b } = scene;
      await filled();
      const whole = (await a.list({ state })).jobs.filter((job) => job.name === 'mail');
      expect(whole.length).toBeGreaterThanOrEqual(3);
      for (const limit of [1, 2, 1_000])
        expect((await pages([b, a], { state, name: 'mail', limit })).flat()).toEqual(whole);
    });
  }

  it('only the last page has no cursor', async () => {
    const { a, b } = scene;
    await filled();
    expect((await pages([a, b], { state: 'dead', limit: 5 })).map((page) => page.length)).toEqual([5, 2]);
    expect((await b.list({ state: 'dead', limit: 6 })).cursor).toBeDefined();
    expect((await a.list({ state: 'dead', limit: 8 })).cursor).toBeUndefined();
  });

  it('jobs that leave between two pages hide none that stayed', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 6));
    const first = await b.list({ state: 'pending', limit: 3 });
    expect(idsOf(first.jobs)).toEqual(['x0', 'x1', 'x2']);
    await a.settle(T, await a.claimOne(T), complete());
    await b.cancel(T, 'x2', 'x3');
    const rest = await pages([a, b], { state: 'pending', limit: 3, cursor: first.cursor ?? '' });
    expect(idsOf(rest.flat())).toEqual(['x4', 'x5']);
  });
}

function describeCount(scene: Scene): void {
  it('follows a job through its life', async () => {
    const { a, b } = scene;
    const counts: string[] = [];
    async function note() {
      const { pending, active, dead, completed } = await (counts.length % 2 ? a : b).count();
      counts.push(`${pending}${active}${dead}${completed}`);
    }
    await a.enqueue(T, spec('x'));
    await note();
    const first = await b.claimOne(T);
    await note();
    await a.settle(T, first, release(T));
    await note();
    await a.settle(T, await b.claimOne(T), retry(T));
    await note();
    await b.claimOne(T);
    await a.reclaim(T, { goneWorkers: ['worker'] });
    await note();
    await b.settle(T, await a.claimOne(T), bury());
    await note();
    await a.redrive(T, 'x');
    await note();
    await a.settle(T, await b.claimOne(T), complete());
    await note();
    expect(counts).toEqual(['1000', '0100', '1000', '1000', '1000', '0010', '1000', '0001']);
  });

  it('delayed and parked jobs are pending', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { delayMs: 5_000 }), ...specs('y', 3, { lane: 'doc' }));
    expect(await b.count()).toMatchObject({ pending: 4, active: 0 });
  });
}

function describeSums(scene: Scene): void {
  it('completed and cancelled count all that ever ended so', async () => {
    const { a, b } = scene;
    for (const opening of [a, b, a]) {
      await opening.enqueue(T, spec('x'), spec('y'));
      await b.settle(T, await opening.claimOne(T), complete());
      await a.cancel(T, 'y');
    }
    expect(await b.count()).toMatchObject({ pending: 0, active: 0, completed: 3, cancelled: 3 });
  });

  it('bytes grow with the payloads, and are zero when all are gone', async () => {
    const { a, b } = scene;
    const sizes = [];
    for (const length of [10, 1_000, 100_000]) {
      await a.enqueue(T, spec(`${length}`, { payload: 'a'.repeat(length), lane: 'doc' }));
      sizes.push((await b.count()).bytes);
    }
    const [small = 0, middle = 0, large = 0] = sizes;
    expect(small).toBeGreaterThanOrEqual(10);
    expect(middle - small).toBeGreaterThanOrEqual(1_000);
    expect(large - middle).toBeGreaterThanOrEqual(100_000);
    await a.settle(T, await b.claimOne(T), retry(T));
    expect((await b.count()).bytes).toBe(large);
    await a.settle(T, await b.claimOne(T), complete());
    await b.cancel(T, '1000', '100000');
    expect((await a.count()).bytes).toBe(0);
  });
}

function describeUnknown(scene: Scene): void {
  describe('an unknown queue', () => {
    it('answers empty', async () => {
      const nowhere = scene.a.inQueue('nowhere');
      const none = { pending: 0, active: 0, completed: 0, dead: 0, cancelled: 0 };
      expect(await nowhere.count()).toEqual({ ...none, bytes: 0, dropped: 0, paused: false });
      expect(await nowhere.get('x')).toBeUndefined();
      expect(await nowhere.list({ state: 'pending' })).toEqual({ jobs: [] });
      expect(await nowhere.list({ state: 'dead', name: 'job' })).toEqual({ jobs: [] });
      expect(await nowhere.look(T)).toEqual({ settled: [], jobs: [] });
      expect(await nowhere.settle(T, { id: 'x', fence: 1 }, complete())).toBe('stale');
      expect(await nowhere.extend(T, [{ id: 'x', fence: 1 }])).toEqual(['stale']);
      expect(await nowhere.reclaim(T)).toEqual({ reclaimed: [], dead: [], cancelled: [] });
      expect(await nowhere.cancel(T, 'x')).toEqual(['unknown']);
      expect(await nowhere.redrive(T, 'x')).toEqual(['unknown']);
      expect(await nowhere.remove(T, 'x')).toEqual(['unknown']);
    });
  });
}
