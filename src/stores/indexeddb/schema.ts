import type { JobRow } from '../../core/kernel/job-row.ts';
import { randomText } from '../../core/random.ts';

/** Object stores of one holdfast database, prefixed so that they can live beside an app's own. */
export const JOBS = 'holdfast.jobs';
export const PARKED = 'holdfast.parked';
export const FINALS = 'holdfast.finals';
export const CLAIMS = 'holdfast.claims';
export const QUEUES = 'holdfast.queues';
export const RECORDS = 'holdfast.records';
/** What hidden and leaving pages enqueued: see `core/kernel/unsorted.ts`. */
export const UNSORTED = 'holdfast.unsorted';
export const SPARE = 'holdfast.spare';
/** The key in `SPARE` of a text that tells this database from one that was made later under its name. */
export const BIRTH = 'birth';

/** Names to include in a transaction of the app's own that enqueues: see `Prepared.addTo`. */
export const holdfastStoreNames: readonly string[] = [
  ...[JOBS, PARKED, FINALS, CLAIMS, QUEUES, RECORDS],
  ...[UNSORTED, SPARE],
];

/**
 * Indexes by store. Each is on the property of its name, and a row without it is not in it. None is `unique`: looking first is the
 * operations' business, and the browser's look at each insert was 20 % of a whole life (decision 13).
 */
const INDEXES: Readonly<Record<string, readonly string[]>> = {
  [JOBS]: ['id', 'lane', 'key'],
  [PARKED]: ['id', 'key'],
  [FINALS]: ['id'],
};

/** A database inside its upgrade: an IDBDatabase, native or wrapped by idb. */
export interface UpgradedDatabase {
  readonly objectStoreNames: { contains(name: string): boolean };
  createObjectStore(name: string): {
    createIndex(name: string, keyPath: string): unknown;
    put(value: unknown, key: string): unknown;
  };
}

/**
 * Creates what is missing, inside the upgrade (`versionchange` transaction) of a database. Additive: it never changes
 * or deletes a store, so that it can be called in every upgrade of an app's own database.
 *
 * @example
 * const open = () => openDB('notes', 2, { upgrade: (database) => createHoldfastStores(database) }); // idb
 */
export function createHoldfastStores(database: UpgradedDatabase): void {
  for (const name of holdfastStoreNames) {
    if (database.objectStoreNames.contains(name)) continue;
    const store = database.createObjectStore(name);
    for (const index of INDEXES[name] ?? []) store.createIndex(index, index);
    if (name === SPARE) store.put(randomText(), BIRTH);
  }
}

/** A job as a row: what indexes need, the rest as JSON text, and the payload beside it where JSON cannot hold it. */
export interface StoredJob {
  readonly id: string;
  readonly lane?: string;
  readonly key?: string;
  readonly row?: string;
  readonly body?: unknown;
  readonly attached?: NonNullable<JobRow['attached']>;
  /** What features keep in it, where not all of it is plain. */
  readonly extras?: NonNullable<JobRow['extras']>;
  /** In the place of `row`: what was found here and could not be read. */
  readonly raw?: unknown;
}
