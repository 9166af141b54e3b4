import { storeCalls } from '../../src/testing/store-calls.ts';
import 'fake-indexeddb/auto';
import { StoreError } from 'holdfast';
import { createHoldfastStores, indexedDBStore } from 'holdfast/indexeddb';
import { describe, expect, test } from 'vitest';
import { claimKey, join } from '../../src/core/kernel/order.ts';
import { answer, ended, freshName, openDatabase } from '../chromium/database.ts';
import { claimOf, NOW, spec } from '../chromium/specs.ts';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f'];
const STRANGER = { row: 'a row that nobody knows of' };
const keyOf = (seq: number) => join('q', claimKey({ name: 'push', version: 1, rank: 0, due: 0, seq }));

/** A store, and a second connection that writes past it. */
async function scene() {
  const name = freshName();
  const store = storeCalls(indexedDBStore(name));
  await store.enqueue({ queue: 'q', jobs: IDS.map((id) => spec(id)) }, NOW);
  const database = await openDatabase(name, createHoldfastStores, 3);
  const rows = (mode: IDBTransactionMode) =>
    database.transaction('holdfast.jobs', mode).objectStore('holdfast.jobs');
  return {
    store,
    keys: () => answer(rows('readonly').getAllKeys()),
    async putStranger(key: string) {
      const there = rows('readwrite');
      there.put(STRANGER, key);
      await ended(there.transaction);
    },
    stranger: (key: string) => answer<unknown>(rows('readonly').get(key)),
    settleAll: async (jobs: readonly { job: { id: string }; fence: number }[]) => {
      const settle = jobs.map(({ job, fence }) => ({
        id: job.id,
        fence,
        outcome: { kind: 'complete' } as const,
      }));
      return (await store.exchange({ queue: 'q', workerId: 'worker', settle }, NOW)).settled;
    },
  };
}

describe('a row that lies where there should be none', () => {
  test('is not deleted with its neighbours: they are settled at the second try, each by itself', async () => {
    const { store, keys, putStranger, stranger, settleAll } = await scene();
    const { jobs } = await store.exchange(claimOf('worker'), NOW);
    const between = `${keyOf(3)} and a half`;
    await putStranger(between);
    const before = await keys();
    await expect(settleAll(jobs)).rejects.toSatisfy(
      (error) => error instanceof StoreError && error.retryable,
    );
    expect(await keys()).toEqual(before);
    expect(await settleAll(jobs)).toEqual(IDS.map(() => 'settled'));
    expect(await keys()).toEqual([between]);
    expect(await stranger(between)).toEqual(STRANGER);
  });

  test.each([
    ['first', 7],
    ['second', 8],
    ['last', 10],
  ])('in the place of the %s new job is not overwritten, and none of them is stored', async (_, seq) => {
    const { store, keys, putStranger, stranger } = await scene();
    await putStranger(keyOf(seq));
    const before = await keys();
    const enqueue = () =>
      store.enqueue({ queue: 'q', jobs: ['g', 'h', 'i', 'j'].map((id) => spec(id)) }, NOW);
    for (const _try of ['by proof', 'by looking']) await expect(enqueue()).rejects.toBeInstanceOf(StoreError);
    expect(await keys()).toEqual(before);
    expect(await stranger(keyOf(seq))).toEqual(STRANGER);
    expect(await store.count({ queue: 'q' })).toMatchObject({ pending: IDS.length });
  });
});
