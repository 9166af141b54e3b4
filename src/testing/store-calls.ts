import { featuresOf } from '../core/kernel/features.ts';
import type { Job } from '../core/kernel/job.ts';
import type {
  AbandonAnswer,
  AbandonRequest,
  CancelAnswer,
  CancelRequest,
  Counts,
  EditAnswer,
  EditRequest,
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
  WorkersAnswer,
} from '../core/kernel/messages.ts';
import { execute, type Operation } from '../core/kernel/operation.ts';
import type { Store } from '../core/kernel/store.ts';
import { abandoning } from '../core/operations/abandon.ts';
import { listingWorkers } from '../core/operations/active-workers.ts';
import { cancelling } from '../core/operations/cancel.ts';
import { counting } from '../core/operations/count.ts';
import { editing } from '../core/operations/edit.ts';
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
  FEATURE_OPERATIONS,
  type FeaturedExchange,
  type FeaturedExplain,
  type PageOptions,
  pageOf,
} from './every-feature.ts';

type In<Request> = Request & { readonly queue: string };
type Call<Request, Answer> = (request: In<Request>, now: number) => Promise<Answer>;
type Look<Request, Answer> = (request: In<Request>, now?: number) => Promise<Answer>;
type ById = { readonly id: string };

/** Each operation of a table as a method. A request may say more of its page. */
type Calls<Table> = {
  readonly [Name in keyof Table]: Table[Name] extends Operation<infer Args, infer Answer>
    ? Look<Args & PageOptions, Answer>
    : never;
};

/** A store with every operation as a method: what was asked with its queue, and the instant. For tests of stores and of rules. */
export interface StoreCalls extends Store, Calls<typeof FEATURE_OPERATIONS> {
  readonly enqueue: Call<EnqueueRequest & PageOptions, readonly EnqueueAnswer[]>;
  /** A claim may say the limits of its page. */
  readonly exchange: Call<FeaturedExchange, ExchangeAnswer>;
  readonly extend: Call<ExtendRequest, readonly ExtendAnswer[]>;
  /** As a worker does it: owners that are proven gone are looked for first. */
  readonly reclaim: Call<ReclaimRequest, ReclaimAnswer>;
  readonly cancel: Call<CancelRequest, readonly CancelAnswer[]>;
  readonly redrive: Call<RedriveRequest, readonly RedriveAnswer[]>;
  readonly edit: Call<EditRequest, readonly EditAnswer[]>;
  readonly retryNow: Call<RetryNowRequest, RetryNowAnswer>;
  readonly remove: Call<SelectRequest, readonly RemoveAnswer[]>;
  readonly hold: Call<{ readonly name: string; readonly until: number }, void>;
  readonly pause: Call<PauseRequest, void>;
  readonly resume: Call<PauseRequest, void>;
  readonly purge: Call<PurgeRequest, PurgeAnswer>;
  readonly abandon: Call<AbandonRequest, AbandonAnswer>;
  readonly room: Call<RoomRequest, RoomAnswer>;
  readonly get: Look<ById, Job | undefined>;
  readonly list: Look<ListRequest, ListAnswer>;
  readonly count: Look<object, Counts>;
  readonly explain: Call<FeaturedExplain, Explanation | undefined>;
  readonly stats: Call<object, StoredStats>;
  readonly workers: Call<object, WorkersAnswer>;
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
  const call =
    <Args, Answer>(operation: Operation<Args, Answer>) =>
    ({ queue, ...args }: In<object>, now = 0): Promise<Answer> => {
      const page = pageOf(use, args);
      const has = page === use ? features : featuresOf(page);
      return execute(store, queue, has, operation, args as Args, () => now);
    };
  const ofFeatures = Object.entries(FEATURE_OPERATIONS).map(([name, operation]) => [
    name,
    call(operation as Operation),
  ]);
  return {
    ...store,
    ...(Object.fromEntries(ofFeatures) as Calls<typeof FEATURE_OPERATIONS>),
    enqueue: call(acceptJobs),
    exchange: call(exchanging),
    extend: call(extending),
    reclaim: ({ queue, ...request }, now) =>
      reclaimLeases(new StoreLine(store, queue, features, () => now), request),
    cancel: call(cancelling),
    redrive: call(redriving),
    edit: call(editing),
    retryNow: call(retrying),
    remove: call(removing),
    hold: call(holding),
    pause: call(pausing),
    resume: call(resuming),
    purge: call(purging),
    abandon: call(abandoning),
    room: call(lookingForRoom),
    get: call(getting),
    list: call(listing),
    count: call(counting),
    explain: call(explaining),
    stats: call(measuring),
    workers: call(listingWorkers),
    enqueueIn: (transaction, { queue, ...request }, now) => {
      if (store.join === undefined) throw new TypeError('this store joins no transaction');
      const { codec } = store;
      const joined = { transact: store.join(transaction), codec };
      return execute(joined, queue, features, acceptJobs, request, () => now);
    },
  };
}
