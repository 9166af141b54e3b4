import { type Enqueueing, enqueueing, enqueueOperation } from '../../core/kernel/enqueueing.ts';
import { InvalidOptionError } from '../../core/kernel/errors.ts';
import type { Logging } from '../../core/kernel/logging.ts';
import { mending, operations } from '../../core/kernel/operations.ts';
import type { EnqueueStore, JobStore } from '../../core/kernel/store.ts';
import type { Transaction } from '../../core/kernel/transaction.ts';
import { type SetTimer, systemTimer } from '../../core/timer.ts';
import { indexedDBCodec } from './codec.ts';
import type { OnStep } from './indexeddb-rows.ts';
import { IndexedDBStore } from './indexeddb-store.ts';
import { reclaimWithProof } from './reclaiming.ts';
import { native } from './request.ts';

export { createHoldfastStores, holdfastStoreNames, type UpgradedDatabase } from './schema.ts';

export interface IndexedDBStoreOptions extends Logging {
  /**
   * How long a call waits for the database when nothing moves: for it to open, or for its own transaction to get an answer. Another tab
   * that is frozen in the middle of a transaction keeps the database from all others for as long as that lasts; then the call rejects with
   * StoreBlockedError, `retryable`, the queue emits `store:blocked`, and a worker tries again. Time in which this page was frozen or busy
   * itself does not count, and each answer begins the time anew, so that large transactions and long lines of them are no reason. An enqueue
   * is tried twice before it rejects. A shorter time tells users sooner; one that is too short gives up on slow disks. Default: 10,000.
   * Minimum: 1,000.
   */
  readonly blockedAfterMs?: number;
  /** The clock of `blockedAfterMs`: for tests. */
  readonly setTimer?: SetTimer;
  /** Counts rows touched: for tests of cost. */
  readonly onStep?: OnStep;
}

/** A database of the app's own that holds the jobs too: see `createHoldfastStores`. */
export interface AppDatabase {
  /** The database's name: tabs find each other by it. */
  readonly name: string;
  /** Opens it; called again when the browser dropped the connection. The app closes it. */
  open(): Promise<OpenDatabase>;
}

/** An IDBDatabase, native or wrapped by idb. */
export interface OpenDatabase {
  readonly name: string;
  readonly version: number;
  close(): void;
}

/**
 * A store in IndexedDB, for pages, web workers and service workers of one origin: open it in as many as you like. Opened
 * when it is first used, so importing and creating it is safe where there is no IndexedDB (server-side rendering).
 * It keeps a Blob or File where the browser does. Private windows of WebKit keep none: a payload with one is refused there with
 * `PayloadError`; store its `arrayBuffer()` instead.
 * @param database the name of a database that the store makes and owns, or the app's own
 */
export function indexedDBStore(
  database: string | AppDatabase,
  options: IndexedDBStoreOptions = {},
): JobStore {
  const store = open(database, options);
  const bound = operations(indexedDBCodec, mending(transactOf(store)), options);
  return {
    ...bound,
    ...joining(store, enqueueing(indexedDBCodec, options)),
    reclaim: (request, now) => reclaimWithProof(store, request, now, (known) => bound.reclaim(known, now)),
    onHint: (queue, listener) => store.hints.listen(queue, listener),
    signOfLife: (workerId) => store.signs.hold(workerId),
  };
}

/**
 * The same store for pages that only enqueue, as `createEnqueuer` takes it: another page, a service worker or a web worker works on what it
 * stores. A bundle that has only this one holds nothing that claims, settles or reads.
 */
export function indexedDBEnqueueStore(
  database: string | AppDatabase,
  options: IndexedDBStoreOptions = {},
): EnqueueStore {
  const store = open(database, options);
  const run = enqueueing(indexedDBCodec, options);
  return { ...enqueueOperation(run, transactOf(store)), ...joining(store, run) };
}

const MIN_BLOCKED_MS = 1_000;

function open(database: string | AppDatabase, options: IndexedDBStoreOptions): IndexedDBStore {
  const { onStep, blockedAfterMs = 10_000, setTimer = systemTimer } = options;
  if (!(Number.isFinite(blockedAfterMs) && blockedAfterMs >= MIN_BLOCKED_MS))
    throw new InvalidOptionError(
      'blockedAfterMs',
      blockedAfterMs,
      `a number of ms, ${MIN_BLOCKED_MS} or more`,
    );
  const own = typeof database === 'string';
  const name = own ? database : database?.name;
  if (typeof name !== 'string' || name === '')
    throw new InvalidOptionError('database', name, 'the name of a database');
  const opening = own ? undefined : async () => native((await database.open()) as IDBDatabase);
  return new IndexedDBStore({ name, open: opening, onStep, blockedAfterMs, setTimer });
}

const transactOf =
  (store: IndexedDBStore) =>
  <T>(transaction: Transaction<T>) =>
    store.transact(transaction);

/** What every store of a database can do beside its operations. */
const joining = (store: IndexedDBStore, run: Enqueueing) =>
  ({
    checkPayload: (payload) => store.checkPayload(payload),
    enqueueIn: (transaction, request, now) => store.enqueueIn(transaction, request.queue, run(request, now)),
    onNotice: (listener) => store.listen(listener),
    untilAwake: (what) => store.untilAwake(what),
    close: () => store.close(),
  }) satisfies Partial<EnqueueStore>;
