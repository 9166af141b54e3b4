import { describe, expect, it } from 'vitest';
import type { Firing, ScheduleSpec, TickWatch } from '../../core/messages.ts';
import type { Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { complete, spec, T } from './spec.ts';

const SECOND = 1_000;

export function describeSchedules(scene: Scene): void {
  describe('schedules', () => {
    describePutting(scene);
    describeFiring(scene);
    describeOverlap(scene);
    describeWaking(scene);
    describeClocks(scene);
  });
}

const EVERY = { kind: 'every', ms: SECOND } as const;
const CRON = { kind: 'cron', pattern: '0 9 * * *', timeZone: 'UTC' } as const;

interface Putting extends Partial<Omit<ScheduleSpec, 'id' | 'job'>> {
  readonly job?: Partial<ScheduleSpec['job']>;
}

function put({ store, queue }: Opening, now: number, id: string, more: Putting = {}): Promise<boolean> {
  const job = { name: 'job', version: 1, priority: 0, payload: { of: id }, ...more.job };
  const schedule = { id, rule: EVERY, missed: 'once', overlap: true, ...more, job } as const;
  return store.putSchedules({ queue, schedules: [schedule] }, now);
}

function fire({ store, queue }: Opening, now: number, ...firings: Firing[]) {
  return store.fire({ queue, firings }, now);
}

const list = ({ store, queue }: Opening) => store.listSchedules({ queue });
const tick = (seenAt: number, ticks: number[] = [seenAt], more: Partial<Firing> = {}): Firing => ({
  id: 's',
  seenAt,
  ticks,
  nextAt: (ticks.at(-1) ?? seenAt) + SECOND,
  ...more,
});

function watch(...names: string[]): { readonly ticks: TickWatch; readonly names: readonly string[] } {
  const versions = Object.fromEntries(names.map((name) => [name, 1]));
  return { ticks: { kinds: ['every'], names: versions }, names };
}

function describePutting(scene: Scene): void {
  it('a schedule is there for every opening, with its next tick, and listed by its id', async () => {
    const { a, b } = scene;
    expect(await put(a, T, 's', { missed: { all: 3 }, overlap: false })).toBe(true);
    await put(b, T, 'r', { rule: CRON, nextAt: T + 77 });
    expect(await list(b)).toEqual([
      {
        id: 'r',
        rule: CRON,
        missed: 'once',
        overlap: true,
        name: 'job',
        version: 1,
        payload: { of: 'r' },
        nextAt: T + 77,
      },
      {
        id: 's',
        rule: { ...EVERY, anchor: T },
        missed: { all: 3 },
        overlap: false,
        name: 'job',
        version: 1,
        payload: { of: 's' },
        nextAt: T + SECOND,
      },
    ]);
  });

  it('put again it goes on: its next tick moves with its rule and with nothing else', async () => {
    const { a, b } = scene;
    await put(a, T, 's');
    await put(b, T + 400, 's', { job: { payload: 'other' }, missed: 'skip' });
    const anchor = T;
    expect(await list(a)).toMatchObject([
      { rule: { ...EVERY, anchor }, payload: 'other', missed: 'skip', nextAt: T + SECOND },
    ]);
    await put(a, T + 400, 's', { rule: { kind: 'every', ms: 5 * SECOND } });
    expect(await list(b)).toMatchObject([{ nextAt: T + 5_400 }]);
    await put(b, T + 500, 's', { rule: { kind: 'every', ms: 5 * SECOND, anchor: T } });
    expect(await list(b)).toMatchObject([{ nextAt: T + 5_000 }]);
    await put(b, T + 500, 's', { rule: CRON, nextAt: T + 9_000 });
    await put(b, T + 600, 's', { rule: CRON, nextAt: T + 8_000 });
    expect(await list(a)).toMatchObject([{ nextAt: T + 9_000 }]);
    await put(b, T + 600, 's', { rule: { ...CRON, timeZone: 'Asia/Tokyo' }, nextAt: T + 8_000 });
    expect(await list(a)).toMatchObject([{ nextAt: T + 8_000 }]);
  });

  it('that is removed is gone, its jobs stay, and it can be put anew', async () => {
    const { a, b } = scene;
    const { store, queue } = b;
    await put(a, T, 's');
    await fire(a, T + SECOND, tick(T + SECOND));
    expect(await store.removeSchedule({ queue, id: 's' }, T + SECOND)).toBe(true);
    expect(await store.removeSchedule({ queue, id: 's' }, T + SECOND)).toBe(false);
    expect(await list(a)).toEqual([]);
    expect(await fire(a, T + 2_000, tick(T + 2_000))).toEqual([{ status: 'stale', jobs: [] }]);
    expect(await a.look(T + 1_000, watch('other'))).not.toHaveProperty('nextAt');
    expect(await a.listIds('pending')).toEqual([`s@${T + SECOND}`]);
    await put(a, T + 3_000, 's');
    expect(await list(a)).toMatchObject([{ nextAt: T + 4_000 }]);
  });

  it('of another queue are others', async () => {
    const { a, b } = scene;
    await put(a, T, 's');
    expect(await list(b.inQueue('other'))).toEqual([]);
    await put(b.inQueue('other'), T, 's', { missed: 'skip' });
    expect(await list(a)).toMatchObject([{ id: 's', missed: 'once' }]);
  });

  it('are at most 1,000 in a queue: the one that is too many is refused, and nothing of its call stored', async () => {
    const { a } = scene;
    const { store, queue } = a;
    const job = { name: 'job', version: 1, priority: 0, payload: null };
    const schedules = Array.from({ length: 1_001 }, (_, i) => ({
      ...{ id: `s${i}`, rule: EVERY, missed: 'once', overlap: true, job },
    })) as ScheduleSpec[];
    await expect(store.putSchedules({ queue, schedules }, T)).rejects.toMatchObject({
      code: 'InvalidOption',
    });
    expect(await list(a)).toEqual([]);
    await store.putSchedules({ queue, schedules: schedules.slice(0, 1_000) }, T);
    await expect(put(a, T, 'more')).rejects.toMatchObject({ code: 'InvalidOption' });
    await put(a, T, 's7', { missed: 'skip' });
    expect(await list(a)).toHaveLength(1_000);
  });

  it('keep payloads of every kind, and share none with who put or read them', async () => {
    const { a, b } = scene;
    const payload = { at: new Date(T), ids: new Set([1n]) };
    await put(a, T, 's', { job: { payload } });
    payload.ids.clear();
    for (const first of await list(b)) (first.payload as typeof payload).ids.clear();
    await fire(b, T + SECOND, tick(T + SECOND));
    const { job } = await a.claimOne(T + SECOND);
    expect(job.payload).toEqual({ at: new Date(T), ids: new Set([1n]) });
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
    expect(await b.look(T + SECOND, watch('job'))).not.toHaveProperty('nextTickAt');
    await b.resume(T + SECOND);
    expect(await b.look(T + SECOND, watch('job'))).toMatchObject({ nextTickAt: T + SECOND });
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
    expect(await b.look(T, watch('job'))).toMatchObject({ jobs: [], nextAt: at, nextTickAt: at });
    expect(await b.look(T, watch('job', 'mail'))).toMatchObject({ nextTickAt: T + SECOND });
    await a.enqueue(T, spec('x', { delayMs: 200 }));
    expect(await b.look(T, watch('job'))).toMatchObject({ nextAt: T + 200, nextTickAt: at });
    const both = { names: ['job'], ticks: { kinds: ['every', 'cron'], names: { job: 1 } } } as const;
    expect(await b.look(T, both)).toMatchObject({ nextAt: T + 100, nextTickAt: T + 100 });
  });

  it('a claim that watches for nothing, or for other names, hears of no tick', async () => {
    const { a, b } = scene;
    await put(a, T, 's');
    for (const claiming of [{}, watch('mail'), watch('toString')]) {
      const answer = await b.look(T, claiming);
      expect(answer).not.toHaveProperty('nextAt');
      expect(answer).not.toHaveProperty('nextTickAt');
    }
  });

  it('the tick that comes next is told once this one is fired, and none when there is none', async () => {
    const { a, b } = scene;
    await put(a, T, 's', { job: { name: 'mail' } });
    await fire(a, T + SECOND, tick(T + SECOND));
    expect(await b.look(T + SECOND, { ...watch('mail'), names: [] })).toMatchObject({
      nextTickAt: T + 2_000,
    });
    await fire(a, T + 2_000, { id: 's', seenAt: T + 2_000, ticks: [] });
    expect(await b.look(T + 2_000, { ...watch('mail'), names: [] })).not.toHaveProperty('nextTickAt');
  });
}

function describeClocks(scene: Scene): void {
  it('after a clock was set back, ticks are looked at at once, and told rightly from then on', async () => {
    const { a, b } = scene;
    await put(a, T, 's', { rule: { kind: 'every', ms: 60 * SECOND } });
    await a.enqueue(T + 50_000, spec('x'));
    const back = T + 10_000;
    expect(await b.look(back, watch('job'))).toMatchObject({ nextTickAt: back });
    expect(await fire(b, back)).toEqual([]);
    expect(await b.look(back, watch('job'))).toMatchObject({ nextTickAt: T + 60_000 });
    expect(await list(a)).toMatchObject([{ nextAt: T + 60_000 }]);
  });
}
