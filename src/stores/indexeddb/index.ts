import { InvalidOptionError } from '../../core/kernel/errors.ts';
import type { Durability } from '../../core/kernel/job.ts';
import { mending } from '../../core/kernel/mending.ts';
import { sorting } from '../../core/kernel/sorting.ts';
import type { Store, StoreHealth } from '../../core/kernel/store.ts';
import { type SetTimer, systemTimer } from '../../core/timer.ts';
import { indexedDBCodec } from './codec.ts';
import { IndexedDBStore } from './indexeddb-store.ts';
import { native } from './request.ts';

export { requestPersistence } from './health.ts';
export { createHoldfastStores, holdfastStoreNames, type UpgradedDatabase } from './schema.ts';

export interface IndexedDBStoreOptions {
  /**
   * How long a call waits for the database when nothing moves: for it to open, or for its own transaction to get an answer. Another tab
   * that is frozen in the middle of a transaction keeps the database from all others for as long as that lasts; then the call rejects with
   * StoreBlockedError, `retryable`, the queue emits `store:blocked`, and a worker tries again. Time in which this page was frozen or busy
   * itself does not count, and each answer begins the time anew, so that large transactions and long lines of them are no reason. An enqueue
   * is tried twice before it rejects. A shorter time tells users sooner; one that is too short gives up on slow disks. Default: 10,000.
   * Minimum: 1,000.
   */
  readonly blockedAfterMs?: number;
  /**
   * Of enqueues that say nothing of it. `strict`: they resolve when the browser has handed the job to the disk. `relaxed`: when the operating system has it, which
   * is sooner; then a power cut, or a crash of the system, may lose the last second or so of what was accepted. A crash of the tab or of the browser
   * loses nothing either way. Default: `strict`.
   *
   * @example
   * indexedDBStore('metrics', { durability: 'relaxed' });
   */
  readonly durability?: Durability;
  /** The clock of `blockedAfterMs`: for tests. */
  readonly setTimer?: SetTimer;
}

/** A database of the app's own that holds the jobs too: see `createHoldfastStores`. */
export interface AppDatabase {
  /** The database's name: tabs find each other by it. */
  readonly name: string;
  /** Opens the database. Called again when the browser has closed the connection. Your app closes it. */
  open(): Promise<OpenDatabase>;
}

/** An IDBDatabase, native or wrapped by idb. */
export interface OpenDatabase {
  readonly name: string;
  readonly version: number;
  close(): void;
}

/**
 * Makes a store in IndexedDB, for pages, web workers and service workers of one origin: open it in as many as you like. The database is opened
 * at the first use, so importing and creating the store is safe where there is no IndexedDB (server-side rendering).
 * Payloads may hold Blobs and Files where the browser stores them. Private windows of WebKit store none: there such a payload is refused with
 * `PayloadError`; store its `arrayBuffer()` instead.
 * @param database the name of a database that the store makes and owns, or the app's own
 */
export function indexedDBStore(
  database: string | AppDatabase,
  options: IndexedDBStoreOptions = {},
): Store & { health(): Promise<StoreHealth> } {
  const store = open(database, options);
  return {
    codec: indexedDBCodec,
    inOrder: true,
    transact: sorting(
      mending((transaction) => store.transact(transaction)),
      (queue) => store.hints.tellHere(queue, 'work'),
    ),
    join: (transaction) => store.join(transaction),
    checkPayload: (payload) => store.checkPayload(payload),
    onHint: (queue, listener) => store.hints.listen(queue, listener),
    onNotice: (listener) => store.listen(listener),
    watchRoom: () => store.room.watch(),
    health: () => store.health(),
    signOfLife: (workerId) => store.signs.hold(workerId),
    prove: (queue, workerIds) => store.prove(queue, workerIds),
    untilAwake: (what) => store.untilAwake(what),
    leaving: (of) => store.leaving(of),
    close: () => store.close(),
  };
}

const MIN_BLOCKED_MS = 1_000;

function open(database: string | AppDatabase, options: IndexedDBStoreOptions): IndexedDBStore {
  const { blockedAfterMs = 10_000, durability = 'strict', setTimer = systemTimer } = options;
  if (!(Number.isFinite(blockedAfterMs) && blockedAfterMs >= MIN_BLOCKED_MS))
    throw new InvalidOptionError(
      'blockedAfterMs',
      blockedAfterMs,
      `a number of ms, ${MIN_BLOCKED_MS} or more`,
    );
  if (durability !== 'strict' && durability !== 'relaxed')
    throw new InvalidOptionError('durability', durability, 'strict, relaxed');
  const own = typeof database === 'string';
  const name = own ? database : database?.name;
  if (typeof name !== 'string' || name === '')
    throw new InvalidOptionError('database', name, 'the name of a database');
  const opening = own ? undefined : async () => native((await database.open()) as IDBDatabase);
  return new IndexedDBStore({ name, open: opening, blockedAfterMs, durability, setTimer });
}
