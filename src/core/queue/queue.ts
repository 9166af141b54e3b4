/// <reference lib="esnext.disposable" preserve="true" />

import type { Job, JobState } from '../kernel/job.ts';
import type {
  CancelAnswer,
  Counts,
  EnqueueAnswer,
  Explanation,
  ListAnswer,
  LogEntry,
  PruneAnswer,
  RedriveAnswer,
  RemoveAnswer,
} from '../kernel/messages.ts';
import type { JobStore } from '../kernel/store.ts';
import type { Batch, BatchOptions } from '../operations/batches.ts';
import type {
  DeadFilter,
  RedrivenMany,
  RedriveOptions,
  RemovedMany,
  SweepOptions,
} from '../operations/ended-jobs.ts';
import type { ExportedJob, Purged, PurgeOptions } from '../operations/estate.ts';
import type { QueueStats } from '../operations/looking.ts';
import type { Schedules } from '../operations/schedules.ts';
import type { Handlers } from '../work/handler.ts';
import type { Drained, DrainOptions, Worker, WorkerOptions } from '../work/worker-options.ts';
import type { BulkOptions, BulkResult, Items } from './bulk.ts';
import type { Definitions, PayloadOf } from './definitions.ts';
import type { EventName, QueueEvents } from './emitter.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import type { Flow, FlowAnswer } from './flow.ts';
import type { IntakeOptions } from './intake-options.ts';
import type { KeepOptions } from './keep-options.ts';
import type { OutageOptions } from './outage-options.ts';
import type { CronFunction } from './recurrence.ts';
import type { ReadyOptions } from './room.ts';
import type { ScheduleOf } from './schedule-definition.ts';

export interface QueueOptions<Jobs extends Definitions = Definitions>
  extends IntakeOptions<Jobs>,
    KeepOptions,
    OutageOptions {
  readonly store: JobStore;
  /**
   * Jobs that may be active in the queue at a time, over all workers and tabs that say so. One of a tab that vanished counts until its lease is
   * taken back. Default: no limit. Minimum 1.
   */
  readonly maxActive?: number;
  /**
   * Every n-th job that is claimed, counted over all workers that say so, is the one that has waited longest, whatever its priority, so that
   * low priorities do not starve: a job before which k others had waited longer is claimed after at most n × (k + 1) jobs. Default: none, strict
   * priority. Minimum 2.
   */
  readonly ageing?: number;
  /**
   * Recurring jobs by id, stored when a worker or drain starts here: one that is there already goes on, one that is declared no more stays until
   * it is removed. Default: none.
   */
  readonly schedules?: Readonly<Record<string, ScheduleOf<NoInfer<Jobs>>>>;
  /** `cron` of `holdfast/cron`: to fire cron schedules that were put elsewhere or before, where none is declared here. */
  readonly cron?: CronFunction;
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

export interface JobFilter {
  readonly state: JobState;
  readonly name?: string;
  /** One of the job's tags. */
  readonly tag?: string;
}

export type ClearFilter = Omit<JobFilter, 'state'>;

export interface ListOptions extends JobFilter {
  /** Default 100, 1…1,000. A page may hold fewer and still have a next. */
  readonly limit?: number;
  readonly cursor?: string;
}

export interface LogOptions {
  /** Only transitions with greater numbers. Default 0: from the oldest that is kept. */
  readonly after?: number;
  /** Default 100, 1…1,000. */
  readonly limit?: number;
}

/** A named stream of jobs in a store. */
export interface Queue<Jobs extends Definitions = Definitions> {
  readonly name: string;
  readonly schedules: Schedules<Jobs>;
  /**
   * Resolves once the job is stored. Enqueues of one tick share a transaction, and each is accepted or refused by itself.
   * Rejects with UnknownJobError, InvalidOptionError, PayloadError, QueueFullError, MiddlewareError, StoreError, StoreClosedError: then
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
  /**
   * However many, from any iterable, in chunks of which one is held at a time: each is accepted or refused as a whole, in order. What was
   * enqueued before an error or an abort stays. Give `{}` for the defaults.
   */
  enqueueMany(items: Items<Jobs>, options: BulkOptions): Promise<BulkResult>;
  /**
   * Jobs that wait for each other, all of them or none: `dependsOn` names other steps, and a step's handler finds what those returned as
   * `job.results`, by their names. At most 1,000; each waits for at most 100. Steps that wait for each other in a circle are refused.
   */
  enqueueFlow<const Steps extends Flow<Jobs>>(flow: Steps): Promise<FlowAnswer<Steps>>;
  /** Opens a batch, whose jobs are counted together; with the id of one that is there, that one. Close it when all are added. */
  batch(options?: BatchOptions<Jobs>): Promise<Batch<Jobs>>;
  /** Checks a job now, to enqueue it later inside a transaction of the app's own. */
  prepare<Name extends keyof Jobs & string>(
    name: Name,
    payload: PayloadOf<Jobs[Name]>,
    options?: EnqueueOptions,
  ): Promise<Prepared>;
  /**
   * Resolves when one more job has room within `maxDepth`, `maxBytes` and `maxDelayed`; at once when none is set, or when `onFull` drops. Wakes with what happens
   * here and in other contexts, and looks every 30 s anyhow. It reserves nothing: who is quicker may take the room, so be ready for
   * QueueFullError still. Rejects with the signal's reason when that is aborted, and with StoreClosedError when the queue is closed.
   */
  ready(options?: ReadyOptions): Promise<void>;
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
  /** All of them one after the other, read in pages of 100 as they are asked for: jobs that change meanwhile may be missed or come twice. */
  listAll(filter: JobFilter): AsyncIterableIterator<Job>;
  count(): Promise<Counts>;
  /**
   * Why a waiting job is not claimed now: pauses, holds, its instant, its lane, and what this context knows (gate, version, name, no
   * worker). Undefined: completed, cancelled, removed or never there.
   */
  explain(id: string): Promise<Explanation | undefined>;
  /**
   * Depth and age by name from the store, and what this context did since the first call: ends, rates, percentiles of waiting and running.
   * Reads one job a name and priority, however many wait.
   */
  stats(): Promise<QueueStats>;
  /** The last transitions of jobs, oldest first, from all contexts whose store was made with `logSize`. Empty where none was. */
  log(options?: LogOptions): Promise<readonly LogEntry[]>;
  /** A waiting job goes at once; a running one is asked to stop (`requested`). */
  cancel(id: string): Promise<CancelAnswer>;
  /**
   * Puts a dead job back: due at once, its counters and errors at nothing, under its id and in its place in its lane. With a `payload` it
   * runs with that one: it is checked as enqueue checks it (UnknownJobError, PayloadError: then the job stays as it is), is of the
   * definition's version, and the job's checkpoint goes. A job that cannot be read stays dead (`unreadable`) unless it is given one. No
   * depth refuses it. One that waits for others waits for them again, and those that died of it come back with it. While one that it waits for is dead,
   * or gone without having completed, it stays dead (`blocked`), unless it is to run without that: `onDependencyDeath: 'run'`.
   */
  redrive(
    id: string,
    options?: RedriveOptions & { readonly payload?: PayloadOf<Jobs[keyof Jobs]> },
  ): Promise<RedriveAnswer>;
  /** Redrives the jobs that match among those that are dead when it begins (default: all), up to 100 a transaction, flows in their order. */
  redriveMany(filter?: DeadFilter, options?: SweepOptions): Promise<RedrivenMany>;
  /** Deletes the jobs that match among those that are dead when it begins (default: all), up to 100 a transaction. */
  removeMany(filter?: DeadFilter, options?: SweepOptions): Promise<RemovedMany>;
  /**
   * Deletes now what `keepCompleted` and `keepDead` no longer keep, and completed jobs that nothing keeps any more, up to 100 of each a
   * transaction. Workers do the same by and by, with what they settle.
   */
  prune(options?: { readonly signal?: AbortSignal }): Promise<PruneAnswer>;
  /**
   * Resolves with what the job's handler returned, as soon as it is done, wherever it runs; also when it was done before. The job needs
   * `keepResultMs` (or the queue `keepCompleted`). Rejects with JobDeadError when the job is dead, JobCancelledError when it was cancelled
   * here, ResultNotKeptError when it is done and its result is not kept, JobGoneError when there is no such job, a StoreError that is not
   * `retryable`, StoreClosedError when the queue is closed, and with the reason of the signal. A dead job that is redriven later is
   * waited for by another call.
   */
  result(id: string, options?: { readonly signal?: AbortSignal }): Promise<unknown>;
  /** Deletes a job that ended. */
  remove(id: string): Promise<RemoveAnswer>;
  /**
   * Cancels all waiting jobs, or those that match, page by page; what runs goes on. What a worker has claimed and not begun does not begin
   * here once this has resolved, elsewhere as soon as its worker has heard of it, and is then cancelled. Answers how many were cancelled at
   * once. Ended jobs stay.
   */
  clear(filter?: ClearFilter): Promise<number>;
  /**
   * Nobody claims from the queue, or jobs of this name, until `resume`; what runs goes on. The queue and each name are resumed by
   * themselves.
   */
  pause(name?: keyof Jobs & string): Promise<void>;
  resume(name?: keyof Jobs & string): Promise<void>;
  /** No job of this name is claimed by anybody before `until`. */
  hold(name: keyof Jobs & string, until: Date | number): Promise<void>;
  /**
   * All jobs that are there, read in pages of 100: the running, the waiting, the dead, and the completed that are remembered. Changes
   * nothing. Stop the workers first: what changes meanwhile may be missed or come twice. Inside a state they come in the order of
   * `list`; sort by `job.seq` to enqueue them elsewhere in the order in which they were accepted.
   */
  export(): AsyncIterableIterator<ExportedJob>;
  /**
   * Deletes all that the queue has in the store: jobs in every state, keys, schedules, holds, pauses and counts; of an owner's queue, all of
   * that owner's and nothing else. Running jobs are asked to stop and waited for; after `graceMs` they are deleted too, and their handlers,
   * in whatever context, find their leases lost. What is enqueued meanwhile may go with the rest. A purge that is interrupted leaves a
   * queue with fewer jobs: call it again. Afterwards the queue can be used as if it were new; its fences still grow.
   */
  purge(options?: PurgeOptions): Promise<Purged>;
  on<Name extends EventName>(name: Name, listener: (event: QueueEvents[Name]) => void): () => void;
  /** Calls back, at most every 50 ms, when something may have changed here or in another context: read again then. */
  subscribe(listener: () => void): () => void;
  /**
   * The last counts read; undefined before the first are. The same object until something is different; fresh when a subscriber is called.
   * `subscribe` and `getSnapshot` are what React's `useSyncExternalStore` takes, and Svelte and Vue can be given.
   */
  getSnapshot(): Counts | undefined;
  /** Stops the workers, waits for enqueues under way and closes the store. A second call answers the same promise. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
