import { messageOf, quote, StoreError } from '../../core/kernel/errors.ts';
import type { ObjectStorage, Sql } from './object-state.ts';

/**
 * Each migration leads from the version of its index to the next; none is changed once it was released. Tables are prefixed, so that they
 * live beside the user's own. WITHOUT ROWID, as a text beside a row id would cost a row more. Partial indexes cost nothing to the jobs
 * that are not in them, nor do they when a job leaves them: so a completed job stays in `holdfast_jobs` for one row, without its claim
 * key `k`, and how it ended is in `ended`.
 */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE holdfast_queues (queue TEXT PRIMARY KEY, control TEXT NOT NULL) WITHOUT ROWID`,
    `CREATE TABLE holdfast_jobs (id TEXT PRIMARY KEY, k TEXT, ended TEXT, lane TEXT, key TEXT, row TEXT NOT NULL, payload TEXT NOT NULL) WITHOUT ROWID`,
    `CREATE UNIQUE INDEX holdfast_jobs_k ON holdfast_jobs (k) WHERE k IS NOT NULL`,
    `CREATE INDEX holdfast_jobs_lane ON holdfast_jobs (lane) WHERE lane IS NOT NULL`,
    `CREATE INDEX holdfast_jobs_key ON holdfast_jobs (key) WHERE key IS NOT NULL`,
    `CREATE TABLE holdfast_parked (k TEXT PRIMARY KEY, id TEXT NOT NULL, key TEXT, row TEXT NOT NULL, payload TEXT NOT NULL) WITHOUT ROWID`,
    `CREATE UNIQUE INDEX holdfast_parked_id ON holdfast_parked (id)`,
    `CREATE INDEX holdfast_parked_key ON holdfast_parked (key) WHERE key IS NOT NULL`,
    `CREATE TABLE holdfast_finals (k TEXT PRIMARY KEY, id TEXT NOT NULL, row TEXT NOT NULL, payload TEXT NOT NULL) WITHOUT ROWID`,
    `CREATE UNIQUE INDEX holdfast_finals_id ON holdfast_finals (id)`,
    `CREATE TABLE holdfast_forget_order (k TEXT PRIMARY KEY, page TEXT NOT NULL) WITHOUT ROWID`,
    `CREATE TABLE holdfast_records (queue TEXT, kind TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (queue, kind, key)) WITHOUT ROWID`,
  ],
];

/** Brings the tables to this version, in one transaction; a newer version's tables are left alone and refused with StoreError. */
export function migrate(storage: ObjectStorage): void {
  storage.transactionSync(() => {
    const { sql } = storage;
    sql.exec(`CREATE TABLE IF NOT EXISTS holdfast_schema (version INTEGER NOT NULL)`);
    const [found] = sql.exec(`SELECT version FROM holdfast_schema`).toArray();
    const version = Number(found?.version ?? 0);
    if (!(version <= MIGRATIONS.length))
      throw new StoreError(
        `the tables are of version ${quote(found?.version)}, this code knows up to ${MIGRATIONS.length}; nothing was changed`,
        { retryable: false },
      );
    if (version < MIGRATIONS.length) migrateFrom(version, sql);
  });
}

/** Where none are. For the middle of a transaction. */
export function createTables(sql: Sql): void {
  sql.exec(`CREATE TABLE IF NOT EXISTS holdfast_schema (version INTEGER NOT NULL)`);
  const { length } = sql.exec(`SELECT version FROM holdfast_schema`).toArray();
  if (length > 0)
    throw new StoreError('tables of the store are missing, others are there; nothing was changed', {
      retryable: false,
    });
  migrateFrom(0, sql);
}

/** The app has deleted all that its object stored, or dropped tables that are not its own. */
export function isGone(error: unknown): boolean {
  return messageOf(error).includes('no such table: holdfast_');
}

function migrateFrom(version: number, sql: Sql): void {
  for (const statement of MIGRATIONS.slice(version).flat()) sql.exec(statement);
  sql.exec(`DELETE FROM holdfast_schema`);
  sql.exec(`INSERT INTO holdfast_schema (version) VALUES (?)`, MIGRATIONS.length);
}
