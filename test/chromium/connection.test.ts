import type { Hint } from 'holdfast';
import { createHoldfastStores, indexedDBStore } from 'holdfast/indexeddb';
import { describe, expect, it } from 'vitest';
import { answer, claimOf, deleteDatabase, freshName, NOW, openDatabase, spec } from './database.ts';

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
    const store = indexedDBStore({ name, open });
    expect(await store.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW)).toEqual(enqueued('x'));
    opened[0]?.close();
    expect(await store.enqueue({ queue: 'q', jobs: [spec('y')] }, NOW)).toEqual(enqueued('y'));
    expect(opened).toHaveLength(2);
    await store.close();
  });

  it('never stands in the way of another tab that deletes or upgrades', async () => {
    const name = freshName();
    const store = indexedDBStore(name);
    await store.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW);
    await deleteDatabase(name);
    expect(await store.count({ queue: 'q' })).toMatchObject({ pending: 0 });
    await store.close();
  });

  it('says what is wrong when the database is of a newer version', async () => {
    const name = freshName();
    const newer = await openDatabase(name, createHoldfastStores, 1_000);
    newer.close();
    const store = indexedDBStore(name);
    await expect(store.count({ queue: 'q' })).rejects.toMatchObject({
      code: 'Store',
      message: expect.stringContaining(JSON.stringify(name)),
    });
    await store.close();
  });

  it('is not opened before it is needed', async () => {
    const name = freshName();
    await indexedDBStore(name).close();
    expect((await indexedDB.databases()).map((database) => database.name)).not.toContain(name);
  });

  it('tells the other openings that there is work', async () => {
    const name = freshName();
    const [a, b] = [indexedDBStore(name), indexedDBStore(name)];
    const heard = new Promise<Hint>((resolve) => {
      b.onHint?.('q', resolve);
    });
    await a.enqueue({ queue: 'other', jobs: [spec('x')] }, NOW);
    await a.enqueue({ queue: 'q', jobs: [spec('y')] }, NOW);
    expect(await heard).toBe('work');
    await Promise.all([a.close(), b.close()]);
  });
});

describe('a damaged row', () => {
  it('is moved out of the way, and what lies behind it runs', async () => {
    const name = freshName();
    const store = indexedDBStore(name);
    await store.enqueue({ queue: 'q', jobs: [spec('x'), spec('y')] }, NOW);
    const database = await openDatabase(name, createHoldfastStores);
    const jobs = database.transaction('holdfast.jobs', 'readwrite').objectStore('holdfast.jobs');
    const [first] = await answer(jobs.getAllKeys());
    await answer(jobs.put({ id: 'q\u0001x', row: '{"torn' }, first));
    const { jobs: claimed } = await store.exchange(claimOf('worker'), NOW);
    expect(claimed.map(({ job }) => job.id)).toEqual(['y']);
    expect(await store.count({ queue: 'q' })).toMatchObject({ pending: 0, active: 1 });
    const kept = database.transaction('holdfast.quarantine').objectStore('holdfast.quarantine').getAll();
    expect(await answer(kept)).toEqual([{ id: 'q\u0001x', row: '{"torn' }]);
    database.close();
    await store.close();
  });
});
