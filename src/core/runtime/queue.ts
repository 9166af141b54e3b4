import type { Job, JobState } from '../job.ts';
import type {
  CancelAnswer,
  Counts,
  EnqueueAnswer,
  ListAnswer,
  RedriveAnswer,
  RemoveAnswer,
} from '../messages.ts';
import type { JobStore } from '../store.ts';
import type { Definitions, PayloadOf } from './definitions.ts';
import type { EventName, QueueEvents } from './emitter.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import type { Environment } from './environment.ts';
import type { Handlers } from './handler.ts';
import type { Drained, DrainOptions, Worker, WorkerOptions } from './worker-options.ts';

export interface QueueOptions<Jobs extends Definitions = Definitions> {
  /** The stream's name in its store. */
  readonly name: string;
  readonly jobs: Jobs;
  readonly store: JobStore;
  /** Live jobs (waiting and running) beyond which enqueue refuses with QueueFullError. Default: none. Minimum 1. */
  readonly maxDepth?: number;
  /** Estimated payload bytes of the live jobs beyond which enqueue refuses. Default: none. Minimum 1. */
  readonly maxBytes?: number;
  /** How long ids of your own are remembered after completion. Default one hour; 0: not at all. */
  readonly dedupeMs?: number;
  /** Clock, timers and ids. Default: the system's. */
  readonly environment?: Environment;
}

/** One of a batch. */
export type EnqueueItem<Jobs extends Definitions> = {
  [Name in keyof Jobs & string]: EnqueueOptions & {
    readonly name: Name;
    readonly payload: PayloadOf<Jobs[Name]>;
  };
}[keyof Jobs & string];

/** A job that is checked and waits for a transaction of the app's own. */
export interface Prepared {
  /**
   * Enqueues inside the transaction (readwrite, over the store's own object stores too), which is kept alive by it. `committed`
   * resolves when the transaction has committed and rejects when it has not: then nothing was enqueued. If the queue
   * refuses the job, the transaction is aborted. Throws InvalidOptionError for a transaction that cannot hold jobs. Added to
   * several transactions, it is one job.
   */
  addTo(transaction: unknown): { readonly id: string; readonly committed: Promise<EnqueueAnswer> };
}

export interface ListOptions {
  readonly state: JobState;
  readonly name?: string;
  /** Default 100, 1…1,000. A page may hold fewer and still have a next. */
  readonly limit?: number;
  readonly cursor?: string;
}

/** A named stream of jobs in a store. */
export interface Queue<Jobs extends Definitions = Definitions> {
  readonly name: string;
  /**
   * Resolves once the job is stored. Enqueues of one tick share a transaction, and each is accepted or refused by itself.
   * Rejects with UnknownJobError, InvalidOptionError, PayloadError, QueueFullError, StoreError, StoreClosedError: then
   * nothing was stored, unless it is a StoreError that is `retryable`: its answer was lost twice, so the job may be stored.
   * Enqueue it again: with an `id` of your own, the same one each time, it is one job.
   */
  enqueue<Name extends keyof Jobs & string>(
    name: Name,
    payload: PayloadOf<Jobs[Name]>,
    options?: EnqueueOptions,
  ): Promise<EnqueueAnswer>;
  /** The whole batch or nothing: at most 1,000 jobs or about 8 MB. Answers in input order. */
  enqueueMany(items: readonly EnqueueItem<Jobs>[]): Promise<readonly EnqueueAnswer[]>;
  /** Checks a job now, to enqueue it later inside a transaction of the app's own. */
  prepare<Name extends keyof Jobs & string>(
    name: Name,
    payload: PayloadOf<Jobs[Name]>,
    options?: EnqueueOptions,
  ): Promise<Prepared>;
  /** Runs jobs until stopped. Any number of workers, in any number of contexts, share a queue. */
  work(handlers: Handlers<Jobs>, options?: WorkerOptions): Worker;
  /**
   * Runs what is due, retries that become due meanwhile included, and resolves as soon as nothing is due and nothing runs. While
   * the store fails it waits for it: give a deadline where that must not take long.
   */
  drain(handlers: Handlers<Jobs>, options?: DrainOptions): Promise<Drained>;
  /** Undefined: completed, cancelled, removed or never there. */
  get(id: string): Promise<Job | undefined>;
  list(options: ListOptions): Promise<ListAnswer>;
  count(): Promise<Counts>;
  /** A waiting job goes at once; a running one is asked to stop (`requested`). */
  cancel(id: string): Promise<CancelAnswer>;
  /** Puts a dead job back: due at once, its counters at zero. One that cannot be read stays dead (`unreadable`). */
  redrive(id: string): Promise<RedriveAnswer>;
  /** Deletes a job that ended. */
  remove(id: string): Promise<RemoveAnswer>;
  /** Nobody claims from the queue until `resume`; what runs goes on. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** No job of this name is claimed by anybody before `until`. */
  hold(name: keyof Jobs & string, until: Date | number): Promise<void>;
  on<Name extends EventName>(name: Name, listener: (event: QueueEvents[Name]) => void): () => void;
  /** Calls back, at most every 50 ms, when something may have changed here or in another context: read again then. */
  subscribe(listener: () => void): () => void;
  /** Stops the workers, waits for enqueues under way and closes the store. A second call answers the same promise. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
