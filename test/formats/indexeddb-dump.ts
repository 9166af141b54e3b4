import { BIRTH, SPARE } from '../../src/stores/indexeddb/schema.ts';

/** All that an IndexedDB database holds, and how it is made; without the bytes that it keeps spare for a full disk. */
export interface Dump {
  readonly version: number;
  readonly stores: readonly {
    readonly name: string;
    readonly indexes: readonly { readonly name: string; readonly keyPath: string }[];
    readonly rows: readonly (readonly [key: IDBValidKey, value: unknown])[];
  }[];
}

const asked = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export async function dumpOf(database: string): Promise<Dump> {
  const opened = await asked(indexedDB.open(database));
  const names = [...opened.objectStoreNames];
  const transaction = opened.transaction(names);
  const stores = await Promise.all(
    names.map(async (name) => {
      const store = transaction.objectStore(name);
      const [keys, values] = await Promise.all([asked(store.getAllKeys()), asked(store.getAll())]);
      const indexes = [...store.indexNames].map((index) => ({
        name: index,
        keyPath: String(store.index(index).keyPath),
      }));
      const rows = keys.map((key, i) => [key, values[i]] as const);
      return { name, indexes, rows: rows.filter(([key]) => name !== SPARE || key === BIRTH) };
    }),
  );
  const { version } = opened;
  opened.close();
  return { version, stores };
}

export async function restore(database: string, { version, stores }: Dump): Promise<void> {
  const opening = indexedDB.open(database, version);
  opening.onupgradeneeded = () => {
    for (const { name, indexes, rows } of stores) {
      const store = opening.result.createObjectStore(name);
      for (const index of indexes) store.createIndex(index.name, index.keyPath);
      for (const [key, value] of rows) store.put(value, key);
    }
  };
  (await asked(opening)).close();
}
