import type { Until } from './open-transactions.ts';
import { committed, settled } from './request.ts';
import { JOBS, SPARE } from './schema.ts';

/** Room for several transactions that settle and claim. */
const SPARE_BYTES = 256 * 1024;
const KEY = 'spare';
const COMPACT_PASSES = 200;

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

export async function freeSpare(database: IDBDatabase, until: Until): Promise<void> {
  const transaction = database.transaction(SPARE, 'readwrite');
  transaction.objectStore(SPARE).delete(KEY);
  await until(transaction, committed(transaction));
}

/**
 * Makes Chromium give back the room of deleted jobs. Its LevelDB keeps them in its files until it compacts, and counts them
 * against the quota; a file is compacted once it was read in vain often enough (at least 100 times), which looking for
 * the first row behind what was deleted does. Elsewhere it only reads.
 */
export async function compact(database: IDBDatabase, until: Until): Promise<void> {
  for (let pass = 0; pass < COMPACT_PASSES; pass++) {
    const transaction = database.transaction(JOBS);
    await until(transaction, settled(transaction.objectStore(JOBS).openKeyCursor()));
  }
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
