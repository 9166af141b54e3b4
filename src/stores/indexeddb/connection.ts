import { type IDBPDatabase, openDB } from 'idb';
import {
  HoldfastError,
  InvalidOptionError,
  messageOf,
  StoreBlockedError,
  StoreClosedError,
  StoreError,
  StoreOutdatedError,
  StoreUnavailableError,
} from '../../core/kernel/errors.ts';
import type { StoreNotice } from '../../core/kernel/store.ts';
import type { SetTimer } from '../../core/timer.ts';
import type { Until } from './open-transactions.ts';
import { isNamed, native, settled } from './request.ts';
import { afterRunning } from './running-time.ts';
import { BIRTH, createHoldfastStores, holdfastStoreNames, SPARE } from './schema.ts';

/** Raised only for additions that `createHoldfastStores` makes. */
const VERSION = 3;

export interface Source {
  readonly name: string;
  /** Opens the app's own database; absent: the store opens one of its own. */
  readonly open: (() => Promise<IDBDatabase>) | undefined;
  /**
   * How long opening may take. It waits for other tabs to let go of an older version, or for a deletion under way, and some
   * browsers never answer (WebKit bug 226547): then every later call would hang with it.
   */
  readonly blockedAfterMs: number;
  readonly setTimer: SetTimer;
  readonly until: Until;
  readonly onNotice: (kind: StoreNotice['kind']) => void;
}

/**
 * The database, opened when it is first needed and opened anew when the browser dropped it (iOS does, also in the middle
 * of a visit). Lets go when another tab wants to upgrade.
 */
export class Connection {
  readonly #source: Source;
  #database: Promise<IDBDatabase> | undefined;
  /** Of the database that was opened last. */
  #birth: string | undefined;
  #closed = false;
  /** Of the database that was opened last. */
  version: number | undefined;
  /** How often it was opened, and how often the browser closed it. */
  opened = 0;
  lost = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Runs `use`; when it throws because the connection turns out to be lost, once more on a new one. When it rejects because of
   * that, what it sent may have arrived, so only what is `harmless` is repeated, and the next call opens anew.
   */
  async with<T>(use: (database: IDBDatabase) => Promise<T>, harmless = false): Promise<T> {
    const opening = this.#open();
    const database = await opening;
    let sent = false;
    try {
      const using = use(database);
      sent = true;
      return await using;
    } catch (error) {
      if (!isLost(error) || this.#closed) throw error;
      if (this.#database === opening) this.#lose();
      if (sent && !harmless) throw error;
      return await use(await this.#open());
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const database = this.#database;
    this.#database = undefined;
    if (database !== undefined && this.#source.open === undefined)
      (await database.catch(() => undefined))?.close();
  }

  #open(): Promise<IDBDatabase> {
    if (this.#closed) return Promise.reject(new StoreClosedError(`the store ${this.#source.name}`));
    if (this.#database === undefined) {
      const opening = this.#openNew();
      this.#database = opening;
      opening.catch((error: unknown) => {
        if (this.#database === opening) this.#database = undefined;
        if (error instanceof StoreOutdatedError) this.#source.onNotice('outdated');
      });
    }
    return this.#database;
  }

  async #openNew(): Promise<IDBDatabase> {
    const database = await (this.#source.open ? this.#openTheirs(this.#source.open) : this.#openOurs());
    this.opened += 1;
    this.version = database.version;
    // What cannot be read now is compared by the next that opens.
    const compared = this.#compare(database).catch(() => undefined);
    // The first one is waited for by nobody.
    if (this.#birth !== undefined) await compared;
    return database;
  }

  /** Answered too late, it is not closed: it is the app's. */
  async #openTheirs(open: () => Promise<IDBDatabase>): Promise<IDBDatabase> {
    checkThere();
    const { name } = this.#source;
    const database = await this.#inTime(open()).catch((error: unknown) => {
      throw isNamed(error, 'VersionError', 'SecurityError') ? unopened(name, error) : error;
    });
    const missing = holdfastStoreNames.filter((name) => !database.objectStoreNames.contains(name));
    if (missing.length > 0)
      throw new InvalidOptionError(
        'store.open',
        database.name,
        `a database with the stores ${missing.join(', ')} (createHoldfastStores makes them)`,
      );
    database.addEventListener('close', () => this.#lose());
    return database;
  }

  async #openOurs(): Promise<IDBDatabase> {
    const { name } = this.#source;
    const opening = openHere(name, VERSION, {
      upgrade: (database) => createHoldfastStores(native(database as unknown as IDBDatabase)),
      blocking: (_now, _next, event) => {
        this.#drop();
        (event.target as IDBDatabase).close();
      },
      terminated: () => this.#lose(),
    }).then((database) => native(database as unknown as IDBDatabase));
    try {
      return await this.#inTime(opening);
    } catch (error) {
      // Nobody waits for it any more: open, it would stand in the way of the next upgrade.
      void opening.then((database) => database.close()).catch(() => undefined);
      throw error instanceof HoldfastError ? error : unopened(name, error);
    }
  }

  #drop(): void {
    this.#database = undefined;
  }

  #lose(): void {
    this.lost += 1;
    this.#drop();
  }

  /** Rejects with StoreBlockedError when it takes too long. */
  #inTime(opening: Promise<IDBDatabase>): Promise<IDBDatabase> {
    const { name, blockedAfterMs, setTimer, onNotice } = this.#source;
    return new Promise((resolve, reject) => {
      const cancel = afterRunning(setTimer, blockedAfterMs, () => {
        const problem = `did not open in ${blockedAfterMs} ms: another tab may hold an older version open`;
        reject(new StoreBlockedError(name, problem));
        onNotice('blocked');
      });
      opening.finally(cancel).then(resolve, reject);
    });
  }

  /** Another one under the same name: what was stored in the one before is gone. */
  async #compare(database: IDBDatabase): Promise<void> {
    const transaction = database.transaction(SPARE);
    const asked = settled<unknown>(transaction.objectStore(SPARE).get(BIRTH));
    const birth = await this.#source.until(transaction, asked);
    if (typeof birth !== 'string') return;
    const before = this.#birth;
    this.#birth = birth;
    if (before !== undefined && before !== birth) this.#source.onNotice('lost');
  }
}

/** Rejects, rather than throws, where there is no IndexedDB: looking for it may throw already. */
async function openHere(...given: Parameters<typeof openDB>): Promise<IDBPDatabase> {
  checkThere();
  let opening: Promise<IDBPDatabase>;
  try {
    opening = openDB(...given);
  } catch (cause) {
    throw forbidden(cause);
  }
  return opening;
}

/** Throws StoreUnavailableError. */
function checkThere(): void {
  let there: unknown;
  try {
    there = globalThis.indexedDB;
  } catch (cause) {
    throw forbidden(cause);
  }
  if (there === undefined || there === null) throw new StoreUnavailableError('this context has no IndexedDB');
}

const forbidden = (cause: unknown): HoldfastError =>
  new StoreUnavailableError(`this context may not use IndexedDB: ${messageOf(cause)}`, cause);

/** The browser closed the connection under us: InvalidStateError when a transaction is asked for, UnknownError on iOS. */
function isLost(error: unknown): boolean {
  return isNamed(error, 'InvalidStateError', 'UnknownError');
}

/** Forbidden: by settings or a sandbox (SecurityError), in private windows of older browsers (the two others). */
const FORBIDDEN: readonly string[] = ['SecurityError', 'NotSupportedError', 'InvalidStateError'];

function unopened(name: string, cause: unknown): HoldfastError {
  // A newer version of this package has upgraded it, and this one cannot know what that changed.
  if (isNamed(cause, 'VersionError')) return new StoreOutdatedError(name, cause);
  if (isNamed(cause, ...FORBIDDEN)) return forbidden(cause);
  const why = `database ${JSON.stringify(name)} cannot be opened: ${messageOf(cause)}`;
  return new StoreError(why, { retryable: true, cause });
}
