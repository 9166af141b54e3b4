import type { JobStore } from '../../src/core/store.ts';
import { indexedDBStore } from '../../src/stores/indexeddb/index.ts';
import type { StoreHarness } from '../../src/testing/conformance/index.ts';

let databases = 0;

/** A database that no other test has, in whatever IndexedDB there is. */
export async function freshDatabase(): Promise<StoreHarness> {
  databases += 1;
  const name = `conformance ${databases}`;
  const openings: JobStore[] = [];
  const steps = { read: 0, written: 0 };
  return {
    open: async (options) => {
      const store = indexedDBStore(name, { ...options, onStep: (kind, rows) => (steps[kind] += rows) });
      openings.push(store);
      return store;
    },
    steps: () => ({ ...steps }),
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
