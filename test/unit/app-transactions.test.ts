import 'fake-indexeddb/auto';
import { createQueue, defineJobs, drain, get, job, prepare, results } from 'holdfast';
import { createHoldfastStores, holdfastStoreNames, indexedDBStore } from 'holdfast/indexeddb';
import { type DBSchema, openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ended, freshName, openDatabase } from '../chromium/database.ts';

const jobs = defineJobs({ push: job<string>() });

let name: string;
let database: IDBDatabase;
const open = () => openDatabase(name, createHoldfastStores);
const place = () => ({ name: 'q', jobs, store: indexedDBStore({ name, open }) });
const makeQueue = () => createQueue(place());
const begin = () => database.transaction([...holdfastStoreNames], 'readwrite');

beforeEach(async () => {
  name = freshName();
  database = await open();
});
afterEach(() => {
  vi.unstubAllGlobals();
  database.close();
});

describe('a database whose classes are of another realm, as a frame opens it,', () => {
  beforeEach(() => {
    for (const its of ['IDBDatabase', 'IDBTransaction', 'IDBRequest', 'DOMException'])
      vi.stubGlobal(its, class {});
  });

  it('has transactions that jobs are added to', async () => {
    const queue = makeQueue();
    const prepared = await prepare(queue, 'push', 'a');
    const { id, committed } = prepared.addTo(begin());
    expect(await committed).toEqual({ id, status: 'enqueued' });
    expect(await get(queue, id)).toMatchObject({ state: 'pending', payload: 'a' });
    await queue.close();
  });

  it('has errors that are understood: a plain transaction that has to look further does so', async () => {
    const queue = createQueue({ ...place(), use: [results()] });
    await queue.enqueue('push', 'a', { keepResultMs: 60_000 });
    await queue.enqueue('push', 'b', { lane: 'doc' });
    const ran: string[] = [];
    const failed = new Promise((_, reject) => queue.on('worker:error', ({ error }) => reject(error)));
    await Promise.race([drain(queue, { push: (text) => void ran.push(text) }), failed]);
    expect(ran).toEqual(['a', 'b']);
    await queue.close();
  });

  it('says why a transaction was aborted', async () => {
    const prepared = await prepare(makeQueue(), 'push', 'a');
    const transaction = begin();
    const { committed } = prepared.addTo(transaction);
    transaction.abort();
    await expect(committed).rejects.toMatchObject({ code: 'Store' });
  });
});

it('idb may upgrade the database that has the stores, with types of its own', async () => {
  interface Schema extends DBSchema {
    notes: { key: string; value: string };
  }
  const its = freshName();
  const openIts = () =>
    openDB<Schema>(its, 1, {
      upgrade(upgraded) {
        upgraded.createObjectStore('notes');
        createHoldfastStores(upgraded);
      },
    });
  const queue = createQueue({ name: 'q', jobs, store: indexedDBStore({ name: its, open: openIts }) });
  await queue.enqueue('push', 'a');
  expect(await drain(queue, { push: () => undefined })).toMatchObject({ completed: 1 });
  await queue.close();
});

describe('in the place of a transaction', () => {
  it('something whose requests are promises is refused at once, and nobody waits for it', async () => {
    const prepared = await prepare(makeQueue(), 'push', 'a');
    const real = begin();
    const end = ended(real);
    // What wraps a transaction so, and says nothing of what it wraps.
    const { objectStoreNames, mode } = real;
    const imitation = {
      ...{ objectStoreNames, mode, abort: () => real.abort(), addEventListener: () => undefined },
      objectStore: () => ({ getKey: () => Promise.resolve() }),
    };
    expect(() => prepared.addTo(imitation)).toThrow(
      'transaction is "Object": expected an IDBTransaction (native, of idb or of Dexie) whose requests are the browser\'s',
    );
    expect(await end).toBe('complete');
  });
});
