import { createHoldfastStores, indexedDBStore } from 'holdfast/indexeddb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StoreCalls, storeCalls } from '../../src/testing/store-calls.ts';
import { claimOf, freshName, NOW, openDatabase, spec } from './database.ts';

describe('the sign of life of a worker', () => {
  let name: string;
  let a: StoreCalls;
  let b: StoreCalls;
  const reclaim = (now: number) => b.reclaim({ queue: 'q', limit: 10 }, now);

  beforeEach(async () => {
    name = freshName();
    a = storeCalls(indexedDBStore(name));
    b = storeCalls(indexedDBStore(name));
    await a.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW);
  });
  afterEach(async () => {
    await a.close();
    await b.close();
  });

  it('brings the jobs of a worker that is gone back at once, long before its lease ends', async () => {
    const letGo = await a.signOfLife?.('worker');
    await a.exchange(claimOf('worker'), NOW);
    letGo?.();
    expect(await reclaim(NOW + 1)).toMatchObject({ reclaimed: ['x'] });
    expect(await b.get({ queue: 'q', id: 'x' })).toMatchObject({
      state: 'pending',
      crashes: 1,
      failures: 0,
    });
  });

  it('gives a living worker a minute beyond its lease, as hidden tabs are throttled', async () => {
    await a.signOfLife?.('worker');
    await a.exchange(claimOf('worker'), NOW);
    expect(await reclaim(NOW + 30_000 + 59_999)).toMatchObject({ reclaimed: [] });
    expect(await reclaim(NOW + 30_000 + 60_000)).toMatchObject({ reclaimed: ['x'] });
  });

  it('is not needed: without one the lease alone decides', async () => {
    await a.exchange(claimOf('worker'), NOW);
    expect(await reclaim(NOW + 29_999)).toMatchObject({ reclaimed: [] });
    expect(await reclaim(NOW + 30_000)).toMatchObject({ reclaimed: ['x'] });
  });

  it('tells the others when it ends', async () => {
    const gone = new Promise((resolve) => {
      b.onHint?.('q', (hint) => hint === 'gone' && resolve(hint));
    });
    const letGo = await a.signOfLife?.('worker');
    await a.exchange(claimOf('worker'), NOW);
    await reclaim(NOW + 1);
    letGo?.();
    expect(await gone).toBe('gone');
  });

  it('is looked at without a turn to write while there is nothing to take back', async () => {
    const begun: (IDBTransactionMode | undefined)[] = [];
    const open = async () => {
      const database = await openDatabase(name, createHoldfastStores, 3);
      const begin = database.transaction.bind(database);
      database.transaction = (stores, mode, options) => {
        if (String(stores).includes('holdfast.jobs')) begun.push(mode);
        return begin(stores, mode, options);
      };
      return database;
    };
    const c = storeCalls(indexedDBStore({ name, open }));
    const letGo = await a.signOfLife?.('worker');
    await a.exchange(claimOf('worker'), NOW);
    expect(await c.reclaim({ queue: 'q', limit: 10 }, NOW + 1)).toMatchObject({ reclaimed: [] });
    expect(begun).toEqual(['readonly']);
    letGo?.();
    expect(await c.reclaim({ queue: 'q', limit: 10 }, NOW + 1)).toMatchObject({ reclaimed: ['x'] });
    expect(begun).toEqual(['readonly', 'readonly', 'readwrite']);
    await c.close();
  });
});
