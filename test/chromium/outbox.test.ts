import {
  count,
  createQueue,
  defineJobs,
  drain,
  get,
  job,
  list,
  log,
  memoryStore,
  prepare,
  readLog,
  work,
} from 'holdfast';
import { createHoldfastStores, holdfastStoreNames, indexedDBStore } from 'holdfast/indexeddb';
import { wrap } from 'idb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// A copy of its own, as an app brings it along that uses another version.
import { wrap as wrapElsewhere } from '../../node_modules/idb/build/index.js';
import { answer, ended, freshName, openDatabase } from './database.ts';

const jobs = defineJobs({ push: job<{ id: string }>() });

function over(transaction: IDBTransaction): IDBTransaction {
  transaction.abort();
  return transaction;
}

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
    const prepared = await prepare(queue, 'push', { id: 'a' });
    const transaction = begin();
    transaction.objectStore('notes').put('text', 'a');
    const { id, committed } = prepared.addTo(transaction);
    expect(await committed).toEqual({ id, status: 'enqueued' });
    expect(await get(queue, id)).toMatchObject({ state: 'pending', payload: { id: 'a' } });
    expect(await answer(begin('readonly').objectStore('notes').get('a'))).toBe('text');
  });

  it('is told in the log, if the page keeps one', async () => {
    const queue = createQueue({
      name: 'q',
      jobs,
      store: indexedDBStore({ name, open }),
      use: [log({ size: 10 })],
    });
    const prepared = await prepare(queue, 'push', { id: 'a' });
    const { id, committed } = prepared.addTo(begin());
    await committed;
    expect(await readLog(queue)).toMatchObject([{ id, to: 'enqueued', name: 'push' }]);
  });

  it('is not there when the transaction is aborted, and says so', async () => {
    const queue = makeQueue();
    const prepared = await prepare(queue, 'push', { id: 'a' });
    const transaction = begin();
    transaction.objectStore('notes').put('text', 'a');
    const { id, committed } = prepared.addTo(transaction);
    transaction.abort();
    await expect(committed).rejects.toMatchObject({ code: 'Store' });
    expect(await get(queue, id)).toBeUndefined();
    expect(await answer(begin('readonly').objectStore('notes').get('a'))).toBeUndefined();
  });

  it('takes the data with it when the queue refuses it', async () => {
    const queue = makeQueue({ maxDepth: 1 });
    await queue.enqueue('push', { id: 'first' });
    const prepared = await prepare(queue, 'push', { id: 'second' });
    const transaction = begin();
    const end = ended(transaction);
    transaction.objectStore('notes').put('text', 'second');
    await expect(prepared.addTo(transaction).committed).rejects.toMatchObject({ code: 'QueueFull' });
    expect(await end).toBe('abort');
    expect(await answer(begin('readonly').objectStore('notes').get('second'))).toBeUndefined();
  });

  it('joins a transaction that idb has wrapped, and several jobs join one', async () => {
    const queue = makeQueue();
    const one = await prepare(queue, 'push', { id: 'a' }, { lane: 'doc' });
    const two = await prepare(queue, 'push', { id: 'b' }, { lane: 'doc' });
    const transaction = begin();
    const first = one.addTo(wrap(transaction)).committed;
    const second = two.addTo(wrap(transaction)).committed;
    expect([(await first).status, (await second).status]).toEqual(['enqueued', 'enqueued']);
    expect(await count(queue)).toMatchObject({ pending: 2 });
    const { jobs: waiting } = await list(queue, { state: 'pending' });
    expect(waiting.map(({ parked }) => parked)).toEqual([false, true]);
  });

  it('joins a transaction that another copy of idb has wrapped, over a database that it has wrapped too', async () => {
    const queue = createQueue({
      name: 'q',
      jobs,
      store: indexedDBStore({ name, open: async () => wrapElsewhere(await open()) as never }),
    });
    await queue.enqueue('push', { id: 'a' }, { lane: 'doc' });
    const prepared = await prepare(queue, 'push', { id: 'b' }, { lane: 'doc' });
    const { committed } = prepared.addTo(wrapElsewhere(begin()));
    expect((await committed).status).toBe('enqueued');
    const ran: string[] = [];
    await drain(queue, { push: ({ id }) => void ran.push(id) });
    expect(ran).toEqual(['a', 'b']);
  });

  it('joins a transaction of a frame, and a queue works over the database of one', async () => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const realm = frame.contentWindow as Window & typeof globalThis;
    const openThere = () => openDatabase(name, () => undefined, 1, realm.indexedDB);
    const there = await openThere();
    expect(there).not.toBeInstanceOf(IDBDatabase);
    const queue = createQueue({ name: 'q', jobs, store: indexedDBStore({ name, open: openThere }) });
    await queue.enqueue('push', { id: 'a' }, { lane: 'doc' });
    const prepared = await prepare(queue, 'push', { id: 'b' }, { lane: 'doc' });
    const transaction = there.transaction(['notes', ...holdfastStoreNames], 'readwrite');
    transaction.objectStore('notes').put('text', 'b');
    expect((await prepared.addTo(transaction).committed).status).toBe('enqueued');
    const ran: string[] = [];
    await drain(queue, { push: ({ id }) => void ran.push(id) });
    expect(ran).toEqual(['a', 'b']);

    const aborted = there.transaction([...holdfastStoreNames], 'readwrite');
    const { committed } = (await prepare(queue, 'push', { id: 'c' })).addTo(aborted);
    aborted.abort();
    await expect(committed).rejects.toMatchObject({ code: 'Store' });
    there.close();
    frame.remove();
  });

  it('wakes a worker of this page', async () => {
    const queue = makeQueue();
    const ran = new Promise((resolve) => {
      work(queue, { push: ({ id }) => resolve(id) });
    });
    const prepared = await prepare(queue, 'push', { id: 'a' });
    prepared.addTo(begin());
    expect(await ran).toBe('a');
    await queue.close();
  });

  it.each([
    ['a transaction without the stores of the queue', () => database.transaction('notes', 'readwrite')],
    ['a transaction that only reads', () => begin('readonly')],
    ['one that is over', () => over(begin())],
    ['something that is no transaction', () => ({ objectStore: 1 })],
    ['nothing', () => undefined],
  ])('refuses %s at once', async (_what, make) => {
    const prepared = await prepare(makeQueue(), 'push', { id: 'a' });
    expect(() => prepared.addTo(make())).toThrow(expect.objectContaining({ code: 'InvalidOption' }));
  });

  it.each([
    ['IDBDatabase', () => database],
    ['Promise', () => Promise.resolve(begin())],
    ['IDBObjectStore', () => begin().objectStore('notes')],
    ['IDBTransaction', () => IDBTransaction.prototype],
    ['null', () => null],
  ])('refuses what is no transaction, and says that it is %s', async (what, make) => {
    const prepared = await prepare(makeQueue(), 'push', { id: 'a' });
    const message = expect.stringMatching(`^transaction is "?${what}"?: expected an IDBTransaction`);
    expect(() => prepared.addTo(make())).toThrow(expect.objectContaining({ code: 'InvalidOption', message }));
  });

  it('is refused by a store that cannot join one', async () => {
    const queue = createQueue({ name: 'q', jobs, store: memoryStore() });
    await expect(prepare(queue, 'push', { id: 'a' })).rejects.toMatchObject({ code: 'InvalidOption' });
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
