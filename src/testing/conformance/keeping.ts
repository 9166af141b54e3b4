import { describe, expect, it } from 'vitest';
import { flows } from '../../core/features/flows/flows.ts';
import type { KeepRules } from '../../core/features/results/keep-rules.ts';
import { read } from '../../core/kernel/step.ts';
import { type Opening, WORKER } from './opening.ts';
import type { Scene } from './scene.ts';
import { fire, put, SECOND, tick } from './schedule-scene.ts';
import { bury, complete, failure, retry, spec, specs, T } from './spec.ts';
import { openBare, openOnly, within } from './witness.ts';

const HOUR = 3_600_000;

export function describeKeeping(scene: Scene): void {
  describe('results', () => {
    describeResults(scene);
  });
  describe('keeping completed jobs', () => {
    describeCompleted(scene);
  });
  describe('keeping dead jobs', () => {
    describeDead(scene);
  });
  describe('prune', () => {
    describePrune(scene);
  });
}

/** Claims the next job and completes it with this result, by these rules. */
async function finish(opening: Opening, now: number, result?: unknown, keep?: KeepRules): Promise<void> {
  const rules = keep === undefined ? {} : { keep };
  const { job, fence } = await opening.claimOne(now, rules);
  const settle = [{ id: job.id, fence, outcome: { kind: 'complete' as const, result: { value: result } } }];
  await opening.store.exchange({ queue: opening.queue, workerId: 'worker', settle, ...rules }, now);
}

function describeResults(scene: Scene): void {
  it('a result is kept with its completed job, for every opening to read, as long as the job says', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { keepResultMs: HOUR, payload: 'large' }));
    await finish(b, T + 5, { sum: 7, at: new Date(9) });
    const done = await a.job('x');
    expect(done).toMatchObject({
      state: 'completed',
      result: { sum: 7, at: new Date(9) },
      finishedAt: T + 5,
    });
    expect(done.payload).toBeUndefined();
    await a.store.prune({ queue: a.queue, limit: 100 }, T + 4 + HOUR);
    expect(await b.get('x')).toBeDefined();
    await a.store.prune({ queue: a.queue, limit: 100 }, T + 5 + HOUR);
    expect(await b.get('x')).toBeUndefined();
    expect(await b.count()).toMatchObject({ completed: 1, bytes: 0 });
  });

  it('undefined is a result too, and a job without keepResultMs has none', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('kept', { keepResultMs: HOUR }), spec('not', { dedupeMs: HOUR }));
    await finish(b, T, undefined);
    await finish(b, T, 'lost');
    expect('result' in (await a.job('kept'))).toBe(true);
    expect('result' in (await a.job('not'))).toBe(false);
  });

  it.each([
    ['is too large', () => 'x'.repeat(65_535)],
    ['cannot be stored', () => () => {}],
  ])('a result that %s is not kept, and its job is done all the same', async (_, result) => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { keepResultMs: HOUR }));
    await finish(b, T, result());
    expect(await a.job('x')).toMatchObject({ state: 'completed' });
    expect('result' in (await a.job('x'))).toBe(false);
    expect(await b.claimIds(T + HOUR)).toEqual([]);
  });

  it('an id is remembered as long as its result is kept', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { keepResultMs: HOUR, dedupeMs: 1_000 }));
    await finish(b, T, 1);
    const again = spec('x', { known: true });
    expect(await a.enqueue(T + HOUR - 1, again)).toEqual([{ id: 'x', status: 'duplicate' }]);
    expect(await a.enqueue(T + HOUR, again)).toEqual([{ id: 'x', status: 'enqueued' }]);
    expect(await b.job('x')).toMatchObject({ state: 'pending' });
  });

  it.each([
    ['nobody', {}],
    ['its caller', { known: true, dedupeMs: 1_000 }],
  ])(
    'one of a job that a page without this feature completed is kept from the next page on that has it (its id is from %s)',
    async (_, own) => {
      const { a } = scene;
      const lacks = await openBare(scene);
      await a.enqueue(T, spec('x', { keepResultMs: HOUR, ...own }));
      await finish(lacks, T + 5, 7);
      await a.exchange(T + 10, [], { names: [] });
      expect(await a.job('x')).toMatchObject({ state: 'completed', result: 7, finishedAt: T + 5 });
      const { store, queue } = a;
      expect(await store.prune({ queue, limit: 100 }, T + 4 + HOUR)).toEqual({ completed: 0, dead: 0 });
      expect(await store.prune({ queue, limit: 100 }, T + 5 + HOUR)).toEqual({ completed: 1, dead: 0 });
      expect(await a.get('x')).toBeUndefined();
      expect(await a.count()).toMatchObject({ pending: 0, active: 0, completed: 1, bytes: 0 });
    },
  );

  it('one that is over before a page with this feature comes, or whose id is another job’s by then, is not kept', async () => {
    const { a } = scene;
    const lacks = await openBare(scene);
    await a.enqueue(T, spec('x', { keepResultMs: 10 }), spec('y', { keepResultMs: HOUR }));
    await finish(lacks, T, 1);
    await finish(lacks, T, 2);
    await lacks.enqueue(T + 10, spec('y', { payload: 'another' }));
    await a.exchange(T + 10, [], { names: [] });
    expect(await a.get('x')).toBeUndefined();
    expect(await a.job('y')).toMatchObject({ state: 'pending', payload: 'another' });
  });

  it('one that is owed is kept while it is in doubt whether its time is over', async () => {
    const { a } = scene;
    const lacks = await openBare(scene);
    await a.enqueue(T, spec('x', { keepResultMs: HOUR / 4 }));
    await finish(lacks, T, 1);
    await a.exchange(T + HOUR, [], { names: [] });
    await a.exchange(T + 10, [], { names: [] });
    expect(await a.job('x')).toMatchObject({ state: 'completed', result: 1 });
  });

  it('one of two jobs that had the same id on such pages is that of the later one', async () => {
    const { a } = scene;
    const lacks = await openBare(scene);
    for (const result of ['first', 'second']) {
      await a.enqueue(T, spec('x', { keepResultMs: HOUR }));
      await finish(lacks, T, result);
    }
    await a.exchange(T, [], { names: [] });
    expect(await a.job('x')).toMatchObject({ state: 'completed', result: 'second' });
    expect(await a.listIds('completed')).toEqual(['x']);
  });

  it('one that a newcomer asks for is kept too, whichever page completes the job', async () => {
    const { a } = scene;
    const lacks = await openBare(scene);
    const key = { idempotencyKey: 'k' };
    await lacks.enqueue(T, spec('x', key));
    await a.enqueue(T, spec('y', { ...key, onDuplicate: 'replace', keepResultMs: HOUR }));
    await finish(lacks, T, 3);
    await a.exchange(T, [], { names: [] });
    expect(await a.job('x')).toMatchObject({ state: 'completed', result: 3 });
  });

  it('one of a job that a schedule brought is kept too, whichever page fires its tick and completes the job', async () => {
    const { a } = scene;
    const lacks = await openBare(scene);
    await put(a, T, 's', { job: { keepResultMs: HOUR } });
    await fire(lacks, T + SECOND, tick(T + SECOND));
    await finish(lacks, T + SECOND, 4);
    await a.exchange(T + SECOND, [], { names: [] });
    expect(await a.job(`s@${T + SECOND}`)).toMatchObject({ state: 'completed', result: 4 });
  });

  it('that of the last job of a batch is kept too, whichever page brings it and completes it', async () => {
    const { a } = scene;
    const [lacks, counts] = [await openBare(scene), await openOnly(scene, flows())];
    const batch = { queue: a.queue, id: 'b' };
    await a.store.putBatch({ ...batch, whenDone: spec('last', { keepResultMs: HOUR }) }, T);
    await a.store.closeBatch(batch, T);
    await counts.exchange(T, [], { names: [] });
    await finish(counts, T, 5);
    await lacks.exchange(T, [], { names: [] });
    await a.exchange(T, [], { names: [] });
    expect(await a.job('last')).toMatchObject({ state: 'completed', result: 5 });
  });

  it('jobs of a schedule owe theirs to nobody once this feature is abandoned', async () => {
    const { a } = scene;
    const lacks = await openBare(scene);
    await put(a, T, 's', { job: { keepResultMs: HOUR } });
    await lacks.abandon(T, 'results');
    await fire(lacks, T + SECOND, tick(T + SECOND));
    await finish(lacks, T + SECOND, 4);
    const owed = await within(lacks, (rows) => read(rows.recordsAfter('owed', '', 9)));
    expect(owed).toEqual([]);
    expect(await a.get(`s@${T + SECOND}`)).toBeUndefined();
  });

  it('jobs of a schedule owe theirs again when it is put again, as it was, by a page that has this feature again', async () => {
    const { a } = scene;
    const lacks = await openBare(scene);
    const again = () => put(a, T, 's', { job: { keepResultMs: HOUR, payload: 'text' } });
    await again();
    await lacks.abandon(T, 'results');
    expect(await again()).toMatchObject({ changed: true });
    await fire(lacks, T + SECOND, tick(T + SECOND));
    await finish(lacks, T + SECOND, 4);
    await a.exchange(T + SECOND, [], { names: [] });
    expect(await a.job(`s@${T + SECOND}`)).toMatchObject({ state: 'completed', result: 4 });
  });

  it('are gone when this feature is abandoned, and jobs that it keeps: ids are remembered for their own time', async () => {
    const { a } = scene;
    const lacks = await openBare(scene);
    const keep = { completed: { count: 5 } };
    await a.enqueue(
      T,
      spec('x', { keepResultMs: HOUR, known: true }),
      spec('y'),
      spec('z', { keepResultMs: 5 }),
    );
    await finish(a, T, 1, keep);
    await finish(a, T, 2, keep);
    expect(await lacks.abandon(T, 'results')).toEqual({ freed: 3, dropped: 0 });
    expect(await a.job('x')).toMatchObject({ state: 'completed', payload: undefined });
    expect('result' in (await a.job('x'))).toBe(false);
    await finish(lacks, T, 3);
    expect(await a.listIds('completed')).toEqual(['x']);
    expect(await a.enqueue(T + HOUR - 1, spec('x', { known: true }))).toEqual([
      { id: 'x', status: 'duplicate' },
    ]);
    expect(await a.enqueue(T + HOUR, spec('x', { known: true }))).toEqual([{ id: 'x', status: 'enqueued' }]);
    expect(await lacks.abandon(T, 'results')).toEqual({ freed: 0, dropped: 0 });
  });

  it('results do not alias', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { keepResultMs: HOUR }));
    const result = { list: [1] };
    await finish(b, T, result);
    result.list.push(2);
    const read = (await a.job('x')).result as typeof result;
    read.list.push(3);
    expect((await a.job('x')).result).toEqual({ list: [1] });
  });
}

function describeCompleted(scene: Scene): void {
  it('without a rule a completed job is gone', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await finish(b, T, 1);
    expect(await a.get('x')).toBeUndefined();
    expect(await a.listIds('completed')).toEqual([]);
  });

  it('a kept one is read and listed with its payload and its result, without a checkpoint', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { payload: { n: 1 }, lane: 'doc' }), spec('y', { payload: 2, lane: 'doc' }));
    const keep = { completed: { ageMs: HOUR } };
    await b.extend(T, [await b.claimOne(T)], { checkpoint: 'half' });
    await b.reclaim(T, { goneWorkers: ['worker'] });
    await finish(b, T + HOUR, 'one', keep);
    await finish(b, T + HOUR, 'two', keep);
    expect((await a.list({ state: 'completed' })).jobs).toMatchObject([
      { id: 'x', payload: { n: 1 }, result: 'one' },
      { id: 'y', payload: 2, result: 'two' },
    ]);
    expect(await a.job('x')).not.toHaveProperty('checkpoint');
    expect(await a.count()).toMatchObject({ completed: 2, pending: 0, bytes: 0 });
  });

  it('the payload of a large one is not kept', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { payload: 'x'.repeat(262_143) }));
    await finish(b, T, 'done', { completed: { count: 1 } });
    expect(await a.job('x')).toMatchObject({ state: 'completed', result: 'done', payload: undefined });
  });

  it('by count the oldest go first, with what is settled anyway', async () => {
    const { a, b } = scene;
    const keep = { completed: { count: 2 } };
    await a.enqueue(T, ...specs('x', 5));
    for (let i = 0; i < 5; i++) await finish(b, T + i, i, keep);
    expect(await a.listIds('completed')).toEqual(['x3', 'x4']);
    expect(await a.count()).toMatchObject({ completed: 5 });
  });

  it('by age they go when it is over, with what is settled anyway', async () => {
    const { a, b } = scene;
    const keep = { completed: { ageMs: 1_000 } };
    await a.enqueue(T, ...specs('x', 3));
    await finish(b, T, 0, keep);
    await finish(b, T + 999, 1, keep);
    expect(await a.listIds('completed')).toEqual(['x0', 'x1']);
    await finish(b, T + 1_000, 2, keep);
    expect(await a.listIds('completed')).toEqual(['x1', 'x2']);
  });

  it('an id that is remembered and a result that is kept outlast the count and the age', async () => {
    const { a, b } = scene;
    const keep = { completed: { count: 1, ageMs: 10 } };
    await a.enqueue(
      T,
      spec('id', { dedupeMs: HOUR }),
      spec('result', { keepResultMs: HOUR }),
      ...specs('x', 3),
    );
    for (let i = 0; i < 5; i++) await finish(b, T + i, i, keep);
    expect(await a.listIds('completed')).toEqual(expect.arrayContaining(['id', 'result']));
    expect(await a.enqueue(T + 5, spec('id', { known: true }))).toEqual([{ id: 'id', status: 'duplicate' }]);
    expect(await a.store.prune({ queue: a.queue, keep, limit: 100 }, T + HOUR)).toMatchObject({
      completed: 1,
    });
    expect(await a.listIds('completed')).toEqual(['result']);
  });

  it('the id of a kept job that is not remembered is free, and the newcomer takes its place', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { payload: 'first' }));
    await finish(b, T, 1, { completed: { ageMs: HOUR } });
    expect(await a.enqueue(T + 1, spec('x', { known: true, payload: 'second' }))).toEqual([
      { id: 'x', status: 'enqueued' },
    ]);
    expect(await b.job('x')).toMatchObject({ state: 'pending', payload: 'second' });
    expect(await a.listIds('completed')).toEqual([]);
  });

  it('a kept one can be removed, and cannot be redriven', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await finish(b, T, 1, { completed: { count: 5 } });
    expect(await a.redrive(T, 'x')).toEqual(['not-dead']);
    expect(await a.remove(T, 'x')).toEqual(['removed']);
    expect(await b.get('x')).toBeUndefined();
  });
}

function describeDead(scene: Scene): void {
  const dying = async (now: number, keep?: KeepRules) => {
    const { b } = scene;
    const { job, fence } = await b.claimOne(now);
    const settle = [{ id: job.id, fence, outcome: bury(failure({ at: now })) }];
    await b.store.exchange(
      { queue: b.queue, workerId: 'worker', settle, ...(keep === undefined ? {} : { keep }) },
      now,
    );
  };

  it('without a rule they stay for good', async () => {
    const { a } = scene;
    await a.enqueue(T, ...specs('x', 3));
    for (let i = 0; i < 3; i++) await dying(T + i);
    await a.store.prune({ queue: a.queue, limit: 100 }, T + 1_000 * HOUR);
    expect(await a.listIds('dead')).toEqual(['x0', 'x1', 'x2']);
  });

  it('by count the first that died go first', async () => {
    const { a } = scene;
    const keep = { dead: { count: 2 } };
    await a.enqueue(T, ...specs('x', 5));
    for (let i = 0; i < 5; i++) await dying(T + i, keep);
    expect(await a.listIds('dead')).toEqual(['x3', 'x4']);
    expect(await a.count()).toMatchObject({ dead: 2, pending: 0, active: 0, bytes: 0 });
  });

  it('by count those that halt their lanes are not counted', async () => {
    const { a, b } = scene;
    const halting = { onLaneDeath: 'halt' } as const;
    await a.enqueue(
      T,
      spec('h1', { ...halting, lane: '1' }),
      spec('h2', { ...halting, lane: '2' }),
      spec('x'),
    );
    for (let i = 0; i < 3; i++) {
      const { job, fence } = await b.claimOne(T + i);
      const settle = [{ id: job.id, fence, outcome: bury() }];
      await a.store.exchange(
        { queue: a.queue, workerId: WORKER, settle, keep: { dead: { count: 1 } } },
        T + i,
      );
    }
    expect(await b.listIds('dead')).toEqual(['h1', 'h2', 'x']);
  });

  it('by age they go when it is over, whoever went before by another way', async () => {
    const { a } = scene;
    const keep = { dead: { ageMs: 1_000 } };
    await a.enqueue(T, ...specs('x', 5));
    for (const at of [0, 10, 20]) await dying(T + at, keep);
    await a.remove(T + 20, 'x0');
    await dying(T + 1_009, keep);
    expect(await a.listIds('dead')).toEqual(['x1', 'x2', 'x3']);
    await dying(T + 1_010, keep);
    expect(await a.listIds('dead')).toEqual(['x2', 'x3', 'x4']);
    await a.store.prune({ queue: a.queue, keep, limit: 100 }, T + 2_010);
    expect(await a.listIds('dead')).toEqual([]);
    expect(await a.count()).toMatchObject({ dead: 0 });
  });
}

function describePrune(scene: Scene): void {
  it('takes at most so many of each kind, and says how many', async () => {
    const { a, b } = scene;
    const keep = { completed: { count: 1 }, dead: { count: 1 } };
    await a.enqueue(T, ...specs('x', 8));
    for (let i = 0; i < 4; i++) await finish(b, T, i, { completed: { count: 100 } });
    for (let i = 0; i < 4; i++) await b.settle(T, await b.claimOne(T), bury());
    const pruned = () => a.store.prune({ queue: a.queue, keep, limit: 2 }, T);
    expect(await pruned()).toEqual({ completed: 2, dead: 2 });
    expect(await pruned()).toEqual({ completed: 1, dead: 1 });
    expect(await pruned()).toEqual({ completed: 0, dead: 0 });
    expect([await b.listIds('completed'), await b.listIds('dead')]).toEqual([['x3'], ['x7']]);
  });

  it('takes nothing that lives', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    await b.settle(T, await b.claimOne(T), retry(T + 5));
    await b.claimOne(T);
    const keep = { completed: { count: 1 }, dead: { count: 1 } };
    expect(await a.store.prune({ queue: a.queue, keep, limit: 100 }, T + HOUR)).toEqual({
      completed: 0,
      dead: 0,
    });
    expect(await a.count()).toMatchObject({ pending: 2, active: 1 });
    expect(await a.inQueue('none').store.prune({ queue: 'none', limit: 5 }, T)).toEqual({
      completed: 0,
      dead: 0,
    });
  });

  it('a settlement forgets at most twice as many as it settles', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 6, { dedupeMs: 10 }));
    for (let i = 0; i < 5; i++) await b.settle(T, await b.claimOne(T), complete());
    await b.settle(T + 10, await b.claimOne(T + 10), complete());
    expect(await a.listIds('completed')).toEqual(['x2', 'x3', 'x4', 'x5']);
  });
}
