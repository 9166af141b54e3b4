import { describe, expect, it } from 'vitest';
import { Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { CRON, fire, list, put, SECOND, tick, watch } from './schedule-scene.ts';
import { complete, spec, T } from './spec.ts';

export function describeTicks(scene: Scene): void {
  describe('ticks', () => {
    describeFiring(scene);
    describeOverlap(scene);
    describeWaking(scene);
    describeClocks(scene);
  });
}

function describeFiring(scene: Scene): void {
  it('a tick brings its job, with the payload and options of the schedule and the tick that it is of', async () => {
    const { a, b } = scene;
    await put(a, T, 's', { job: { priority: 7, lane: 'l', maxAttempts: 2, timeoutMs: 50 } });
    const id = `s@${T + SECOND}`;
    expect(await fire(b, T + 1_003, tick(T + SECOND))).toEqual([
      { status: 'fired', jobs: [{ id, status: 'enqueued' }] },
    ]);
    expect(await a.get(id)).toMatchObject({
      payload: { of: 's' },
      priority: 7,
      lane: 'l',
      maxAttempts: 2,
      timeoutMs: 50,
      enqueuedAt: T + 1_003,
      tick: { schedule: 's', at: T + SECOND },
    });
    expect(await list(a)).toMatchObject([{ nextAt: T + 2_000, lastAt: T + SECOND, lastId: id }]);
    expect(await b.claimIds(T + 1_003)).toEqual([id]);
  });

  it('is fired once, whoever else saw it', async () => {
    const { a, b } = scene;
    await put(a, T, 's');
    const seen = tick(T + SECOND);
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, i) => fire(i % 2 === 0 ? a : b, T + SECOND, seen)),
    );
    expect(
      all
        .flat()
        .map(({ status }) => status)
        .sort(),
    ).toEqual(['fired', ...Array(19).fill('stale')]);
    expect(await a.count()).toMatchObject({ pending: 1 });
  });

  it('several ticks bring a job each, in order, and none of them brings none', async () => {
    const { a, b } = scene;
    await put(a, T, 's');
    const ticks = [T + 2_000, T + 3_000, T + 4_000];
    await fire(b, T + 4_500, tick(T + SECOND, ticks));
    expect(await a.claimIds(T + 4_500)).toEqual(ticks.map((at) => `s@${at}`));
    expect(await fire(a, T + 9_000, tick(T + 5_000, [], { nextAt: T + 10_000 }))).toEqual([
      { status: 'fired', jobs: [] },
    ]);
    expect(await list(b)).toMatchObject([{ nextAt: T + 10_000, lastAt: T + 4_000 }]);
  });

  it('whose job is still there, as its clock was set back, is no second job', async () => {
    const { a } = scene;
    await put(a, T, 's');
    await fire(a, T + SECOND, tick(T + SECOND, [T + SECOND], { nextAt: T + 2_000 }));
    await fire(a, T + 2_000, tick(T + 2_000, [], { nextAt: T + SECOND }));
    expect(await fire(a, T + 2_000, tick(T + SECOND))).toMatchObject([
      { status: 'fired', jobs: [{ status: 'duplicate' }] },
    ]);
    expect(await a.count()).toMatchObject({ pending: 1 });
  });

  for (const [which, ticks] of [
    ['one', [10]],
    ['several that were missed', [8, 9, 10]],
  ] as const)
    it(`fired by a clock that was ahead come no second time, though their jobs are done: ${which}`, async () => {
      const { a, b } = scene;
      await put(a, T, 's');
      const ahead = ticks.map((second) => T + second * SECOND);
      await fire(a, T + 10_000, tick(T + SECOND, ahead));
      for (const job of await b.claim(T + 10_000)) await b.settle(T + 10_000, job, complete());
      await fire(b, T + 100, tick(T + 11_000, [], { nextAt: T + SECOND }));
      const fired: number[] = [];
      for (let at = T + SECOND; at <= T + 12_000; at += SECOND) {
        const [answer] = await fire(a, at, tick(at));
        for (const { status } of answer?.jobs ?? []) if (status === 'enqueued') fired.push((at - T) / SECOND);
      }
      const once = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].filter(
        (second) => !ahead.includes(T + second * SECOND),
      );
      expect(fired).toEqual(once);
      expect((await list(a))[0]).toEqual(expect.not.objectContaining({ firedAhead: expect.anything() }));
    });

  it('after the last one there is none', async () => {
    const { a, b } = scene;
    await put(a, T, 's');
    await fire(b, T + SECOND, { id: 's', seenAt: T + SECOND, ticks: [T + SECOND] });
    expect(await list(a)).toMatchObject([{ id: 's', lastAt: T + SECOND }]);
    expect((await list(a))[0]).not.toHaveProperty('nextAt');
  });

  it('is not fired while the queue or its name is paused', async () => {
    const { a, b } = scene;
    await put(a, T, 's');
    await a.pause(T);
    expect(await fire(b, T + SECOND, tick(T + SECOND))).toEqual([{ status: 'stale', jobs: [] }]);
    expect(await b.look(T + SECOND, watch('job'))).not.toHaveProperty('asked');
    await b.resume(T + SECOND);
    expect(await b.look(T + SECOND, watch('job'))).toMatchObject({ asked: { schedules: T + SECOND } });
    expect(await fire(b, T + SECOND, tick(T + SECOND))).toMatchObject([{ status: 'fired' }]);
  });

  it('is refused by no limit of the queue', async () => {
    const { a } = scene;
    await a.enqueue(T, spec('x'));
    await put(a, T, 's');
    expect(await fire(a, T + SECOND, tick(T + SECOND))).toMatchObject([{ status: 'fired' }]);
    await expect(a.enqueueWithin({ maxDepth: 2 }, T + SECOND, spec('y'))).rejects.toMatchObject({
      code: 'QueueFull',
    });
    expect(await fire(a, T + 2_000, tick(T + 2_000))).toMatchObject([{ status: 'fired' }]);
  });
}

function describeOverlap(scene: Scene): void {
  it('without overlap a tick brings no job while the last one waits or runs, and goes on when it has ended', async () => {
    const { a, b } = scene;
    await put(a, T, 's', { overlap: false });
    await fire(a, T + SECOND, tick(T + SECOND));
    expect(await fire(b, T + 2_000, tick(T + 2_000))).toEqual([{ status: 'overlap', jobs: [] }]);
    const first = await b.claimOne(T + 2_500);
    expect(await fire(a, T + 3_000, tick(T + 3_000))).toEqual([{ status: 'overlap', jobs: [] }]);
    await b.settle(T + 3_500, first, complete());
    expect(await fire(a, T + 4_000, tick(T + 4_000))).toMatchObject([{ status: 'fired' }]);
    expect(await a.listIds('pending')).toEqual([`s@${T + 4_000}`]);
  });

  it('without overlap several ticks bring one job, that of the latest', async () => {
    const { a } = scene;
    await put(a, T, 's', { overlap: false });
    await fire(a, T + 3_000, tick(T + SECOND, [T + SECOND, T + 2_000, T + 3_000]));
    expect(await a.listIds('pending')).toEqual([`s@${T + 3_000}`]);
  });
}

function describeWaking(scene: Scene): void {
  it('a claim tells the earliest tick of what it watches for, and counts it in its next instant', async () => {
    const { a, b } = scene;
    await put(a, T, 's', { rule: { kind: 'every', ms: 5 * SECOND } });
    await put(a, T, 'r', { rule: { kind: 'every', ms: 3 * SECOND } });
    await put(a, T, 'q', { job: { name: 'mail' } });
    await put(a, T, 'p', { rule: CRON, nextAt: T + 100 });
    await put(a, T, 'o', { job: { version: 2 } });
    const at = T + 3 * SECOND;
    expect(await b.look(T, watch('job'))).toMatchObject({ jobs: [], nextAt: at, asked: { schedules: at } });
    expect(await b.look(T, watch('job', 'mail'))).toMatchObject({ asked: { schedules: T + SECOND } });
    await a.enqueue(T, spec('x', { delayMs: 200 }));
    expect(await b.look(T, watch('job'))).toMatchObject({ nextAt: T + 200, asked: { schedules: at } });
    const asks = { schedules: { kinds: ['every', 'cron'], names: { job: 1 } } };
    expect(await b.look(T, { names: ['job'], asks })).toMatchObject({
      nextAt: T + 100,
      asked: { schedules: T + 100 },
    });
  });

  it('a claim that watches for nothing, or for other names, hears of no tick', async () => {
    const { a, b } = scene;
    await put(a, T, 's');
    for (const claiming of [{}, watch('mail'), watch('toString')]) {
      const answer = await b.look(T, claiming);
      expect(answer).not.toHaveProperty('nextAt');
      expect(answer).not.toHaveProperty('asked');
    }
  });

  it('the tick that comes next is told once this one is fired, and none when there is none', async () => {
    const { a, b } = scene;
    await put(a, T, 's', { job: { name: 'mail' } });
    await fire(a, T + SECOND, tick(T + SECOND));
    expect(await b.look(T + SECOND, { ...watch('mail'), names: [] })).toMatchObject({
      asked: { schedules: T + 2_000 },
    });
    await fire(a, T + 2_000, { id: 's', seenAt: T + 2_000, ticks: [] });
    expect(await b.look(T + 2_000, { ...watch('mail'), names: [] })).not.toHaveProperty('asked');
  });
}

function describeClocks(scene: Scene): void {
  it('after a clock was set back, ticks are looked at at once, and told rightly from then on', async () => {
    const { a, b } = scene;
    await put(a, T, 's', { rule: { kind: 'every', ms: 60 * SECOND } });
    await a.enqueue(T + 50_000, spec('x'));
    const back = T + 10_000;
    expect(await b.look(back, watch('job'))).toMatchObject({ asked: { schedules: back } });
    expect(await fire(b, back)).toEqual([]);
    expect(await b.look(back, watch('job'))).toMatchObject({ asked: { schedules: T + 60_000 } });
    expect(await list(a)).toMatchObject([{ nextAt: T + 60_000 }]);
  });

  it('so they are where a page without schedules was the first to see it', async () => {
    const { a, b, harness } = scene;
    await put(a, T, 's', { rule: { kind: 'every', ms: 60 * SECOND } });
    const without = new Opening(await harness.open(), b.queue, []);
    await without.enqueue(T + 50_000, spec('x'));
    const back = T + 10_000;
    expect(await without.look(back, watch('job'))).not.toHaveProperty('asked');
    expect(await b.look(back + 50, watch('job'))).toMatchObject({ asked: { schedules: back + 50 } });
    await fire(b, back + 50);
    expect(await b.look(back + 50, watch('job'))).toMatchObject({ asked: { schedules: T + 60_000 } });
  });

  it('no schedule is left when the feature is abandoned, and nobody is woken for one', async () => {
    const { a, b, harness } = scene;
    await put(a, T, 's');
    const without = new Opening(await harness.open(), b.queue, []);
    expect(await without.abandon(T, 'schedules')).toEqual({ freed: 0, dropped: 1 });
    expect(await list(a)).toEqual([]);
    expect(await b.look(T, watch('job'))).not.toHaveProperty('asked');
    expect(await fire(a, T + SECOND, tick(T + SECOND))).toMatchObject([{ status: 'stale' }]);
  });

  it('a page without schedules hears of no tick, and keeps what is known of them', async () => {
    const { a, b, harness } = scene;
    await put(a, T, 's');
    const without = new Opening(await harness.open(), b.queue, []);
    await without.enqueue(T, spec('x'));
    const [job] = await without.claim(T, watch('job'));
    expect(await without.look(T + SECOND, watch('job'))).not.toHaveProperty('asked');
    if (job !== undefined) await without.settle(T + SECOND, job, complete());
    expect(await b.look(T + SECOND, watch('job'))).toMatchObject({ asked: { schedules: T + SECOND } });
  });
}
