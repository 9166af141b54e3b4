import {
  count,
  declareSchedules,
  defineJobs,
  drain as drainQueue,
  every,
  type Feature,
  gates,
  type Handlers,
  job,
  list,
  listSchedules,
  memoryBacking,
  pause,
  putSchedule,
  removeSchedule,
  resume,
  schedule,
  schedules,
  work,
} from 'holdfast';
import { cron } from 'holdfast/cron';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it, vi } from 'vitest';
import { ended, latch, lostConnection, type Scene, setScene } from './scene.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const jobs = defineJobs({ report: job<{ day: string }>(), mail: job<null>() });
const report = { name: 'report', payload: { day: 'today' } } as const;
const mail = { name: 'mail', payload: null } as const;
const often = { recurrence: every(SECOND), ...report };

type Handled = Handlers<typeof jobs>;

async function drain(
  { queue, environment }: Pick<Scene<typeof jobs>, 'queue' | 'environment'>,
  handlers: Handled = { report: () => {} },
) {
  const drained = drainQueue(queue, handlers);
  await environment.flush();
  return ended(drained);
}

/** Several contexts of one queue: each has its own declarations, all have one store and one clock. */
function setContexts() {
  const shared = { backing: memoryBacking(), environment: fakeEnvironment() };
  const context = (options: Parameters<typeof setScene<typeof jobs, readonly Feature[]>>[1] = {}) =>
    setScene(jobs, { ...shared, use: [schedules()], ...options });
  return { ...shared, context };
}

/** A worker that notes the ticks of the jobs that it runs, in ms since the first look. */
function noting() {
  const ticks: number[] = [];
  const handlers = (start: number) => ({
    report: (
      _: unknown,
      { job: { tick } }: { readonly job: { readonly tick?: { readonly at: number } } },
    ) => {
      ticks.push((tick?.at ?? Number.NaN) - start);
    },
  });
  return { ticks, handlers };
}

describe('ticks', () => {
  it('of schedules of 1 s and of 10 s, over 20 s, are 20±1 and 2±1', async () => {
    const both = {
      often: schedule({ recurrence: every(SECOND), ...mail }),
      seldom: { ...often, recurrence: every(10_000) },
    };
    const { queue, environment } = setScene(jobs, { use: [schedules(both)] });
    const ran = { mail: 0, report: 0 };
    const worker = work(queue, { mail: () => void ran.mail++, report: () => void ran.report++ });
    await environment.advance(20 * SECOND);
    expect(Math.abs(ran.mail - 20)).toBeLessThanOrEqual(1);
    expect(Math.abs(ran.report - 2)).toBeLessThanOrEqual(1);
    await worker.stop();
  });

  it('do not drift, however late they are fired', async () => {
    const { queue, environment } = setScene(jobs, { use: [schedules({ often })] });
    const { ticks, handlers } = noting();
    const worker = work(queue, handlers(environment.now()));
    await environment.advance(300);
    environment.jump(250);
    await environment.advance(5 * SECOND);
    expect(ticks).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
    await worker.stop();
  });

  it('are fired once by twenty workers in twenty contexts', async () => {
    const { context, environment } = setContexts();
    const { ticks, handlers } = noting();
    const start = environment.now();
    const contexts = Array.from({ length: 20 }, () => context({ use: [schedules({ often })] }));
    const workers = contexts.map(({ queue }) => work(queue, handlers(start)));
    await environment.advance(10 * SECOND);
    expect(ticks).toEqual(Array.from({ length: 10 }, (_, i) => (i + 1) * SECOND));
    await Promise.all(workers.map((worker) => worker.stop()));
  });

  it('are fired on time by a worker that has no room for their jobs', async () => {
    const { queue, environment } = setScene(jobs, { use: [schedules({ often })] });
    const { promise, open } = latch();
    const worker = work(queue, { report: () => promise }, { concurrency: 1 });
    await environment.advance(3 * SECOND);
    const { jobs: waiting } = await list(queue, { state: 'pending' });
    expect(waiting.map(({ enqueuedAt, tick }) => enqueuedAt - (tick?.at ?? 0))).toEqual([0, 0]);
    open();
    await environment.flush();
    await worker.stop();
  });

  it('are fired while other jobs keep the worker busy', async () => {
    const { queue, environment } = setScene(jobs, { use: [schedules({ often })] });
    const ran = vi.fn();
    const again = async () => void (await queue.enqueue('mail', null));
    const worker = work(queue, { mail: () => void environment.setTimer(again, 20), report: ran });
    await again();
    await environment.advance(3 * SECOND);
    expect(ran).toHaveBeenCalledTimes(3);
    await worker.stop();
  });

  it('of a queue without schedules cost nothing: its store is never asked', async () => {
    const { queue, environment, store } = setScene(jobs, { use: [schedules()] });
    const worker = work(queue, { mail: () => {} });
    await queue.enqueue('mail', null);
    await environment.advance(HOUR);
    for (const method of ['putSchedules', 'listSchedules', 'fire'] as const)
      expect(store.callsOf(method)).toBe(0);
    await worker.stop();
  });

  it('come to a drain that runs when they are due, with its first turn', async () => {
    const { context, environment } = setContexts();
    const { queue } = context({ use: [schedules({ often })] });
    const { ticks, handlers } = noting();
    const start = environment.now();
    expect(await drain({ queue, environment }, handlers(start))).toMatchObject({ completed: 0 });
    await environment.advance(1_500);
    expect(await drain({ queue, environment }, handlers(start))).toMatchObject({ completed: 1 });
    expect(ticks).toEqual([1_000]);
  });

  it('tell what they brought, and what they did not', async () => {
    const { queue, environment } = setScene(jobs, {
      use: [schedules({ often: { ...often, overlap: false } })],
    });
    const [fired, skipped, enqueued] = [vi.fn(), vi.fn(), vi.fn()];
    queue.on('schedule:fired', fired);
    queue.on('schedule:skipped', skipped);
    queue.on('job:enqueued', enqueued);
    const { promise, open } = latch();
    const start = environment.now();
    const worker = work(queue, { report: () => promise });
    await environment.advance(2 * SECOND);
    expect(fired.mock.calls).toEqual([[{ id: 'often', jobs: [`often@${start + SECOND}`] }]]);
    expect(enqueued.mock.calls).toEqual([[{ id: `often@${start + SECOND}`, name: 'report' }]]);
    expect(skipped.mock.calls).toEqual([[{ id: 'often', at: start + 2 * SECOND, reason: 'overlap' }]]);
    open();
    await environment.advance(SECOND);
    expect(fired).toHaveBeenCalledTimes(2);
    await worker.stop();
  });
});

describe('ticks that were missed', () => {
  const hourly = { recurrence: every(HOUR), ...report };

  it.each([
    ['skip', [5 * HOUR + HOUR]],
    ['once', [5 * HOUR, 6 * HOUR]],
    [{ all: 3 }, [3 * HOUR, 4 * HOUR, 5 * HOUR, 6 * HOUR]],
  ] as const)(
    'by %j, while nobody was there for five and a half hours, bring %j',
    async (missed, expected) => {
      const { context, environment } = setContexts();
      const { queue } = context({ use: [schedules({ hourly: { ...hourly, missed } })] });
      const { ticks, handlers } = noting();
      const start = environment.now();
      await drain({ queue, environment }, handlers(start));
      await environment.advance(5.5 * HOUR);
      const worker = work(queue, handlers(start));
      await environment.advance(HOUR);
      expect(ticks).toEqual(expected);
      await worker.stop();
    },
  );

  it('are told: skipped ones have brought nothing', async () => {
    const { queue, environment } = setScene(jobs, {
      use: [schedules({ hourly: { ...hourly, missed: 'skip' } })],
    });
    const skipped = vi.fn();
    queue.on('schedule:skipped', skipped);
    await drain({ queue, environment });
    const at = environment.now() + HOUR;
    await environment.advance(1.5 * HOUR);
    await drain({ queue, environment });
    expect(skipped.mock.calls).toEqual([[{ id: 'hourly', at, reason: 'missed' }]]);
  });

  it('are told when the recurrence is changed before anybody fired them, whoever changes it', async () => {
    const { context, environment } = setContexts();
    const [page, later] = [
      context({ use: [schedules({ hourly })] }),
      context({ use: [schedules({ hourly: often })] }),
    ];
    const skipped = vi.fn();
    for (const { queue } of [page, later]) queue.on('schedule:skipped', skipped);
    await declareSchedules(page.queue);
    const start = environment.now();
    await environment.advance(3.5 * HOUR);
    await declareSchedules(later.queue);
    const ticks = [1, 2, 3].map((n) => start + n * HOUR);
    expect(skipped.mock.calls).toEqual([[{ id: 'hourly', at: start + HOUR, reason: 'changed', ticks }]]);
    await environment.advance(200.5 * SECOND);
    const { dropped } = await putSchedule(page.queue, 'hourly', hourly);
    expect(dropped?.ticks).toHaveLength(100);
    expect(dropped?.at).toBe(start + 3.5 * HOUR + SECOND);
    expect(dropped?.ticks.at(-1)).toBe(start + 3.5 * HOUR + 200 * SECOND);
    expect(skipped).toHaveBeenLastCalledWith({ id: 'hourly', reason: 'changed', ...dropped });
    expect(await putSchedule(page.queue, 'hourly', { ...hourly, missed: 'skip' })).toEqual({});
  });

  it('are not those that are fired a minute late', async () => {
    const { queue, environment } = setScene(jobs, {
      use: [schedules({ hourly: { ...hourly, missed: 'skip' } })],
    });
    await drain({ queue, environment });
    await environment.advance(HOUR + MINUTE);
    expect(await drain({ queue, environment })).toMatchObject({ completed: 1 });
    await environment.advance(HOUR + 1);
    expect(await drain({ queue, environment })).toMatchObject({ completed: 0 });
  });

  it('are those behind a closed gate and those of a paused queue', async () => {
    let isOpen = false;
    let opened = () => {};
    const gate = {
      isOpen: () => isOpen,
      subscribe: (listener: () => void) => {
        opened = listener;
        return () => {};
      },
    };
    const gated = defineJobs({ report: job<{ day: string }>() });
    const use = [schedules({ often }), gates({ report: gate })];
    const { queue, environment } = setScene(gated, { use });
    const ran = vi.fn();
    const worker = work(queue, { report: ran });
    await environment.advance(HOUR);
    expect(await count(queue)).toMatchObject({ pending: 0, completed: 0 });
    isOpen = true;
    opened();
    await environment.flush();
    expect(ran).toHaveBeenCalledTimes(1);
    await pause(queue);
    await environment.advance(HOUR);
    expect(ran).toHaveBeenCalledTimes(1);
    await resume(queue);
    await environment.flush();
    expect(ran).toHaveBeenCalledTimes(2);
    await worker.stop();
  });
});

describe('a clock that is set', () => {
  it('back stops no schedule: one of each second goes on in a second', async () => {
    const { queue, environment } = setScene(jobs, { use: [schedules({ often })] });
    const ran = vi.fn();
    const worker = work(queue, { report: ran });
    await environment.advance(5 * SECOND);
    environment.jump(-HOUR);
    await environment.advance(MINUTE);
    expect(ran.mock.calls.length).toBeGreaterThanOrEqual(5 + 58);
    expect(ran.mock.calls.length).toBeLessThanOrEqual(5 + 61);
    await worker.stop();
  });

  it('back by less than its distance repeats no tick', async () => {
    const { context, environment } = setContexts();
    const { queue } = context({ use: [schedules({ hourly: { ...report, recurrence: cron('0 * * * *') } })] });
    const ran = vi.fn();
    const worker = work(queue, { report: ran });
    await environment.advance(HOUR);
    expect(ran).toHaveBeenCalledTimes(1);
    const [first] = await listSchedules(queue);
    environment.jump((first?.lastAt ?? 0) - environment.now() - 10 * MINUTE);
    await environment.advance(20 * MINUTE);
    expect(ran).toHaveBeenCalledTimes(1);
    await environment.advance(HOUR);
    expect(ran).toHaveBeenCalledTimes(2);
    await worker.stop();
  });

  it('forward by hours and back fires no tick twice', async () => {
    const { queue, environment } = setScene(jobs, {
      use: [schedules({ hourly: { ...report, recurrence: every(HOUR) } })],
    });
    const ran: (number | undefined)[] = [];
    const worker = work(queue, { report: (_, { job: { tick } }) => void ran.push(tick?.at) });
    await environment.advance(MINUTE);
    environment.jump(5 * HOUR);
    await environment.advance(MINUTE);
    expect(ran).toHaveLength(1);
    environment.jump(-5 * HOUR);
    await environment.advance(8 * HOUR);
    expect(ran).toHaveLength(8);
    expect(new Set(ran).size).toBe(8);
    await worker.stop();
  });

  it('forward and back by a year leaves a schedule with the ticks of the right time', async () => {
    const { queue, environment } = setScene(jobs, {
      use: [schedules({ hourly: { ...report, recurrence: every(HOUR) } })],
    });
    const ran = vi.fn();
    const worker = work(queue, { report: ran });
    await environment.advance(MINUTE);
    environment.jump(365 * 24 * HOUR);
    await environment.advance(MINUTE);
    expect(ran).toHaveBeenCalledTimes(1);
    environment.jump(-365 * 24 * HOUR);
    await environment.advance(2 * HOUR);
    expect(ran).toHaveBeenCalledTimes(3);
    await worker.stop();
  });
});

describe('declared schedules', () => {
  it('are stored when a worker starts, and go on when another context declares the same', async () => {
    const { context, environment } = setContexts();
    const recurrence = every(10 * SECOND);
    const first = context({ use: [schedules({ s: { ...report, recurrence } })] });
    expect(await listSchedules(first.queue)).toEqual([]);
    const worker = work(first.queue, { report: () => {} });
    await environment.advance(4 * SECOND);
    const second = context({ use: [schedules({ s: { ...report, recurrence } })] });
    const other = work(second.queue, { report: () => {} });
    await environment.flush();
    expect(await listSchedules(second.queue)).toMatchObject([
      { id: 's', nextAt: environment.now() + 6 * SECOND },
    ]);
    await Promise.all([worker.stop(), other.stop()]);
  });

  it('take what was changed in code, and stay when they are declared no more until they are removed', async () => {
    const { context, environment } = setContexts();
    const before = context({ use: [schedules({ s: often, t: { ...often, ...mail } })] });
    await declareSchedules(before.queue);
    const after = context({
      use: [schedules({ s: { ...often, payload: { day: 'other' }, missed: 'skip' } })],
    });
    await declareSchedules(after.queue);
    expect(await listSchedules(after.queue)).toMatchObject([
      { id: 's', payload: { day: 'other' }, missed: 'skip' },
      { id: 't', name: 'mail' },
    ]);
    expect(await removeSchedule(after.queue, 't')).toBe(true);
    expect(await removeSchedule(after.queue, 't')).toBe(false);
    const worker = work(after.queue, { report: () => {}, mail: () => {} });
    await environment.advance(2 * SECOND);
    expect((await listSchedules(after.queue)).map(({ id }) => id)).toEqual(['s']);
    await worker.stop();
  });

  it('that cannot be stored keep no job from running, are told of, and stored later', async () => {
    const { queue, environment, store } = setScene(jobs, { use: [schedules({ often })] });
    const [failed, ran] = [vi.fn(), vi.fn()];
    queue.on('worker:error', failed);
    store.failNext('putSchedules', lostConnection(), { times: 2 });
    await queue.enqueue('mail', null);
    const worker = work(queue, { mail: ran, report: ran });
    await environment.flush();
    expect(ran).toHaveBeenCalledTimes(1);
    expect(failed).toHaveBeenCalledTimes(1);
    await environment.advance(35 * SECOND);
    expect(failed).toHaveBeenCalledTimes(2);
    expect(ran.mock.calls.length).toBeGreaterThan(1);
    await worker.stop();
  });
});

describe('schedules at run time', () => {
  it('are listed with their next three ticks where these can be computed, the first hundred', async () => {
    const { context } = setContexts();
    const declared = {
      daily: { ...report, recurrence: cron('0 9 * * *') },
      often: { ...report, recurrence: every({ ms: HOUR, anchor: 0 }) },
    };
    const worked = context({ use: [schedules(declared)] });
    await drain(worked);
    const lists = async (of: Scene<typeof jobs>) =>
      (await listSchedules(of.queue)).map(({ nextAt = 0, nextTicks }) =>
        nextTicks?.map((at) => (at - nextAt) / HOUR),
      );
    expect(await lists(worked)).toEqual([
      [0, 24, 48],
      [0, 1, 2],
    ]);
    const without = context();
    expect(await lists(without)).toEqual([undefined, undefined]);
    await drain(without);
    expect(await lists(without)).toEqual([undefined, [0, 1, 2]]);
    for (let i = 0; i < 99; i += 1) await putSchedule(worked.queue, `more ${100 + i}`, often);
    expect((await lists(worked)).map((ticks) => ticks?.length)).toEqual([...Array(100).fill(3), undefined]);
  });

  it('are put, changed, listed and removed, and workers elsewhere hear of them', async () => {
    const { context, environment } = setContexts();
    const [page, tab] = [context(), context()];
    const ran = vi.fn();
    const worker = work(tab.queue, { report: ran });
    await environment.flush();
    await putSchedule(page.queue, 's', { ...often, overlap: false });
    await environment.advance(2 * SECOND);
    expect(ran).toHaveBeenCalledTimes(2);
    await putSchedule(page.queue, 's', { ...report, recurrence: every(MINUTE) });
    await environment.advance(30 * SECOND);
    expect(ran).toHaveBeenCalledTimes(2);
    await removeSchedule(page.queue, 's');
    await environment.advance(HOUR);
    expect(ran).toHaveBeenCalledTimes(2);
    await worker.stop();
  });

  it('with a cron pattern are left alone where nothing can compute it, and fired where the queue was given cron', async () => {
    const { context, environment } = setContexts();
    await putSchedule(context().queue, 's', { ...report, recurrence: cron('* * * * *') });
    const [without, with_] = [context(), context({ use: [schedules({}, { cron })] })];
    const ran = vi.fn();
    const idle = work(without.queue, { report: ran });
    await environment.advance(10 * MINUTE);
    expect(ran).not.toHaveBeenCalled();
    expect(without.store.callsOf('fire')).toBe(0);
    expect(without.store.callsOf('exchange')).toBeLessThan(40);
    await idle.stop();
    const worker = work(with_.queue, { report: ran });
    await environment.flush();
    expect(ran).toHaveBeenCalledTimes(1);
    await environment.advance(MINUTE);
    expect(ran).toHaveBeenCalledTimes(2);
    await worker.stop();
  });

  it('of a job that the worker does not handle wait for one that does', async () => {
    const { context, environment } = setContexts();
    const { queue, store } = context({ use: [schedules({ often })] });
    const worker = work(queue, { mail: () => {} });
    await environment.advance(10 * SECOND);
    expect(await count(queue)).toMatchObject({ pending: 0 });
    expect(store.callsOf('fire')).toBe(0);
    await worker.stop();
  });

  it('are left alone by contexts that do not use them, and fired by one that does', async () => {
    const { context, environment } = setContexts();
    const without = context({ use: [] });
    await putSchedule(without.queue, 's', often);
    const ran = vi.fn();
    const idle = work(without.queue, { report: ran });
    await environment.advance(10 * MINUTE);
    expect(ran).not.toHaveBeenCalled();
    expect(without.store.callsOf('fire')).toBe(0);
    expect(without.store.callsOf('exchange')).toBeLessThan(40);
    await idle.stop();
    const worker = work(context().queue, { report: ran });
    await environment.advance(2 * SECOND);
    expect(ran).toHaveBeenCalledTimes(3);
    await worker.stop();
  });

  it('whose firing fails are told of, tried again, and bring no tick twice', async () => {
    const { queue, environment, store } = setScene(jobs, {
      use: [schedules({ s: { ...report, recurrence: every(MINUTE) } })],
    });
    const [failed, ran] = [vi.fn(), vi.fn()];
    queue.on('worker:error', failed);
    const worker = work(queue, { report: ran });
    await environment.flush();
    store.failNext('fire', lostConnection());
    store.failNext('fire', lostConnection(), { after: true });
    await environment.advance(MINUTE + 30 * SECOND);
    expect(failed).toHaveBeenCalledTimes(2);
    expect(ran).toHaveBeenCalledTimes(1);
    await worker.stop();
  });

  it('are refused once the queue is closed', async () => {
    const { queue } = setScene(jobs);
    await queue.close();
    await expect(putSchedule(queue, 's', often)).rejects.toMatchObject({ code: 'StoreClosed' });
  });
});

describe('a schedule that cannot be', () => {
  it.each([
    [
      'a recurrence that is none',
      'schedules',
      { ...often, recurrence: '* * * * *' },
      /recurrence is "\* \* \* \* \*"/,
    ],
    ['a job that is not defined', 'work', { ...often, name: 'other' }, /"other" is not defined/],
    ['an unknown policy', 'schedules', { ...often, missed: 'never' }, /missed is "never"/],
    ['no ticks to make up for', 'schedules', { ...often, missed: { all: 0 } }, /missed\.all is 0/],
    [
      'too many ticks to make up for',
      'schedules',
      { ...often, missed: { all: 1_001 } },
      /missed\.all is 1001/,
    ],
    ['an overlap that is none', 'schedules', { ...often, overlap: 1 }, /overlap is 1/],
    ['a payload that cannot be stored', 'work', { ...often, payload: () => {} }, /is a function/],
    ['an id of its own', 'schedules', { ...often, options: { id: 'x' } }, /options\.id/],
    ['an instant of its own', 'schedules', { ...often, options: { runAt: 5 } }, /options\.runAt/],
    ['a mistyped option', 'schedules', { ...often, overlaps: true }, /"overlaps"/],
  ])('for %s, is refused at once', async (_, where, definition, message) => {
    let declared = setScene(jobs);
    const declare = () => {
      declared = setScene(jobs, { use: [schedules({ s: definition as never })] });
    };
    if (where === 'schedules') expect(declare).toThrow(message);
    else {
      declare();
      expect(() => work(declared.queue, {})).toThrow(message);
      await expect(drainQueue(declared.queue, {})).rejects.toThrow(message);
      await expect(declareSchedules(declared.queue)).rejects.toThrow(message);
    }
    const { queue } = setScene(jobs);
    await expect(putSchedule(queue, 's', definition as never)).rejects.toThrow(message);
    expect(await listSchedules(queue)).toEqual([]);
  });

  it.each([[''], ['a\nb'], ['x'.repeat(257)]])('for the id %j, is refused at once', async (id) => {
    await expect(putSchedule(setScene(jobs).queue, id, often)).rejects.toMatchObject({
      code: 'InvalidOption',
    });
  });

  it.each([
    [0],
    [999],
    [Number.NaN],
    ['1000'],
    [{ ms: 1_000, anchor: 'now' }],
    [{ ms: 1_000, from: 0 }],
    [null],
  ])('every(%j) is refused at once', (given) => {
    expect(() => every(given as never)).toThrow(expect.objectContaining({ code: 'InvalidOption' }));
  });

  it('a cron that is no function is refused at once', () => {
    expect(() => schedules({}, { cron: '* * * * *' as never })).toThrow(/cron is "\* \* \* \* \*"/);
  });
});

it('every ticks on the grid of its anchor, on both sides', () => {
  const { after, last } = every({ ms: 1_000, anchor: new Date(5_300) });
  expect([after(0), after(5_299), after(5_300), after(6_299), after(6_300)]).toEqual([
    300, 5_300, 6_300, 6_300, 7_300,
  ]);
  expect([last(1, 5_299), last(2, 5_300), last(2, 9_000)]).toEqual([[4_300], [4_300, 5_300], [7_300, 8_300]]);
});
