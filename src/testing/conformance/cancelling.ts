import { describe, expect, it } from 'vitest';
import type { Scene } from './scene.ts';
import { bury, cancelled, complete, release, retry, spec, specs, T } from './spec.ts';

export function describeCancelling(scene: Scene): void {
  describe('cancelling', () => {
    describeWaiting(scene);
    describeAnswers(scene);
    describeRunning(scene);
    describeEnds(scene);
  });
}

function describeWaiting(scene: Scene): void {
  it('a job that waits is gone at once and counted', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { payload: 'a'.repeat(100) }), spec('later', { delayMs: 5_000 }));
    expect(await b.cancel(T, 'x', 'later')).toEqual(['cancelled', 'cancelled']);
    expect(await a.get('x')).toBeUndefined();
    expect(await a.claimIds(T + 9_000)).toEqual([]);
    expect(await b.count()).toMatchObject({ pending: 0, cancelled: 2, completed: 0, bytes: 0 });
  });

  it('a job that waits for its retry is gone at once', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await b.settle(T, await a.claimOne(T), retry(T + 500));
    expect(await a.cancel(T, 'x')).toEqual(['cancelled']);
    expect(await b.look(T + 900)).toEqual({ settled: [], jobs: [] });
  });

  it('a job cancelled amid others is passed by', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 5), ...specs('timed ', 3, { delayMs: 5 }));
    await b.cancel(T, 'x1', 'x3', 'timed 1');
    expect(await a.claimIds(T + 5)).toEqual(['x0', 'x2', 'x4', 'timed 0', 'timed 2']);
  });
}

function describeAnswers(scene: Scene): void {
  it('answers per id, in input order', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('dead', { priority: 2 }), spec('runs', { priority: 1 }), spec('waits'));
    await b.settle(T, await a.claimOne(T), bury());
    await b.claimOne(T);
    const answers = await a.cancel(T, 'waits', 'unknown', 'dead', 'runs', 'waits2');
    expect(answers).toEqual(['cancelled', 'unknown', 'finished', 'requested', 'unknown']);
    expect(await b.count()).toMatchObject({ pending: 0, active: 1, dead: 1, cancelled: 1 });
  });

  it('the same id twice in a call is cancelled once', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    expect(await b.cancel(T, 'x', 'x')).toEqual(['cancelled', 'unknown']);
    expect(await a.count()).toMatchObject({ pending: 1, cancelled: 1 });
  });

  it('a job that completed or was cancelled before is unknown', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    await b.settle(T, await a.claimOne(T), complete());
    await a.cancel(T, 'y');
    expect(await b.cancel(T, 'x', 'y')).toEqual(['unknown', 'unknown']);
    expect(await a.count()).toMatchObject({ completed: 1, cancelled: 1 });
  });

  it('a thousand jobs can be cancelled in one call', async () => {
    const { a, b } = scene;
    const batch = specs('x', 1_000);
    await a.enqueue(T, ...batch);
    await b.enqueue(T, spec('y'));
    const answers = await b.cancel(T, ...batch.map(({ id }) => id));
    expect(new Set(answers)).toEqual(new Set(['cancelled']));
    expect(await a.claimIds(T)).toEqual(['y']);
  });
}

/** A job that runs and was asked to stop. */
async function requested({ a, b }: Scene, more = {}) {
  await a.enqueue(T, spec('x', more));
  const x = await b.claimOne(T);
  expect(await a.cancel(T, 'x')).toEqual(['requested']);
  return x;
}

function describeRunning(scene: Scene): void {
  it('a job that runs is asked to stop, and stays active until its owner settles it', async () => {
    const { a, b } = scene;
    const x = await requested(scene);
    expect(await b.job('x')).toMatchObject({ state: 'active' });
    expect(await b.cancel(T, 'x')).toEqual(['requested']);
    expect(await b.extend(T, [x])).toEqual(['cancelRequested']);
    expect(await a.extend(T, [x])).toEqual(['cancelRequested']);
    expect(await a.count()).toMatchObject({ active: 1, cancelled: 0 });
  });

  for (const [outcome, answer] of [
    [retry(T + 5), 'cancelled'],
    [release(T + 5), 'cancelled'],
    [cancelled, 'settled'],
  ] as const)
    it(`a job that was asked to stop ends cancelled at ${outcome.kind}, which is answered`, async () => {
      const { a, b } = scene;
      expect(await a.settle(T, await requested(scene), outcome)).toBe(answer);
      expect(await b.get('x')).toBeUndefined();
      expect(await b.claimIds(T + 9_000)).toEqual([]);
      expect(await a.count()).toMatchObject({ pending: 0, active: 0, cancelled: 1, bytes: 0 });
    });
}

function describeEnds(scene: Scene): void {
  it('a job that was asked to stop may complete first', async () => {
    const { a, b } = scene;
    expect(await a.settle(T, await requested(scene), complete(spec('next')))).toBe('settled');
    expect(await b.count()).toMatchObject({ pending: 1, active: 0, completed: 1, cancelled: 0 });
  });

  it('a job that was asked to stop may be buried, and its redrive is asked nothing', async () => {
    const { a, b } = scene;
    expect(await a.settle(T, await requested(scene), bury())).toBe('settled');
    expect(await b.job('x')).toMatchObject({ state: 'dead' });
    await a.redrive(T, 'x');
    const x = await b.claimOne(T);
    expect(await a.extend(T, [x])).toEqual(['extended']);
    expect(await b.settle(T, x, retry(T + 5))).toBe('settled');
    expect(await a.job('x')).toMatchObject({ state: 'pending', failures: 1 });
  });

  it('a job that was asked to stop ends cancelled when its lease is reclaimed', async () => {
    const { a, b } = scene;
    await requested(scene);
    expect(await b.reclaim(T + 30_000)).toEqual({ reclaimed: [], dead: [], cancelled: ['x'] });
    expect(await a.count()).toMatchObject({ pending: 0, active: 0, cancelled: 1 });
  });

  it('a job cancelled so lets its lane go on and frees its key', async () => {
    const { a, b } = scene;
    const more = { lane: 'doc', idempotencyKey: 'k' };
    const x = await requested(scene, more);
    await a.enqueue(T, spec('y', { lane: 'doc' }));
    await b.settle(T, x, release(T));
    expect(await a.claimIds(T)).toEqual(['y']);
    expect(await b.enqueue(T, spec('z', more))).toEqual([{ id: 'z', status: 'enqueued' }]);
  });

  it('asking one job of a claim to stop asks no other', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    const claimed = await b.claim(T);
    await a.cancel(T, 'x1');
    expect(await b.extend(T, claimed)).toEqual(['extended', 'cancelRequested', 'extended']);
  });
}
