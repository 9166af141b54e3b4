import { unwrap } from 'idb';

/** The native object, whether or not idb has wrapped it. */
export function native<T extends IDBDatabase | IDBTransaction>(given: T): T {
  return (unwrap(given as never) as unknown as T | undefined) ?? given;
}

/** The answer of a request. In a transaction nothing else may be awaited: it would commit meanwhile. */
export function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Resolves when the transaction has committed; rejects with what aborted it. */
export function committed(transaction: IDBTransaction): Promise<void> {
  const done = new Promise<void>((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve());
    transaction.addEventListener('abort', () =>
      reject(transaction.error ?? new DOMException('the transaction was aborted', 'AbortError')),
    );
  });
  done.catch(() => undefined); // Whoever waits for it hears of it; a failed request may come first.
  return done;
}
