import 'fake-indexeddb/auto';
import { runAsync } from '../src/core/kernel/step.ts';
import { indexedDBStore } from '../src/stores/indexeddb/index.ts';
import { IndexedDBRows } from '../src/stores/indexeddb/indexeddb-rows.ts';
import { audit } from '../src/testing/simulator/audit.ts';
import { breakPayload } from '../src/testing/simulator/break-payload.ts';
import { memoryHarness } from '../src/testing/simulator/memory-harness.ts';
import type { SimulationHarness } from '../src/testing/simulator/setup.ts';

export type SimulationStore = 'memory' | 'fake-indexeddb';

/** The stores that a simulation can run over in Node. */
export const stores: Readonly<Record<SimulationStore, () => Promise<SimulationHarness>>> = {
  memory: memoryHarness,
  'fake-indexeddb': fakeIndexedDB,
};

let databases = 0;

async function fakeIndexedDB(): Promise<SimulationHarness> {
  databases += 1;
  const name = `simulated ${databases}`;
  const openings: ReturnType<typeof indexedDBStore>[] = [];
  let auditing: IDBDatabase | undefined;
  return {
    async open() {
      const store = indexedDBStore(name);
      openings.push(store);
      return store;
    },
    async audit(queue) {
      auditing ??= await opened(indexedDB.open(name));
      const transaction = auditing.transaction([...auditing.objectStoreNames], 'readonly');
      return runAsync(audit(new IndexedDBRows(queue, transaction, () => false)));
    },
    async breakPayload(queue, id) {
      auditing ??= await opened(indexedDB.open(name));
      const transaction = auditing.transaction([...auditing.objectStoreNames], 'readwrite');
      const rows = new IndexedDBRows(queue, transaction, () => false);
      await runAsync(breakPayload(rows, id, { value: undefined, plain: true }));
      await new Promise((resolve) => transaction.addEventListener('complete', resolve));
    },
    async clear() {
      auditing ??= await opened(indexedDB.open(name));
      const tables = [...auditing.objectStoreNames];
      const transaction = auditing.transaction(tables, 'readwrite');
      for (const table of tables) await opened(transaction.objectStore(table).clear());
    },
    async dispose() {
      auditing?.close();
      for (const store of openings) await store.close();
      await opened(indexedDB.deleteDatabase(name));
    },
  };
}

function opened<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
