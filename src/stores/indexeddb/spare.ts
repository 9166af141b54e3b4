import { settled } from './request.ts';
import { SPARE } from './schema.ts';

/** Room for several transactions that settle and claim. */
const SPARE_BYTES = 256 * 1024;
const KEY = 'spare';

/**
 * At quota even a small put aborts; only a transaction that deletes and does nothing else commits (measured in Chromium).
 * So a row of this size is kept, to be deleted when work that frees space cannot be written. New work is refused until
 * it is back.
 */
export function keepSpare(transaction: IDBTransaction): void {
  const store = transaction.objectStore(SPARE);
  void settled(store.getKey(KEY)).then(
    (key) => {
      if (key === undefined) store.put(incompressible(SPARE_BYTES), KEY);
    },
    () => undefined, // The transaction aborts, and says why.
  );
}

export function freeSpare(transaction: IDBTransaction): void {
  transaction.objectStore(SPARE).delete(KEY);
}

/** A linear congruential sequence (Numerical Recipes): a database that compresses finds nothing in it. */
function incompressible(bytes: number): Uint8Array {
  const filled = new Uint8Array(bytes);
  let state = 1;
  for (let i = 0; i < bytes; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    filled[i] = state >>> 24;
  }
  return filled;
}
