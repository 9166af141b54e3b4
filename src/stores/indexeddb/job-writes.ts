import type { Claims } from '../../core/kernel/claims-row.ts';
import type { Control } from '../../core/kernel/control-row.ts';
import type { JobRow } from '../../core/kernel/job-row.ts';
import { claimKey, join, positionKey, streamPrefix } from '../../core/kernel/order.ts';
import type { Place } from '../../core/kernel/place.ts';
import type { BlobWrites } from './blob-writes.ts';
import { encodeJob } from './codec.ts';
import { neighbours } from './neighbours.ts';
import type { Proofs } from './proofs.ts';

/** From this many neighbours on, looking at a range and deleting it at once is faster than deleting each (2–3 times in Chromium). */
const RANGE_DELETE = 4;

/** As this transaction sees them: read before, as a rule. */
interface QueueFacts {
  readonly control: () => Promise<Control | undefined>;
  readonly claims: () => Promise<readonly Claims[]>;
}

/** How jobs come into their store and leave it, many at a time: by few looks, for which nothing waits. */
export class JobWrites {
  readonly #queue: string;
  readonly #store: IDBObjectStore;
  readonly #blobs: BlobWrites;
  readonly #proofs: Proofs | undefined;
  /** The last row appended to each stream, and whether all behind it is proven free. */
  readonly #appended = new Map<string, { readonly key: string; readonly isFree: boolean }>();

  /** @param proofs whoever gives them holds them before the commit; without them each key is looked at */
  constructor(queue: string, store: IDBObjectStore, blobs: BlobWrites, proofs: Proofs | undefined) {
    this.#queue = queue;
    this.#store = store;
    this.#blobs = blobs;
    this.#proofs = proofs;
  }

  put(row: JobRow): void {
    const key = this.#key(claimKey(row));
    // Not put: a row that is there already would be lost, this way the transaction is.
    const how = this.#isAppended(row, key) ? 'put' : 'add';
    const stored = encodeJob(this.#queue, row);
    this.#blobs.write(stored, () => this.#store[how](stored, key));
  }

  /**
   * Undelayed rows are appended to their stream. What comes behind the first of a transaction is proven free by one look, as a look at
   * each key costs a tenth of an enqueue.
   */
  #isAppended(row: JobRow, key: string): boolean {
    if (this.#proofs === undefined || row.due !== 0) return false;
    const stream = streamPrefix(row);
    const last = this.#appended.get(stream);
    if (last !== undefined && key <= last.key) return false;
    this.#appended.set(stream, { key, isFree: last !== undefined });
    if (last === undefined) return false;
    if (!last.isFree) {
      const end = this.#key(stream + positionKey({ due: 0, seq: Number.MAX_SAFE_INTEGER }));
      const behind = this.#store.getKey(IDBKeyRange.bound(key, end));
      this.#proofs.ask(behind, (found) => found === undefined);
    }
    return true;
  }

  async drop(places: readonly Place[], { control, claims }: QueueFacts): Promise<void> {
    const known = places.length < RANGE_DELETE ? undefined : await control();
    if (known === undefined || this.#proofs === undefined) {
      for (const place of places) this.#store.delete(this.#key(claimKey(place)));
      return;
    }
    for (const run of neighbours(places, known, await claims())) this.#dropRun(run, this.#proofs);
  }

  /** The keys that are there prove that nothing else lies between them. */
  #dropRun(run: readonly Place[], proofs: Proofs): void {
    const keys = run.map((place) => this.#key(claimKey(place)));
    if (keys.length < RANGE_DELETE) {
      for (const key of keys) this.#store.delete(key);
      return;
    }
    const range = IDBKeyRange.bound(keys[0], keys.at(-1));
    const there = this.#store.getAllKeys(range, keys.length + 1);
    proofs.ask(there, (found) => found.length === keys.length && found.every((key, i) => key === keys[i]));
    this.#store.delete(range);
  }

  #key(key: string): string {
    return join(this.#queue, key);
  }
}
