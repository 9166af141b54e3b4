import type { Hint } from 'holdfast';
import { createHoldfastStores, indexedDBStore } from 'holdfast/indexeddb';
import { describe, expect, it } from 'vitest';
import { storeCalls } from '../../src/testing/store-calls.ts';
import { answer, deleteDatabase, freshName, NOW, openDatabase, spec } from './database.ts';

const enqueued = (id: string) => [{ id, status: 'enqueued' }];

describe('the connection to the database', () => {
  it('is opened anew when the browser dropped it', async () => {
    const name = freshName();
    const opened: IDBDatabase[] = [];
    const open = async () => {
      const database = await openDatabase(name, createHoldfastStores);
      opened.push(database);
      return database;
    };
    const store = storeCalls(indexedDBStore({ name, open }));
    expect(await store.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW)).toEqual(enqueued('x'));
    opened[0]?.close();
    expect(await store.enqueue({ queue: 'q', jobs: [spec('y')] }, NOW)).toEqual(enqueued('y'));
    expect(opened).toHaveLength(2);
    await store.close();
  });

  it('never stands in the way of another tab that deletes or upgrades', async () => {
    const name = freshName();
    const store = storeCalls(indexedDBStore(name));
    await store.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW);
    await deleteDatabase(name);
    expect(await store.count({ queue: 'q' })).toMatchObject({ pending: 0 });
    await store.close();
  });

  it('says what is wrong when the database is of a newer version, and writes nothing', async () => {
    const name = freshName();
    const newer = await openDatabase(name, createHoldfastStores, 1_000);
    newer.close();
    const store = storeCalls(indexedDBStore(name));
    const refused = {
      code: 'StoreOutdated',
      retryable: false,
      message: expect.stringContaining(JSON.stringify(name)),
    };
    await expect(store.count({ queue: 'q' })).rejects.toMatchObject(refused);
    await expect(store.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW)).rejects.toMatchObject(refused);
    const after = await openDatabase(name, createHoldfastStores, 1_000);
    const jobs = after.transaction('holdfast.jobs').objectStore('holdfast.jobs');
    expect(await answer(jobs.count())).toBe(0);
    after.close();
    await store.close();
  });

  it('is not opened before it is needed', async () => {
    const name = freshName();
    await indexedDBStore(name).close();
    expect((await indexedDB.databases()).map((database) => database.name)).not.toContain(name);
  });

  it('tells the other openings that there is work', async () => {
    const name = freshName();
    const [a, b] = [storeCalls(indexedDBStore(name)), storeCalls(indexedDBStore(name))];
    const heard = new Promise<Hint>((resolve) => {
      b.onHint?.('q', resolve);
    });
    await a.enqueue({ queue: 'other', jobs: [spec('x')] }, NOW);
    await a.enqueue({ queue: 'q', jobs: [spec('y')] }, NOW);
    expect(await heard).toBe('work');
    await Promise.all([a.close(), b.close()]);
  });
});
