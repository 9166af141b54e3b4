/** What the bench uses of peers: they are installed by its first run only, and types are checked without them. */

declare module 'dexie' {
  interface Collection<Row> {
    first(): Promise<Row | undefined>;
  }
  interface Table<Row, Key> {
    add(row: Row): Promise<Key>;
    bulkAdd(rows: readonly Row[]): Promise<Key>;
    update(key: Key, changes: Partial<Row>): Promise<number>;
    delete(key: Key): Promise<void>;
    count(): Promise<number>;
    where(index: string): {
      between(lower: unknown, upper: unknown, withLower: boolean, withUpper: boolean): Collection<Row>;
    };
  }
  export class Dexie {
    constructor(name: string);
    version(version: number): { stores(schema: Readonly<Record<string, string>>): void };
    table<Row, Key>(name: string): Table<Row, Key>;
    transaction<T>(mode: 'rw', table: object, run: () => Promise<T>): Promise<T>;
  }
}

declare module 'workbox-background-sync/Queue.js' {
  export class Queue {
    constructor(name: string, options: { onSync: () => Promise<void> });
    pushRequest(entry: { request: Request }): Promise<void>;
    shiftRequest(): Promise<{ request: Request } | undefined>;
    size(): Promise<number>;
  }
}

declare module '@tanstack/db' {
  export interface Collection<Row> {
    insert(row: Row, options: { optimistic: boolean }): unknown;
  }
  export function createCollection<Row>(options: {
    id: string;
    getKey(row: Row): number;
    startSync: boolean;
    sync: { sync(given: { markReady(): void }): void };
  }): Collection<Row>;
}

declare module '@tanstack/offline-transactions' {
  interface Executor {
    waitForInit(): Promise<void>;
    dispose(): void;
    createOfflineTransaction(options: { mutationFnName: string; autoCommit: boolean }): {
      mutate(change: () => void): unknown;
      commit(): Promise<unknown>;
    };
  }
  export class IndexedDBAdapter {
    constructor(database: string, store: string);
    keys(): Promise<string[]>;
  }
  export function startOfflineExecutor(options: {
    collections: Readonly<Record<string, object>>;
    storage: IndexedDBAdapter;
    mutationFns: Readonly<
      Record<
        string,
        (given: { transaction: { mutations: readonly { modified: unknown }[] } }) => Promise<void>
      >
    >;
  }): Executor;
}
