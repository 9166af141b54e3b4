import type { Maybe } from '../core/kernel/step.ts';

/** What a queue has: its own row, what its workers have claimed, what is kept beside its jobs, and its jobs by where they are. */
export type Table = 'queue' | 'claims' | 'records' | 'jobs' | 'parked' | 'dead' | 'completed';

/** What entries are found by, beside their keys. */
export interface Indexed {
  readonly id?: string | undefined;
  readonly lane?: string | undefined;
  /** The key that it holds, with the name of its job. */
  readonly holds?: string | undefined;
}

export interface Entry extends Indexed {
  readonly key: string;
  /** As it was put: a structured clone keeps it, JSON does not. */
  readonly value: unknown;
  /** In its place: why it cannot be read. Its key and what is indexed are enough to go on. */
  readonly lost?: string | undefined;
}

/**
 * The rows of one queue inside one transaction, as six primitives: what a store of one's own has to write. Each entry stands in a table under a key, a string.
 * Reads return at once or by a promise; writes take effect for the reads after them. See `TableRows`.
 */
export interface Tables {
  get(table: Table, key: string): Maybe<Entry | undefined>;
  /** Up to `limit` entries with `after` < key, and key ≤ `through` where that is given, in order of their keys: by code units or by code points. */
  range(table: Table, after: string, through: string | undefined, limit: number): Maybe<readonly Entry[]>;
  /** Up to `limit` entries of which `index` has this value, whatever table they are in. */
  find(
    index: keyof Indexed,
    value: string,
    limit: number,
  ): Maybe<readonly (Entry & { readonly table: Table })[]>;
  /** `isNew`: it fails the transaction where the key is taken; else it replaces. */
  put(table: Table, entry: Entry, isNew: boolean): void;
  /** Drops nothing where nothing is. */
  drop(table: Table, key: string): void;
  /** Deletes about `limit` entries at most, also those that cannot be read; `queue` and `claims` last. Returns how many. */
  clear(limit: number): Maybe<number>;
}
