/**
 * Rows that the browser cannot read, as when the files beside its database are gone: each read of such a row fails, and so does each read of many
 * with it among them. As in Chromium, a transaction in which a read failed does not commit, whatever was done about the error.
 */
const lost = new Set<string>();
const doomed = new WeakSet<IDBTransaction>();
let failing: string | undefined;
let isSet = false;

const placeOf = (rows: IDBObjectStore, key: unknown): string =>
  `${rows.transaction.db.name} ${rows.name} ${String(key)}`;

type Source = IDBObjectStore | IDBIndex;
const rowsOf = (source: Source): IDBObjectStore => ('objectStore' in source ? source.objectStore : source);

/** The row at this key cannot be read from now on, until another is put there. */
export function loseRow(database: string, store: string, key: string): void {
  setTraps();
  lost.add(`${database} ${store} ${key}`);
}

/** No row of the database can be read; undefined: as before. */
export function failReads(database: string | undefined): void {
  setTraps();
  failing = database;
}

function setTraps(): void {
  if (isSet) return;
  isSet = true;
  for (const source of [IDBObjectStore.prototype, IDBIndex.prototype]) {
    trap(source, 'get', 1);
    trap(source, 'getAll');
  }
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, value, key) {
    lost.delete(placeOf(this, key));
    return put.call(this, value, key);
  };
  const { commit } = IDBTransaction.prototype;
  IDBTransaction.prototype.commit = function (this: IDBTransaction) {
    if (doomed.has(this)) this.abort();
    else commit.call(this);
  };
}

interface Answering {
  result: unknown;
  error: DOMException | null;
  onsuccess: (() => void) | null;
  onerror: ((event: { preventDefault(): void; stopPropagation(): void }) => void) | null;
}

/** Asks for the keys first: they can always be read. */
function trap(source: Source, method: 'get' | 'getAll', count?: number): void {
  const read = source[method] as (this: Source, query: IDBKeyRange, limit?: number) => IDBRequest;
  const trapped = function (this: Source, query: IDBKeyRange, limit?: number): IDBRequest {
    const rows = rowsOf(this);
    const isAny =
      failing === rows.transaction.db.name || [...lost].some((place) => place.startsWith(placeOf(rows, '')));
    if (!isAny) return read.call(this, query, limit);
    const keys = this.getAllKeys(query, limit ?? count);
    const answering: Answering = { result: undefined, error: null, onsuccess: null, onerror: null };
    keys.onerror = () => fail(rows.transaction, answering, keys.error as DOMException, true);
    keys.onsuccess = () => {
      const isLost = keys.result.some(
        (key) => failing === rows.transaction.db.name || lost.has(placeOf(rows, key)),
      );
      if (isLost) {
        doomed.add(rows.transaction);
        const error = new DOMException('Data lost due to missing file', 'NotReadableError');
        fail(rows.transaction, answering, error, false);
        return;
      }
      const values = read.call(this, query, limit);
      values.onerror = () => fail(rows.transaction, answering, values.error as DOMException, true);
      values.onsuccess = () => {
        answering.result = values.result;
        answering.onsuccess?.();
      };
    };
    return answering as unknown as IDBRequest;
  };
  Object.assign(source, { [method]: trapped });
}

function fail(
  transaction: IDBTransaction,
  answering: Answering,
  error: DOMException,
  isEnded: boolean,
): void {
  let isPrevented = isEnded;
  answering.error = error;
  answering.onerror?.({
    preventDefault: () => {
      isPrevented = true;
    },
    stopPropagation: () => undefined,
  });
  if (isPrevented) return;
  try {
    transaction.abort();
  } catch {
    // It was aborted already.
  }
}
