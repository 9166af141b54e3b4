import type { JobSpec } from './messages.ts';

/**
 * An enqueue as a page stored it that had no time to look at the queue: it was hidden, or about to go. What becomes of it (a new job, a
 * duplicate, a job's new payload) is found out by whoever sorts it in.
 */
export interface Unsorted {
  /** When it was enqueued, by the clock of that page. */
  readonly at: number;
  /** Features of that page that its jobs need when they enter. Who lacks one leaves it to others. */
  readonly uses: readonly string[];
  readonly jobs: readonly JobSpec[];
}

/** Jobs that a page enqueues together. */
export interface LeavingCall {
  readonly jobs: readonly JobSpec[];
  /** How many calls of this queue came before it. */
  readonly order: number;
  /** From `now`: calls of one instant are sorted in by their order. */
  readonly at?: number | undefined;
}

/** How a queue of a page stores what it enqueues when the page may be gone before a transaction has come to its second step. */
export interface PageEnd {
  /** The page is hidden, or being left. */
  isNow(): boolean;
  /** Never less than before. */
  now(): number;
  /**
   * Stores them, all or none, in one transaction whose requests all go out before anything is waited for. Answers the keys under which they lie until
   * they are sorted in.
   */
  put(calls: readonly LeavingCall[]): Promise<readonly string[]>;
  /** Takes one back. False: somebody has sorted it in. */
  take(key: string): Promise<boolean>;
  /**
   * Calls `listener` when the page is being left, in the task of that event. Enqueues whose transaction was still open have been given up by then and
   * reject with an error that has `isUndone`: nothing of them was done.
   */
  onLeave(listener: () => void): void;
}

/** A queue of a page, for `Store.leaving`. */
export interface LeavingQueue {
  readonly queue: string;
  readonly features: { readonly names: ReadonlySet<string> };
  readonly clock: () => number;
  /** It says what the kernel does not know. */
  readonly isOfFeature: (spec: JobSpec) => boolean;
}
