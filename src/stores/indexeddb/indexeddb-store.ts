import { PayloadError } from '../../core/kernel/errors.ts';
import type { Durability } from '../../core/kernel/job.ts';
import { runAsync } from '../../core/kernel/step.ts';
import type { Lives, StoreHealth, StoreNotice, Transact, Transaction } from '../../core/kernel/store.ts';
import type { LeavingQueue, PageEnd } from '../../core/kernel/unsorted.ts';
import type { SetTimer } from '../../core/timer.ts';
import { appTransaction, inTurn } from './app-transaction.ts';
import { BlobWrites, pathOfBlob, tryBlob, UntriedBlobError } from './blob-writes.ts';
import { Connection } from './connection.ts';
import { asStoreError, isQuota, whyAborted } from './failure.ts';
import { platformHealth } from './health.ts';
import { Hints } from './hints.ts';
import { IndexedDBRows } from './indexeddb-rows.ts';
import { LostRowFinder, LostRows } from './lost-rows.ts';
import { OpenTransactions, type Until } from './open-transactions.ts';
import { FrozenError, PageLife, whenActivated } from './page-life.ts';
import { Proofs, UnprovenError } from './proofs.ts';
import { committed } from './request.ts';
import { MissedRideError, type Ride, Rides } from './rides.ts';
import { RoomWatch } from './room-watch.ts';
import { SPARE } from './schema.ts';
import { Scopes } from './scopes.ts';
import { SignsOfLife } from './sign-of-life.ts';
import { compact, freeSpare, keepSpare } from './spare.ts';
import { putUnsorted, takeUnsorted, UnsortedKeys, type UnsortedRow } from './unsorted.ts';

export interface IndexedDBStoreSetup {
  readonly name: string;
  /** Opens the app's own database; absent: the store opens one of its own. */
  readonly open: (() => Promise<IDBDatabase>) | undefined;
  readonly blockedAfterMs: number;
  /** Of enqueues that say nothing of it. */
  readonly durability: Durability;
  readonly setTimer: SetTimer;
}

/** One opening of a database: runs transactions, tells other openings, and makes room on a full disk. */
export class IndexedDBStore {
  readonly hints: Hints;
  readonly signs: SignsOfLife;
  readonly room: RoomWatch;
  readonly #connection: Connection;
  #compacting: Promise<void> | undefined;
  /** Something once lay where nothing should: from then on nothing is taken for granted. */
  #looksFirst = false;
  /** Whether the browser holds Blobs; undefined: it is not known. */
  #holdsBlobs: boolean | undefined;
  readonly #scopes = new Scopes();
  readonly #rides = new Rides();
  readonly #finder: LostRowFinder;

  readonly #page: PageLife;
  readonly #open: OpenTransactions;
  readonly #name: string;
  readonly #setTimer: SetTimer;
  readonly #durability: Durability;
  readonly #listeners = new Set<(notice: StoreNotice) => void>();
  readonly #onLeave = new Set<() => void>();
  /** Queues whose calls this page has put there since it told others last. */
  readonly #unsorted = new Set<string>();

  constructor({ name, open, blockedAfterMs, durability, setTimer }: IndexedDBStoreSetup) {
    this.#durability = durability;
    const onNotice = (kind: StoreNotice['kind']) =>
      this.#tellHere(kind === 'blocked' ? { kind, waitedMs: blockedAfterMs } : { kind });
    this.#name = name;
    this.#connection = new Connection({ name, open, blockedAfterMs, setTimer, onNotice, until: this.#until });
    this.#open = new OpenTransactions({
      database: name,
      blockedAfterMs,
      setTimer,
      onBlocked: () => onNotice('blocked'),
    });
    this.#page = new PageLife(
      setTimer,
      () => this.#open.freeze(),
      () => this.#left(),
    );
    this.room = new RoomWatch(setTimer, (room) => this.#tellHere({ kind: 'low', ...room }));
    this.#setTimer = setTimer;
    this.#finder = new LostRowFinder(setTimer, this.#until);
    this.signs = new SignsOfLife(name, setTimer);
    this.hints = new Hints(name, (workerId, queue) => this.watch(workerId, queue));
  }

  async transact<T>(transaction: Transaction<T>): Promise<T> {
    const reads = transaction.kind === 'reader';
    this.#page.listen();
    const once = () => this.#connection.with((database) => this.#begin(database, transaction), reads);
    const attempt = reads ? () => this.#afterFreeze(once) : once;
    try {
      return await attempt().catch((error: unknown) => this.#withRoomMade(error, transaction, attempt));
    } catch (error) {
      throw asStoreError(error);
    }
  }

  /** What only reads is read when the page is awake again. */
  async #afterFreeze<T>(read: () => Promise<T>): Promise<T> {
    for (;;) {
      await this.#page.whenAwake();
      try {
        return await read();
      } catch (error) {
        if (!(error instanceof FrozenError)) throw error;
      }
    }
  }

  untilAwake(what: 'enqueue' | 'work'): Promise<void> | undefined {
    if (what === 'enqueue') return this.#page.mayBegin('enqueuer') ? undefined : this.#page.whenAwake();
    return this.#page.whenAwake() ?? whenActivated();
  }

  /** Enqueues of a page that may be gone in a moment. */
  leaving({ queue, features, clock, isOfFeature }: LeavingQueue): PageEnd {
    const keys = new UnsortedKeys(clock);
    return {
      isNow: () => this.#page.mayEnd,
      now: () => keys.now(),
      put: async (calls) => {
        const rows = calls.map(({ jobs, order, at = keys.now() }) => ({
          key: keys.of(at, order),
          value: { at, uses: jobs.some(isOfFeature) ? [...features.names] : [], jobs },
        }));
        await this.#put(queue, rows);
        return rows.map(({ key }) => key);
      },
      take: (key) => this.#connection.with((database) => takeUnsorted(database, queue, key, this.#until)),
      onLeave: (listener) => this.#onLeave.add(listener),
    };
  }

  #put(queue: string, rows: readonly UnsortedRow[]): Promise<void> {
    return this.#connection.with((database) => {
      const stored = putUnsorted(database, queue, rows, this.#until);
      this.#unsorted.add(queue);
      // Not when it is stored: who hears it asks for the same rows, and waits for its turn, and this page may be gone by then.
      if (this.#page.isLeft) this.#tellUnsorted();
      return stored;
    });
  }

  #left(): void {
    this.#open.leave();
    for (const listener of this.#onLeave) listener();
    this.#tellUnsorted();
  }

  /** A page that is only hidden sorts in itself what it puts there. */
  #tellUnsorted(): void {
    for (const queue of this.#unsorted) this.hints.tellOthers({ queue, hint: 'gone' });
    this.#unsorted.clear();
  }

  listen(listener: (notice: StoreNotice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tellHere(notice: StoreNotice): void {
    for (const listener of this.#listeners) listener(notice);
  }

  #tellOthers<T>({ queue, workerId, hint: hintOf }: Transaction<T>, answer: T): void {
    const hint = hintOf?.(answer);
    const proven = workerId !== undefined && this.signs.isHeld(workerId) ? { workerId } : {};
    if (hint !== undefined) this.hints.tellOthers({ queue, hint, ...proven });
  }

  /** Throws at once for a transaction that cannot hold jobs. */
  join(given: unknown): Transact {
    const transaction = appTransaction(given);
    keepSpare(transaction);
    return (inside) => this.#join(transaction, inside);
  }

  async #join<T>(transaction: IDBTransaction, inside: Transaction<T>): Promise<T> {
    const done = committed(transaction);
    const blobs = new BlobWrites(this.#holdsBlobs);
    const rows = this.#rows(inside.queue, transaction, blobs);
    try {
      const answer = await inTurn(transaction, () => runAsync(inside.run(rows)));
      await blobs.answered();
      await done;
      this.room.grown();
      this.#tellOthers(inside, answer);
      return answer;
    } catch (error) {
      const why = await whyAborted(transaction, done, error);
      if (isQuota(why)) this.room.full();
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
    try {
      await tryBlob(database, path, this.#until);
      this.#holdsBlobs = true;
    } catch (error) {
      if (error instanceof PayloadError) this.#holdsBlobs = false;
      throw error;
    }
  }

  async health(): Promise<StoreHealth> {
    const [platform, locks] = await Promise.all([platformHealth(this.#setTimer), this.signs.areThere()]);
    const { version, opened, lost } = this.#connection;
    return { ...platform, locks, version, blobs: this.#holdsBlobs, opened, lost };
  }

  async close(): Promise<void> {
    this.room.close();
    this.hints.close();
    this.signs.close();
    this.#page.close();
    this.#open.close();
    this.#listeners.clear();
    await this.#connection.close();
  }

  /** Throws, rather than rejects, when the transaction cannot begin: then nothing was sent. */
  #begin<T>(database: IDBDatabase, given: Transaction<T>): Promise<T> {
    const { queue, kind, isPlain } = given;
    if (kind !== 'drainer' || !isPlain) return this.#run(database, given);
    const ride = this.#rides.of(queue);
    const sent = (answer: T) => this.#tellOthers(given, answer);
    const answer =
      ride === undefined
        ? this.#run(database, given)
        : ride.join(given, sent, async () => this.#run(database, given));
    return this.#rides.exchanging(queue, answer);
  }

  /** Throws as `#begin` does. `alone`: nobody goes with it. */
  #run<T>(database: IDBDatabase, given: Transaction<T>, lost = new LostRows(), alone = false): Promise<T> {
    const { queue, kind } = given;
    if (!this.#page.mayBegin(kind)) throw new FrozenError(this.#name);
    // An enqueue is a promise to the user; what else is lost with the power only means at-least-once.
    const durability = kind === 'enqueuer' ? (given.durability ?? this.#durability) : 'relaxed';
    const isNarrow = this.#scopes.isNarrow(given);
    const carries = kind === 'enqueuer' && !alone && this.#rides.areLikely(queue);
    const names = this.#scopes.names(kind, isNarrow, carries);
    const transaction = database.transaction(names, kind === 'reader' ? 'readonly' : 'readwrite', {
      durability,
    });
    const answer = this.#open.until(
      transaction,
      this.#commit(transaction, names, given, lost, carries ? this.#rides.begin(queue) : undefined),
      kind === 'enqueuer',
    );
    return answer.catch((error: unknown) => {
      if (error instanceof MissedRideError) return this.#run(database, given, new LostRows(), true);
      if (error instanceof UntriedBlobError) return this.#tried(error, database, given);
      return this.#again(error, database, given, lost, isNarrow);
    });
  }

  /** The first Blob that it writes. Nothing was written. */
  async #tried<T>({ path }: UntriedBlobError, database: IDBDatabase, given: Transaction<T>): Promise<T> {
    await this.#tryBlob(database, path);
    return this.#run(database, given);
  }

  /**
   * A plain one looked further: at a lane, a kept result, a clock set back, a log, a full queue. Or it met rows that the browser cannot
   * read. Nothing was written.
   */
  async #again<T>(
    error: unknown,
    database: IDBDatabase,
    given: Transaction<T>,
    lost: LostRows,
    wasNarrow: boolean,
  ): Promise<T> {
    const looksFurther = wasNarrow && this.#scopes.widen(given.kind, error);
    if (!looksFurther && !(await this.#finder.find(database, given.queue, lost))) throw error;
    return this.#run(database, given, lost);
  }

  async #commit<T>(
    transaction: IDBTransaction,
    names: readonly string[],
    given: Transaction<T>,
    lost: LostRows,
    ride?: Ride,
  ): Promise<T> {
    const { queue, kind, run } = given;
    const done = committed(transaction);
    if (names.includes(SPARE)) keepSpare(transaction);
    const proofs = this.#looksFirst ? undefined : new Proofs();
    const blobs = new BlobWrites(this.#holdsBlobs);
    const rows = this.#rows(queue, transaction, blobs, proofs, lost);
    // Nearly all that settles and claims reads claims after control: asked for together, they are one wait.
    if (kind === 'drainer' || ride !== undefined) rows.claims().catch(() => undefined);
    try {
      const answering = runAsync(run(rows));
      given.onSent?.();
      const answer = await answering;
      await ride?.run(rows);
      await proofs?.hold();
      await blobs.answered();
      transaction.commit();
      // While the browser writes: who hears it asks for the same rows, and waits for its turn behind this transaction.
      this.#tellOthers(given, answer);
      ride?.sent();
      await done;
      ride?.arrived();
      if (kind === 'enqueuer') {
        this.#scopes.enqueued(names);
        this.room.grown();
      }
      return answer;
    } catch (error) {
      this.#looksFirst ||= error instanceof UnprovenError;
      const why = await whyAborted(transaction, done, error);
      throw ride?.failed(why) ? new MissedRideError() : why;
    }
  }

  /** A full disk must not keep what frees space from being written; new work is refused until there is room. */
  async #withRoomMade<T>(error: unknown, { kind }: Transaction<T>, again: () => Promise<T>): Promise<T> {
    if (!isQuota(error)) throw error;
    this.#scopes.full();
    this.room.full();
    if (kind !== 'drainer') {
      void this.#compact().catch(() => undefined); // For who asks later: this call has its answer.
      throw error;
    }
    await this.#connection.with((database) => freeSpare(database, this.#until));
    try {
      return await again();
    } catch (still) {
      if (!isQuota(still)) throw still;
      await this.#compact();
      return await again();
    }
  }

  #compact(): Promise<void> {
    this.#compacting ??= this.#connection
      .with((database) => compact(database, this.#until))
      .finally(() => {
        this.#compacting = undefined;
      });
    return this.#compacting;
  }

  readonly #until: Until = (transaction, answer) => this.#open.until(transaction, answer);

  #rows(
    queue: string,
    transaction: IDBTransaction,
    blobs: BlobWrites,
    proofs?: Proofs,
    lost?: LostRows,
  ): IndexedDBRows {
    return new IndexedDBRows(queue, transaction, this.signs.isHeld, proofs, blobs, lost);
  }

  /** Who holds its sign of life is alive, and watched from then on; who has let go of it is gone. */
  async prove(queue: string, workerIds: readonly string[]): Promise<Lives> {
    const proofs = await this.signs.probe(workerIds);
    for (const workerId of proofs.alive) this.watch(workerId, queue);
    return proofs;
  }

  /** Hears when the worker is gone. */
  watch(workerId: string, queue: string): void {
    this.signs.watch(workerId, () => this.hints.tellHere(queue, 'gone'));
  }
}
