import 'fake-indexeddb/auto';
import { count, createQueue, job, memoryStore } from 'holdfast';
import { createHoldfastStores, indexedDBStore, requestPersistence } from 'holdfast/indexeddb';
import { afterEach, describe, expect, it } from 'vitest';
import { freshName, openDatabase } from '../chromium/database.ts';
import { brokenPlatforms } from './broken-platforms.ts';

const jobs = { push: job<unknown>() };

const platform = [
  'BroadcastChannel',
  'navigator',
  'addEventListener',
  'removeEventListener',
  'indexedDB',
  'crypto',
  'MessageChannel',
].map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
afterEach(() => {
  for (const [name, descriptor] of platform) {
    Reflect.deleteProperty(globalThis, name);
    if (descriptor !== undefined) Object.defineProperty(globalThis, name, descriptor);
  }
});

const put = (name: string, value: unknown) =>
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
const locks = { request: async (_: string, __: object, callback: (lock: object) => unknown) => callback({}) };
const storage = {
  persist: async () => true,
  persisted: async () => false,
  estimate: async () => ({ usage: 10, quota: 100 }),
};

describe('the health of an IndexedDB store', () => {
  it('is what the platform says, before the store was used and after', async () => {
    put('navigator', { locks, storage });
    const name = freshName();
    const store = indexedDBStore(name);
    const platformSays = {
      ...{ persisted: false, canPersist: true, usage: 10, quota: 100, locks: true, channel: true },
      missing: [],
    };
    expect(await store.health()).toEqual({ ...platformSays, opened: 0, lost: 0 });
    const names = (await indexedDB.databases()).map((database) => database.name);
    expect(names).not.toContain(name);
    const queue = createQueue({ name: 'sync', jobs, store });
    await queue.enqueue('push', new Blob(['x']));
    expect(await store.health()).toEqual({ ...platformSays, version: 3, blobs: true, opened: 1, lost: 0 });
    await queue.close();
  });

  it('names what is missing, and leaves out what nobody says', async () => {
    put('navigator', undefined);
    put('BroadcastChannel', undefined);
    put('indexedDB', undefined);
    expect(await indexedDBStore('notes').health()).toEqual({
      ...{ canPersist: false, locks: false, channel: false, opened: 0, lost: 0 },
      missing: [
        'indexedDB',
        'navigator.locks',
        'BroadcastChannel',
        'navigator.storage.estimate',
        'navigator.storage.persisted',
        'navigator.storage.persist',
      ],
    });
  });

  it('says so when the browser has promised to keep what is stored: it need not be asked again', async () => {
    put('navigator', { locks, storage: { ...storage, persisted: async () => true } });
    expect(await indexedDBStore('notes').health()).toMatchObject({ persisted: true, canPersist: false });
  });

  it('counts how often the browser closed the database, and it was opened anew', async () => {
    const name = freshName();
    const databases: IDBDatabase[] = [];
    const open = async () => {
      const database = await openDatabase(name, createHoldfastStores);
      databases.push(database);
      return database;
    };
    const store = indexedDBStore({ name, open });
    const queue = createQueue({ name: 'sync', jobs, store });
    for (let times = 0; times < 3; times++) {
      await count(queue);
      databases.at(-1)?.close();
    }
    await count(queue);
    expect(await store.health()).toMatchObject({ opened: 4, lost: 3 });
    await queue.close();
    for (const database of databases) database.close();
  });

  it('waits for no platform that does not answer, and never rejects', async () => {
    const never = () => new Promise<never>(() => {});
    const refused = () => Promise.reject(new TypeError('an opaque origin'));
    put('navigator', {
      locks: { request: never },
      storage: { ...storage, estimate: never, persisted: refused },
    });
    const setTimer = (callback: () => void) => {
      queueMicrotask(callback);
      return () => undefined;
    };
    const health = await indexedDBStore('notes', { setTimer }).health();
    expect(health).toMatchObject({ locks: false, canPersist: true, missing: [] });
    expect(health).toMatchObject({ usage: undefined, persisted: undefined });
  });

  it.each(brokenPlatforms.filter(({ pageOnly }) => pageOnly !== true))(
    'resolves where there is $name',
    async ({ break: breakIt }) => {
      breakIt();
      expect(await indexedDBStore('notes').health()).toMatchObject({ opened: 0 });
      expect([true, false, undefined]).toContain(await requestPersistence());
    },
  );
});

it('a store in memory has no health to speak of', () => {
  expect('health' in memoryStore()).toBe(false);
});

describe('requestPersistence', () => {
  it.each([
    ['granted', { storage }, true],
    ['refused', { storage: { persist: async () => false } }, false],
    ['not to be asked for', { storage: {} }, undefined],
    ['without a storage manager', {}, undefined],
    ['without a navigator', undefined, undefined],
    ['rejected', { storage: { persist: () => Promise.reject(new TypeError('opaque')) } }, undefined],
  ])('%s: resolves, and never rejects', async (_, navigator, answer) => {
    put('navigator', navigator);
    expect(await requestPersistence()).toBe(answer);
  });
});
