import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../core/kernel/messages.ts';
import type { Opening } from './opening.ts';
import { alike, type Scene } from './scene.ts';
import { complete, failure, release, retry, spec, specs, T, unbegun } from './spec.ts';

const DAY = 86_400_000;
/** How far the clock is ahead until it is set right. */
const steps = [
  ['10 seconds', 10_000],
  ['a day', DAY],
  ['a year', 365 * DAY],
] as const;
const WAIT = 4_000;
const aged = { maxAgeMs: 40_000 } as const;

/** What waited for a length of time while the clock was wrong waits for no longer than that once it is right, and no less than is right. */
export function describeRelativeJobs(scene: Scene): void {
  describe('a clock that was ahead and is set right', () => {
    for (const [name, ms] of steps) describe(`by ${name}`, () => describeWaits(scene, T + ms));
    describeNamed(scene);
    describeCompany(scene);
    describeAges(scene);
    describeTwice(scene);
    describeMany(scene);
  });
}

/** It is due so long after the clock was set right, to the ms, and its runAt says so. */
async function expectWait({ a, b }: Scene, id: string, waitMs: number): Promise<void> {
  expect(await a.claimIds(T)).toEqual([]);
  expect(await b.job(id)).toMatchObject({ runAt: T + waitMs });
  expect(await a.claimIds(T + waitMs - 1)).toEqual([]);
  expect(await b.claimIds(T + waitMs)).toEqual([id]);
}

function describeWaits(scene: Scene, ahead: number): void {
  it('a delay is no longer than it was', async () => {
    await scene.a.enqueue(ahead, spec('x', { delayMs: WAIT }));
    await expectWait(scene, 'x', WAIT);
  });

  it.each<[string, (now: number) => Outcome]>([
    ['a backoff', (now) => retry(now + WAIT)],
    ['the delay of a release', (now) => release(now + WAIT)],
  ])('%s is no longer than it was', async (_, outcome) => {
    const { a, b } = scene;
    await a.enqueue(ahead, spec('x'));
    await b.settle(ahead, await a.claimOne(ahead), outcome(ahead));
    await expectWait(scene, 'x', WAIT);
  });

  it('a backoff that was told by the wrong clock is no longer than it was, though the clock is right when it is written', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const told = { ...retry(ahead + WAIT, failure(), ahead + WAIT), waitMs: WAIT };
    await b.settle(T, await a.claimOne(T), told);
    await expectWait(scene, 'x', WAIT);
  });

  it('the wait after a crash is no longer than it was', async () => {
    const { a, b } = scene;
    await a.enqueue(ahead, spec('x'));
    for (let crash = 0; crash < 2; crash += 1) {
      await a.claimOne(ahead, { idle: true });
      await b.reclaim(ahead, { goneWorkers: ['worker'] });
    }
    expect(await a.claimIds(T, { idle: true })).toEqual([]);
    expect(await a.claimIds(T + 999, { idle: true })).toEqual([]);
    expect(await b.claimIds(T + 1_000, { idle: true })).toEqual(['x']);
  });

  it('a hold that a failure set is no longer than it was', async () => {
    const { a, b } = scene;
    await a.enqueue(ahead, spec('x'), spec('y'));
    await b.settle(ahead, await a.claimOne(ahead), retry(ahead + WAIT, failure(), ahead + WAIT));
    expect(await a.claimIds(T)).toEqual([]);
    expect(await a.claimIds(T + WAIT - 1)).toEqual([]);
    expect(new Set(await b.claimIds(T + WAIT))).toEqual(new Set(['x', 'y']));
  });

  it('a debounced job waits no longer than its newcomer said, nor than maxWaitMs', async () => {
    const { a, b } = alike(scene);
    const debounce = {
      idempotencyKey: 'k',
      onDuplicate: 'debounce',
      delayMs: WAIT,
      maxWaitMs: 10_000,
    } as const;
    await a.enqueue(ahead, spec('x', debounce));
    await b.enqueue(ahead + 1_000, spec('y', debounce));
    expect(await a.claimIds(T)).toEqual([]);
    expect((await b.job('x')).runAt).toBe(T + WAIT);
    await b.enqueue(T + 3_000, spec('y', debounce));
    await b.enqueue(T + 6_900, spec('y', debounce));
    await b.enqueue(T + 9_900, spec('y', debounce));
    expect(await a.claimIds(T + 9_999)).toEqual([]);
    expect(await a.claimIds(T + 10_000)).toEqual(['x']);
  });
}

function describeNamed(scene: Scene): void {
  it('an instant that somebody named stays, before the step and after it', async () => {
    const { a, b } = scene;
    await a.enqueue(T + DAY, spec('x', { runAt: T + DAY + 5_000 }));
    expect(await b.claimIds(T)).toEqual([]);
    expect(await a.job('x')).toMatchObject({ runAt: T + DAY + 5_000 });
    expect(await b.claimIds(T + DAY + 4_999)).toEqual([]);
    expect(await b.claimIds(T + DAY + 5_000)).toEqual(['x']);
  });

  it('a retry of a job whose instant was named waits for its backoff, and for no instant', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { runAt: T + DAY }));
    await b.settle(T + DAY, await a.claimOne(T + DAY), retry(T + DAY + WAIT));
    await expectWait(scene, 'x', WAIT);
  });
}

function describeCompany(scene: Scene): void {
  const ahead = T + 365 * DAY;
  const doc = { lane: 'doc' } as const;

  it('a lane goes on: its head waits no longer than its backoff, those behind it no longer than their delays', async () => {
    const { a, b } = scene;
    await a.enqueue(ahead, spec('x', doc), spec('y', doc), spec('z', { ...doc, delayMs: WAIT }));
    await b.settle(ahead, await a.claimOne(ahead), retry(ahead + 1_000));
    expect(await a.claimIds(T)).toEqual([]);
    const x = await b.claimOne(T + 1_000);
    await a.settle(T + 1_000, x, complete());
    await b.settle(T + 1_000, await a.claimOne(T + 1_000), complete());
    expect(await a.claimIds(T + WAIT - 1)).toEqual([]);
    expect(await b.claimIds(T + WAIT)).toEqual(['z']);
  });

  it('a lane goes on with what became its head by the wrong clock', async () => {
    const { a, b } = scene;
    await a.enqueue(ahead, spec('x', doc), spec('y', doc));
    await b.settle(ahead, await a.claimOne(ahead), complete());
    expect(await a.claimIds(T)).toEqual(['y']);
  });

  it('a job that waits for others waits no longer than its own delay', async () => {
    const { a, b } = scene;
    await a.enqueue(ahead, spec('x'), spec('y', { dependsOn: { x: 'x' }, delayMs: WAIT }));
    await b.settle(T, await a.claimOne(ahead), complete());
    await b.look(T, { names: ['nobody'] });
    expect(await a.claimIds(T + WAIT - 1)).toEqual([]);
    expect(await b.claimIds(T + WAIT)).toEqual(['y']);
  });

  it('a redriven job is due at once', async () => {
    const { a, b } = scene;
    await a.enqueue(ahead, spec('x', { maxAttempts: 1 }));
    await b.settle(ahead, await a.claimOne(ahead), { kind: 'bury', error: failure() });
    await b.redrive(ahead, 'x');
    expect(await a.claimIds(T)).toEqual(['x']);
  });

  it('jobs in the line of a rate key keep their order, and wait no longer than their places', async () => {
    const { a, b } = alike(scene);
    const names = { job: { version: 1, slots: 10, rate: { limit: 1, perMs: 1_000, burst: 1 } } };
    await a.enqueue(ahead, ...specs('x', 4, { rateKey: 'k' }));
    expect(await b.claimIds(ahead, { names })).toEqual(['x0']);
    expect(await a.claimIds(T, { names })).toEqual([]);
    for (const [i, id] of ['x1', 'x2', 'x3'].entries()) {
      const at = T + 1_000 * (i + 1);
      expect(await a.claimIds(at - 1, { names })).toEqual([]);
      expect(await b.claimIds(at, { names })).toEqual([id]);
    }
    await a.enqueue(T + 3_000, spec('y', { rateKey: 'k' }));
    expect(await a.claimIds(T + 3_999, { names })).toEqual([]);
    expect(await b.claimIds(T + 4_000, { names })).toEqual(['y']);
  });
}

const nobody = { names: ['nobody'] } as const;

async function diesAt({ a, b }: Scene, id: string, at: number): Promise<void> {
  expect((await a.job(id)).expiresAt).toBe(at);
  expect((await b.look(at - 1, nobody)).buried).toBeUndefined();
  expect((await a.look(at, nobody)).buried).toMatchObject([{ id }]);
}

function describeAges(scene: Scene): void {
  const ahead = T + 365 * DAY;

  it('a job that waits is too old when its age is over', async () => {
    await scene.a.enqueue(ahead, spec('x', aged));
    await scene.b.look(T, nobody);
    await diesAt(scene, 'x', T + 40_000);
  });

  it('a delayed job is too old when its age is over after its delay', async () => {
    await scene.a.enqueue(ahead, spec('x', { ...aged, delayMs: WAIT }));
    await scene.b.look(T, nobody);
    await diesAt(scene, 'x', T + WAIT + 40_000);
  });

  it('a job whose instant was named keeps its age from there', async () => {
    await scene.a.enqueue(ahead, spec('x', { ...aged, runAt: ahead + 5_000 }));
    await scene.b.look(T, nobody);
    expect((await scene.a.job('x')).expiresAt).toBe(ahead + 45_000);
  });

  it('a parked job is too old when its age is over since it could run', async () => {
    const { a, b } = scene;
    await a.enqueue(ahead, spec('head', { lane: 'doc' }), spec('x', { ...aged, lane: 'doc' }));
    await a.settle(ahead, await b.claimOne(ahead), complete());
    await b.look(T, nobody);
    await diesAt(scene, 'x', T + 40_000);
  });

  it('a job that runs has its age when it comes back, and leaves nothing behind when it ends', async () => {
    const { a, b } = scene;
    await a.enqueue(ahead, spec('x', aged), spec('y', aged));
    const [x, y] = await a.claim(ahead);
    await b.look(T, nobody);
    await b.settle(T, y as NonNullable<typeof y>, complete());
    await b.settle(T, x as NonNullable<typeof x>, retry(T));
    await diesAt(scene, 'x', T + 40_000);
    expect((await a.look(T + 40_000, nobody)).nextAt).toBeUndefined();
  });

  it('a job that is claimed until its age is over, and has not begun, is too old when it goes back', async () => {
    const { a, b } = scene;
    await a.enqueue(ahead, spec('x', aged));
    const x = await a.claimOne(ahead, { leaseMs: DAY });
    await b.look(T, nobody);
    expect((await b.look(T + 40_000, nobody)).buried).toBeUndefined();
    await a.settle(T + 40_001, x, unbegun);
    await b.look(T + 40_002, nobody);
    expect(await b.job('x')).toMatchObject({ state: 'dead' });
  });
}

function describeTwice(scene: Scene): void {
  it('twice in a row: each step leaves nothing longer than its length', async () => {
    const { a, b } = scene;
    await a.enqueue(T + 2 * DAY, spec('x', { delayMs: WAIT }));
    await b.enqueue(T + DAY, spec('y', { delayMs: 2 * WAIT }));
    expect(await a.claimIds(T)).toEqual([]);
    expect(await b.claimIds(T + WAIT)).toEqual(['x']);
    expect(await b.claimIds(T + 2 * WAIT)).toEqual(['y']);
  });

  it('back and forward again: nothing waits longer than its length by the clock that is right', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { delayMs: WAIT }));
    await b.enqueue(T - DAY, spec('y', { delayMs: WAIT }));
    expect(new Set(await a.claimIds(T + WAIT))).toEqual(new Set(['x', 'y']));
  });

  it('two tabs whose clocks agree, and which look at different times, leave each other’s jobs their lengths', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { delayMs: WAIT }));
    await b.enqueue(T + 1_000, spec('y', { delayMs: WAIT }));
    // A call that was made before, and comes after.
    await a.enqueue(T + 500, spec('z', { delayMs: WAIT }));
    expect(await b.claimIds(T + WAIT)).toEqual(['x']);
    expect(await a.claimIds(T + WAIT + 500)).toEqual(['z']);
    expect(await a.claimIds(T + WAIT + 1_000)).toEqual(['y']);
  });
}

/** Rows that one call may read for it, twice, as a store may begin it anew over more of its tables; and a few for the rest of the call. */
const MOST = 1_100;

function describeMany(scene: Scene): void {
  const ahead = T + 365 * DAY;

  it('of many that wait a bounded part is gone through in a call, and the next calls come at once', async () => {
    const { a, b, harness } = scene;
    for (const prefix of ['x', 'y']) await a.enqueue(ahead, ...specs(prefix, 800, { delayMs: WAIT }));
    let calls = 0;
    let nextAt: number | undefined = T;
    while (nextAt !== undefined && nextAt <= T && calls < 50) {
      const before = harness.steps().read;
      ({ nextAt } = await b.look(T, nobody));
      expect(harness.steps().read - before).toBeLessThan(MOST);
      calls += 1;
    }
    expect(calls).toBe(4);
    expect(nextAt).toBeUndefined();
    expect(await b.look(T + WAIT - 1)).toMatchObject({ jobs: [], nextAt: T + WAIT });
    expect(await b.claimIds(T + WAIT, { limit: 1_000 })).toHaveLength(1_000);
  }, 60_000);

  it('what is set by the right clock meanwhile keeps its length', async () => {
    const { a, b } = scene;
    // So many, and of a name so far ahead, that the two calls which bring these have not come to them.
    for (const prefix of ['w', 'x'])
      await a.enqueue(ahead, ...specs(prefix, 600, { name: 'any', delayMs: WAIT }));
    await b.enqueue(T, spec('y', { delayMs: WAIT, ...aged }));
    await b.enqueue(T + 1_000, spec('z', { delayMs: WAIT, ...aged }));
    await lookThrough(b, T + 1_500);
    expect(await a.job('z')).toMatchObject({ runAt: T + 5_000, expiresAt: T + 45_000 });
    expect(await a.claimIds(T + WAIT)).toEqual(['y']);
    expect(await a.claimIds(T + 4_999)).toEqual([]);
    expect(await b.claimIds(T + 5_000)).toEqual(['z']);
  }, 60_000);
}

/** As a worker does: until there is nothing to do at once. */
async function lookThrough(opening: Opening, now: number): Promise<void> {
  for (let looks = 0; looks < 50; looks += 1) {
    const { nextAt } = await opening.look(now, nobody);
    if (nextAt === undefined || nextAt > now) return;
  }
  throw new Error('there is always more to do');
}
