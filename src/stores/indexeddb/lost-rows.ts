import { HoldfastError, messageOf } from '../../core/kernel/errors.ts';
import { endOf, join } from '../../core/kernel/order.ts';
import type { SetTimer } from '../../core/timer.ts';
import type { Until } from './open-transactions.ts';
import { holdfastStoreNames, QUEUES, SPARE } from './schema.ts';

/**
 * A browser keeps large values in files beside its database. When such a file is gone, each read of its row fails, and so does each read of
 * many with that row among them. In Chromium the transaction of such a read cannot commit any more, whatever is done about the error.
 */

/** Stands for a row that the browser cannot read: what its indexes say of it, each with the queue. */
export class LostRow {
  readonly lost: string;
  id?: string;
  lane?: string;
  key?: string;

  constructor(why: string) {
    this.lost = why;
  }
}

export const isLost = (stored: unknown): boolean => stored instanceof LostRow;

type Column = 'id' | 'lane' | 'key';
const COLUMNS: readonly Column[] = ['id', 'lane', 'key'];

/** What a transaction asked for and did not get. */
export interface FailedRead {
  readonly store: string;
  readonly index?: string;
  readonly query: IDBKeyRange | string;
  readonly limit: number | undefined;
}

/** The rows that one call cannot read: found after a read failed, and then read around. */
export class LostRows {
  failed: FailedRead | undefined;
  readonly #rows = new Map<string, Map<string, LostRow>>();

  /** By their keys; undefined: there are none. */
  in(store: string): ReadonlyMap<string, LostRow> | undefined {
    return this.#rows.get(store);
  }

  /** Answers whether any of them is new. */
  add(store: string, rows: ReadonlyMap<string, LostRow>): boolean {
    const known = this.#rows.get(store) ?? new Map<string, LostRow>();
    this.#rows.set(store, known);
    const before = known.size;
    for (const [key, row] of rows) known.set(key, row);
    return known.size > before;
  }

  /** What was there is gone: another row is in its place, or none. */
  written(store: string, key: string): void {
    this.#rows.get(store)?.delete(key);
  }
}

/** A file that something else holds for a moment (a virus scanner) can be read later: a row is looked at twice before it is given up. */
const AGAIN_MS = 150;
/** Rows that one opening remembers as given up, so that they are not waited for again. */
const MAX_GIVEN_UP = 10_000;

/** Finds out which rows cannot be read. */
export class LostRowFinder {
  readonly #givenUp = new Set<string>();
  readonly #setTimer: SetTimer;
  readonly #until: Until;

  constructor(setTimer: SetTimer, until: Until) {
    this.#setTimer = setTimer;
    this.#until = until;
  }

  /**
   * Looks at each row that the failed read asked for by itself, and adds those that cannot be read. Answers whether there were any that were not
   * known. A database that cannot read anything has lost no row: it fails.
   */
  async find(database: IDBDatabase, queue: string, rows: LostRows): Promise<boolean> {
    const read = rows.failed;
    rows.failed = undefined;
    if (read === undefined) return false;
    const known = rows.in(read.store);
    const look: Look = (store, ask) => {
      const transaction = database.transaction(store);
      return this.#until(transaction, ask(transaction.objectStore(store)));
    };
    const keys = (await keysOf(look, read)).filter((key) => !known?.has(key));
    let lost = await unreadable(look, read.store, keys);
    if (lost.size === 0) return false;
    if (!(await isReadable(look, read.store, lost)) && !(await canReadBack(database, this.#until)))
      return false;
    const placeOf = (key: string) => join(read.store, key);
    if ([...lost.keys()].some((key) => !this.#givenUp.has(placeOf(key)))) {
      await new Promise<void>((resolve) => {
        this.#setTimer(resolve, AGAIN_MS);
      });
      lost = await unreadable(look, read.store, [...lost.keys()]);
    }
    if (this.#givenUp.size > MAX_GIVEN_UP) this.#givenUp.clear();
    for (const key of lost.keys()) this.#givenUp.add(placeOf(key));
    return rows.add(read.store, await look(read.store, (all) => described(all, queue, lost)));
  }
}

/** Reads in a transaction of its own, as a read that fails may end it. Rejects with StoreBlockedError where another tab holds it up. */
type Look = <T>(store: string, ask: (rows: IDBObjectStore) => Promise<T>) => Promise<T>;

const keysOf = (look: Look, { store, index, query, limit }: FailedRead): Promise<string[]> =>
  look(store, async (rows) => {
    const source = index === undefined ? rows : rows.index(index);
    return (await tolerant(source.getAllKeys(query, limit))) as string[];
  });

/** Not the row failed, but the look at it: nothing is known of the row. */
function throwIfBlocked(error: unknown): void {
  if (error instanceof HoldfastError) throw error;
}

/** Why each of those that cannot be read cannot, by their keys. */
async function unreadable(look: Look, store: string, keys: readonly string[]): Promise<Map<string, string>> {
  const lost = new Map<string, string>();
  for (const key of keys) {
    try {
      await look(store, (rows) => tolerant(rows.get(key)));
    } catch (error) {
      throwIfBlocked(error);
      lost.set(key, `${(error as Error).name}: ${messageOf(error)}`);
    }
  }
  return lost;
}

/** Whether any value can be read: else nothing is known about a single row. */
async function isReadable(look: Look, store: string, lost: ReadonlyMap<string, string>): Promise<boolean> {
  for (const name of [QUEUES, ...holdfastStoreNames]) {
    try {
      const keys = await look(name, (rows) => tolerant(rows.getAllKeys(null, lost.size + 1)));
      const other = keys.find((key) => name !== store || !lost.has(String(key)));
      if (other === undefined) continue;
      await look(name, (rows) => tolerant(rows.get(other)));
      return true;
    } catch (error) {
      // The next may be readable.
      throwIfBlocked(error);
    }
  }
  return false;
}

/** There is no other row: one is written for it, and taken back. */
async function canReadBack(database: IDBDatabase, until: Until): Promise<boolean> {
  try {
    const transaction = database.transaction(SPARE, 'readwrite');
    const spare = transaction.objectStore(SPARE);
    spare.put(1, 'probe');
    const found = await until(transaction, tolerant(spare.get('probe')));
    transaction.abort();
    return found === 1;
  } catch (error) {
    throwIfBlocked(error);
    return false;
  }
}

/** With what the indexes say of them: each is walked through, as far as the queue goes. */
async function described(
  rows: IDBObjectStore,
  queue: string,
  lost: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, LostRow>> {
  const found = new Map([...lost].map(([key, why]) => [key, new LostRow(why)]));
  for (const column of COLUMNS)
    if (rows.indexNames.contains(column))
      await walk(rows.index(column), queue, (of, key) => {
        const row = found.get(of);
        if (row !== undefined) row[column] = key;
      });
  return found;
}

/** An index leads from its own key to the row's. */
function walk(index: IDBIndex, queue: string, each: (rowKey: string, key: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = index.openKeyCursor(IDBKeyRange.bound(join(queue, ''), endOf(queue)));
    request.onsuccess = () => {
      const cursor = request.result;
      if (cursor === null) return resolve();
      each(String(cursor.primaryKey), String(cursor.key));
      cursor.continue();
    };
    request.onerror = () => reject(request.error);
  });
}

/** Its failure need not end the transaction, and is nobody else's business. */
function tolerant<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = (event) => {
      event.preventDefault();
      event.stopPropagation();
      reject(request.error);
    };
  });
}
