import { createEnqueuer, createQueue, defineJobs, job, memoryStore } from 'holdfast';
import {
  createHoldfastStores,
  holdfastStoreNames,
  indexedDBEnqueueStore,
  indexedDBStore,
} from 'holdfast/indexeddb';
import { wrap } from 'idb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answer, ended, freshName, openDatabase } from './database.ts';

const jobs = defineJobs({ push: job<{ id: string }>() });

describe('the outbox: a job in a transaction of the app', () => {
  let name: string;
  let database: IDBDatabase;
  const open = () =>
    openDatabase(name, (fresh) => {
      fresh.createObjectStore('notes');
      createHoldfastStores(fresh);
    });
  const makeQueue = (more: { maxDepth?: number } = {}) =>
    createQueue({ name: 'q', jobs, store: indexedDBStore({ name, open }), ...more });
  const begin = (mode: IDBTransactionMode = 'readwrite') =>
    database.transaction(['notes', ...holdfastStoreNames], mode);

  beforeEach(async () => {
    name = freshName();
    database = await open();
  });
  afterEach(async () => {
    database.close();
  });

  it('commits with the data', async () => {
    const queue = makeQueue();
    const prepared = await queue.prepare('push', { id: 'a' });
    const transaction = begin();
    transaction.objectStore('notes').put('text', 'a');
    const { id, committed } = prepared.addTo(transaction);
    expect(await committed).toEqual({ id, status: 'enqueued' });
    expect(await queue.get(id)).toMatchObject({ state: 'pending', payload: { id: 'a' } });
    expect(await answer(begin('readonly').objectStore('notes').get('a'))).toBe('text');
  });

  it('is told in the log, if the store keeps one', async () => {
    const queue = createQueue({ name: 'q', jobs, store: indexedDBStore({ name, open }, { logSize: 10 }) });
    const prepared = await queue.prepare('push', { id: 'a' });
    const { id, committed } = prepared.addTo(begin());
    await committed;
    expect(await queue.log()).toMatchObject([{ id, to: 'enqueued', name: 'push' }]);
  });

  it('of an enqueuer commits with the data too', async () => {
    const enqueuer = createEnqueuer({ name: 'q', jobs, store: indexedDBEnqueueStore({ name, open }) });
    const prepared = await enqueuer.prepare('push', { id: 'a' });
    const transaction = begin();
    transaction.objectStore('notes').put('text', 'a');
    const { id, committed } = prepared.addTo(transaction);
    expect(await committed).toEqual({ id, status: 'enqueued' });
    expect(await makeQueue().get(id)).toMatchObject({ state: 'pending', payload: { id: 'a' } });
  });

  it('is not there when the transaction is aborted, and says so', async () => {
    const queue = makeQueue();
    const prepared = await queue.prepare('push', { id: 'a' });
    const transaction = begin();
    transaction.objectStore('notes').put('text', 'a');
    const { id, committed } = prepared.addTo(transaction);
    transaction.abort();
    await expect(committed).rejects.toMatchObject({ code: 'Store' });
    expect(await queue.get(id)).toBeUndefined();
    expect(await answer(begin('readonly').objectStore('notes').get('a'))).toBeUndefined();
  });

  it('takes the data with it when the queue refuses it', async () => {
    const queue = makeQueue({ maxDepth: 1 });
    await queue.enqueue('push', { id: 'first' });
    const prepared = await queue.prepare('push', { id: 'second' });
    const transaction = begin();
    const end = ended(transaction);
    transaction.objectStore('notes').put('text', 'second');
    await expect(prepared.addTo(transaction).committed).rejects.toMatchObject({ code: 'QueueFull' });
    expect(await end).toBe('abort');
    expect(await answer(begin('readonly').objectStore('notes').get('second'))).toBeUndefined();
  });

  it('joins a transaction that idb has wrapped, and several jobs join one', async () => {
    const queue = makeQueue();
    const one = await queue.prepare('push', { id: 'a' }, { lane: 'doc' });
    const two = await queue.prepare('push', { id: 'b' }, { lane: 'doc' });
    const transaction = begin();
    const first = one.addTo(wrap(transaction)).committed;
    const second = two.addTo(wrap(transaction)).committed;
    expect([(await first).status, (await second).status]).toEqual(['enqueued', 'enqueued']);
    expect(await queue.count()).toMatchObject({ pending: 2 });
    const { jobs: waiting } = await queue.list({ state: 'pending' });
    expect(waiting.map(({ parked }) => parked)).toEqual([false, true]);
  });

  it('wakes a worker of this page', async () => {
    const queue = makeQueue();
    const ran = new Promise((resolve) => {
      queue.work({ push: ({ id }) => resolve(id) });
    });
    const prepared = await queue.prepare('push', { id: 'a' });
    prepared.addTo(begin());
    expect(await ran).toBe('a');
    await queue.close();
  });

  it.each([
    ['a transaction without the stores of the queue', () => database.transaction('notes', 'readwrite')],
    ['a transaction that only reads', () => begin('readonly')],
    ['something that is no transaction', () => ({ objectStore: 1 })],
  ])('refuses %s at once', async (_what, make) => {
    const prepared = await makeQueue().prepare('push', { id: 'a' });
    expect(() => prepared.addTo(make())).toThrow(expect.objectContaining({ code: 'InvalidOption' }));
  });

  it('is refused by a store that cannot join one', async () => {
    const prepared = await createQueue({ name: 'q', jobs, store: memoryStore() }).prepare('push', {
      id: 'a',
    });
    expect(() => prepared.addTo(begin())).toThrow(expect.objectContaining({ code: 'InvalidOption' }));
  });

  it('needs a database that has the stores of the queue', async () => {
    const bare = freshName();
    const store = indexedDBStore({
      name: bare,
      open: () => openDatabase(bare, (fresh) => fresh.createObjectStore('notes')),
    });
    const queue = createQueue({ name: 'q', jobs, store });
    await expect(queue.enqueue('push', { id: 'a' })).rejects.toMatchObject({ code: 'InvalidOption' });
  });
});
