import type { JobStore } from '../../core/store.ts';

/** What every store takes: see `operations`. */
export interface OpenOptions {
  readonly logSize?: number;
}

/** One fresh database, and every way of looking at it that the suite needs. */
export interface StoreHarness {
  /** Another opening of the same database, as another tab would make it; with these options of the store, where given. */
  open(options?: OpenOptions): Promise<JobStore>;
  /** Rows of the job tables touched so far, by all openings together. */
  steps(): { readonly read: number; readonly written: number };
  /** Closes every opening and deletes the database. */
  dispose(): Promise<void>;
}

export interface ConformanceOptions {
  /**
   * The store can hold Blob and File; otherwise it must refuse them with PayloadError. `either`: that depends on where it runs, and it does
   * one of the two. Default false.
   */
  readonly blobs?: boolean | 'either';
}
