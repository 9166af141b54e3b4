import type { Job } from './job.ts';
import type {
  CancelAnswer,
  Counts,
  EnqueueAnswer,
  EnqueueRequest,
  ExchangeAnswer,
  ExchangeRequest,
  ExtendAnswer,
  ExtendRequest,
  ListAnswer,
  ListRequest,
  ReclaimAnswer,
  ReclaimRequest,
  RedriveAnswer,
  RemoveAnswer,
  SelectRequest,
} from './messages.ts';

/**
 * `work`: something may have become claimable. `cancel`: somebody asked a running job to stop.
 * `gone`: an owner of leases vanished. `change`: only what reading shows has changed.
 */
export type Hint = 'work' | 'cancel' | 'gone' | 'change';

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
  cancel(request: SelectRequest, now: number): Promise<readonly CancelAnswer[]>;
  /** Dead jobs start anew: failures, crashes and errors are forgotten, due at once. */
  redrive(request: SelectRequest, now: number): Promise<readonly RedriveAnswer[]>;
  /** Deletes finished jobs. */
  remove(request: SelectRequest, now: number): Promise<readonly RemoveAnswer[]>;
  /** No job of this name is claimed before `until`; a later instant wins over an earlier one. */
  hold(
    request: { readonly queue: string; readonly name: string; readonly until: number },
    now: number,
  ): Promise<void>;
  pause(request: { readonly queue: string }, now: number): Promise<void>;
  resume(request: { readonly queue: string }, now: number): Promise<void>;
  get(request: { readonly queue: string; readonly id: string }): Promise<Job | undefined>;
  /**
   * Active jobs by seq, dead ones by when they died, completed ones by when their ids are forgotten; pending ones name by name, by
   * priority, those enqueued without a delay before those that wait for an instant or came back, and then the parked. A page may hold
   * fewer jobs than `limit` and still have a next.
   */
  list(request: ListRequest): Promise<ListAnswer>;
  count(request: { readonly queue: string }): Promise<Counts>;
  /** After it every call rejects with StoreClosedError. Closing twice is fine. */
  close(): Promise<void>;
  /**
   * Calls `listener` when another opening of this store may have changed the queue. Lossy: only ever a reason to look
   * sooner. Answers the clean-up.
   */
  onHint?(queue: string, listener: (hint: Hint) => void): () => void;
  /** Proves that this worker lives for as long as the process does (a Web Lock, say); answers the clean-up. */
  signOfLife?(workerId: string): Promise<() => void>;
  /**
   * Enqueues inside a transaction of the app's own: the jobs commit with it or not at all. Its first read is issued
   * before this returns. Throws InvalidOptionError when the transaction cannot hold jobs.
   */
  enqueueIn?(transaction: unknown, request: EnqueueRequest, now: number): Promise<readonly EnqueueAnswer[]>;
}
