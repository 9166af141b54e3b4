import { createHoldfastStores, indexedDBStore } from 'holdfast/indexeddb';
import { storeCalls } from '../../src/testing/store-calls.ts';
import type { DamageScene } from './damage-laws.ts';
import { answer, ended, freshName, openDatabase } from './database.ts';

interface Row {
  readonly row: string;
  readonly id: string;
}

const TABLES = ['holdfast.jobs', 'holdfast.parked', 'holdfast.finals'];

/** A store in whatever IndexedDB there is, and a second connection that writes past it. */
export async function damagedDatabase(): Promise<DamageScene> {
  const name = freshName();
  const store = storeCalls(indexedDBStore(name));
  const database = await openDatabase(name, createHoldfastStores, 3);

  async function edit(table: string, key: IDBValidKey, change: (row: never) => unknown): Promise<void> {
    const transaction = database.transaction(table, 'readwrite');
    const rows = transaction.objectStore(table);
    rows.put(change((await answer(rows.get(key))) as never), key);
    await ended(transaction);
  }

  async function find(id: string): Promise<{ table: string; key: IDBValidKey; row: Row }> {
    for (const table of TABLES) {
      const index = database.transaction(table).objectStore(table).index('id');
      const [row] = await answer<Row[]>(index.getAll(`q\u0001${id}`));
      const [key] = await answer(index.getAllKeys(`q\u0001${id}`));
      if (row !== undefined && key !== undefined) return { table, key, row };
    }
    throw new Error(`there is no row of ${id}`);
  }

  async function editRow(id: string, change: (text: string) => unknown): Promise<void> {
    const { table, key } = await find(id);
    await edit(table, key, (row: Row) => ({ ...row, row: change(row.row) }));
  }

  return {
    store,
    editRow,
    async breakPayload(id) {
      let payload: unknown;
      await editRow(id, (text) => {
        const { payload: kept, ...rest } = JSON.parse(text);
        payload = kept;
        return JSON.stringify(rest);
      });
      return () => editRow(id, (text) => JSON.stringify({ ...JSON.parse(text), payload }));
    },
    async storedOf(id) {
      return JSON.stringify((await find(id)).row);
    },
    editQueue: (change) => edit('holdfast.queues', 'q', change),
    async dispose() {
      await store.close();
      database.close();
    },
  };
}
