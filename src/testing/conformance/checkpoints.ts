import { describe, expect, it } from 'vitest';
import { PayloadError } from '../../core/kernel/errors.ts';
import { type Opening, WORKER } from './opening.ts';
import type { Scene } from './scene.ts';
import { bury, cancelled, complete, release, retry, spec, T } from './spec.ts';
import { openBare } from './witness.ts';

export function describeCheckpoints(scene: Scene): void {
  describe('checkpoints', () => {
    describeKeeping(scene);
    describeEnds(scene);
    describePages(scene);
  });
  describe('an edited redrive', () => {
    describeEdits(scene);
  });
}

/** The job claimed, with this checkpoint stored. */
async function left({ a, b }: Scene, checkpoint: unknown, more = {}) {
  await a.enqueue(T, spec('x', more));
  const claimed = await b.claimOne(T);
  expect(await b.extend(T, [claimed], { checkpoint })).toEqual(['extended']);
  return claimed;
}

const found = async (opening: Opening) => (await opening.job('x')).checkpoint;

function describeKeeping(scene: Scene): void {
  it('a checkpoint is read at once, and given to the next attempt', async () => {
    const { a, b } = scene;
    const claimed = await left(scene, { page: 3, seen: new Set([1]) });
    expect(await a.job('x')).toMatchObject({ state: 'active', checkpoint: { page: 3, seen: new Set([1]) } });
    await b.settle(T, claimed, retry(T));
    expect((await a.claimOne(T)).job.checkpoint).toEqual({ page: 3, seen: new Set([1]) });
  });

  it('the last one counts, also the one that comes with the outcome', async () => {
    const { a, b } = scene;
    const { job, fence } = await left(scene, 1);
    await b.extend(T, [{ id: 'x', fence }], { checkpoint: 2 });
    expect(await found(a)).toBe(2);
    const settle = [{ id: job.id, fence, outcome: retry(T), attach: { checkpoints: 3 } }];
    await b.store.exchange({ queue: b.queue, workerId: 'worker', settle }, T);
    expect((await a.claimOne(T)).job.checkpoint).toBe(3);
  });

  it('it outlives a crash, a release, a lane and a priority', async () => {
    const { a, b } = scene;
    await left(scene, 'half', { lane: 'doc', priority: 5 });
    await a.reclaim(T, { goneWorkers: ['worker'] });
    const again = await b.claimOne(T + 60_000);
    expect(again.job).toMatchObject({ crashes: 1, checkpoint: 'half' });
    await b.settle(T + 60_000, again, release(T + 60_000));
    expect((await a.claimOne(T + 60_000)).job.checkpoint).toBe('half');
  });

  it('one under another fence is not stored', async () => {
    const { a, b } = scene;
    const { fence } = await left(scene, 'mine');
    expect(await b.extend(T, [{ id: 'x', fence: fence - 1 }], { checkpoint: 'late' })).toEqual(['stale']);
    const settle = [{ id: 'x', fence: fence - 1, outcome: retry(T), attach: { checkpoints: 'late' } }];
    await b.store.exchange({ queue: b.queue, workerId: 'worker', settle }, T);
    expect(await found(a)).toBe('mine');
  });

  it('one that is too large or cannot be stored is refused, and nothing is extended', async () => {
    const { a, b } = scene;
    const claimed = await left(scene, 'small');
    for (const checkpoint of ['x'.repeat(8_191), () => {}])
      await expect(b.extend(T + 5, [claimed], { checkpoint })).rejects.toThrow(PayloadError);
    expect(await a.job('x')).toMatchObject({ checkpoint: 'small', lease: { until: T + 30_000 } });
    await b.extend(T, [claimed], { checkpoint: 'x'.repeat(8_190) });
    expect(await found(a)).toBe('x'.repeat(8_190));
  });

  it('it does not alias', async () => {
    const { a, b } = scene;
    const checkpoint = { list: [1] };
    const claimed = await left(scene, checkpoint);
    checkpoint.list.push(2);
    ((await found(a)) as typeof checkpoint).list.push(3);
    await b.settle(T, claimed, retry(T));
    expect((await a.claimOne(T)).job.checkpoint).toEqual({ list: [1] });
  });

  it('a job that leaves one stays where it is among the others', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('w'), spec('x'), spec('y'), spec('z'));
    const jobs = await b.claim(T, { limit: 3 });
    await b.extend(T, jobs, { checkpoint: 1 });
    expect(await a.claimIds(T, { worker: 'other' })).toEqual(['z']);
    await b.exchange(
      T,
      jobs.map((claimed) => [claimed, complete()]),
    );
    expect(await a.count()).toMatchObject({ pending: 0, active: 1, completed: 3 });
  });
}

function describeEnds(scene: Scene): void {
  it.each([
    ['completes', complete()],
    ['is cancelled', cancelled],
  ])('it is gone with a job that %s', async (_, outcome) => {
    const { a, b } = scene;
    await b.settle(T, await left(scene, 'half', { dedupeMs: 5 }), outcome);
    await a.enqueue(T + 5, spec('x', { known: true }));
    expect(await found(b)).toBeUndefined();
  });

  it('a dead job has it still, and has it when it is redriven', async () => {
    const { a, b } = scene;
    await b.settle(T, await left(scene, 'half'), bury());
    expect(await a.job('x')).toMatchObject({ state: 'dead', checkpoint: 'half' });
    await a.redrive(T, 'x');
    expect((await b.claimOne(T)).job.checkpoint).toBe('half');
  });

  it('it goes with the payload that is replaced', async () => {
    const { a, b } = scene;
    await b.settle(T, await left(scene, 'half', { idempotencyKey: 'k' }), retry(T + 50));
    await a.enqueue(T, spec('y', { idempotencyKey: 'k', onDuplicate: 'replace', payload: 2 }));
    expect(await b.job('x')).toMatchObject({ payload: 2, failures: 1 });
    expect(await found(b)).toBeUndefined();
  });
}

/** Beside a page that has no features. */
function describePages(scene: Scene): void {
  it.each([
    ['retried', retry(T)],
    ['given back', release(T)],
  ])(
    'a job that has left one and is %s runs where the feature is, and never where it is not',
    async (_, outcome) => {
      const { a, b } = scene;
      const lacks = await openBare(scene);
      await b.settle(T, await left(scene, 'half', { lane: 'doc' }), outcome);
      await a.enqueue(T, spec('y', { lane: 'doc' }), spec('z'));
      expect(await lacks.claimIds(T, { idle: true })).toEqual(['z']);
      expect(await lacks.job('x')).not.toHaveProperty('checkpoint');
      const again = await a.claimOne(T);
      expect(again.job).toMatchObject({ id: 'x', checkpoint: 'half' });
      await a.settle(T, again, complete());
      expect(await lacks.claimIds(T)).toEqual(['y']);
    },
  );

  it('one that is left with the end of the attempt, or whose owner vanishes, is kept for pages with the feature, too', async () => {
    const { a, b } = scene;
    const lacks = await openBare(scene);
    await a.enqueue(T, spec('x'), spec('y'));
    const [x, y] = await b.claim(T);
    if (x === undefined || y === undefined) throw new Error('nothing was claimed');
    await b.extend(T, [y], { checkpoint: 'y' });
    const settle = [{ id: 'x', fence: x.fence, outcome: retry(T), attach: { checkpoints: 'x' } }];
    await b.store.exchange({ queue: b.queue, workerId: WORKER, settle }, T);
    await lacks.reclaim(T, { goneWorkers: [WORKER] });
    expect(await lacks.claimIds(T + 60_000, { idle: true })).toEqual([]);
    const jobs = await a.claim(T + 60_000);
    expect(jobs.map(({ job }) => job.checkpoint)).toEqual(['x', 'y']);
  });

  it('a job has none any more once the feature is abandoned: it begins anew everywhere, also where the feature comes back', async () => {
    const { a, b } = scene;
    const lacks = await openBare(scene);
    await b.settle(T, await left(scene, 'half'), retry(T));
    expect(await lacks.abandon(T, 'checkpoints')).toEqual({ freed: 1, dropped: 0 });
    expect(await a.job('x')).not.toHaveProperty('checkpoint');
    const again = await lacks.claimOne(T);
    await lacks.settle(T, again, retry(T));
    expect((await a.claimOne(T)).job).not.toHaveProperty('checkpoint');
  });

  it('a page without the feature takes such a job back, cancels it and buries it', async () => {
    const { b } = scene;
    const lacks = await openBare(scene);
    const held = await left(scene, 'half');
    expect(await lacks.settle(T, held, bury())).toBe('settled');
    expect(await b.job('x')).toMatchObject({ state: 'dead', checkpoint: 'half' });
    expect(await lacks.redrive(T, 'x')).toEqual(['redriven']);
    expect(await lacks.claimIds(T, { idle: true })).toEqual([]);
    expect((await b.claimOne(T)).job.checkpoint).toBe('half');
    expect(await lacks.cancel(T, 'x')).toEqual(['requested']);
  });

  it('with another payload the job is for all pages again', async () => {
    const { a, b } = scene;
    const lacks = await openBare(scene);
    await b.settle(T, await left(scene, 'half'), bury());
    const edit = { payload: 'new', version: 1 };
    expect(await lacks.store.redrive({ queue: lacks.queue, ids: ['x'], edit }, T)).toEqual(['redriven']);
    const [claimed] = await lacks.claim(T);
    expect(claimed?.job).toMatchObject({ id: 'x', payload: 'new' });
    expect(await a.job('x')).not.toHaveProperty('checkpoint');
  });

  it('with the payload of a newcomer the job is for all pages again, where the feature is; elsewhere the newcomer follows it', async () => {
    const { a, b } = scene;
    const lacks = await openBare(scene);
    await b.settle(T, await left(scene, 'half', { idempotencyKey: 'k' }), retry(T));
    const next = (id: string) => spec(id, { idempotencyKey: 'k', onDuplicate: 'replace', payload: 2 });
    expect(await lacks.enqueue(T, next('y'))).toMatchObject([{ id: 'y', status: 'enqueued' }]);
    expect(await a.job('x')).toMatchObject({ checkpoint: 'half' });
    await lacks.cancel(T, 'y');
    expect(await a.enqueue(T, next('z'))).toMatchObject([{ id: 'x', status: 'replaced' }]);
    expect(await lacks.claimIds(T)).toEqual(['x']);
  });
}

function describeEdits(scene: Scene): void {
  const edited = (payload: unknown, version = 1) => {
    const { a } = scene;
    return a.store.redrive({ queue: a.queue, ids: ['x'], edit: { payload, version } }, T + 9);
  };

  it('runs with the new payload and its version, under the same id and in its place, counted by its new size', async () => {
    const { a, b } = scene;
    await b.settle(T, await left(scene, 'half', { payload: 'old', priority: 3 }), bury());
    const { seq } = await a.job('x');
    expect(await edited({ long: 'x'.repeat(100) }, 2)).toEqual(['redriven']);
    expect(await b.job('x')).toMatchObject({
      state: 'pending',
      seq,
      version: 2,
      priority: 3,
      failures: 0,
      errors: [],
      runAt: T + 9,
      payload: { long: 'x'.repeat(100) },
    });
    expect(await b.job('x')).not.toHaveProperty('checkpoint');
    const { bytes } = await b.count();
    expect(bytes).toBeGreaterThan(100);
    await b.settle(T + 9, await b.claimOne(T + 9, { names: { job: { version: 2, slots: 1 } } }), complete());
    expect(await a.count()).toMatchObject({ bytes: 0, completed: 1 });
  });

  it('with a payload that cannot be stored is refused, and the job stays dead as it was', async () => {
    const { a, b } = scene;
    await b.settle(T, await left(scene, 'half', { payload: 'old' }), bury());
    await expect(edited(() => {})).rejects.toThrow(PayloadError);
    expect(await a.job('x')).toMatchObject({ state: 'dead', payload: 'old', checkpoint: 'half' });
  });

  it('of what is not dead, or whose key is taken, changes nothing', async () => {
    const { a, b } = scene;
    expect(await edited('new')).toEqual(['unknown']);
    const claimed = await left(scene, 'half', { payload: 'old', idempotencyKey: 'k' });
    expect(await edited('new')).toEqual(['not-dead']);
    await b.settle(T, claimed, bury());
    await a.enqueue(T, spec('y', { idempotencyKey: 'k' }));
    expect(await edited('new')).toEqual(['duplicate']);
    expect(await b.job('x')).toMatchObject({ state: 'dead', payload: 'old', checkpoint: 'half' });
  });
}
