import { describe, expect, it } from 'vitest';
import { answered, closedAt, DAY_MS, fail, met, probeAt, succeed, unreached } from './outage-scene.ts';
import type { Scene } from './scene.ts';
import { cancelled, retry, spec, specs, T, unbegun } from './spec.ts';

/** How a target is closed, tried, and opened again. */
export function describeTargets(scene: Scene): void {
  describe('targets', () => {
    describeClosing(scene);
    describeAtOnce(scene);
    describeProbes(scene);
    describeProbeEnds(scene);
    describeRamp(scene);
    describeAhead(scene);
    describeLifting(scene);
    describeKinds(scene);
  });
}

/** Closes the target of `job` at T + 10: three jobs failed. */
async function close({ a }: Scene, count = 6): Promise<void> {
  await a.enqueue(T, ...specs('x', count));
  await fail(a, T + 10, await a.claim(T, { limit: 3 }));
}

function describeClosing(scene: Scene): void {
  it('a target is closed when three different jobs in a row have not reached it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 6));
    const [x0, x1, x2] = await b.claim(T, { limit: 3 });
    for (const [job, closed] of [
      [x0, []],
      [x1, []],
      [x2, ['job']],
    ] as const) {
      await fail(a, T + 10, job === undefined ? [] : [job]);
      expect(await closedAt(b, T + 10)).toEqual(closed);
    }
    expect(await b.claimIds(T + 11)).toEqual([]);
    expect(await b.claimIds(T + 999)).toEqual([]);
  });

  it('one that answers that it failed itself is closed as one that nobody reaches', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 6));
    await fail(a, T + 10, await b.claim(T, { limit: 3 }), { met: answered });
    expect(await closedAt(b, T + 10)).toEqual(['job']);
  });

  it('where two jobs are there, both have to fail', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 2));
    const [x0, x1] = await b.claim(T);
    await fail(a, T + 10, x0 === undefined ? [] : [x0]);
    expect(await closedAt(b, T + 10)).toEqual([]);
    await fail(a, T + 20, x1 === undefined ? [] : [x1]);
    expect(await closedAt(b, T + 20)).toEqual(['job']);
  });

  it('one job alone never closes its target: it has a backoff of its own', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    let now = T;
    for (const seconds of [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]) {
      await fail(a, now, [await b.claimOne(now)]);
      expect(await closedAt(b, now)).toEqual([]);
      expect(await a.claimIds(now + seconds * 1_000 - 1)).toEqual([]);
      now += seconds * 1_100;
    }
    expect(await b.job('x')).toMatchObject({ failures: 0, attempt: 1, tries: 12 });
  });

  it('the same job three times is one, and whoever gets through in between ends the row', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 9));
    const [x0, x1, x2, x3, x4] = await b.claim(T, { limit: 5 });
    if (!(x0 && x1 && x2 && x3 && x4)) throw new Error('five jobs were to be claimed');
    await fail(a, T + 10, [x0, x1]);
    await succeed(a, T + 11, x2);
    // Began before somebody got through.
    await fail(a, T + 12, [x3, x4]);
    expect(await closedAt(b, T + 12)).toEqual([]);
  });

  it('a job that others got through beside says nothing of its target', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('bad', 3), ...specs('good', 3));
    const bad = await b.claim(T, { limit: 3 });
    await succeed(a, T + 11, await b.claimOne(T + 1));
    await fail(a, T + 20, bad.slice(0, 2));
    await succeed(a, T + 40, await b.claimOne(T + 30));
    await fail(a, T + 50, bad.slice(2));
    await succeed(a, T + 70, await b.claimOne(T + 60));
    await fail(a, T + 5_000, await b.claim(T + 4_000));
    expect(await closedAt(b, T + 5_000)).toEqual([]);
  });
}

function describeAtOnce(scene: Scene): void {
  it('is closed at once for as long as it asks, and no longer', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    await fail(a, T, [await b.claimOne(T)], {
      met: unreached({ reason: 'busy', retryAfterMs: 60_000, closes: true }),
    });
    expect(await b.claimIds(T + 59_999)).toEqual([]);
    expect(await b.claimIds(T + 60_000)).toEqual(['x1']);
  });

  it('is closed at once by a missing sign-in', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    const answer = await fail(a, T, [await b.claimOne(T)], {
      met: unreached({ reason: 'signed-out', closes: true }),
    });
    expect(answer.outage?.closed).toMatchObject([{ target: 'job', reason: 'signed-out', since: T }]);
    expect(answer.closedTargets).toMatchObject([{ target: 'job' }]);
  });

  it('stays open when somebody got through within the last second', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 4));
    const [tenant, other] = await b.claim(T, { limit: 2 });
    await fail(a, T, tenant === undefined ? [] : [tenant]);
    await succeed(a, T + 5, ...(other === undefined ? [] : [other]));
    const third = await b.claimOne(T + 6);
    await fail(a, T + 1_000, [third], { met: unreached({ reason: 'signed-out', closes: true }) });
    expect(await closedAt(b, T + 1_000)).toEqual([]);
  });
}

function describeProbes(scene: Scene): void {
  it('closed, one job at a time is taken, by whomever, when the wait is over', async () => {
    const { a, b } = scene;
    await close(scene);
    const at = await probeAt(b, T + 10);
    expect(at - T - 10).toBeGreaterThanOrEqual(1_000);
    expect(at - T - 10).toBeLessThanOrEqual(1_100);
    expect(await b.claimIds(at - 1)).toEqual([]);
    expect(await b.claimIds(at, { worker: 'two' })).toEqual(['x3']);
    expect(await a.claimIds(at, { worker: 'one' })).toEqual([]);
    expect(await a.claimIds(at + 20_000, { worker: 'one' })).toEqual([]);
  });

  it('waits double from 1 s to the longest, and are a tenth longer at most, never shorter', async () => {
    const { a, b } = scene;
    await close(scene);
    let last = T + 10;
    for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60, 60]) {
      const at = await probeAt(b, last);
      expect(at - last).toBeGreaterThanOrEqual(seconds * 1_000);
      expect(at - last).toBeLessThanOrEqual(seconds * 1_100);
      last = at + 5;
      await fail(a, last, [await b.claimOne(at)], { probeMaxMs: 60_000 });
    }
  });

  it('each job is asked once a round, in their order, and none loses its place', async () => {
    const { a, b } = scene;
    await close(scene, 5);
    await a.enqueue(T + 11, spec('low', { priority: -10 }), spec('high', { priority: 10 }));
    const asked: string[] = [];
    let now = T + 10;
    for (let probe = 0; probe < 14; probe += 1) {
      now = await probeAt(b, now);
      const job = await b.claimOne(now, { limit: 5 });
      asked.push(job.job.id);
      await fail(a, now + 1, [job]);
    }
    const round = ['x3', 'x4', 'x0', 'x1', 'low', 'high', 'x2'];
    expect(new Set(asked.slice(0, 7))).toEqual(new Set(round));
    expect(asked.slice(7)).toEqual(asked.slice(0, 7));
    expect((await b.job('x4')).runAt).toBe(T);
  });

  it('a job that crashes or fails by itself when it is asked is not asked again before the others', async () => {
    const { a, b } = scene;
    await close(scene, 2);
    const asked: string[] = [];
    let now = T + 10;
    for (let probe = 0; probe < 6; probe += 1) {
      now = await probeAt(b, now);
      const job = await b.claimOne(now, { idle: true });
      asked.push(job.job.id);
      if (job.job.id === 'x0') await fail(a, now + 1, [job]);
      else if (probe < 4) await a.reclaim(now + 1, { goneWorkers: ['worker'] });
      else await a.settle(now + 1, job, retry(now + 2));
    }
    expect(asked.filter((id) => id === 'x1').length).toBeGreaterThan(1);
    expect(asked.join(' ')).not.toContain('x1 x1');
  });

  it('a probe writes no row of a job but once, to say that it was tried', async () => {
    const { a, b, harness } = scene;
    const written = async (act: () => Promise<unknown>) => {
      const before = harness.steps().written;
      await act();
      return harness.steps().written - before;
    };
    await a.enqueue(T, spec('other', { name: 'mail' }));
    const other = await b.claimOne(T, { names: ['mail'] });
    const onlyItsLease = await written(() => a.settle(T, other, { kind: 'unbegun' }));
    await close(scene, 4);
    let now = T + 10;
    for (let probe = 0; probe < 12; probe += 1) {
      now = await probeAt(b, now);
      const job = await b.claimOne(now);
      const cost = await written(() => fail(a, now + 1, [job]));
      if (probe >= 4) expect(cost).toBeLessThanOrEqual(onlyItsLease);
    }
  });

  it('a step of the clock, forward and back, prolongs no wait', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 6));
    await fail(a, T + 10, await b.claim(T, { limit: 3 }));
    const wrong = T + 365 * DAY_MS;
    await fail(a, wrong + 5, [await b.claimOne(wrong)]);
    const now = T + 20_000;
    await a.look(now, { names: [] });
    expect((await probeAt(b, now)) - now).toBeLessThanOrEqual(2_200);
    expect(await a.claimIds(now + 2_200)).toHaveLength(1);
  });
}

function describeProbeEnds(scene: Scene): void {
  for (const [how, end] of [
    ['is cancelled', cancelled],
    [
      'fails for a reason of its own',
      { kind: 'retry', runAt: T, error: { name: 'E', message: '', attempt: 1, at: T } },
    ],
    ['is released', { kind: 'release', runAt: T + 60_000 }],
    ['has not begun', { kind: 'unbegun' }],
  ] as const)
    it(`a probe that ${how} is followed by the next job, after the same wait`, async () => {
      const { a, b } = scene;
      await close(scene);
      const at = await probeAt(b, T + 10);
      const probe = await b.claimOne(at);
      await a.settle(at + 100, probe, end);
      const next = await probeAt(b, at + 100);
      expect(next).toBeLessThanOrEqual(at + 1_100);
      expect(await b.claimIds(next)).toEqual(['x4']);
    });

  it('a probe whose tab vanished comes back with its lease, and another follows', async () => {
    const { a, b } = scene;
    await close(scene);
    const at = await probeAt(b, T + 10);
    await b.claimOne(at, { worker: 'gone', leaseMs: 30_000 });
    expect(await a.claimIds(at + 29_999)).toEqual([]);
    await a.reclaim(at + 30_000);
    expect(await a.claimIds(at + 30_000)).toEqual(['x4']);
  });

  it('what comes late, begun before, is no probe: the wait is not doubled for it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 9));
    const jobs = await b.claim(T, { limit: 6 });
    await fail(a, T + 10, jobs.slice(0, 3));
    await fail(a, T + 20, jobs.slice(3));
    expect((await probeAt(b, T + 20)) - T).toBeLessThanOrEqual(1_110);
  });
}

/** Closed with a hundred jobs, and tried by three that got through. Answers when. */
async function inRamp(scene: Scene): Promise<number> {
  const { a, b } = scene;
  await close(scene, 100);
  let now = await probeAt(b, T + 10);
  for (let round = 0; round < 3; round += 1) {
    now += 10;
    await succeed(a, now, ...(await b.claim(now, { limit: 1 })));
  }
  return now;
}

function describeRamp(scene: Scene): void {
  it('once a probe got through, 2 are in flight, then 4, 8, 16, then all', async () => {
    const { a, b } = scene;
    await close(scene, 100);
    let now = await probeAt(b, T + 10);
    const inFlight = [];
    let flight = await b.claim(now, { limit: 100 });
    while (flight.length < 60) {
      inFlight.push(flight.length);
      now += 10;
      const [first, ...rest] = flight;
      const { outage } = await succeed(a, now, ...(first === undefined ? [] : [first]));
      expect(outage?.grew).toBe(true);
      flight = [...rest, ...(await b.claim(now, { limit: 100 }))];
    }
    expect(inFlight).toEqual([1, 2, 4, 8, 16]);
    expect(await closedAt(b, now)).toEqual([]);
  });

  it('a worker takes no more than it has slots for while a target is tried', async () => {
    const { b } = scene;
    const now = await inRamp(scene);
    expect(await b.claimIds(now, { limit: 100, slots: 3 })).toHaveLength(3);
  });

  it('a worker that has no slots left while a target is tried is not told to ask again at once', async () => {
    const { b } = scene;
    const now = await inRamp(scene);
    await b.claim(now, { limit: 100, slots: 3 });
    const { jobs, nextAt } = await b.look(now, { limit: 97, slots: 3 });
    expect(jobs).toEqual([]);
    expect(nextAt).toBeGreaterThan(now);
  });

  it('the first that fails closes it again, with the next step; so growth is forgotten only when it is open', async () => {
    const { a, b } = scene;
    await close(scene, 40);
    let now = T + 10;
    for (let probe = 0; probe < 3; probe += 1) {
      now = await probeAt(b, now);
      await fail(a, now, [await b.claimOne(now)]);
    }
    now = await probeAt(b, now);
    await succeed(a, now + 5, await b.claimOne(now));
    const [one, two] = await b.claim(now + 6, { limit: 9 });
    await fail(a, now + 20, one === undefined ? [] : [one]);
    const wait = (await probeAt(b, now + 20)) - now - 20;
    expect(wait).toBeGreaterThanOrEqual(16_000);
    expect(wait).toBeLessThanOrEqual(17_600);
    expect(await b.claimIds(now + 21)).toEqual([]);
    await fail(a, now + 22, two === undefined ? [] : [two]);
    expect((await probeAt(b, now + 22)) - now - 20).toBe(wait);
  });

  it('one that fails after somebody got through meanwhile does not', async () => {
    const { a, b } = scene;
    await close(scene, 40);
    let now = await probeAt(b, T + 10);
    await succeed(a, now, await b.claimOne(now));
    now += 10;
    const [one, two] = await b.claim(now, { limit: 9 });
    await succeed(a, now + 15, ...(one === undefined ? [] : [one]));
    await fail(a, now + 20, two === undefined ? [] : [two], { met: { ...unreached(), ageMs: 20 } });
    expect(await b.claimIds(now + 21, { limit: 9 })).toHaveLength(4);
  });

  it('jobs that others got through beside do not close it again, as long as they are few', async () => {
    const { a, b } = scene;
    await close(scene, 40);
    let now = T + 10;
    // x3, then the good one: what failed before is tried behind it.
    now = await probeAt(b, now);
    await fail(a, now, [await b.claimOne(now)]);
    await a.enqueue(now, spec('later'));
    now = await probeAt(b, now);
    await succeed(a, now, await b.claimOne(now));
    expect(await closedAt(b, now)).toEqual(['job']);
    expect((await b.claimIds(now, { limit: 9 })).slice(0, 2)).toEqual(['x5', 'x6']);
  });
}

function describeAhead(scene: Scene): void {
  it('what was claimed ahead of a closing target is to go back, but not what tries it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 9), spec('m', { name: 'mail', target: 'job' }));
    const names = { job: { version: 1, slots: 9 }, mail: { version: 1, slots: 9, outage: false } } as const;
    const jobs = await b.claim(T, { names, limit: 6, worker: 'two' });
    const mail = await b.claimOne(T, { names: { mail: names.mail }, worker: 'two' });
    await a.exchange(T, [], { worker: 'one', limit: 0 });
    const [x0, x1, x2, x3, x4, x5] = jobs;
    if (!(x0 && x1 && x2 && x3 && x4 && x5)) throw new Error('six jobs were to be claimed');
    await fail(a, T + 10, [x0, x1, x2], { worker: 'two' });
    const ids = [x3, x4, x5, mail].map(({ job }) => job.id);
    const request = { queue: a.queue, workerId: 'two', settle: [], unbegun: ids };
    expect((await a.store.exchange(request, T + 11)).goBack).toEqual(['x3', 'x4', 'x5']);
    const settle = [x3, x4, x5].map(({ job, fence }) => ({ id: job.id, fence, outcome: unbegun }));
    await b.store.exchange({ queue: a.queue, workerId: 'two', settle }, T + 12);
    const probe = await b.claimOne(T + 1_200, { worker: 'two' });
    expect(probe).toMatchObject({ first: true, job: { id: 'x3' } });
    expect((await a.store.exchange({ ...request, unbegun: ['x3'] }, T + 1_201)).goBack).toBeUndefined();
  });
}

function describeLifting(scene: Scene): void {
  it('when somebody hopes for it the probe goes at once, but not within 5 s of the last', async () => {
    const { a, b } = scene;
    await close(scene);
    let now = T + 10;
    for (let probe = 0; probe < 6; probe += 1) {
      now = await probeAt(b, now);
      await fail(a, now, [await b.claimOne(now)]);
    }
    expect(await b.claimIds(now + 4_999, { lift: true })).toEqual([]);
    expect(await a.claimIds(now + 5_000)).toHaveLength(1);
  });

  it('what a server asked for is not lifted', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    await fail(a, T, [await b.claimOne(T)], {
      met: unreached({ reason: 'busy', retryAfterMs: 60_000, closes: true }),
    });
    expect(await b.claimIds(T + 30_000, { lift: true })).toEqual([]);
  });

  it('a job that waits for its target alone is due, one whose failure counted is not', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('counted', { name: 'mail' }));
    let now = T;
    for (const seconds of [1, 2, 4, 8, 16, 32]) {
      await fail(a, now, [await b.claimOne(now)]);
      now += seconds * 1_100;
    }
    await fail(a, now, [await b.claimOne(now)]);
    const mail = await b.claimOne(now, { names: ['mail'] });
    await a.settle(now, mail, {
      kind: 'retry',
      runAt: now + 60_000,
      error: { name: 'E', message: '', attempt: 1, at: now },
    });
    const names = ['job', 'mail'];
    expect(await b.claimIds(now + 4_999, { names, lift: true })).toEqual([]);
    expect(await b.claimIds(now + 5_000, { names })).toEqual(['x']);
    expect(await b.claimIds(now + 5_001, { names, lift: true })).toEqual([]);
  });
}

function describeKinds(scene: Scene): void {
  it('jobs of a name are kept apart by target, and names may share one', async () => {
    const { a, b } = scene;
    await a.enqueue(
      T,
      ...specs('dead', 4, { target: 'dead' }),
      ...specs('good', 2, { target: 'good' }),
      spec('mail', { name: 'mail', target: 'dead' }),
    );
    const dead = await b.claim(T, { limit: 3 });
    await fail(a, T + 10, dead);
    expect(await closedAt(b, T + 10)).toEqual(['dead']);
    expect(await b.claimIds(T + 11, { names: ['job', 'mail'] })).toEqual(['good0', 'good1']);
    expect(await b.job('good0')).toMatchObject({ target: 'good' });
  });

  it('the order of a name is one, whatever the targets', async () => {
    const { a, b } = scene;
    await a.enqueue(
      T,
      spec('1', { target: 'b' }),
      spec('2'),
      spec('3', { target: 'a' }),
      spec('4', { target: 'b' }),
    );
    expect(await b.claimIds(T)).toEqual(['1', '2', '3', '4']);
  });

  it('more than 64 targets of a name share 64 more', async () => {
    const { a, b } = scene;
    const jobs = Array.from({ length: 300 }, (_, i) => spec(`x${i}`, { target: `host ${i}.example` }));
    await a.enqueue(T, ...jobs.slice(0, 150));
    await b.enqueue(T, ...jobs.slice(150));
    const { jobs: found } = await a.list({ state: 'pending' });
    expect(found).toHaveLength(300);
    expect(new Set(found.map(({ target }) => target)).size).toBeLessThanOrEqual(128);
    expect(await b.job('x5')).toMatchObject({ target: 'host 5.example' });
    expect(await a.claim(T, { limit: 300 })).toHaveLength(300);
  });

  it('targets that are words of the language, or look like keys, are targets', async () => {
    const { a, b } = scene;
    const targets = ['__proto__', 'constructor', 'a@1', 'job', '2s1', '#3'];
    await a.enqueue(T, ...targets.map((target) => spec(target, { target })));
    expect(await b.claimIds(T)).toEqual(targets);
    await fail(a, T, await a.list({ state: 'active' }).then(() => []));
    expect((await a.job('__proto__')).target).toBe('__proto__');
  });

  it('a name without the rule runs whether its target is closed or not', async () => {
    const { a, b } = scene;
    await close(scene);
    await a.enqueue(T, spec('free', { name: 'mail', target: 'job' }));
    const names = { job: { version: 1, slots: 9 }, mail: { version: 1, slots: 9, outage: false } } as const;
    expect(await b.claimIds(T + 11, { names })).toEqual(['free']);
  });

  it('a worker that holds a target for itself takes as few of its jobs as it says', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 4), spec('m', { name: 'mail' }));
    expect(await b.claimIds(T, { names: ['job', 'mail'], few: { job: 0 } })).toEqual(['m']);
    expect(await b.claimIds(T, { few: { job: 1 } })).toEqual(['x0']);
    expect(await a.claimIds(T, { worker: 'well' })).toEqual(['x1', 'x2', 'x3']);
  });

  it('a worker that takes a few jobs of a target hears when the next is due, and one that takes none asks for none', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { delayMs: 5_000 }));
    expect(await b.look(T, { few: { job: 1 } })).toMatchObject({ jobs: [], nextAt: T + 5_000 });
    expect(await b.look(T, { few: { job: 0 } })).not.toHaveProperty('nextAt');
    await close(scene);
    const now = await probeAt(b, T + 10);
    const { jobs, nextAt = now + 1 } = await b.look(now, { few: { job: 0 } });
    expect(jobs).toEqual([]);
    expect(nextAt).toBeGreaterThan(now);
  });

  it('explain says what a job waits for, also in a lane, and stats which targets are closed', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3), spec('head', { lane: 'l' }), spec('behind', { lane: 'l' }));
    await fail(a, T + 10, await b.claim(T, { limit: 3 }));
    const nextProbeAt = await probeAt(b, T + 10);
    const outage = { why: 'outage', target: 'job', since: T + 10, reason: 'network', nextProbeAt };
    expect(await b.waits(T + 11, 'head')).toEqual([outage]);
    expect(await b.waits(T + 11, 'behind')).toEqual([outage, { why: 'lane', lane: 'l' }]);
    expect((await a.stats(T + 11)).closedTargets).toEqual([
      { target: 'job', since: T + 10, reason: 'network', nextProbeAt },
    ]);
  });

  it('nothing is kept of a target when no live job of it has failed', async () => {
    const { a, b } = scene;
    await close(scene, 4);
    await a.cancel(T + 11, 'x0', 'x1', 'x2', 'x3');
    await a.enqueue(T + 12, ...specs('y', 2));
    expect(await b.claimIds(T + 12)).toEqual(['y0', 'y1']);
  });

  it('through is through: what the server refused for good does not close it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 5));
    const jobs = await b.claim(T, { limit: 4 });
    await fail(a, T + 10, jobs.slice(0, 2));
    await fail(a, T + 11, jobs.slice(2, 3), { met: met({ kind: 'through' }) });
    await fail(a, T + 12, jobs.slice(3));
    expect(await closedAt(b, T + 12)).toEqual([]);
    expect(await b.job('x2')).toMatchObject({ failures: 1 });
  });
}
