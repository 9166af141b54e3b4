import { describe, expect, it } from 'vitest';
import type { Scene } from './scene.ts';
import { bury, complete, failure, retry, spec, T } from './spec.ts';

export function describeCrashes(scene: Scene): void {
  describe('crashes', () => {
    describeCounting(scene);
    describeWaits(scene);
    describeSuspects(scene);
    describeBystanders(scene);
    describeDeath(scene);
    describeAftermath(scene);
    describeEvictions(scene);
  });
}

/** Lets a worker whose host may end it at any time be ended `times` times with job `x`; returns when it is due again. */
async function evict({ a, b }: Scene, times: number, from = T): Promise<number> {
  let now = from;
  for (let evictions = 1; evictions <= times; evictions += 1) {
    const claimed = await a.claimOne(now, { worker: 'evicted', idle: true, evictable: true });
    expect(claimed.job.id).toBe('x');
    await b.reclaim(now, { goneWorkers: ['evicted'] });
    now = (await a.job('x')).runAt;
  }
  return now;
}

/** Lets job `x` lose its owner `times` times, each time as soon as it is due; answers when it is due again. */
async function crash({ a, b }: Scene, times: number, from = T): Promise<number> {
  let now = from;
  for (let crashes = 1; crashes <= times; crashes += 1) {
    const claimed = await a.claimOne(now, { worker: 'gone', idle: true });
    expect(claimed.job.id).toBe('x');
    await b.reclaim(now, { goneWorkers: ['gone'] });
    now = (await a.job('x')).runAt;
  }
  return now;
}

function describeCounting(scene: Scene): void {
  it('an owner that vanishes costs a crash, not an attempt', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await b.settle(T, await a.claimOne(T), retry(T));
    await a.claimOne(T, { worker: 'gone' });
    await b.reclaim(T + 50, { goneWorkers: ['gone'] });
    const job = await a.job('x');
    expect(job).toMatchObject({ state: 'pending', failures: 1, crashes: 1, attempt: 2 });
    expect(job.errors).toMatchObject([
      { name: 'Error', attempt: 1 },
      { name: 'CrashError', attempt: 2, at: T + 50 },
    ]);
    expect(job.lease).toBeUndefined();
  });

  it('after its first crash a job is due at once', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await a.claimOne(T, { worker: 'gone' });
    await b.reclaim(T + 50, { goneWorkers: ['gone'] });
    expect(await a.job('x')).toMatchObject({ runAt: T + 50 });
    expect(await b.claim(T + 50)).toMatchObject([{ job: { id: 'x', crashes: 1 } }]);
  });

  it('later crashes wait from one second to five minutes, twice as long each time', async () => {
    const { a } = scene;
    await a.enqueue(T, spec('x', { maxCrashes: 50 }));
    const waits = [];
    let now = T;
    for (let crashes = 1; crashes <= 12; crashes += 1) {
      const due = await crash(scene, 1, now);
      waits.push((due - now) / 1_000);
      now = due;
    }
    expect(waits).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  });
}

function describeWaits(scene: Scene): void {
  it('the wait after a crash is kept: nobody claims the job early', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    expect(await crash(scene, 2)).toBe(T + 1_000);
    expect(await b.look(T + 999, { idle: true })).toMatchObject({ jobs: [], nextAt: T + 1_000 });
    expect(await a.claimIds(T + 1_000, { idle: true })).toEqual(['x']);
  });

  it('the errors of crashes are among the last five', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const now = await crash(scene, 5);
    await b.settle(now, await a.claimOne(now, { idle: true }), retry(now, failure({ message: 'last' })));
    const { errors } = await b.job('x');
    expect(errors.map(({ name }) => name)).toEqual([
      'CrashError',
      'CrashError',
      'CrashError',
      'CrashError',
      'Error',
    ]);
  });
}

function describeSuspects(scene: Scene): void {
  it('a job that crashed once runs beside others', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await crash(scene, 1);
    await b.enqueue(T + 1, spec('y'));
    expect(await a.claimIds(T + 1)).toEqual(['x', 'y']);
  });

  it('a job that crashed twice is claimed only by an idle worker', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const now = await crash(scene, 2);
    expect(await b.claimIds(now)).toEqual([]);
    expect(await a.claimIds(now, { idle: true })).toEqual(['x']);
  });

  it('a job that crashed twice is claimed alone', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const now = await crash(scene, 2);
    await b.enqueue(now + 1, spec('y'));
    expect(await b.claimIds(now + 1, { idle: true })).toEqual(['x']);
    expect(await a.claimIds(now + 1, { worker: 'other' })).toEqual(['y']);
  });

  it('a busy worker takes what comes before such a job and nothing behind it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const now = await crash(scene, 2);
    await b.enqueue(now - 1, spec('before'));
    await a.enqueue(now + 1, spec('behind'));
    expect(await b.claimIds(now + 2)).toEqual(['before']);
    expect(await a.claimIds(now + 2)).toEqual([]);
    expect(await b.claimIds(now + 2, { idle: true })).toEqual(['x']);
    expect(await a.claimIds(now + 2, { worker: 'other' })).toEqual(['behind']);
  });

  it('an idle worker too takes what comes before such a job without it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const now = await crash(scene, 2);
    await b.enqueue(now, spec('before', { priority: 1 }));
    expect(await a.claimIds(now, { idle: true })).toEqual(['before']);
    expect(await b.claimIds(now, { idle: true })).toEqual(['x']);
  });
}

function describeBystanders(scene: Scene): void {
  it('a busy worker is not told to ask again at once for such a job', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const now = await crash(scene, 2);
    const { jobs, nextAt = Number.POSITIVE_INFINITY } = await b.look(now);
    expect(jobs).toEqual([]);
    expect(nextAt).toBeGreaterThan(now);
  });

  it('such a job that is not due, or of another name, stops nobody', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { priority: 9 }));
    const now = await crash(scene, 2);
    await b.enqueue(now, spec('m', { name: 'mail' }), spec('y'));
    expect(await a.claimIds(now - 1)).toEqual(['y']);
    expect(await b.claimIds(now, { names: ['mail'] })).toEqual(['m']);
  });
}

function describeDeath(scene: Scene): void {
  it('the tenth crash is death', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const now = await crash(scene, 9);
    expect(await b.job('x')).toMatchObject({ state: 'pending', crashes: 9 });
    await a.claimOne(now, { worker: 'gone', idle: true });
    const answer = await b.reclaim(now + 5, { goneWorkers: ['gone'] });
    expect(answer).toEqual({ reclaimed: [], dead: ['x'], cancelled: [] });
    expect(await a.job('x')).toMatchObject({ state: 'dead', crashes: 10, failures: 0, finishedAt: now + 5 });
    expect((await a.job('x')).errors).toHaveLength(5);
    expect(await b.count()).toMatchObject({ pending: 0, active: 0, dead: 1 });
    expect(await a.claimIds(now + 1_000_000, { idle: true })).toEqual([]);
  });

  it('a job may bear fewer crashes', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { maxCrashes: 1 }), spec('y', { maxCrashes: 2 }));
    await a.claim(T, { worker: 'gone' });
    const { reclaimed, dead } = await b.reclaim(T, { goneWorkers: ['gone'] });
    expect([reclaimed, dead]).toEqual([['y'], ['x']]);
  });

  it('failures do not count towards maxCrashes', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { maxCrashes: 2 }));
    for (const _ of [1, 2, 3]) await b.settle(T, await a.claimOne(T), retry(T));
    await a.claimOne(T, { worker: 'gone' });
    expect((await b.reclaim(T, { goneWorkers: ['gone'] })).reclaimed).toEqual(['x']);
  });
}

function describeAftermath(scene: Scene): void {
  it('a job that dies of crashes leaves its lane and frees its key', async () => {
    const { a, b } = scene;
    const more = { lane: 'doc', idempotencyKey: 'k', maxCrashes: 1 };
    await a.enqueue(T, spec('x', more), spec('y', { lane: 'doc' }));
    await a.claimOne(T, { worker: 'gone' });
    await b.reclaim(T, { goneWorkers: ['gone'] });
    expect(await a.enqueue(T, spec('z', { idempotencyKey: 'k' }))).toEqual([{ id: 'z', status: 'enqueued' }]);
    expect(new Set(await b.claimIds(T))).toEqual(new Set(['y', 'z']));
  });

  it('a redriven job is no longer suspected', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const now = await crash(scene, 3);
    await b.settle(now, await a.claimOne(now, { idle: true }), bury());
    await a.redrive(now, 'x');
    await b.enqueue(now, spec('y'));
    expect(await a.claimIds(now)).toEqual(['x', 'y']);
  });

  it('a crash whose job was to be cancelled ends it as cancelled', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { maxCrashes: 1 }), spec('y'));
    await a.claim(T, { worker: 'gone' });
    await b.cancel(T, 'x');
    const answer = await b.reclaim(T, { goneWorkers: ['gone'] });
    expect(answer).toEqual({ reclaimed: ['y'], dead: [], cancelled: ['x'] });
    expect(await a.get('x')).toBeUndefined();
    expect(await a.count()).toMatchObject({ pending: 1, active: 0, dead: 0, cancelled: 1 });
    await a.settle(T, await b.claimOne(T), complete());
    expect(await b.count()).toMatchObject({ pending: 0, active: 0 });
  });
}

function describeEvictions(scene: Scene): void {
  it('an owner that its host may end at any time costs neither an attempt nor a crash', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    await a.claim(T, { worker: 'evicted', evictable: true });
    const { reclaimed } = await b.reclaim(T + 50, { goneWorkers: ['evicted'] });
    expect(reclaimed).toEqual(['x', 'y']);
    const job = await a.job('x');
    expect(job).toMatchObject({ state: 'pending', failures: 0, crashes: 0, evictions: 1, runAt: T + 50 });
    expect(job.errors).toEqual([]);
    expect(await b.count()).toMatchObject({ pending: 2, active: 0 });
  });

  it('a job whose owner was ended four times is due at once, and runs beside others', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    expect(await evict(scene, 4)).toBe(T);
    await b.enqueue(T, spec('y'));
    expect(await a.claimIds(T)).toEqual(['x', 'y']);
  });

  it('every fifth such end counts as a crash, with its wait', async () => {
    const { a } = scene;
    await a.enqueue(T, spec('x'));
    expect(await evict(scene, 5)).toBe(T);
    expect(await a.job('x')).toMatchObject({ crashes: 1, evictions: 5 });
    expect(await evict(scene, 4)).toBe(T);
    expect(await evict(scene, 1)).toBe(T + 1_000);
    const { errors, ...job } = await a.job('x');
    expect(job).toMatchObject({ crashes: 2, evictions: 10 });
    expect(errors).toMatchObject([{ name: 'CrashError' }, { name: 'CrashError' }]);
  });

  it('a job that always ends its host is dead of the crashes that this counts as', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { maxCrashes: 2 }));
    await evict(scene, 9);
    await a.claimOne(T, { worker: 'evicted', idle: true, evictable: true });
    expect(await b.reclaim(T, { goneWorkers: ['evicted'] })).toMatchObject({ reclaimed: [], dead: ['x'] });
    expect(await a.job('x')).toMatchObject({ state: 'dead', crashes: 2, evictions: 10 });
  });

  it('owners of both kinds count each as their own', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    await a.claimOne(T, { worker: 'evicted', evictable: true });
    await a.claimOne(T, { worker: 'gone' });
    await b.reclaim(T, { goneWorkers: ['evicted', 'gone'] });
    expect([(await a.job('x')).crashes, (await a.job('y')).crashes]).toEqual([0, 1]);
    expect((await b.job('y')).evictions).toBeUndefined();
  });

  it('a redriven job has been in nobody’s way', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await evict(scene, 4);
    await b.settle(T, await a.claimOne(T), bury());
    expect(await a.job('x')).toMatchObject({ state: 'dead', evictions: 4 });
    await a.redrive(T, 'x');
    expect((await b.job('x')).evictions).toBeUndefined();
    await evict(scene, 1);
    expect(await a.job('x')).toMatchObject({ crashes: 0, evictions: 1 });
  });
}
