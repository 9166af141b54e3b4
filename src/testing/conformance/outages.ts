import { describe, expect, it } from 'vitest';
import type { Met } from '../../core/kernel/messages.ts';
import type { Opening } from './opening.ts';
import {
  answered,
  closedAt,
  DAY_MS,
  fail,
  met,
  probeAt,
  succeed,
  unreached,
  whenSure,
} from './outage-scene.ts';
import { alike, type Scene } from './scene.ts';
import { bury, failure, spec, specs, T } from './spec.ts';

/** Which failures count, and which jobs die of a target that fails them. */
export function describeOutages(scene: Scene): void {
  describe('outages', () => {
    describeUncounted(scene);
    describeCounted(scene);
    describeDeaths(scene);
    describeMarks(scene);
  });
}

/** Somebody else gets through. */
async function through(a: Opening, b: Opening, now: number, id: string): Promise<void> {
  await a.enqueue(now, spec(id, { priority: 50 }));
  await succeed(b, now + 1, await a.claimOne(now));
}

/** Tries the job again and again, for so long, while others get through; answers when it died, if it did. */
async function tryOn(
  { a, b }: Scene,
  id: string,
  from: number,
  forMs: number,
  how: Met,
): Promise<number | undefined> {
  let now = from;
  for (let n = 0; now < from + forMs; n += 1) {
    const { runAt } = await a.job(id);
    now = Math.max(now, runAt);
    await through(a, b, now, `good ${id} ${n}`);
    const claimed = await b.claimOne(now + 2);
    await fail(a, now + 10, [claimed], { met: how });
    if ((await a.job(id)).state === 'dead') return now + 10;
    now += 20;
  }
  return undefined;
}

function describeUncounted(scene: Scene): void {
  for (const [what, how] of [
    ['was not reached', unreached()],
    ['failed itself', answered],
  ] as const)
    it(`an attempt whose target ${what} does not count as long as nobody gets through`, async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x', { maxAttempts: 1 }));
      let now = T;
      for (let tries = 1; tries <= 20; tries += 1) {
        const { settled, outage } = await fail(a, now, [await b.claimOne(now)], { met: how });
        expect(settled).toEqual(['spared']);
        expect(outage?.spared['x']).toBe((await a.job('x')).runAt);
        now = (await a.job('x')).runAt;
      }
      expect(await b.job('x')).toMatchObject({ state: 'pending', failures: 0, attempt: 1, tries: 21 });
    });

  it('nor when it was its last: what would have buried it does not', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const { job, fence } = await b.claimOne(T);
    const settle = [{ id: job.id, fence, outcome: bury(), met: unreached() }];
    expect(await a.store.exchange({ queue: a.queue, workerId: 'worker', settle }, T)).toMatchObject({
      settled: ['spared'],
    });
    expect(await b.count()).toMatchObject({ pending: 1, dead: 0 });
  });

  it('keeps what the attempt left for the next, and the last errors', async () => {
    const { a, b } = alike(scene);
    await a.enqueue(T, spec('x'));
    const { job, fence } = await b.claimOne(T);
    const outcome = { kind: 'retry', runAt: T, error: failure({ message: 'nobody answered' }) } as const;
    const settle = [{ id: job.id, fence, outcome, met: unreached(), attach: { checkpoints: { page: 3 } } }];
    await a.store.exchange({ queue: a.queue, workerId: 'worker', settle }, T);
    expect(await b.job('x')).toMatchObject({
      checkpoint: { page: 3 },
      errors: [{ message: 'nobody answered' }],
    });
  });

  it('a job that was to be cancelled is', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const claimed = await b.claimOne(T);
    await a.cancel(T, 'x');
    expect((await fail(a, T + 10, [claimed])).settled).toEqual(['cancelled']);
    expect(await b.count()).toMatchObject({ pending: 0, cancelled: 1 });
  });

  it('a lane waits behind its head, whose failure does not count', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('head', { lane: 'l' }), spec('next', { lane: 'l' }));
    await fail(a, T, [await b.claimOne(T)]);
    expect(await b.claimIds(T + 999)).toEqual([]);
    expect(await b.claimIds(T + 1_100)).toEqual(['head']);
  });
}

function describeCounted(scene: Scene): void {
  it('a target that failed itself counts against a job that others got through beside', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await fail(a, T, [await b.claimOne(T)], { met: answered });
    await through(a, b, T + 10, 'good');
    const { settled } = await fail(a, T + 2_000, [await b.claimOne(T + 1_500)], { met: answered });
    expect(settled).toEqual(['settled']);
    expect(await a.job('x')).toMatchObject({ failures: 1, attempt: 2, tries: 3 });
  });

  it('that others got through before its first failure is no evidence, nor is what it did itself', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    const [x, y] = await b.claim(T);
    await succeed(a, T + 5, ...(y === undefined ? [] : [y]));
    await fail(a, T + 10, x === undefined ? [] : [x], { met: answered });
    const again = await b.claimOne(T + 2_000);
    await fail(a, T + 2_001, [again], { met: met({ kind: 'through' }) });
    expect((await fail(a, T + 9_001, [await b.claimOne(T + 9_000)], { met: answered })).settled).toEqual([
      'spared',
    ]);
    expect(await a.job('x')).toMatchObject({ failures: 1 });
  });

  it('while a target is closed, what was before is no evidence: attempts of probes do not count', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await fail(a, T, [await b.claimOne(T)], { met: answered });
    await through(a, b, T + 10, 'good');
    await a.enqueue(T + 20, ...specs('y', 3));
    await fail(a, T + 30, await b.claim(T + 20, { limit: 3 }), { met: answered });
    let now = T + 30;
    for (let probe = 0; probe < 12; probe += 1) {
      now = await probeAt(b, now);
      await fail(a, now, [await b.claimOne(now)], { met: answered });
    }
    expect(await a.job('x')).toMatchObject({ failures: 0 });
  });

  it('an error that says nothing of the target counts, whether it is closed or not', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 4));
    const jobs = await b.claim(T, { limit: 4 });
    await fail(a, T + 10, jobs.slice(0, 3));
    const silent = jobs[3];
    if (silent === undefined) throw new Error('four jobs were to be claimed');
    await a.settle(T + 11, silent, { kind: 'retry', runAt: T + 12, error: failure() });
    expect(await a.job('x3')).toMatchObject({ failures: 1 });
  });
}

function describeDeaths(scene: Scene): void {
  it('a job whose target failed itself, and nobody got through, dies after its time', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const claimed = await b.claimOne(T);
    await fail(a, T + 10, [claimed], { met: answered });
    const early = await whenSure(b, T + DAY_MS - 100_000);
    expect((await fail(a, early, [await b.claimOne(early)], { met: answered })).settled).toEqual(['spared']);
    const late = await whenSure(b, T + DAY_MS + 10);
    const last = await b.claimOne(late);
    expect((await fail(a, late, [last], { met: answered })).settled).toEqual(['expired']);
    expect(await a.job('x')).toMatchObject({ state: 'dead', failures: 1 });
  });

  it('a clock that jumps forward kills nothing before a later look says the same', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await fail(a, T + 10, [await b.claimOne(T)], { met: answered });
    const jumped = T + 2 * DAY_MS;
    expect((await fail(a, jumped, [await b.claimOne(jumped)], { met: answered })).settled).toEqual([
      'spared',
    ]);
  });

  it('a job that was not reached, and nobody else was, never dies of it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    let now = T;
    for (let day = 0; day < 9; day += 1) {
      await fail(a, now, await b.claim(now));
      now += DAY_MS;
    }
    expect(await b.count()).toMatchObject({ pending: 2, dead: 0 });
  });

  it('one that was not reached while others were dies when its time has passed since that was first so', async () => {
    const { a, b } = scene;
    const how = { ...unreached(), outageMs: 3_600_000 };
    await a.enqueue(T, spec('x'));
    await fail(a, T, [await b.claimOne(T)], { met: how });
    const diedAt = await tryOn(scene, 'x', T + 1_000, 2 * 3_600_000, how);
    expect(diedAt).toBeGreaterThanOrEqual(T + 3_600_000);
    // Its next try after that, or the third where each comes so late that the clock may be wrong.
    expect(diedAt).toBeLessThanOrEqual(T + 3_600_000 + 3 * 330_000);
    expect(await a.job('x')).toMatchObject({ state: 'dead', failures: 1 });
  });

  it('the time for which its target was closed is not held against it', async () => {
    const { a, b } = scene;
    const how = { ...unreached(), outageMs: 3_600_000 };
    await a.enqueue(T, spec('x'));
    await fail(a, T, [await b.claimOne(T)], { met: how });
    expect(await tryOn(scene, 'x', T + 1_000, 60_000, how)).toBeUndefined();
    const closedAtMs = T + 2_000_000;
    await a.enqueue(closedAtMs, ...specs('y', 3, { priority: 9 }));
    await fail(a, closedAtMs + 10, await b.claim(closedAtMs, { limit: 3 }));
    const back = closedAtMs + 25 * 3_600_000;
    await succeed(a, back + 5, await b.claimOne(back));
    for (let now = back + 10; (await closedAt(b, now)).length > 0; now += 10) {
      await a.enqueue(now, spec(`z${now}`, { priority: 9 }));
      await succeed(a, now, ...(await b.claim(now, { limit: 1 })));
    }
    const sure = await whenSure(b, back + 1_000);
    expect(await tryOn(scene, 'x', sure, 60_000, how)).toBeUndefined();
    expect(await a.job('x')).toMatchObject({ state: 'pending' });
  });

  it('a first failure that a wrong clock put into the future lets nobody live for ever', async () => {
    const { a, b } = scene;
    const wrong = T + 365 * DAY_MS;
    await a.enqueue(T, spec('x'));
    await fail(a, wrong, [await b.claimOne(wrong)], { met: answered });
    await a.look(T + 10_000, { names: [] });
    const again = await b.claimOne(T + 20_000, { lift: true });
    await fail(a, T + 20_000, [again], { met: answered });
    const later = await whenSure(b, T + 20_000 + DAY_MS);
    expect((await fail(a, later, [await b.claimOne(later)], { met: answered })).settled).toEqual(['expired']);
  });
}

function describeMarks(scene: Scene): void {
  it('redriven, nothing is held against it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await fail(a, T, [await b.claimOne(T)], { met: answered });
    const later = await whenSure(b, T + 2 * DAY_MS);
    await fail(a, later, [await b.claimOne(later)], { met: answered });
    expect(await a.redrive(later, 'x')).toEqual(['redriven']);
    const claimed = await b.claimOne(later);
    expect(claimed.job.tries).toBeUndefined();
    expect((await fail(a, later + 1, [claimed], { met: answered })).settled).toEqual(['spared']);
  });

  it('a redrive of a job that lives takes nothing off what is held against it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await fail(a, T, [await b.claimOne(T)], { met: answered });
    await through(a, b, T + 10, 'good');
    expect(await a.redrive(T + 20, 'x')).toEqual(['not-dead']);
    const { runAt } = await a.job('x');
    const { settled } = await fail(a, runAt + 1, [await b.claimOne(runAt)], { met: answered });
    expect(settled).toEqual(['settled']);
    expect(await b.job('x')).toMatchObject({ failures: 1 });
  });

  it('what is remembered of a target goes with the last job that it failed', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 2));
    await fail(a, T, await b.claim(T));
    const at = await probeAt(b, T);
    await succeed(a, at, await b.claimOne(at));
    await succeed(a, at + 1, await b.claimOne(at + 1));
    await a.enqueue(at + 2, ...specs('y', 50));
    expect(await b.claimIds(at + 2, { limit: 50 })).toHaveLength(50);
  });

  it('a job replaced by one for another target starts with a clean sheet there', async () => {
    const { a, b } = scene;
    const edit = { idempotencyKey: 'k', onDuplicate: 'replace' } as const;
    await a.enqueue(T, spec('x', { ...edit, target: 'old' }));
    await fail(a, T, [await b.claimOne(T)], { met: answered });
    await a.enqueue(T + 1, spec('y', { ...edit, target: 'new' }));
    expect(await b.job('x')).toMatchObject({ target: 'new' });
    const [claimed] = await b.claim(T + 60_000);
    expect(claimed?.job.tries).toBeUndefined();
  });
}
