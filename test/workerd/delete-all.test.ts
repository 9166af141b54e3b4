import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import {
  cancel,
  clear,
  count,
  declareSchedules,
  defineJobs,
  drain,
  every,
  get,
  job,
  list,
  listSchedules,
  purge,
  remove,
  schedules,
} from 'holdfast';
import { durableObjectStore } from 'holdfast/durable-object';
import { durableObjectQueue } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';
import { storeCalls } from '../../src/testing/store-calls.ts';
import { NOW, spec } from '../chromium/specs.ts';

const HOUR_MS = 3_600_000;
const jobs = defineJobs({ a: job<number>() });

const inFreshObject = (act: (state: DurableObjectState) => Promise<void>) =>
  runInDurableObject(env.PLAIN.get(env.PLAIN.newUniqueId()), (_object, state) => act(state));

/** Its alarm is never run: the object has no use for it. */
const withoutAlarm = ({ storage }: DurableObjectState) => ({
  storage: {
    sql: storage.sql,
    transactionSync: <T>(closure: () => T) => storage.transactionSync(closure),
    getAlarm: async () => null,
    setAlarm: async () => undefined,
  },
});

const tablesOf = ({ storage }: DurableObjectState) =>
  storage.sql.exec(`SELECT name FROM sqlite_master WHERE name LIKE 'holdfast%'`).toArray();

describe('an object that deletes all that it stores, and lives on', () => {
  it('takes work again, as a new one does, and is woken for it', () =>
    inFreshObject(async (state) => {
      const queue = durableObjectQueue(state, { name: 'q', jobs });
      await queue.enqueue('a', 1, { id: 'old', delayMs: HOUR_MS });
      await state.storage.deleteAll();
      await state.storage.deleteAlarm();
      expect(await queue.enqueue('a', 2, { id: 'old', delayMs: HOUR_MS })).toMatchObject({
        status: 'enqueued',
      });
      expect(await count(queue)).toMatchObject({ pending: 1 });
      expect(await get(queue, 'old')).toMatchObject({ payload: 2 });
      expect(await state.storage.getAlarm()).not.toBeNull();
    }));

  it('is armed by a job that comes later than the one whose alarm went with the rest', () =>
    inFreshObject(async (state) => {
      const queue = durableObjectQueue(state, { name: 'q', jobs });
      await queue.enqueue('a', 1, { delayMs: 1_000 });
      await state.storage.deleteAll();
      await state.storage.deleteAlarm();
      const from = Date.now();
      await queue.enqueue('a', 2, { delayMs: HOUR_MS });
      expect(await state.storage.getAlarm()).toBeGreaterThanOrEqual(from + HOUR_MS);
    }));

  it('is empty for whoever looks, works or purges, and none of them stores anything', () =>
    inFreshObject(async (state) => {
      const queue = durableObjectQueue(state, { name: 'q', jobs });
      await queue.enqueue('a', 1, { id: 'x' });
      await state.storage.deleteAll();
      expect(await count(queue)).toMatchObject({ pending: 0, active: 0 });
      expect(await get(queue, 'x')).toBeUndefined();
      expect(await list(queue, { state: 'pending' })).toMatchObject({ jobs: [] });
      expect(await cancel(queue, 'x')).toBe('unknown');
      expect(await remove(queue, 'x')).toBe('unknown');
      expect(await clear(queue)).toBe(0);
      expect(await drain(queue, { a: () => undefined })).toMatchObject({ completed: 0 });
      expect(await queue.onAlarm({ a: () => undefined })).toMatchObject({ completed: 0 });
      expect(await purge(queue)).toEqual({ removed: 0, asked: 0 });
      expect(queue.nextAt()).toBeUndefined();
      expect(tablesOf(state)).toEqual([]);
      expect(await state.storage.getAlarm()).toBeNull();
    }));

  it('while a job runs: its end is stale, and brings nothing back', () =>
    inFreshObject(async (state) => {
      const queue = durableObjectQueue(withoutAlarm(state), { name: 'q', jobs });
      const told: string[] = [];
      queue.on('job:stale', (event) => told.push(`stale ${event.job.id}`));
      queue.on('job:completed', (event) => told.push(`completed ${event.job.id}`));
      await queue.enqueue('a', 1, { id: 'x' });
      await drain(queue, { a: () => state.storage.deleteAll() });
      expect(told).toEqual(['stale x']);
      expect(tablesOf(state)).toEqual([]);
    }));

  it('while a job runs and another comes: that one is run, by the same worker', () =>
    inFreshObject(async (state) => {
      const queue = durableObjectQueue(withoutAlarm(state), { name: 'q', jobs });
      const ran: number[] = [];
      await queue.enqueue('a', 1);
      await drain(queue, {
        a: async (n) => {
          ran.push(n);
          if (n > 1) return;
          await state.storage.deleteAll();
          await queue.enqueue('a', 2);
        },
      });
      expect(ran).toEqual([1, 2]);
      expect(await count(queue)).toMatchObject({ pending: 0, active: 0, completed: 1 });
    }));

  it('has its declared schedules again with the first work that comes', () =>
    inFreshObject(async (state) => {
      const use = [schedules({ hourly: { name: 'a', payload: 1, recurrence: every(HOUR_MS) } })];
      const queue = durableObjectQueue(withoutAlarm(state), { name: 'q', jobs, use });
      await declareSchedules(queue);
      await state.storage.deleteAll();
      expect(await listSchedules(queue)).toEqual([]);
      await queue.enqueue('a', 2);
      expect(await listSchedules(queue)).toMatchObject([{ id: 'hourly' }]);
    }));

  it('keeps nothing of a job whose transaction the app rolled back', () =>
    inFreshObject(async (state) => {
      const store = storeCalls(durableObjectStore(state));
      const request = { queue: 'q', jobs: [spec('x')] };
      await state.storage.deleteAll();
      const undone = () =>
        state.storage.transactionSync(() => {
          void store.enqueueIn?.(undefined, request, NOW);
          throw new Error('changed my mind');
        });
      expect(undone).toThrow('changed my mind');
      expect(await store.count({ queue: 'q' })).toMatchObject({ pending: 0 });
      expect(await store.enqueue(request, NOW)).toEqual([{ id: 'x', status: 'enqueued' }]);
    }));
});

describe('an object that drops one table of its queue', () => {
  it('is told so, not to be tried again, and nothing is changed', () =>
    inFreshObject(async (state) => {
      const store = storeCalls(durableObjectStore(state));
      await store.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW);
      state.storage.sql.exec('DROP TABLE holdfast_queues');
      const before = tablesOf(state);
      await expect(store.enqueue({ queue: 'q', jobs: [spec('y')] }, NOW)).rejects.toMatchObject({
        code: 'Store',
        retryable: false,
        message: expect.stringContaining('tables of the store are missing'),
      });
      expect(tablesOf(state)).toEqual(before);
    }));
});
