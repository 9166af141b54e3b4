import { unwrap } from 'idb';
import { holdfastStoreNames } from './schema.ts';

/** The native object, whether or not idb has wrapped it: ours, or the copy that the app has brought along. */
export function native<T extends IDBDatabase | IDBTransaction>(given: T): T {
  return (unwrap(given as never) as unknown as T | undefined) ?? behind(given);
}

const NONE = 'holdfast.none';

/** What is dispatched at a proxy arrives at what is behind it. */
function behind<T extends EventTarget>(given: T): T {
  let found = given;
  try {
    const look = ({ currentTarget }: Event) => {
      found = (currentTarget ?? given) as T;
    };
    given.addEventListener(NONE, look, { once: true });
    given.dispatchEvent(new Event(NONE));
  } catch {
    // It is nothing that events are dispatched at: whoever uses it sees what it is.
  }
  return found;
}

/** An error of the database of one of these names. One of a frame's database is no DOMException of this realm. */
export const isNamed = (error: unknown, ...names: readonly string[]): error is DOMException =>
  names.includes(String(Object(error).name));

/** The answer of a request. In a transaction nothing else may be awaited: it would commit meanwhile. */
export function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * Resolves when the transaction has committed; rejects with what aborted it, or with what one of its requests to our stores failed by: one
 * that failed has written nothing, although WebKit may complete a transaction all the same. A request that handles its failure
 * (`preventDefault`) counts as answered.
 */
export function committed(transaction: IDBTransaction): Promise<void> {
  let failure: DOMException | null = null;
  transaction.addEventListener('error', (event) => {
    const { source, error } = event.target as IDBRequest;
    if (event.defaultPrevented || !isOurs(source)) return;
    failure ??= error;
  });
  const done = new Promise<void>((resolve, reject) => {
    transaction.addEventListener('complete', () => (failure === null ? resolve() : reject(failure)));
    transaction.addEventListener('abort', () =>
      reject(transaction.error ?? failure ?? new DOMException('the transaction was aborted', 'AbortError')),
    );
  });
  done.catch(() => undefined); // Whoever waits for it hears of it; a failed request may come first.
  return done;
}

/** The app may have requests of its own in a transaction that we joined. */
function isOurs(source: IDBRequest['source']): boolean {
  const store = source && 'objectStore' in source ? source.objectStore : source;
  return store !== null && 'name' in store && holdfastStoreNames.includes(store.name);
}
