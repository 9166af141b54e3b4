import type { DatabaseSync } from 'node:sqlite';
import { HoldfastError, InvalidOptionError, type Store, StoreClosedError, StoreError } from 'holdfast';
import { mending, runSync, TableRows, type Transaction } from 'holdfast/store';
import { type OnStep, SCHEMA, SqliteTables, sqliteCodec, statementsOf } from './sqlite-tables.ts';

export interface SqliteStoreOptions {
  /** Counts rows touched: for tests of cost. */
  readonly onStep?: OnStep;
}

/**
 * A store in a SQLite database of the app's own, beside the app's tables: for desktop apps and small servers. Leave
 * `PRAGMA synchronous` at FULL, its default: what is accepted is then on disk. Closing the store leaves the database open.
 */
export function sqliteStore(database: DatabaseSync, { onStep }: SqliteStoreOptions = {}): Store {
  database.exec(SCHEMA);
  let closed = false;
  const run = statementsOf(database, onStep);
  const exec = (text: string): void => {
    try {
      database.exec(text);
    } catch (error) {
      throw asStoreError(error);
    }
  };
  /** Between `begin` and `end` all of it is done, or `undo` undoes it. */
  const within =
    (begin: string, end: string, undo: string) =>
    <T>({ queue, run: operation }: Transaction<T>): T => {
      if (closed) throw new StoreClosedError('the SQLite store');
      exec(begin);
      try {
        const rows = new TableRows(queue, sqliteCodec, new SqliteTables(queue, run));
        const answer = runSync(operation(rows));
        exec(end);
        return answer;
      } catch (error) {
        if (database.isTransaction) exec(undo);
        throw asStoreError(error);
      }
    };
  const alone = within('BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK');
  const joined = within('SAVEPOINT holdfast', 'RELEASE holdfast', 'ROLLBACK TO holdfast; RELEASE holdfast');

  return {
    transact: mending(async (transaction) => alone(transaction)),
    codec: sqliteCodec,
    join(transaction) {
      if (transaction !== database || !database.isTransaction)
        throw new InvalidOptionError('transaction', transaction, 'the database, inside a transaction');
      return (inside) => Promise.resolve(joined(inside));
    },
    async close() {
      closed = true;
    },
  };
}

/** SQLite's codes for what does not pass by itself: a database that is read-only, damaged, full, or none. */
const LASTING = new Set([8, 11, 13, 26]);

function asStoreError(error: unknown): unknown {
  if (error instanceof HoldfastError) return error;
  const { errcode = 0, message } = error as { errcode?: number; message: string };
  // The rest of an extended code says more than it takes.
  return new StoreError(`SQLite failed: ${message}`, {
    retryable: !LASTING.has(errcode & 0xff),
    cause: error,
  });
}
