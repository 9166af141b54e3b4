import { storeCalls } from '../../src/testing/store-calls.ts';
import 'fake-indexeddb/auto';
import { createHoldfastStores, indexedDBStore } from 'holdfast/indexeddb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { claimOf, freshName, NOW, openDatabase, spec } from '../chromium/database.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Fails the next transactions of the kind as a browser that drops its connection does: after the commit, or at once. */
function lose(mode: IDBTransactionMode, when: 'after' | 'at once', times = 1): void {
  const { transaction } = IDBDatabase.prototype;
  let left = times;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...given) {
    const [stores, its] = given;
    if (its !== mode || !String(stores).includes('holdfast.jobs') || left === 0)
      return Reflect.apply(transaction, this, given);
    left -= 1;
    if (when === 'at once') throw new DOMException('the connection was lost', 'InvalidStateError');
    return losing(Reflect.apply(transaction, this, given));
  });
}

/** It commits, and whoever listens is told that it did not. */
function losing(transaction: IDBTransaction): IDBTransaction {
  const listen = transaction.addEventListener.bind(transaction);
  transaction.addEventListener = (kind: string, listener: EventListenerOrEventListenerObject) => {
    if (kind !== 'abort' || typeof listener !== 'function') return;
    listen('complete', (event) => {
      const value = new DOMException('the connection was lost', 'UnknownError');
      Object.defineProperty(transaction, 'error', { value });
      listener(event);
    });
  };
  return transaction;
}

function appStore(open?: () => Promise<IDBDatabase>) {
  const name = freshName();
  return indexedDBStore({ name, open: open ?? (() => openDatabase(name, createHoldfastStores)) });
}

const lost = { code: 'Store', retryable: true };
const twice = [spec('x'), spec('y')];

describe('a connection that is lost', () => {
  it('before anything was sent is opened anew, and the caller does not notice', async () => {
    const store = storeCalls(appStore());
    lose('readwrite', 'at once');
    expect(await store.enqueue({ queue: 'q', jobs: twice }, NOW)).toMatchObject([{ id: 'x' }, { id: 'y' }]);
    await store.close();
  });

  it('in the middle of an exchange claims nothing twice: the caller hears of it', async () => {
    const store = storeCalls(appStore());
    await store.enqueue({ queue: 'q', jobs: twice }, NOW);
    lose('readwrite', 'after');
    await expect(store.exchange(claimOf('worker', 1), NOW)).rejects.toMatchObject(lost);
    expect(await store.count({ queue: 'q' })).toMatchObject({ pending: 1, active: 1 });
    const repeat = { ...claimOf('worker', 1), held: [] };
    expect((await store.exchange(repeat, NOW)).jobs).toHaveLength(1);
    expect(await store.count({ queue: 'q' })).toMatchObject({ pending: 1, active: 1 });
    await store.close();
  });

  it('in the middle of an enqueue stores nothing twice: repeated with `known` it is a duplicate', async () => {
    const store = storeCalls(appStore());
    const job = spec('x', { idempotencyKey: 'k', onDuplicate: 'replace' });
    lose('readwrite', 'after');
    await expect(store.enqueue({ queue: 'q', jobs: [job] }, NOW)).rejects.toMatchObject(lost);
    const repeat = { queue: 'q', jobs: [{ ...job, known: true }] };
    expect(await store.enqueue(repeat, NOW)).toEqual([{ id: 'x', status: 'duplicate' }]);
    expect(await store.count({ queue: 'q' })).toMatchObject({ pending: 1 });
    await store.close();
  });

  it('in the middle of reading is opened anew, and it is read again', async () => {
    const store = storeCalls(appStore());
    await store.enqueue({ queue: 'q', jobs: twice }, NOW);
    lose('readonly', 'after');
    expect(await store.count({ queue: 'q' })).toMatchObject({ pending: 2 });
    await store.close();
  });

  it('is opened anew by the next call', async () => {
    const name = freshName();
    const open = vi.fn(() => openDatabase(name, createHoldfastStores));
    const store = storeCalls(indexedDBStore({ name, open }));
    lose('readwrite', 'after');
    await expect(store.enqueue({ queue: 'q', jobs: twice }, NOW)).rejects.toMatchObject(lost);
    await store.count({ queue: 'q' });
    expect(open).toHaveBeenCalledTimes(2);
    await store.close();
  });
});

it("an app's database that does not open is waited for ten seconds, and asked for again by the next call", async () => {
  const name = freshName();
  const waits: number[] = [];
  let next = () => {};
  const setTimer = (callback: () => void, ms: number) => {
    waits.push(ms);
    next = callback;
    return () => undefined;
  };
  let opens = 0;
  const open = () =>
    opens++ === 0 ? new Promise<IDBDatabase>(() => {}) : openDatabase(name, createHoldfastStores);
  const store = storeCalls(indexedDBStore({ name, open }, { setTimer }));
  const answer = store.count({ queue: 'q' });
  await vi.waitFor(() => expect(waits).toHaveLength(1));
  for (let part = 0; part < 10; part++) next();
  await expect(answer).rejects.toMatchObject({ code: 'StoreBlocked', retryable: true });
  expect(waits).toEqual(Array(10).fill(1_000));
  expect(await store.count({ queue: 'q' })).toMatchObject({ pending: 0 });
  await store.close();
});
