import { describe, expect, it } from 'vitest';
import { byId, type Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { bury, cancelled, complete, failure, release, retry, spec, specs, T } from './spec.ts';

export function describeSettle(scene: Scene): void {
  describe('settle', () => {
    describeEnds(scene);
    describeBurial(scene);
    describeNeighbours(scene);
    describeReturns(scene);
    describeHolds(scene);
    describeErrors(scene);
    describeExchange(scene);
    describeWholeness(scene);
  });
}

function describeEnds(scene: Scene): void {
  it('a completed job is gone and counted', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { payload: 'a'.repeat(100) }));
    expect((await b.count()).bytes).toBeGreaterThan(0);
    expect(await a.settle(T, await b.claimOne(T), complete())).toBe('settled');
    expect(await b.get('x')).toBeUndefined();
    expect(await b.count()).toMatchObject({
      pending: 0,
      active: 0,
      completed: 1,
      dead: 0,
      cancelled: 0,
      bytes: 0,
    });
    expect(await b.claimIds(T + 1_000_000)).toEqual([]);
  });

  it('a job whose handler was cancelled is gone and counted', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { payload: 'a'.repeat(100) }));
    expect(await a.settle(T, await b.claimOne(T), cancelled)).toBe('settled');
    expect(await b.get('x')).toBeUndefined();
    expect(await b.count()).toMatchObject({ pending: 0, active: 0, completed: 0, cancelled: 1, bytes: 0 });
  });
}

function describeBurial(scene: Scene): void {
  it('a buried job is dead, with its last error, and runs no more', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { payload: { n: 1 } }));
    const error = failure({ name: 'TypeError', message: 'no', stack: 'at line 1', at: T + 9 });
    expect(await a.settle(T + 10, await b.claimOne(T), bury(error))).toBe('settled');
    const dead = await b.job('x');
    expect(dead).toMatchObject({
      state: 'dead',
      payload: { n: 1 },
      failures: 1,
      crashes: 0,
      finishedAt: T + 10,
    });
    expect(dead.errors).toEqual([error]);
    expect(dead.lease).toBeUndefined();
    expect(await b.count()).toMatchObject({ pending: 0, active: 0, dead: 1 });
    expect(await a.claimIds(T + 1_000_000)).toEqual([]);
  });

  it('jobs of one claim can end each in its own way, at its own time', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 5));
    const held = byId(await b.claim(T));
    await a.settle(T + 1, held('x2'), complete());
    const { settled } = await b.exchange(T + 2, [
      [held('x4'), retry(T + 50)],
      [held('x0'), bury()],
    ]);
    expect(settled).toEqual(['settled', 'settled']);
    await a.settle(T + 3, held('x3'), release(T + 40));
    expect(await b.count()).toMatchObject({ pending: 2, active: 1, completed: 1, dead: 1 });
    expect(await a.job('x1')).toMatchObject({ state: 'active', lease: { fence: held('x1').fence } });
    expect(await b.claimIds(T + 60)).toEqual(['x3', 'x4']);
  });
}

/** Stores may delete neighbours together: whoever stands between them must not go along. */
function describeNeighbours(scene: Scene): void {
  it('jobs that complete together take none along that runs between them', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 10));
    const claimed = await b.claim(T);
    const [even, odd] = [0, 1].map((rest) => claimed.filter((_, index) => index % 2 === rest));
    const all = (some = claimed) => some.map((each) => [each, complete()] as const);
    await a.exchange(T, all(even));
    expect(await b.listIds('active')).toEqual(['x1', 'x3', 'x5', 'x7', 'x9']);
    expect((await a.exchange(T, all(odd))).settled).toEqual(all(odd).map(() => 'settled'));
    expect(await b.count()).toMatchObject({ active: 0, completed: 10 });
  });

  it('jobs that complete together take none along that waits between them', async () => {
    const { a, b } = scene;
    const names = ['job', 'mail'];
    const jobs = specs('x', 6).flatMap((job, index) => [job, spec(`m${index}`, { name: 'mail' })]);
    await a.enqueue(T, ...jobs, ...specs('h', 3, { priority: 5 }), ...specs('timed ', 3, { delayMs: 5 }));
    const claimed = await b.claim(T + 5, { names, limit: 15 });
    const held = byId(claimed);
    await a.settle(T + 5, held('x2'), release(T + 5));
    await a.settle(T + 5, held('m4'), retry(T + 5));
    const rest = claimed.filter(({ job }) => !['x2', 'm4'].includes(job.id));
    await b.exchange(
      T + 5,
      rest.map((each) => [each, complete()] as const),
    );
    expect(await a.claimIds(T + 5, { names })).toEqual(['x2', 'm4', 'timed 0', 'timed 1', 'timed 2']);
  });
}

function describeReturns(scene: Scene): void {
  it('a job given back at its own instant is claimed again, though later ones were claimed after it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { runAt: T + 100 }), spec('y', { runAt: T + 200 }));
    const held = byId(await b.claim(T + 300));
    await a.settle(T + 300, held('x'), release(T + 100));
    expect(await b.claimIds(T + 300)).toEqual(['x']);
  });

  it('a retried job has one failure more and runs at the instant given', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    expect(await a.settle(T + 5, await b.claimOne(T), retry(T + 1_000))).toBe('settled');
    const job = await b.job('x');
    expect(job).toMatchObject({ state: 'pending', failures: 1, crashes: 0, attempt: 2, runAt: T + 1_000 });
    expect(job.lease).toBeUndefined();
    expect(await b.count()).toMatchObject({ pending: 1, active: 0 });
    expect(await a.claimIds(T + 999)).toEqual([]);
    expect(await b.claim(T + 1_000)).toMatchObject([{ job: { id: 'x', attempt: 2, failures: 1 } }]);
  });

  it('a retried job keeps its id, seq, payload and the instant it was enqueued', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { payload: [1, { two: 2 }], priority: 3, version: 1, maxAttempts: 9 }));
    const first = await b.claimOne(T);
    await a.settle(T + 5, first, retry(T + 10));
    const again = await b.claimOne(T + 10);
    const { id, seq, payload, priority, version, maxAttempts, enqueuedAt } = first.job;
    expect(again.job).toMatchObject({ id, seq, payload, priority, version, maxAttempts, enqueuedAt });
  });

  it('a released job pays nothing', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await a.settle(T, await b.claimOne(T), retry(T + 1));
    expect(await a.settle(T + 5, await b.claimOne(T + 1), release(T + 1_000))).toBe('settled');
    const job = await b.job('x');
    expect(job).toMatchObject({ state: 'pending', failures: 1, crashes: 0, attempt: 2, runAt: T + 1_000 });
    expect(job.errors).toHaveLength(1);
    expect(await b.claimIds(T + 999)).toEqual([]);
    expect(await a.claimIds(T + 1_000)).toEqual(['x']);
  });
}

function describeHolds(scene: Scene): void {
  it('a retry can hold its whole name', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'), spec('m', { name: 'mail' }));
    const x = await b.claimOne(T);
    await a.settle(T, x, retry(T + 10, failure(), T + 500));
    const names = ['job', 'mail'];
    expect(await b.claimIds(T + 499, { names })).toEqual(['m']);
    expect(await a.claimIds(T + 500, { names })).toEqual(['y', 'x']);
  });

  it('of two holds of a name the later wins', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    const held = byId(await b.claim(T));
    await a.settle(T, held('x'), retry(T, failure(), T + 500));
    await b.settle(T, held('y'), retry(T, failure(), T + 300));
    expect(await a.claimIds(T + 499)).toEqual([]);
    expect(await b.claimIds(T + 500)).toEqual(['x', 'y']);
  });
}

function describeErrors(scene: Scene): void {
  it('a job keeps its last five errors, oldest first', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    for (let attempt = 1; attempt <= 7; attempt += 1) {
      const [one, other] = attempt % 2 ? [a, b] : [b, a];
      const x = await one.claimOne(T);
      await other.settle(
        T,
        x,
        retry(T, failure({ attempt, at: T + attempt, message: `failure ${attempt}` })),
      );
    }
    const { errors, failures } = await b.job('x');
    expect(errors).toEqual(
      [3, 4, 5, 6, 7].map((n) => failure({ attempt: n, at: T + n, message: `failure ${n}` })),
    );
    expect(failures).toBe(7);
  });

  it('an error is cut to 2 KB of text', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'), spec('z'));
    const held = byId(await b.claim(T));
    const long = 'a'.repeat(5_000);
    await a.settle(T, held('x'), retry(T, failure({ message: long, stack: long })));
    await b.settle(T, held('y'), bury(failure({ message: 'short', stack: long })));
    await a.settle(T, held('z'), retry(T, failure({ name: long })));
    for (const id of ['x', 'y', 'z']) {
      const { name = '', message = '', stack = '' } = (await a.job(id)).errors[0] ?? {};
      expect(message.length + stack.length).toBeLessThanOrEqual(2_048);
      expect(name.length).toBeLessThanOrEqual(2_048);
    }
    expect((await b.job('x')).errors[0]?.message).toMatch(/^a{500}/);
    expect((await b.job('y')).errors[0]).toMatchObject({
      message: 'short',
      stack: expect.stringMatching(/^a{500}/),
    });
  });
}

function describeExchange(scene: Scene): void {
  it('settles first, then claims: what came back at once can be claimed at once', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await b.claimOne(T);
    const { settled, jobs } = await a.exchange(T + 5, [[x, retry(T + 5)]], {});
    expect(settled).toEqual(['settled']);
    expect(jobs).toMatchObject([{ job: { id: 'x', state: 'active', attempt: 2 } }]);
    expect(jobs[0]?.fence).toBeGreaterThan(x.fence);
  });

  it('what a completed job enqueued commits with it and can be claimed in the same exchange', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await b.claimOne(T);
    const next = [spec('y', { payload: { n: 2 } }), spec('z', { delayMs: 500 })];
    const { jobs } = await a.exchange(T + 5, [[x, complete(...next)]], {});
    expect(jobs).toMatchObject([{ job: { id: 'y', payload: { n: 2 }, enqueuedAt: T + 5 } }]);
    expect(await b.job('z')).toMatchObject({ state: 'pending', runAt: T + 505 });
    expect(await b.count()).toMatchObject({ pending: 1, active: 1, completed: 1 });
  });

  it('what a completed job enqueued is checked for duplicates', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y', { idempotencyKey: 'k' }));
    const x = await b.claimOne(T);
    await a.settle(T, x, complete(spec('z', { idempotencyKey: 'k' }), spec('y', { known: true })));
    expect(await b.claimIds(T)).toEqual(['y']);
    expect(await a.get('z')).toBeUndefined();
  });
}

function describeWholeness(scene: Scene): void {
  it('a completed job may enqueue itself anew under its own id', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { known: true, payload: 1 }));
    await a.settle(T, await b.claimOne(T), complete(spec('x', { known: true, payload: 2 })));
    expect(await b.claim(T)).toMatchObject([{ job: { id: 'x', payload: 2 } }]);
    expect(await a.count()).toMatchObject({ pending: 0, active: 1, completed: 1 });
  });

  it('an exchange that rejects has settled, enqueued and claimed nothing', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    const x = await b.claimOne(T);
    const before = await standing(a, ['x', 'y']);
    const bad = complete(spec('good'), spec('bad', { payload: Symbol('no') }));
    await expect(b.exchange(T, [[x, bad]], {})).rejects.toMatchObject({ code: 'Payload' });
    expect(await standing(a, ['x', 'y'])).toEqual(before);
    expect(await a.get('good')).toBeUndefined();
    expect(await a.settle(T, x, complete())).toBe('settled');
  });

  it('an exchange without a claim gives no jobs', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    const x = await b.claimOne(T);
    expect(await a.exchange(T, [[x, complete()]])).toMatchObject({ settled: ['settled'], jobs: [] });
    expect(await b.count()).toMatchObject({ pending: 1, active: 0 });
  });
}

/** All that can be read of these jobs. */
export async function standing(opening: Opening, ids: readonly string[]) {
  const jobs = [];
  for (const id of ids) jobs.push(await opening.get(id));
  return { jobs, count: await opening.count() };
}
