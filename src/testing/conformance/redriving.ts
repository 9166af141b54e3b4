import { describe, expect, it } from 'vitest';
import type { JobSpec } from '../../core/kernel/messages.ts';
import type { Scene } from './scene.ts';
import { bury, complete, failure, retry, spec, specs, T } from './spec.ts';

export function describeRedriving(scene: Scene): void {
  describe('redrive', () => {
    describeRedrive(scene);
    describeKeys(scene);
    describeNewer(scene);
  });
  describe('remove', () => {
    describeRemove(scene);
  });
}

/** Enqueues the jobs and buries each. */
async function buried({ a, b }: Scene, ...jobs: JobSpec[]): Promise<void> {
  await a.enqueue(T, ...jobs);
  for (const _ of jobs) await a.settle(T, await b.claimOne(T, { names: ['job', 'mail'] }), bury());
}

function describeRedrive(scene: Scene): void {
  it('a dead job starts anew, due at once', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { payload: [1], maxAttempts: 3, priority: 2 }));
    const { job } = await b.claimOne(T);
    await b.reclaim(T, { goneWorkers: ['worker'] });
    await a.settle(T, await b.claimOne(T), retry(T, failure()));
    await b.settle(T, await a.claimOne(T), bury());
    expect(await b.redrive(T + 50, 'x')).toEqual(['redriven']);
    const anew = await a.job('x');
    expect(anew).toMatchObject({
      state: 'pending',
      attempt: 1,
      failures: 0,
      crashes: 0,
      errors: [],
      runAt: T + 50,
    });
    const { seq, payload, maxAttempts, priority, enqueuedAt } = job;
    expect(anew).toMatchObject({ seq, payload, maxAttempts, priority, enqueuedAt });
    expect(anew.finishedAt).toBeUndefined();
    expect(await a.count()).toMatchObject({ pending: 1, dead: 0 });
    expect(await b.claimIds(T + 50)).toEqual(['x']);
  });

  it('a redriven job has waited since it was redriven', async () => {
    const { a, b } = scene;
    await buried(scene, spec('x'));
    await b.enqueue(T + 5, spec('before'));
    await a.redrive(T + 10, 'x');
    await b.enqueue(T + 15, spec('after'));
    expect(await a.claimIds(T + 20)).toEqual(['before', 'x', 'after']);
  });

  it('a redriven job can run, die and be redriven again', async () => {
    const { a, b } = scene;
    await buried(scene, spec('x'));
    await a.redrive(T, 'x');
    await a.settle(T + 9, await b.claimOne(T), bury(failure({ message: 'again' })));
    const { errors, failures, finishedAt } = await b.job('x');
    expect([errors.length, errors[0]?.message, failures, finishedAt]).toEqual([1, 'again', 1, T + 9]);
    expect(await b.redrive(T, 'x')).toEqual(['redriven']);
    await b.settle(T + 9, await a.claimOne(T + 9), complete());
    expect(await a.count()).toMatchObject({ pending: 0, dead: 0, completed: 1, bytes: 0 });
  });

  it('answers per id, in input order; only dead jobs are redriven', async () => {
    const { a, b } = scene;
    await buried(scene, spec('x'));
    await a.enqueue(T, spec('runs'), spec('waits'));
    await b.claimOne(T);
    const before = [await a.job('runs'), await a.job('waits')];
    const answers = await a.redrive(T, 'waits', 'x', 'unknown', 'runs', 'x');
    expect(answers).toEqual(['not-dead', 'redriven', 'unknown', 'not-dead', 'not-dead']);
    expect([await b.job('runs'), await b.job('waits')]).toEqual(before);
    expect(await b.count()).toMatchObject({ pending: 2, active: 1, dead: 0 });
  });
}

function describeKeys(scene: Scene): void {
  it('a job whose key is held by a live job stays dead', async () => {
    const { a, b } = scene;
    await buried(scene, spec('x', { idempotencyKey: 'k' }));
    await b.enqueue(T, spec('y', { idempotencyKey: 'k' }));
    expect(await a.redrive(T, 'x')).toEqual(['duplicate']);
    expect(await b.job('x')).toMatchObject({ state: 'dead', failures: 1 });
    expect(await b.count()).toMatchObject({ pending: 1, dead: 1 });
    await b.cancel(T, 'y');
    expect(await a.redrive(T, 'x')).toEqual(['duplicate']);
    expect(await edit(b, 'x')).toEqual(['redriven']);
  });

  it('a redriven job holds its key again', async () => {
    const { a, b } = scene;
    await buried(scene, spec('x', { idempotencyKey: 'k' }));
    await a.redrive(T, 'x');
    expect(await b.enqueue(T, spec('y', { idempotencyKey: 'k' }))).toEqual([
      { id: 'x', status: 'duplicate' },
    ]);
  });

  it('of two dead jobs with one key the newer is redriven, in whatever order they are named', async () => {
    const { a, b } = scene;
    const key = { idempotencyKey: 'k' };
    await buried(scene, spec('x', key));
    await buried(scene, spec('y', key));
    expect(await b.redrive(T, 'x', 'y')).toEqual(['duplicate', 'redriven']);
    expect(await a.claimIds(T)).toEqual(['y']);
  });
}

function describeNewer(scene: Scene): void {
  it('does not bring a payload back over a newer one, done or not, that came with its key', async () => {
    const { a, b } = scene;
    await buried(scene, spec('old', { idempotencyKey: 'k' }));
    await a.enqueue(T, spec('new', { idempotencyKey: 'k' }));
    await a.settle(T, await b.claimOne(T), complete());
    expect(await b.redrive(T, 'old')).toEqual(['duplicate']);
    expect(await a.job('old')).toMatchObject({ state: 'dead' });
    expect(await b.claimIds(T)).toEqual([]);
  });

  it('does not bring it back over the follow-up that came while it ran', async () => {
    const { a, b } = scene;
    const replace = { idempotencyKey: 'k', onDuplicate: 'replace' } as const;
    await a.enqueue(T, spec('old', replace));
    const held = await b.claimOne(T);
    await a.enqueue(T, spec('new', replace));
    await b.settle(T, held, bury());
    await a.settle(T, await b.claimOne(T), complete());
    expect(await b.redrive(T, 'old')).toEqual(['duplicate']);
  });

  it('does not bring it back over a newer one that a waiting job took, nor after that died', async () => {
    const { a, b } = scene;
    await buried(scene, spec('old', { idempotencyKey: 'k' }));
    await a.enqueue(T, spec('x', { idempotencyKey: 'k' }));
    await a.enqueue(T, spec('y', { idempotencyKey: 'k', onDuplicate: 'restart' }));
    await a.settle(T, await b.claimOne(T), bury());
    expect(await b.redrive(T, 'old')).toEqual(['duplicate']);
    expect(await b.redrive(T, 'x')).toEqual(['redriven']);
  });

  it('brings the newest back: that with which somebody edited it', async () => {
    const { a, b } = scene;
    await buried(scene, spec('old', { idempotencyKey: 'k' }));
    await buried(scene, spec('new', { idempotencyKey: 'k' }));
    expect(await edit(a, 'old')).toEqual(['redriven']);
    await a.settle(T, await b.claimOne(T), complete());
    expect(await b.redrive(T, 'new')).toEqual(['duplicate']);
  });

  it('remembers no more of it than there are keys with dead jobs, and looks nothing up without them', async () => {
    const { a, b, harness } = scene;
    const cost = async (id: string) => {
      const before = harness.steps();
      await a.enqueue(T, spec(id, { idempotencyKey: id }));
      return harness.steps().read - before.read;
    };
    await a.enqueue(T, spec('other', { name: 'mail' }));
    const alone = await cost('first');
    await a.cancel(T, 'first');
    await buried(scene, spec('x', { idempotencyKey: 'k' }));
    await b.remove(T, 'x');
    expect(await cost('second')).toBe(alone);
  });
}

/** Redrives it with another payload. */
const edit = ({ store, queue }: Scene['a'], id: string) =>
  store.redrive({ queue, ids: [id], edit: { payload: 'edited', version: 1 } }, T);

function describeRemove(scene: Scene): void {
  it('a dead job that is removed is gone, and with it its bytes', async () => {
    const { a, b } = scene;
    await buried(scene, spec('x', { payload: 'a'.repeat(100) }));
    expect(await b.remove(T, 'x')).toEqual(['removed']);
    expect(await a.get('x')).toBeUndefined();
    expect(await a.listIds('dead')).toEqual([]);
    expect(await a.redrive(T, 'x')).toEqual(['unknown']);
    expect(await b.count()).toMatchObject({ dead: 0, bytes: 0 });
  });

  it('answers per id, in input order; a live job is not removed', async () => {
    const { a, b } = scene;
    await buried(scene, spec('x'));
    await a.enqueue(T, spec('runs'), spec('waits', { lane: 'doc' }), spec('parked', { lane: 'doc' }));
    const runs = await b.claimOne(T);
    const answers = await a.remove(T, 'waits', 'runs', 'x', 'unknown', 'x', 'parked');
    expect(answers).toEqual(['live', 'live', 'removed', 'unknown', 'unknown', 'live']);
    expect(await b.count()).toMatchObject({ pending: 2, active: 1, dead: 0 });
    expect(await b.settle(T, runs, complete())).toBe('settled');
  });

  it('an id that was removed is free', async () => {
    const { a, b } = scene;
    await buried(scene, spec('x'));
    await b.remove(T, 'x');
    expect(await a.enqueue(T, spec('x', { known: true }))).toEqual([{ id: 'x', status: 'enqueued' }]);
    expect(await b.claimIds(T)).toEqual(['x']);
  });

  it('removing some of the dead leaves the others', async () => {
    const { a, b } = scene;
    await buried(scene, ...specs('x', 4));
    await b.remove(T, 'x1', 'x3');
    expect(await a.listIds('dead')).toEqual(['x0', 'x2']);
    expect(await b.redrive(T, 'x2')).toEqual(['redriven']);
  });
}
