/// <reference lib="esnext.disposable" preserve="true" />

import type { ClosedTarget } from '../kernel/messages.ts';
import type { Tally } from './report.ts';

export interface WorkerOptions {
  /** Handlers that run at a time. Default 4, minimum 1. */
  readonly concurrency?: number;
  /** How long a claim holds without a heartbeat. Default 30,000, minimum 1,000. */
  readonly leaseMs?: number;
  /** How long a handler may go on after its time is over before its slot is given to the next. Default 5,000. */
  readonly timeoutGraceMs?: number;
  /**
   * How long a handler that outlived its attempt (it did not end within the grace, or after its worker was stopped or lost its lease) keeps its
   * job from beginning here again, counted from the end of that attempt. Then the job begins beside it, here or elsewhere, its attempts count, and
   * it is dead after `maxAttempts` of them. Until then its lane waits. A short limit frees the lane soon, and lets two handlers of a job
   * run at once: both may call the server, which can tell them apart by `fence`. A long one makes that rare. It holds for what handlers of this
   * worker leave behind, and in this context alone: another may begin the job whenever it is due. Default 20,000, minimum 0.
   *
   * @example
   * // A request that is begun twice does harm, and may hang for minutes:
   * work(queue, handlers, { overlapAfterMs: 600_000 });
   * queue.on('job:stuck', ({ job, until }) => report(`${job.name} hangs; it may begin again at ${new Date(until)}`));
   */
  readonly overlapAfterMs?: number;
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
  /**
   * What a drain that has nothing to do waits for, at most until its deadline. A number: for what becomes due within so many ms, or is run
   * elsewhere and may come back. `'empty'`: until no job of its names waits or runs, here or elsewhere. Names whose gate is closed, and
   * jobs parked behind others, are not waited for. Default 0: for nothing; minimum 0.
   *
   * @example
   * // In a sync event, of which the browser grants a few minutes:
   * const { nextAt } = await drain(queue, handlers, { deadlineMs: 150_000, waitFor: 30_000 });
   */
  readonly waitFor?: number | 'empty';
  /**
   * Lifts the waits for targets first, as somebody has reason to hope that they are back (a sync event, a button): a closed target is
   * tried now, but not within 5 s of its last probe, and jobs that it failed are due. Counted backoffs stay. Default `false`.
   *
   * @example
   * addEventListener('sync', (event) => event.waitUntil(drain(queue, handlers, { lift: true, deadlineMs: 150_000 })));
   */
  readonly lift?: boolean;
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

/** What a drain did, and what it left. */
export interface Drained extends Readonly<Tally> {
  /**
   * The earliest instant at which there may be something to do for a drain of these names, epoch ms: the end of a delay, a backoff or a hold, a
   * tick, the end of another worker's lease. At or before now: it was stopped before all was done. Absent: nothing is known to wait.
   */
  readonly nextAt?: number;
  /** Jobs of these names that other workers held when it last looked. They come back if those vanish. */
  readonly activeElsewhere: number;
  /** Targets to which nobody gets through, when it last looked: their jobs wait for `nextProbeAt`. */
  readonly closed: readonly ClosedTarget[];
}
