import type { Store } from '../../core/kernel/store.ts';
import type { Feature } from '../../core/queue/feature.ts';

/** One fresh database, and every way of looking at it that the suite needs. */
export interface StoreHarness {
  /** Another opening of the same database, as another tab would make it. */
  open(): Promise<Store>;
  /** Rows of the job tables touched so far, by all openings together. */
  steps(): { readonly read: number; readonly written: number };
  /** Closes every opening and deletes the database. */
  dispose(): Promise<void>;
  /**
   * From now on each read of these jobs' rows fails, also with others, as when a disk has lost them; their keys and what is indexed can be read. For a
   * store of which `ConformanceOptions.losesRows` says so.
   */
  loseRows?(queue: string, ids: readonly string[]): Promise<void>;
  /** Each read of a row fails, until the answered function is called. With `loseRows`. */
  failReads?(): Promise<() => Promise<void>>;
}

/** A part of the suite instead of all of it. */
export interface Draw {
  /** The same seed draws the same groups. */
  readonly seed: number;
  /** How much of the suite, 0 to 1: so many of its groups, at least one. */
  readonly share: number;
}

/** The harness of a store that may lose rows. */
export type LosingHarness = Required<StoreHarness>;

export interface ConformanceOptions {
  /**
   * The store can hold Blob and File; otherwise it must refuse them with PayloadError. `either`: that depends on where it runs, and it does
   * one of the two. Default false.
   */
  readonly blobs?: boolean | 'either';
  /** The features that every second page has in use beside the first, which has all of them. Default: none. */
  readonly beside?: readonly Feature[];
  /** Declares a part of the suite, drawn by a seed, where all of it takes too long for each run. A store is proven by the whole. */
  readonly draw?: Draw;
  /** Its platform may fail to read a row; its harness makes it so by `loseRows`. Default false: rows are in memory. */
  readonly losesRows?: boolean;
}
