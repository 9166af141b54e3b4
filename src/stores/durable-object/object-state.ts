/**
 * What the store needs of a Durable Object's state: a `DurableObjectState` with SQLite storage has it all. Written out here so that
 * nobody needs the platform's types to use the package.
 */
export interface ObjectState {
  readonly storage: ObjectStorage;
}

export interface ObjectStorage {
  readonly sql: Sql;
  /** Commits what the closure wrote, or rolls it back when it throws. */
  transactionSync<T>(closure: () => T): T;
  /** Resolves when what was written is on disk. */
  sync?(): Promise<void>;
}

export type SqlValue = string | number | null | ArrayBuffer;

export interface Sql {
  exec(query: string, ...bindings: SqlValue[]): SqlCursor;
  /** Bytes. */
  readonly databaseSize?: number;
}

export interface SqlCursor {
  toArray(): Record<string, SqlValue>[];
  /** What the platform bills, complete once the cursor was read to its end. */
  readonly rowsRead: number;
  readonly rowsWritten: number;
}
