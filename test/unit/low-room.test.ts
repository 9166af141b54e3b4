import 'fake-indexeddb/auto';
import { createQueue, drain, job, prepare } from 'holdfast';
import { hostQueue, workerQueue } from 'holdfast/comlink';
import { createHoldfastStores, indexedDBStore } from 'holdfast/indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ended, freshName, openDatabase } from '../chromium/database.ts';
import { everything } from './everything.ts';

const jobs = { push: job<string>() };

let room: { usage?: number; quota?: number } | undefined;
const estimate = vi.fn(async () => room);
/** Timers of the store by their length: those of a minute are its rest. */
let timers: Map<() => void, number>;

beforeEach(() => {
  room = { usage: 0, quota: 100 };
  estimate.mockClear();
  timers = new Map();
  vi.stubGlobal('navigator', { storage: { estimate } });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const setTimer = (callback: () => void, ms: number) => {
  timers.set(callback, ms);
  return () => timers.delete(callback);
};
const rests = () => [...timers].filter(([, ms]) => ms === 60_000);
/** A minute is over. */
const rest = async () => {
  for (const [fire] of rests()) {
    timers.delete(fire);
    fire();
  }
  await new Promise(setImmediate);
};

function scene() {
  const queue = createQueue({ name: 'sync', jobs, store: indexedDBStore(freshName(), { setTimer }) });
  const low = vi.fn();
  const off = queue.on('store:low', low);
  const enqueue = async (used: number | undefined) => {
    room = used === undefined ? undefined : { usage: used, quota: 100 };
    await queue.enqueue('push', 'x');
    await new Promise(setImmediate);
  };
  return { queue, low, off, enqueue };
}

/** From now on, until it is called off, the disk has no room for a new job. */
function fillDisk(): () => void {
  const { put } = IDBObjectStore.prototype;
  const spy = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
    this: IDBObjectStore,
    ...given
  ) {
    if (this.name !== 'holdfast.jobs') return Reflect.apply(put, this, given);
    throw new DOMException('no room', 'QuotaExceededError');
  });
  const { add } = IDBObjectStore.prototype;
  const other = vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(function (
    this: IDBObjectStore,
    ...given
  ) {
    if (this.name !== 'holdfast.jobs') return Reflect.apply(add, this, given);
    throw new DOMException('no room', 'QuotaExceededError');
  });
  return () => {
    spy.mockRestore();
    other.mockRestore();
  };
}

describe('store:low', () => {
  it('is emitted when 80 % of the quota is used, once until it has recovered', async () => {
    const { queue, low, enqueue } = scene();
    const seen: number[] = [];
    for (const used of [10, 79, 80, 90, 99, 76, 85, 74, 79, 81]) {
      await enqueue(used);
      await rest();
      seen.push(low.mock.calls.length);
    }
    expect(seen).toEqual([0, 0, 1, 1, 1, 1, 1, 1, 1, 2]);
    expect(low.mock.calls.at(0)).toEqual([{ queue: 'sync', usage: 80, quota: 100 }]);
    await queue.close();
  });

  it('asks the browser at most once a minute, and only when new work was stored', async () => {
    const { queue, enqueue } = scene();
    for (let i = 0; i < 200; i++) await enqueue(10);
    expect(estimate).toHaveBeenCalledTimes(1);
    await rest();
    expect(estimate).toHaveBeenCalledTimes(2);
    for (let minutes = 0; minutes < 10; minutes++) await rest();
    await drain(queue, { push: () => {} });
    expect(estimate).toHaveBeenCalledTimes(2);
    expect(rests()).toEqual([]);
    await enqueue(10);
    expect(estimate).toHaveBeenCalledTimes(3);
    await queue.close();
  });

  it('costs nothing while nobody listens', async () => {
    const { queue, off, enqueue } = scene();
    off();
    const end = queue.on('job:enqueued', () => {});
    for (let i = 0; i < 50; i++) await enqueue(99);
    expect(estimate).not.toHaveBeenCalled();
    expect(rests()).toEqual([]);
    end();
    await queue.close();
  });

  it('ends its rest with the last listener, and with its queue', async () => {
    const { queue, off, enqueue } = scene();
    await enqueue(10);
    expect(rests()).toHaveLength(1);
    off();
    off();
    expect(rests()).toEqual([]);
    queue.on('store:low', () => {});
    await enqueue(10);
    await queue.close();
    expect(rests()).toEqual([]);
  });

  it('is emitted at once when something cannot be stored for want of room, whatever the browser says', async () => {
    const { queue, low, enqueue } = scene();
    await enqueue(10);
    const empty = fillDisk();
    for (let i = 0; i < 5; i++)
      await expect(enqueue(20)).rejects.toMatchObject({ code: 'Store', retryable: false });
    await new Promise(setImmediate);
    expect(low.mock.calls).toEqual([[{ queue: 'sync', usage: 20, quota: 100 }]]);
    empty();
    await enqueue(20);
    await rest();
    const full = fillDisk();
    await expect(enqueue(20)).rejects.toMatchObject({ code: 'Store' });
    await new Promise(setImmediate);
    expect(low).toHaveBeenCalledTimes(2);
    full();
    await queue.close();
  });

  it('is emitted without figures where the browser says none, and again after room was found', async () => {
    vi.stubGlobal('navigator', {});
    const { queue, low, enqueue } = scene();
    await enqueue(undefined);
    for (let times = 1; times <= 2; times++) {
      const empty = fillDisk();
      for (let i = 0; i < 3; i++) await expect(enqueue(undefined)).rejects.toMatchObject({ code: 'Store' });
      await new Promise(setImmediate);
      expect(low).toHaveBeenCalledTimes(times);
      empty();
      await enqueue(undefined);
      await rest();
    }
    expect(low.mock.calls.at(0)).toEqual([{ queue: 'sync' }]);
    await queue.close();
  });

  it('is measured also when jobs are stored with data of the app, and emitted by every queue of the store', async () => {
    const name = freshName();
    const database = await openDatabase(name, createHoldfastStores);
    const store = indexedDBStore({ name, open: async () => database }, { setTimer });
    const queues = ['one', 'two'].map((queue) => createQueue({ name: queue, jobs, store }));
    const low = vi.fn();
    for (const queue of queues) queue.on('store:low', low);
    room = { usage: 95, quota: 100 };
    const prepared = await prepare(queues[0] as (typeof queues)[0], 'push', 'x');
    const transaction = database.transaction([...database.objectStoreNames], 'readwrite');
    const added = prepared.addTo(transaction);
    await ended(transaction);
    await added;
    await vi.waitFor(() => expect(low).toHaveBeenCalledTimes(2));
    expect(estimate).toHaveBeenCalledTimes(1);
    expect(low.mock.calls.map(([{ queue }]) => queue)).toEqual(['one', 'two']);
    for (const queue of queues) await queue.close();
    database.close();
  });

  it('reaches a page whose queue lives in a worker, and is measured there while that page listens', async () => {
    const host = createQueue({ name: 'sync', jobs, store: indexedDBStore(freshName(), { setTimer }) });
    const { port1, port2 } = new MessageChannel();
    const stop = hostQueue(host, everything, { endpoint: port1 });
    const queue = workerQueue({ name: 'sync', jobs, worker: port2 });
    room = { usage: 90, quota: 100 };
    await queue.enqueue('push', 'x');
    expect(estimate).not.toHaveBeenCalled();
    const low = vi.fn();
    queue.on('store:low', low);
    await vi.waitFor(async () => {
      await queue.enqueue('push', 'x');
      expect(low.mock.calls).toEqual([[{ queue: 'sync', usage: 90, quota: 100 }]]);
    });
    await queue.close();
    stop();
    await host.close();
    port1.close();
    port2.close();
  });

  it('reaches listeners of a queue that is closed no more', async () => {
    const { queue, low } = scene();
    await queue.close();
    queue.on('store:low', low);
    expect(rests()).toEqual([]);
  });
});
