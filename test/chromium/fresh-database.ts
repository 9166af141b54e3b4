import type { Store } from '../../src/core/kernel/store.ts';
import { indexedDBStore } from '../../src/stores/indexeddb/index.ts';
import type { StoreHarness } from '../../src/testing/conformance/index.ts';
import { countedStore } from '../../src/testing/counted-store.ts';
import { answer, openDatabase } from './database.ts';
import { failReads, loseRow } from './losing-rows.ts';

let databases = 0;

/** A database that no other test has, in whatever IndexedDB there is. */
export async function freshDatabase(): Promise<StoreHarness> {
  databases += 1;
  const name = `conformance ${databases}`;
  const openings: Store[] = [];
  const steps = { read: 0, written: 0 };
  return {
    open: async () => {
      const store = countedStore(indexedDBStore(name), (kind, rows) => (steps[kind] += rows));
      openings.push(store);
      return store;
    },
    steps: () => ({ ...steps }),
    loseRows: (queue, ids) => loseRows(name, queue, ids),
    failReads: async () => {
      failReads(name);
      return async () => failReads(undefined);
    },
    dispose: async () => {
      for (const store of openings) await store.close();
      await new Promise((resolve, reject) => {
        const deletion = indexedDB.deleteDatabase(name);
        deletion.onsuccess = resolve;
        deletion.onerror = () => reject(deletion.error);
      });
    },
  };
}

const TABLES = ['holdfast.jobs', 'holdfast.parked', 'holdfast.finals'];

async function loseRows(name: string, queue: string, ids: readonly string[]): Promise<void> {
  const database = await openDatabase(name, () => undefined, 3);
  for (const table of TABLES)
    for (const id of ids) {
      const index = database.transaction(table).objectStore(table).index('id');
      for (const key of await answer(index.getAllKeys(`${queue}\u0001${id}`)))
        loseRow(name, table, String(key));
    }
  database.close();
}
