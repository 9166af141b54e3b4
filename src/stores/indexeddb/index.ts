import { HoldfastError, InvalidOptionError, StoreError } from '../../core/errors.ts';
import { enqueue } from '../../core/logic/enqueue.ts';
import { type LeaseLook, lookAtLeases } from '../../core/logic/leases.ts';
import { type Operation, runAsync } from '../../core/logic/rows.ts';
import type { ReclaimAnswer, ReclaimRequest } from '../../core/messages.ts';
import { type Logging, operations, type Transaction } from '../../core/operations.ts';
import type { JobStore } from '../../core/store.ts';
import { indexedDBCodec } from './codec.ts';
import { Connection } from './connection.ts';
import { Hints } from './hints.ts';
import { IndexedDBRows, type OnStep } from './indexeddb-rows.ts';
import { Proofs, UnprovenError } from './proofs.ts';
import { committed, native } from './request.ts';
import { holdfastStoreNames, PLAIN_STORES, SPARE } from './schema.ts';
import { SignsOfLife } from './sign-of-life.ts';
import { compact, freeSpare, keepSpare } from './spare.ts';

export { createHoldfastStores, holdfastStoreNames } from './schema.ts';

export interface IndexedDBStoreOptions extends Logging {
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
 * @param database the name of a database that the store makes and owns, or the app's own
 */
export function indexedDBStore(
  database: string | AppDatabase,
  options: IndexedDBStoreOptions = {},
): JobStore {
  const own = typeof database === 'string';
  const name = own ? database : database?.name;
  if (typeof name !== 'string' || name === '')
    throw new InvalidOptionError('database', name, 'the name of a database');
  const store = new IndexedDBStore(
    name,
    own ? undefined : async () => native((await database.open()) as IDBDatabase),
    options.onStep,
  );
  const bound = operations(
    indexedDBCodec,
    <T>(transaction: Transaction<T>) => store.transact(transaction),
    options,
  );
  return {
    ...bound,
    reclaim: (request, now) => store.reclaim(request, now, (known) => bound.reclaim(known, now)),
    onHint: (queue, listener) => store.hints.listen(queue, listener),
    signOfLife: (workerId) => store.signs.hold(workerId),
    enqueueIn: (transaction, request, now) =>
      store.enqueueIn(transaction, request.queue, enqueue(indexedDBCodec, request, now)),
    close: () => store.close(),
  };
}

class IndexedDBStore {
  readonly hints: Hints;
  readonly signs: SignsOfLife;
  readonly #connection: Connection;
  readonly #onStep: OnStep | undefined;
  #compacting: Promise<void> | undefined;
  /** Something once lay where nothing should: from then on nothing is taken for granted. */
  #looksFirst = false;
  /** A plain enqueue needed more than its stores. */
  #needsAll = false;

  constructor(name: string, open: (() => Promise<IDBDatabase>) | undefined, onStep: OnStep | undefined) {
    this.#connection = new Connection({ name, open });
    this.#onStep = onStep;
    this.signs = new SignsOfLife(name);
    this.hints = new Hints(name, (workerId, queue) => this.#watch(workerId, queue));
  }

  async transact<T>(transaction: Transaction<T>): Promise<T> {
    const reads = transaction.kind === 'reader';
    const attempt = () => this.#connection.with((database) => this.#run(database, transaction), reads);
    try {
      return await attempt().catch((error: unknown) => this.#withRoomMade(error, transaction, attempt));
    } catch (error) {
      throw asStoreError(error);
    }
  }

  #tellOthers<T>({ queue, workerId, hint: hintOf }: Transaction<T>, answer: T): void {
    const hint = hintOf?.(answer);
    const proven = workerId !== undefined && this.signs.isHeld(workerId) ? { workerId } : {};
    if (hint !== undefined) this.hints.tellOthers({ queue, hint, ...proven });
  }

  /** Each tab that dies makes all others look: only who finds something to take back waits for a turn to write. */
  async reclaim(
    request: ReclaimRequest,
    now: number,
    run: (known: ReclaimRequest) => Promise<ReclaimAnswer>,
  ): Promise<ReclaimAnswer> {
    const { queue, goneWorkers = [], aliveWorkers = [] } = request;
    const look: Operation<LeaseLook> = (rows) => lookAtLeases(rows, now);
    const { owners, isNeeded } = await this.transact({ queue, kind: 'reader', run: look });
    const { gone, alive, release } = await this.signs.probe(owners);
    for (const workerId of alive) this.#watch(workerId, queue);
    try {
      const known = {
        ...request,
        goneWorkers: [...goneWorkers, ...gone],
        aliveWorkers: [...aliveWorkers, ...alive],
      };
      return isNeeded(known) ? await run(known) : { reclaimed: [], dead: [], cancelled: [] };
    } finally {
      release();
    }
  }

  /** Throws at once for a transaction that cannot hold jobs. */
  enqueueIn<T>(given: unknown, queue: string, run: Operation<T>): Promise<T> {
    const transaction = appTransaction(given);
    keepSpare(transaction);
    return this.#join(transaction, queue, run);
  }

  async #join<T>(transaction: IDBTransaction, queue: string, run: Operation<T>): Promise<T> {
    const done = committed(transaction);
    try {
      const answer = await inTurn(transaction, () => runAsync(run(this.#rows(queue, transaction))));
      await done;
      this.hints.tellOthers({ queue, hint: 'work' });
      return answer;
    } catch (error) {
      throw asStoreError(await whyAborted(transaction, done, error));
    }
  }

  async close(): Promise<void> {
    this.hints.close();
    this.signs.close();
    await this.#connection.close();
  }

  /** Throws, rather than rejects, when the transaction cannot begin: then nothing was sent. */
  #run<T>(database: IDBDatabase, given: Transaction<T>): Promise<T> {
    const { kind } = given;
    // An enqueue is a promise to the user; what else is lost with the power only means at-least-once.
    const durability = kind === 'enqueuer' ? 'strict' : 'relaxed';
    const isNarrow = given.isPlain === true && !this.#needsAll;
    const names = isNarrow ? PLAIN_STORES : holdfastStoreNames;
    const transaction = database.transaction(names, kind === 'reader' ? 'readonly' : 'readwrite', {
      durability,
    });
    const answer = this.#commit(transaction, given);
    return isNarrow ? answer.catch((error: unknown) => this.#widened(error, database, given)) : answer;
  }

  /** A clock set back, a log or a full queue make an enqueue look further: nothing was written, and from then on all do. */
  #widened<T>(error: unknown, database: IDBDatabase, given: Transaction<T>): Promise<T> {
    if (!(error instanceof DOMException) || error.name !== 'NotFoundError') throw error;
    this.#needsAll = true;
    return this.#run(database, given);
  }

  async #commit<T>(transaction: IDBTransaction, given: Transaction<T>): Promise<T> {
    const { queue, kind, run } = given;
    const done = committed(transaction);
    if (kind === 'enqueuer') keepSpare(transaction);
    const proofs = this.#looksFirst ? undefined : new Proofs();
    const rows = this.#rows(queue, transaction, proofs);
    // Nearly all that settles and claims reads claims after control: asked for together, they are one wait.
    if (kind === 'drainer') rows.claims().catch(() => undefined);
    try {
      const answer = await runAsync(run(rows));
      await proofs?.hold();
      transaction.commit();
      // While the browser writes: who hears it asks for the same rows, and waits for its turn behind this transaction.
      this.#tellOthers(given, answer);
      await done;
      return answer;
    } catch (error) {
      this.#looksFirst ||= error instanceof UnprovenError;
      throw await whyAborted(transaction, done, error);
    }
  }

  /** A full disk must not keep what frees space from being written; new work is refused until there is room. */
  async #withRoomMade<T>(error: unknown, { kind }: Transaction<T>, again: () => Promise<T>): Promise<T> {
    if (!isQuota(error)) throw error;
    if (kind !== 'drainer') {
      void this.#compact().catch(() => undefined); // For who asks later: this call has its answer.
      throw error;
    }
    await this.#connection.with(freeSpare);
    try {
      return await again();
    } catch (still) {
      if (!isQuota(still)) throw still;
      await this.#compact();
      return await again();
    }
  }

  #compact(): Promise<void> {
    this.#compacting ??= this.#connection.with(compact).finally(() => {
      this.#compacting = undefined;
    });
    return this.#compacting;
  }

  #rows(queue: string, transaction: IDBTransaction, proofs?: Proofs): IndexedDBRows {
    return new IndexedDBRows(queue, transaction, this.signs.isHeld, this.#onStep, proofs);
  }

  #watch(workerId: string, queue: string): void {
    this.signs.watch(workerId, () => this.hints.tellHere(queue, 'gone'));
  }
}

/** Where a transaction of the app keeps its last operation: every store that joins it, of any copy of this package, sees it. */
const LAST = Symbol.for('holdfast.last');

/** Several jobs may join one transaction: each reads what the one before it wrote. Starts the first at once. */
function inTurn<T>(
  transaction: IDBTransaction & { [LAST]?: Promise<unknown> },
  operate: () => Promise<T>,
): Promise<T> {
  const answer = transaction[LAST] === undefined ? operate() : transaction[LAST].then(operate);
  transaction[LAST] = answer.catch(() => undefined);
  return answer;
}

function appTransaction(given: unknown): IDBTransaction {
  // Dexie keeps the native transaction in `idbtrans`.
  const inner = typeof given === 'object' && given !== null && 'idbtrans' in given ? given.idbtrans : given;
  const transaction = native(inner as IDBTransaction);
  if (!(transaction instanceof IDBTransaction))
    throw new InvalidOptionError('transaction', given, 'an IDBTransaction (native, of idb or of Dexie)');
  const missing = holdfastStoreNames.filter((name) => !transaction.objectStoreNames.contains(name));
  if (missing.length > 0)
    throw new InvalidOptionError(
      'transaction',
      [...transaction.objectStoreNames].join(', '),
      `one over ${missing.join(', ')} too (holdfastStoreNames)`,
    );
  if (transaction.mode !== 'readwrite')
    throw new InvalidOptionError('transaction.mode', transaction.mode, 'readwrite');
  try {
    transaction.objectStore(SPARE).getKey(0);
  } catch {
    throw new InvalidOptionError('transaction', transaction.mode, 'one that is still open');
  }
  return transaction;
}

/** Ends a transaction in which something failed. It knows best why: a request of an aborted one only says AbortError. */
async function whyAborted(
  transaction: IDBTransaction,
  done: Promise<void>,
  error: unknown,
): Promise<unknown> {
  try {
    transaction.abort();
  } catch {
    // It ended already.
  }
  const reason = await done.catch((cause: unknown) => cause);
  return error instanceof DOMException && error.name === 'AbortError' && reason !== undefined
    ? reason
    : error;
}

const isQuota = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'QuotaExceededError';

function asStoreError(error: unknown): unknown {
  if (error instanceof HoldfastError) return error;
  if (isQuota(error))
    return new StoreError('the disk is full: nothing new can be stored until space is freed', {
      retryable: false,
      cause: error,
    });
  const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new StoreError(`the database failed: ${why}`, { retryable: true, cause: error });
}
