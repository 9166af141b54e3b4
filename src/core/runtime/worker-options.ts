import type { Tally } from './report.ts';

export interface WorkerOptions {
  /** Handlers that run at a time. Default 4, minimum 1. */
  readonly concurrency?: number;
  /** How long a claim holds without a heartbeat. Default 30,000, minimum 1,000. */
  readonly leaseMs?: number;
  /** How long a handler may go on after its time is over before its slot is given to the next. Default 5,000. */
  readonly timeoutGraceMs?: number;
  /**
   * Ends by itself after so many attempts that completed, failed or were cancelled, and never takes more jobs than are left of them. What is
   * given back does not count. Default: no bound. Minimum 1.
   */
  readonly maxJobs?: number;
  /** Aborting it stops the worker, with the grace of `stop`. */
  readonly signal?: AbortSignal;
}

export interface DrainOptions extends WorkerOptions {
  /** Stops after this long, giving back what is not done. Default: no bound. */
  readonly deadlineMs?: number;
}

/** A long-lived loop over a queue. */
export interface Worker {
  readonly id: string;
  /**
   * Claims no more, gives back what has not begun, and waits for the running handlers: after `graceMs` (default 5,000) their signals
   * are aborted and what has not ended is given back. Resolves when all of it is written. A second call answers the same promise.
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a drain did. */
export type Drained = Readonly<Tally>;
