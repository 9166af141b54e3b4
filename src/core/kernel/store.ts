import type { Job } from './job.ts';
import type {
  BatchCounts,
  CancelAnswer,
  CancelRequest,
  Counts,
  EnqueueAnswer,
  EnqueueRequest,
  ExchangeAnswer,
  ExchangeRequest,
  ExplainRequest,
  Explanation,
  ExtendAnswer,
  ExtendRequest,
  FireAnswer,
  FireRequest,
  ListAnswer,
  ListRequest,
  LogAnswer,
  LogRequest,
  PauseRequest,
  PruneAnswer,
  PruneRequest,
  PurgeAnswer,
  PurgeRequest,
  PutBatchRequest,
  PutSchedulesAnswer,
  PutSchedulesRequest,
  ReclaimAnswer,
  ReclaimRequest,
  RedriveAnswer,
  RedriveRequest,
  RemoveAnswer,
  RetryNowAnswer,
  RetryNowRequest,
  RoomAnswer,
  RoomRequest,
  Schedule,
  SelectRequest,
  StoredStats,
} from './messages.ts';

/**
 * `work`: something may have become claimable. `cancel`: somebody asked a running job to stop, or what is claimed not to begin.
 * `gone`: an owner of leases vanished. `change`: only what reading shows has changed. `online`: servers that were not reached may be reached
 * again, as the network is back or somebody looks at the page; it is told in this context only.
 */
export type Hint = 'work' | 'cancel' | 'gone' | 'change' | 'online';

/**
 * What a store says of itself. `blocked`: a call was given up, as the database stood still for `waitedMs`. `outdated`: the database has a
 * newer version. `lost`: what was stored is gone, and the store began anew.
 */
export type StoreNotice =
  | { readonly kind: 'blocked'; readonly waitedMs: number }
  | { readonly kind: 'outdated' | 'lost' };

/**
 * The seam. Each method is one atomic transaction, or rejects and has changed nothing (a rejection with a
 * retryable `StoreError` may come after a commit whose answer was lost: an enqueue is then repeated with `known`, an exchange with
 * `held`, and every other call as it is).
 * `now` is epoch ms and comes from the caller; a store never reads a clock. A queue exists once something
 * was enqueued into it; asking about an unknown one answers empty. One store may be opened many times.
 */
export interface JobStore {
  /** Accepts the whole batch or none of it; answers in input order. Rejects with PayloadError, QueueFullError, StoreError. */
  enqueue(request: EnqueueRequest, now: number): Promise<readonly EnqueueAnswer[]>;
  /** Settles the finished, then claims due jobs, in one transaction. */
  exchange(request: ExchangeRequest, now: number): Promise<ExchangeAnswer>;
  /** Moves leases to now + leaseMs; per lease, in input order. */
  extend(request: ExtendRequest, now: number): Promise<readonly ExtendAnswer[]>;
  /** Takes back leases that expired, or whose owner is proven gone. */
  reclaim(request: ReclaimRequest, now: number): Promise<ReclaimAnswer>;
  cancel(request: CancelRequest, now: number): Promise<readonly CancelAnswer[]>;
  /**
   * Dead jobs start anew: failures, crashes and errors are forgotten, due at once. Rejects with PayloadError for an edited payload that
   * cannot be stored.
   */
  redrive(request: RedriveRequest, now: number): Promise<readonly RedriveAnswer[]>;
  /**
   * Makes waiting jobs due now that wait for another try, and lets closed targets be asked at once. Bounded: it answers where the next call
   * goes on. Those that are not due for another reason than their instant (a lane, a hold, a pause, a rate) stay so.
   */
  retryNow(request: RetryNowRequest, now: number): Promise<RetryNowAnswer>;
  /** Deletes finished jobs. */
  remove(request: SelectRequest, now: number): Promise<readonly RemoveAnswer[]>;
  /** Deletes ended jobs that need not stay, the first to go first. Exchanges that settle do so too, a few each. */
  prune(request: PruneRequest, now: number): Promise<PruneAnswer>;
  /** No job of this name is claimed before `until`; a later instant wins over an earlier one. */
  hold(
    request: { readonly queue: string; readonly name: string; readonly until: number },
    now: number,
  ): Promise<void>;
  /** Nobody claims from the queue, or jobs of the name, until it is resumed. The two are apart: each is resumed by itself. */
  pause(request: PauseRequest, now: number): Promise<void>;
  resume(request: PauseRequest, now: number): Promise<void>;
  /** Removes what the queue has, a part each call: jobs in every state, then all else, so that nothing of it is left in the store. */
  purge(request: PurgeRequest, now: number): Promise<PurgeAnswer>;
  /** Whether one more job may be enqueued within these limits. */
  room(request: RoomRequest, now: number): Promise<RoomAnswer>;
  /**
   * Adds schedules, or changes them: the next tick of one that is there moves only if its rule is another. Answers whether anything
   * changed, and which ticks were due by a rule that was changed: they are dropped. Rejects with PayloadError, with InvalidOptionError beyond 1,000 schedules in a queue, with StoreError.
   */
  putSchedules(request: PutSchedulesRequest, now: number): Promise<PutSchedulesAnswer>;
  /** Answers whether it was there. Its jobs stay. */
  removeSchedule(request: { readonly queue: string; readonly id: string }, now: number): Promise<boolean>;
  /** In order of their ids. */
  listSchedules(request: { readonly queue: string }): Promise<readonly Schedule[]>;
  /**
   * Enqueues the jobs of ticks and sets the ticks that come next, schedule by schedule, by compare-and-set: only where the next tick is
   * the one that was seen. No limit of the queue refuses these jobs. Answers in input order.
   */
  fire(request: FireRequest, now: number): Promise<readonly FireAnswer[]>;
  /** Makes a batch, open and empty; one with this id stays as it is. */
  putBatch(request: PutBatchRequest, now: number): Promise<void>;
  /** Answers whether it is there. When the last job of a closed batch has ended, its `whenDone` is enqueued, in the same transaction or one of the next. */
  closeBatch(request: { readonly queue: string; readonly id: string }, now: number): Promise<boolean>;
  /** Undefined: never there, or over for more than a day. */
  countBatch(request: { readonly queue: string; readonly id: string }): Promise<BatchCounts | undefined>;
  get(request: { readonly queue: string; readonly id: string }): Promise<Job | undefined>;
  /**
   * Active jobs by seq, dead ones by when they died, completed ones by when they are forgotten; pending ones name by name, by
   * priority, those enqueued without a delay before those that wait for an instant or came back, and then the parked. A page may hold
   * fewer jobs than `limit` and still have a next.
   */
  list(request: ListRequest): Promise<ListAnswer>;
  count(request: { readonly queue: string }): Promise<Counts>;
  /** Why a waiting job is not claimed now; undefined: completed, cancelled, removed or never there. */
  explain(request: ExplainRequest, now: number): Promise<Explanation | undefined>;
  /** What happened last, in order, as far as the store was made to log it (`logSize`); else empty. */
  log(request: LogRequest): Promise<LogAnswer>;
  /** Bounded work: it reads one job a name and priority, however many wait. */
  stats(request: { readonly queue: string }, now: number): Promise<StoredStats>;
  /** After it every call rejects with StoreClosedError. Closing twice is fine. */
  close(): Promise<void>;
  /**
   * Calls `listener` when another opening of this store may have changed the queue. Lossy: only ever a reason to look
   * sooner. Answers the clean-up.
   */
  onHint?(queue: string, listener: (hint: Hint) => void): () => void;
  /** Proves that this worker lives for as long as the process does (a Web Lock, say); answers the clean-up. */
  signOfLife?(workerId: string): Promise<() => void>;
  /** Calls `listener` with what concerns every queue of this store; returns the clean-up. */
  onNotice?(listener: (notice: StoreNotice) => void): () => void;
  /**
   * Undefined: this context may enqueue, or work, now. Else resolves when it may: a frozen page begins nothing, a prerendered one does not
   * work. Asked before each call, so that its `now` is not of before the freeze. A call that is made all the same rejects, retryable.
   */
  untilAwake?(what: 'enqueue' | 'work'): Promise<void> | undefined;
  /**
   * Enqueues inside a transaction of the app's own: the jobs commit with it or not at all. Its first read is issued
   * before this returns. Throws InvalidOptionError when the transaction cannot hold jobs.
   */
  enqueueIn?(transaction: unknown, request: EnqueueRequest, now: number): Promise<readonly EnqueueAnswer[]>;
  /**
   * Rejects with PayloadError for a payload that this store holds elsewhere and not where it runs. Asked before `enqueueIn`: the app's
   * transaction waits for nothing.
   */
  checkPayload?(payload: unknown): Promise<void>;
}

/** As much of a store as enqueueing takes. */
export type EnqueueStore = Pick<
  JobStore,
  'enqueue' | 'enqueueIn' | 'checkPayload' | 'close' | 'onNotice' | 'untilAwake'
>;
