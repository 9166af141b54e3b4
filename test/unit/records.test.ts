import { storeCalls } from '../../src/testing/store-calls.ts';
import 'fake-indexeddb/auto';
import { DatabaseSync } from 'node:sqlite';
import { type Rows, runAsync, type Step, TableRows } from 'holdfast/store';
import { describe, expect, it } from 'vitest';
import type { FeatureKind } from '../../src/core/kernel/records.ts';
import { read } from '../../src/core/kernel/step.ts';
import {
  createHoldfastStores,
  holdfastStoreNames,
  indexedDBStore,
} from '../../src/stores/indexeddb/index.ts';
import { IndexedDBRows } from '../../src/stores/indexeddb/indexeddb-rows.ts';
import { committed } from '../../src/stores/indexeddb/request.ts';
import { MemoryRows } from '../../src/stores/memory/memory-rows.ts';
import { answer, freshName, NOW, openDatabase, spec } from '../chromium/database.ts';
import { SCHEMA, SqliteTables, sqliteCodec, statementsOf } from './sqlite-tables.ts';

/** What some feature keeps. */
interface Kept {
  readonly job: { readonly name: string; readonly version: number };
  readonly payload: string;
  readonly nextAt: number;
}
const KIND = 'kept' as FeatureKind<Kept>;
/** Runs one transaction over the rows of a queue. */
type Transact = <T>(queue: string, run: (rows: Rows) => Step<T>) => Promise<T>;

const kept = (nextAt: number): Kept => ({ job: { name: 'push', version: 1 }, payload: 'sealed', nextAt });

async function memory(): Promise<Transact> {
  const queues = new Map<string, MemoryRows>();
  return async (queue, run) => {
    const rows = queues.get(queue) ?? new MemoryRows(queue, () => queues.delete(queue));
    queues.set(queue, rows);
    return runAsync(run(rows));
  };
}

async function indexedDb(): Promise<Transact> {
  const database = await openDatabase(freshName(), createHoldfastStores);
  return async (queue, run) => {
    const transaction = database.transaction(holdfastStoreNames, 'readwrite');
    const done = committed(transaction);
    const answered = await runAsync(run(new IndexedDBRows(queue, transaction, () => false)));
    await done;
    return answered;
  };
}

async function sqlite(): Promise<Transact> {
  const database = new DatabaseSync(':memory:');
  database.exec(SCHEMA);
  const tables = (queue: string) => new SqliteTables(queue, statementsOf(database));
  return async (queue, run) => runAsync(run(new TableRows(queue, sqliteCodec, tables(queue))));
}

const put = (...entries: [key: string, nextAt: number][]) =>
  function* (rows: Rows): Step<void> {
    for (const [key, nextAt] of entries) rows.putRecord(KIND, key, kept(nextAt));
  };
const one = (key: string) =>
  function* (rows: Rows): Step<Kept | undefined> {
    return yield* read(rows.record(KIND, key));
  };
const page = (key: string, limit: number) =>
  function* (rows: Rows): Step<[key: string, nextAt: number][]> {
    const found = yield* read(rows.recordsAfter(KIND, key, limit));
    return found.map(({ key: at, value }) => [at, value.nextAt]);
  };

describe.each([
  ['memory', memory],
  ['IndexedDB', indexedDb],
  ['SQLite', sqlite],
])('records of %s', (_, open) => {
  it('are found by their key, whole, and replaced by it', async () => {
    const transact = await open();
    expect(await transact('q', one('a'))).toBeUndefined();
    await transact('q', put(['a', 1]));
    expect(await transact('q', one('a'))).toEqual(kept(1));
    await transact('q', put(['a', 2]));
    expect(await transact('q', page('', 10))).toEqual([['a', 2]]);
  });

  it('come in order of their keys, after a key, so many', async () => {
    const transact = await open();
    await transact('q', put(['c', 3], ['a', 1], ['b', 2], ['a\u0001x', 4]));
    expect(await transact('q', page('', 2))).toEqual([
      ['a', 1],
      ['a\u0001x', 4],
    ]);
    expect(await transact('q', page('a\u0001x', 10))).toEqual([
      ['b', 2],
      ['c', 3],
    ]);
    expect(await transact('q', page('c', 10))).toEqual([]);
  });

  it('that are dropped are gone, and dropping what is not there is nothing', async () => {
    const transact = await open();
    await transact('q', put(['a', 1], ['b', 2]));
    await transact('q', function* (rows) {
      rows.dropRecord(KIND, 'a');
      rows.dropRecord(KIND, 'never');
    });
    expect(await transact('q', one('a'))).toBeUndefined();
    expect(await transact('q', page('', 10))).toEqual([['b', 2]]);
  });

  it('that were written show at once, in the same transaction', async () => {
    const transact = await open();
    const seen = await transact('q', function* (rows) {
      yield* put(['a', 1], ['b', 2])(rows);
      rows.dropRecord(KIND, 'b');
      return [yield* one('a')(rows), yield* page('', 10)(rows)];
    });
    expect(seen).toEqual([kept(1), [['a', 1]]]);
  });

  it('alias neither what was put nor what was read before', async () => {
    const transact = await open();
    const given = { ...kept(1), job: { ...kept(1).job } };
    await transact('q', function* (rows) {
      rows.putRecord(KIND, 'a', given);
    });
    given.job.name = 'changed';
    const first = await transact('q', one('a'));
    Object.assign(first?.job ?? {}, { name: 'changed' });
    expect(await transact('q', one('a'))).toEqual(kept(1));
  });

  it('of another queue are others, also where its name begins alike', async () => {
    const transact = await open();
    await transact('q', put(['a', 1]));
    await transact('q2', put(['a', 2], ['b', 3]));
    expect(await transact('q', page('', 10))).toEqual([['a', 1]]);
    expect(await transact('q2', page('', 10))).toEqual([
      ['a', 2],
      ['b', 3],
    ]);
  });
});

describe('a database of the version before records', () => {
  const withoutRecords = (database: IDBDatabase) => {
    createHoldfastStores(database);
    database.deleteObjectStore('holdfast.records');
  };

  it('gets their object store when it is opened, and keeps its jobs', async () => {
    const name = freshName();
    (await openDatabase(name, withoutRecords)).close();
    const store = storeCalls(indexedDBStore(name));
    await store.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW);
    await store.close();
    const database = await openDatabase(name, () => {}, 3);
    const jobs = database.transaction('holdfast.jobs').objectStore('holdfast.jobs');
    expect(await answer(jobs.count())).toBe(1);
    expect([...database.objectStoreNames]).toEqual([...holdfastStoreNames].sort());
    database.close();
  });

  it("of the app's own is refused with the name of what it lacks, until the app's upgrade makes it", async () => {
    const name = freshName();
    const old = storeCalls(indexedDBStore({ name, open: () => openDatabase(name, withoutRecords) }));
    await expect(old.count({ queue: 'q' })).rejects.toMatchObject({
      code: 'InvalidOption',
      message: expect.stringContaining('holdfast.records'),
    });
    const database = await openDatabase(freshName(), withoutRecords);
    database.close();
    const upgraded = await openDatabase(database.name, createHoldfastStores, 3);
    const store = storeCalls(indexedDBStore({ name: database.name, open: async () => upgraded }));
    expect(await store.count({ queue: 'q' })).toMatchObject({ pending: 0 });
    await store.close();
    upgraded.close();
  });
});

it('a record that is none is told as damage of its queue, and nothing is changed', async () => {
  const name = freshName();
  const database = await openDatabase(name, createHoldfastStores);
  const transaction = database.transaction(holdfastStoreNames, 'readwrite');
  transaction.objectStore('holdfast.records').put('torn', 'q\u0001kept\u0001a');
  const rows = new IndexedDBRows('q', transaction, () => false);
  const told = { code: 'Store', retryable: false, message: expect.stringContaining('its kept "a"') };
  await expect(rows.record(KIND, 'a')).rejects.toMatchObject(told);
  await expect(rows.recordsAfter(KIND, '', 10)).rejects.toMatchObject(told);
  database.close();
});
