import {
  cancel,
  clear,
  count,
  drain,
  enqueueMany,
  fixed,
  hold,
  job,
  list,
  memoryBacking,
  pause,
  RetryLaterError,
  resume,
  UnreachableError,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { latch, pass, setScene } from './scene.ts';

/** Jobs up to this one are quick, so that those after it are claimed ahead while it runs. */
const LAST_QUICK = 64;
const ALL = 100;

const jobs = { call: job<number>({ maxAttempts: 3, backoff: fixed({ delayMs: 10 }) }), other: job<number>() };

interface Options extends NonNullable<Parameters<typeof setScene<typeof jobs>>[1]> {
  readonly all?: number;
  /** It hears what other tabs did. */
  readonly hears?: boolean;
  /** How long the jobs take that it has claimed ahead. */
  readonly thenMs?: number;
  /** They fail for reasons of their own. */
  readonly thenFails?: boolean;
}

/** A worker with one slot that runs a job, and has claimed more of its name. */
async function claimedAhead({ all = ALL, hears = true, thenMs = 0, thenFails, ...options }: Options = {}) {
  const scene = setScene(jobs, options);
  if (!hears) Object.assign(scene.store, { onHint: undefined });
  const { queue, environment } = scene;
  const gate = latch<unknown>();
  const begun: number[] = [];
  const attempts: number[] = [];
  const numbers = Array.from({ length: all }, (_, n) => n);
  await enqueueMany(
    queue,
    numbers.map((n) => ({ name: 'call', payload: n, id: `call-${n}`, tags: ['t'] })),
  );
  work(
    queue,
    {
      call: async (n, { attempt }) => {
        begun.push(n);
        attempts.push(attempt);
        if (n === LAST_QUICK) return gate.promise;
        if (n > LAST_QUICK && thenMs > 0) await pass(environment, thenMs);
        if (n > LAST_QUICK && thenFails) throw new Error('of its own');
        return undefined;
      },
    },
    { concurrency: 1 },
  );
  await environment.flush();
  expect(begun).toEqual(numbers.slice(0, LAST_QUICK + 1));
  const { jobs: active } = await list(queue, { state: 'active', limit: 1_000 });
  expect(active.filter(({ payload }) => Number(payload) > LAST_QUICK).length).toBeGreaterThan(20);
  return { ...scene, gate, begun, attempts };
}

const others = (from = LAST_QUICK + 1) => Array.from({ length: ALL - from }, (_, i) => from + i);

describe('what a worker has claimed ahead and not begun goes back, uncounted, when', () => {
  it('a handler of its own holds the name', async () => {
    const { queue, environment, gate, begun, attempts } = await claimedAhead();
    gate.fail(new RetryLaterError({ delayMs: 10_000, hold: true }));
    await environment.advance(9_999);
    expect(begun).toHaveLength(LAST_QUICK + 1);
    expect(await count(queue)).toMatchObject({ active: 0, pending: ALL - LAST_QUICK });
    await environment.advance(1);
    expect(new Set(begun.slice(LAST_QUICK + 1))).toEqual(new Set(others(LAST_QUICK)));
    expect(attempts.filter((attempt) => attempt > 1)).toHaveLength(1);
  });

  it('another worker of its context holds the name', async () => {
    const { queue, environment, begun, gate } = await claimedAhead({ all: 400 });
    const hold = () => {
      throw new RetryLaterError({ delayMs: 10_000, hold: true });
    };
    void drain(queue, { call: hold }, { concurrency: 1, maxJobs: 1 });
    await environment.flush();
    gate.open(undefined);
    await environment.advance(9_000);
    expect(begun).toHaveLength(LAST_QUICK + 1);
  });

  it.each([
    ['the name is held', 'hold'],
    ['the queue is paused', 'pause'],
    ['the name is paused', 'pause name'],
  ] as const)('%s, before that call resolves', async (_, how) => {
    const { queue, environment, begun, gate } = await claimedAhead();
    if (how === 'hold') await hold(queue, 'call', environment.now() + 10_000);
    if (how === 'pause') await pause(queue);
    if (how === 'pause name') await pause(queue, 'call');
    gate.open(undefined);
    await environment.advance(9_000);
    expect(begun).toHaveLength(LAST_QUICK + 1);
    expect(await count(queue)).toMatchObject({ active: 0, pending: ALL - LAST_QUICK - 1 });
    await resume(queue);
    await resume(queue, 'call');
    await environment.advance(1_000);
    expect(begun.slice(LAST_QUICK + 1)).toEqual(others());
  });

  it('another tab holds the name', async () => {
    const backing = memoryBacking();
    const { environment, begun, gate } = await claimedAhead({ backing });
    const tab = setScene(jobs, { backing, environment });
    await hold(tab.queue, 'call', environment.now() + 10_000);
    gate.open(undefined);
    await environment.advance(9_000);
    expect(begun).toHaveLength(LAST_QUICK + 1);
  });

  it('another tab cancels it while the exchange that claims it is under way, and a heartbeat comes through first', async () => {
    const backing = memoryBacking();
    const { queue, environment, store } = setScene(jobs, { backing });
    const begun: number[] = [];
    work(queue, { call: (n) => (begun.push(n) === 1 ? latch().promise : undefined) }, { concurrency: 2 });
    await queue.enqueue('call', 1);
    await environment.flush();
    const answer = store.holdNext('exchange', { after: true });
    const { id } = await queue.enqueue('call', 2);
    await environment.flush();
    const tab = setScene(jobs, { backing, environment });
    await cancel(tab.queue, id);
    await environment.flush();
    expect(store.callsOf('extend')).toBe(1);
    answer();
    await environment.flush();
    expect(begun).toEqual([1]);
    expect(await count(queue)).toMatchObject({ active: 1, pending: 0, cancelled: 1 });
  });

  it('another tab holds the name and its hint is lost, with the next call of the store', async () => {
    const backing = memoryBacking();
    const { environment, begun, gate } = await claimedAhead({ backing, hears: false, thenMs: 15 });
    const tab = setScene(jobs, { backing, environment });
    await hold(tab.queue, 'call', environment.now() + 10_000);
    gate.open(undefined);
    await environment.advance(50);
    const soon = begun.length;
    expect(soon).toBeLessThan(LAST_QUICK + 1 + 5);
    await environment.advance(9_000);
    expect(begun).toHaveLength(soon);
  });
});

describe('what a worker has claimed ahead of a target that is closed, and not begun, goes back when', () => {
  /** Three jobs that nobody answers, in a row. */
  const away = [
    { call: () => Promise.reject(new UnreachableError('nobody answered')) },
    { concurrency: 3, maxJobs: 3 },
  ] as const;
  /** The store knows who got through before. What ends from here on says nothing of the target: who gets through opens it. */
  const settledAhead = async (options: Options = {}) => {
    const ahead = await claimedAhead({ all: 400, thenFails: true, ...options });
    await ahead.environment.advance(100);
    return ahead;
  };

  it('another worker of its context closes it', async () => {
    const { queue, environment, begun, gate } = await settledAhead();
    void drain(queue, ...away);
    await environment.flush();
    gate.fail(new Error('of its own'));
    await environment.advance(800);
    expect(begun).toHaveLength(LAST_QUICK + 1);
    expect(await count(queue)).toMatchObject({ active: 0, dead: 0 });
  });

  it('another tab closes it', async () => {
    const backing = memoryBacking();
    const { environment, begun, gate, queue } = await settledAhead({ backing });
    work(setScene(jobs, { backing, environment }).queue, ...away);
    await environment.flush();
    gate.fail(new Error('of its own'));
    await environment.advance(800);
    expect(begun).toHaveLength(LAST_QUICK + 1);
    expect(await count(queue)).toMatchObject({ active: 0, dead: 0 });
  });

  it('another tab closes it and its hint is lost, with the next call of the store', async () => {
    const backing = memoryBacking();
    const { environment, begun, gate } = await settledAhead({ backing, hears: false, thenMs: 15 });
    work(setScene(jobs, { backing, environment }).queue, ...away);
    await environment.flush();
    gate.fail(new Error('of its own'));
    await environment.advance(800);
    expect(begun.length).toBeLessThan(LAST_QUICK + 1 + 5);
  });
});

describe('what is cancelled or cleared after it was claimed, and has not begun,', () => {
  it('never begins once cancel has resolved', async () => {
    const { queue, environment, begun, gate } = await claimedAhead();
    expect(await cancel(queue, `call-${LAST_QUICK + 1}`)).toBe('requested');
    gate.open(undefined);
    await environment.flush();
    expect(begun.slice(LAST_QUICK + 1)).toEqual(others(LAST_QUICK + 2));
    expect(await count(queue)).toMatchObject({ cancelled: 1, completed: ALL - 1 });
  });

  it.each([['by name'], ['by tag'], ['all']])('never begins once clear has resolved: %s', async (which) => {
    const { queue, environment, begun, gate } = await claimedAhead();
    const cancelled: string[] = [];
    queue.on('job:cancelled', ({ id }) => cancelled.push(id));
    await clear(queue, which === 'by name' ? { name: 'call' } : which === 'by tag' ? { tag: 't' } : {});
    gate.open(undefined);
    await environment.flush();
    expect(begun).toHaveLength(LAST_QUICK + 1);
    expect(await count(queue)).toMatchObject({
      pending: 0,
      active: 0,
      cancelled: ALL - LAST_QUICK - 1,
      completed: LAST_QUICK + 1,
    });
    expect(new Set(cancelled)).toEqual(new Set(others().map((n) => `call-${n}`)));
  });

  it('does not begin while the word of another tab has come and the store has not said what it means', async () => {
    const backing = memoryBacking();
    const { environment, store, begun, gate } = await claimedAhead({ backing });
    const tab = setScene(jobs, { backing, environment });
    const letGo = [store.holdNext('extend'), store.holdNext('extend'), store.holdNext('exchange')];
    expect(await cancel(tab.queue, `call-${LAST_QUICK + 1}`)).toBe('requested');
    await environment.flush();
    gate.open(undefined);
    await environment.flush();
    const soon = begun.slice(LAST_QUICK + 1);
    for (const go of letGo) go();
    await environment.advance(1_000);
    expect(soon).toEqual([]);
    expect(begun.slice(LAST_QUICK + 1)).toEqual(others(LAST_QUICK + 2));
  });

  it('runs when the filter of a clear does not match it', async () => {
    const { queue, environment, begun, gate } = await claimedAhead();
    expect(await clear(queue, { name: 'other' })).toBe(0);
    gate.open(undefined);
    await environment.flush();
    expect(begun).toHaveLength(ALL);
  });

  it('is retried as ever when it had begun at a clear', async () => {
    const { queue, environment, begun, gate } = await claimedAhead();
    await clear(queue);
    gate.fail(new Error('no'));
    await environment.advance(1_000);
    expect(begun).toEqual([...Array.from({ length: LAST_QUICK + 1 }, (_, n) => n), LAST_QUICK, LAST_QUICK]);
  });
});

it('a server that asks for patience is asked by no more jobs a window than there are slots, and no job dies of it', async () => {
  const { queue, environment } = setScene({ call: job<number>({ maxAttempts: 60 }) });
  await enqueueMany(
    queue,
    Array.from({ length: 200 }, (_, n) => ({ name: 'call', payload: n })),
  );
  let [closedUntil, served] = [0, 0];
  const windows = new Map<number, number>();
  work(
    queue,
    {
      call: async () => {
        const at = environment.now();
        await pass(environment, 5);
        if (at < closedUntil) windows.set(closedUntil, (windows.get(closedUntil) ?? 0) + 1);
        else served += 1;
        if (at >= closedUntil && served % 40 !== 0) return;
        if (at >= closedUntil) closedUntil = environment.now() + 10_000;
        throw new RetryLaterError({ delayMs: closedUntil - environment.now(), hold: true });
      },
    },
    { concurrency: 4 },
  );
  await environment.advance(120_000);
  expect(await count(queue)).toMatchObject({ dead: 0, pending: 0, active: 0, completed: 200 });
  for (const asked of windows.values()) expect(asked).toBeLessThan(4);
});
