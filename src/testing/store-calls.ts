import type { Policy as DropPolicy } from '../core/features/drop/victims.ts';
import { closingBatch, countingBatch, puttingBatch } from '../core/features/flows/batch.ts';
import type { BatchCounts, PutBatchRequest } from '../core/features/flows/messages.ts';
import type { LogAnswer, LogRequest } from '../core/features/log/messages.ts';
import { loggedEntries } from '../core/features/log/read-log.ts';
import type { KeepRules } from '../core/features/results/keep-rules.ts';
import { type PruneAnswer, type PruneRequest, pruning } from '../core/features/results/prune.ts';
import type {
  FireAnswer,
  FireRequest,
  PutSchedulesAnswer,
  PutSchedulesRequest,
  Schedule,
} from '../core/features/schedules/messages.ts';
import {
  firing,
  listingSchedules,
  puttingSchedules,
  removingSchedule,
} from '../core/features/schedules/operations.ts';
import { featuresOf } from '../core/kernel/features.ts';
import type { Job } from '../core/kernel/job.ts';
import type {
  AbandonAnswer,
  AbandonRequest,
  CancelAnswer,
  CancelRequest,
  Counts,
  EnqueueAnswer,
  EnqueueRequest,
  ExchangeAnswer,
  Explanation,
  ExtendAnswer,
  ExtendRequest,
  ListAnswer,
  ListRequest,
  PauseRequest,
  PurgeAnswer,
  PurgeRequest,
  ReclaimAnswer,
  ReclaimRequest,
  RedriveAnswer,
  RedriveRequest,
  RemoveAnswer,
  RetryNowAnswer,
  RetryNowRequest,
  RoomAnswer,
  RoomRequest,
  SelectRequest,
  StoredStats,
} from '../core/kernel/messages.ts';
import { execute, type Operation } from '../core/kernel/operation.ts';
import type { Store } from '../core/kernel/store.ts';
import { abandoning } from '../core/operations/abandon.ts';
import { cancelling } from '../core/operations/cancel.ts';
import { counting } from '../core/operations/count.ts';
import { explaining } from '../core/operations/explain.ts';
import { getting } from '../core/operations/get.ts';
import { holding } from '../core/operations/hold.ts';
import { listing } from '../core/operations/list.ts';
import { pausing, resuming } from '../core/operations/pause.ts';
import { purging } from '../core/operations/purge.ts';
import { lookingForRoom } from '../core/operations/ready.ts';
import { redriving } from '../core/operations/redrive.ts';
import { removing } from '../core/operations/remove.ts';
import { retrying } from '../core/operations/retry-now.ts';
import { measuring } from '../core/operations/stats.ts';
import { acceptJobs } from '../core/queue/accept-jobs.ts';
import type { Feature } from '../core/queue/feature.ts';
import { StoreLine } from '../core/queue/line.ts';
import { exchanging, extending } from '../core/work/lease-operations.ts';
import { reclaimLeases } from '../core/work/reclaim-leases.ts';
import {
  everyFeature,
  type FeaturedExchange,
  type Limited,
  type LimitedExplain,
  withDrop,
  withKeep,
  withLimits,
} from './every-feature.ts';

type In<Request> = Request & { readonly queue: string };
type Call<Request, Answer> = (request: In<Request>, now: number) => Promise<Answer>;
type Look<Request, Answer> = (request: In<Request>, now?: number) => Promise<Answer>;
/** The rules by which the queue of the page keeps ended jobs. Absent: those of `use`. */
type Keeping = { readonly keep?: KeepRules };
/** How the page makes room. Absent: it does not. */
export type Dropping = { readonly drops?: DropPolicy };
type ById = { readonly id: string };

/** A store with every operation as a method: what was asked with its queue, and the instant. For tests of stores and of rules. */
export interface StoreCalls extends Store {
  readonly enqueue: Call<EnqueueRequest & Dropping, readonly EnqueueAnswer[]>;
  /** A claim may say the limits of its page. */
  readonly exchange: Call<FeaturedExchange & Keeping, ExchangeAnswer>;
  readonly extend: Call<ExtendRequest, readonly ExtendAnswer[]>;
  /** As a worker does it: owners that are proven gone are looked for first. */
  readonly reclaim: Call<ReclaimRequest, ReclaimAnswer>;
  readonly cancel: Call<CancelRequest, readonly CancelAnswer[]>;
  readonly redrive: Call<RedriveRequest, readonly RedriveAnswer[]>;
  readonly retryNow: Call<RetryNowRequest, RetryNowAnswer>;
  readonly remove: Call<SelectRequest, readonly RemoveAnswer[]>;
  readonly prune: Call<PruneRequest & Keeping, PruneAnswer>;
  readonly hold: Call<{ readonly name: string; readonly until: number }, void>;
  readonly pause: Call<PauseRequest, void>;
  readonly resume: Call<PauseRequest, void>;
  readonly purge: Call<PurgeRequest, PurgeAnswer>;
  readonly abandon: Call<AbandonRequest, AbandonAnswer>;
  readonly room: Call<RoomRequest, RoomAnswer>;
  readonly putSchedules: Call<PutSchedulesRequest, PutSchedulesAnswer>;
  readonly removeSchedule: Call<ById, boolean>;
  readonly listSchedules: Look<object, readonly Schedule[]>;
  readonly fire: Call<FireRequest, readonly FireAnswer[]>;
  readonly putBatch: Call<PutBatchRequest, void>;
  readonly closeBatch: Call<ById, boolean>;
  readonly countBatch: Look<ById, BatchCounts | undefined>;
  readonly get: Look<ById, Job | undefined>;
  readonly list: Look<ListRequest, ListAnswer>;
  readonly count: Look<object, Counts>;
  readonly explain: Call<LimitedExplain, Explanation | undefined>;
  readonly log: Look<LogRequest, LogAnswer>;
  readonly stats: Call<object, StoredStats>;
  /** Enqueues inside a transaction of the app's own. Throws at once when that cannot hold jobs. */
  readonly enqueueIn: (
    transaction: unknown,
    request: In<EnqueueRequest>,
    now: number,
  ) => Promise<readonly EnqueueAnswer[]>;
}

/** @param use what the page has in use; default: every feature that needs no setting */
export function storeCalls<Of extends Store>(
  store: Of,
  use: readonly Feature[] = everyFeature(),
): Of & StoreCalls {
  const features = featuresOf(use);
  const pageOf = (said: Limited, keep?: KeepRules) => featuresOf(withKeep(withLimits(use, said), keep));
  const call =
    <Args, Answer>(operation: Operation<Args, Answer>) =>
    ({ queue, ...args }: In<object>, now = 0): Promise<Answer> =>
      execute(store, queue, features, operation, args as Args, () => now);
  return {
    ...store,
    enqueue: ({ queue, drops, ...request }, now) =>
      execute(store, queue, featuresOf(withDrop(use, drops)), acceptJobs, request, () => now),
    exchange: ({ queue, keep, ...request }, now) =>
      execute(store, queue, pageOf(request.claim ?? {}, keep), exchanging, request, () => now),
    extend: call(extending),
    reclaim: ({ queue, ...request }, now) =>
      reclaimLeases(new StoreLine(store, queue, features, () => now), request),
    cancel: call(cancelling),
    redrive: call(redriving),
    retryNow: call(retrying),
    remove: call(removing),
    prune: ({ queue, keep, ...request }, now) =>
      execute(store, queue, pageOf({}, keep), pruning, request, () => now),
    hold: call(holding),
    pause: call(pausing),
    resume: call(resuming),
    purge: call(purging),
    abandon: call(abandoning),
    room: call(lookingForRoom),
    putSchedules: call(puttingSchedules),
    removeSchedule: call(removingSchedule),
    listSchedules: call(listingSchedules),
    fire: call(firing),
    putBatch: call(puttingBatch),
    closeBatch: call(closingBatch),
    countBatch: call(countingBatch),
    get: call(getting),
    list: call(listing),
    count: call(counting),
    explain: ({ queue, ...request }, now = 0) =>
      execute(store, queue, pageOf(request), explaining, request, () => now),
    log: call(loggedEntries),
    stats: call(measuring),
    enqueueIn: (transaction, { queue, ...request }, now) => {
      if (store.join === undefined) throw new TypeError('this store joins no transaction');
      const { codec } = store;
      const joined = { transact: store.join(transaction), codec };
      return execute(joined, queue, features, acceptJobs, request, () => now);
    },
  };
}
