import { type Operation, runAsync } from '../../core/logic/rows.ts';
import type { Transaction } from '../../core/transaction.ts';
import { appTransaction, inTurn } from './app-transaction.ts';
import { BlobWrites, pathOfBlob, tryBlob, UntriedBlobError } from './blob-writes.ts';
import { Connection } from './connection.ts';
import { asStoreError, isQuota, whyAborted } from './failure.ts';
import { Hints } from './hints.ts';
import { IndexedDBRows, type OnStep } from './indexeddb-rows.ts';
import { Proofs, UnprovenError } from './proofs.ts';
import { committed } from './request.ts';
import { SPARE } from './schema.ts';
import { Scopes } from './scopes.ts';
import { SignsOfLife } from './sign-of-life.ts';
import { compact, freeSpare, keepSpare } from './spare.ts';

/** One opening of a database: runs transactions, tells other openings, and makes room on a full disk. */
export class IndexedDBStore {
  readonly hints: Hints;
  readonly signs: SignsOfLife;
  readonly #connection: Connection;
  readonly #onStep: OnStep | undefined;
  #compacting: Promise<void> | undefined;
  /** Something once lay where nothing should: from then on nothing is taken for granted. */
  #looksFirst = false;
  /** The browser is known to hold Blobs. */
  #holdsBlobs = false;
  readonly #scopes = new Scopes();

  constructor(name: string, open: (() => Promise<IDBDatabase>) | undefined, onStep: OnStep | undefined) {
    this.#connection = new Connection({ name, open });
    this.#onStep = onStep;
    this.signs = new SignsOfLife(name);
    this.hints = new Hints(name, (workerId, queue) => this.watch(workerId, queue));
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

  /** Throws at once for a transaction that cannot hold jobs. */
  enqueueIn<T>(given: unknown, queue: string, run: Operation<T>): Promise<T> {
    const transaction = appTransaction(given);
    keepSpare(transaction);
    return this.#join(transaction, queue, run);
  }

  async #join<T>(transaction: IDBTransaction, queue: string, run: Operation<T>): Promise<T> {
    const done = committed(transaction);
    const blobs = new BlobWrites(this.#holdsBlobs);
    try {
      const answer = await inTurn(transaction, () => runAsync(run(this.#rows(queue, transaction, blobs))));
      await blobs.answered();
      await done;
      this.hints.tellOthers({ queue, hint: 'work' });
      return answer;
    } catch (error) {
      const why = await whyAborted(transaction, done, error);
      // Tried too late for this transaction; the next one knows.
      if (why instanceof UntriedBlobError) await this.#tryBlob(transaction.db, why.path);
      throw asStoreError(why);
    }
  }

  /** Rejects with PayloadError for a payload that holds a Blob where the browser holds none. */
  async checkPayload(payload: unknown): Promise<void> {
    const path = this.#holdsBlobs ? undefined : pathOfBlob(payload);
    if (path === undefined) return;
    try {
      await this.#connection.with((database) => this.#tryBlob(database, path), true);
    } catch (error) {
      throw asStoreError(error);
    }
  }

  async #tryBlob(database: IDBDatabase, path: string): Promise<void> {
    await tryBlob(database, path);
    this.#holdsBlobs = true;
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
    const isNarrow = this.#scopes.isNarrow(given);
    const names = this.#scopes.names(kind, isNarrow);
    const transaction = database.transaction(names, kind === 'reader' ? 'readonly' : 'readwrite', {
      durability,
    });
    return this.#commit(transaction, names, given).catch((error: unknown) => {
      if (error instanceof UntriedBlobError) return this.#tried(error, database, given);
      if (isNarrow) return this.#widened(error, database, given);
      throw error;
    });
  }

  /** The first Blob that it writes. Nothing was written. */
  async #tried<T>({ path }: UntriedBlobError, database: IDBDatabase, given: Transaction<T>): Promise<T> {
    await this.#tryBlob(database, path);
    return this.#run(database, given);
  }

  /** A lane, a kept result, a clock set back, a log or a full queue make it look further. Nothing was written. */
  #widened<T>(error: unknown, database: IDBDatabase, given: Transaction<T>): Promise<T> {
    if (!this.#scopes.widen(given.kind, error)) throw error;
    return this.#run(database, given);
  }

  async #commit<T>(transaction: IDBTransaction, names: readonly string[], given: Transaction<T>): Promise<T> {
    const { queue, kind, run } = given;
    const done = committed(transaction);
    if (names.includes(SPARE)) keepSpare(transaction);
    const proofs = this.#looksFirst ? undefined : new Proofs();
    const blobs = new BlobWrites(this.#holdsBlobs);
    const rows = this.#rows(queue, transaction, blobs, proofs);
    // Nearly all that settles and claims reads claims after control: asked for together, they are one wait.
    if (kind === 'drainer') rows.claims().catch(() => undefined);
    try {
      const answer = await runAsync(run(rows));
      await proofs?.hold();
      await blobs.answered();
      transaction.commit();
      // While the browser writes: who hears it asks for the same rows, and waits for its turn behind this transaction.
      this.#tellOthers(given, answer);
      await done;
      if (kind === 'enqueuer') this.#scopes.enqueued(names);
      return answer;
    } catch (error) {
      this.#looksFirst ||= error instanceof UnprovenError;
      throw await whyAborted(transaction, done, error);
    }
  }

  /** A full disk must not keep what frees space from being written; new work is refused until there is room. */
  async #withRoomMade<T>(error: unknown, { kind }: Transaction<T>, again: () => Promise<T>): Promise<T> {
    if (!isQuota(error)) throw error;
    this.#scopes.full();
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

  #rows(queue: string, transaction: IDBTransaction, blobs: BlobWrites, proofs?: Proofs): IndexedDBRows {
    return new IndexedDBRows(queue, transaction, this.signs.isHeld, this.#onStep, proofs, blobs);
  }

  /** Hears when the worker is gone. */
  watch(workerId: string, queue: string): void {
    this.signs.watch(workerId, () => this.hints.tellHere(queue, 'gone'));
  }
}
