import type { Job } from '../../core/kernel/job.ts';
import type { Attached } from '../../core/kernel/job-row.ts';
import type {
  CancelAnswer,
  ClaimedJob,
  Counts,
  EditAnswer,
  EditRequest,
  EnqueueAnswer,
  EnqueueRequest,
  ExchangeAnswer,
  ExtendAnswer,
  ExtendRequest,
  JobSpec,
  ListAnswer,
  ListRequest,
  Outcome,
  ReclaimAnswer,
  ReclaimRequest,
  RedriveAnswer,
  RemoveAnswer,
  RetryNowAnswer,
  RetryNowRequest,
  RoomAnswer,
  RoomRequest,
  SettleAnswer,
  StoredStats,
  Wait,
  WorkersAnswer,
} from '../../core/kernel/messages.ts';
import type { Store } from '../../core/kernel/store.ts';
import type { Feature } from '../../core/queue/feature.ts';
import type { FeaturedClaim, PageOptions } from '../every-feature.ts';
import { type StoreCalls, storeCalls } from '../store-calls.ts';

/** The worker that claims and settles where a test names no other. */
export const WORKER = 'worker';
export const LEASE_MS = 30_000;

export interface Claiming extends Partial<Omit<FeaturedClaim, 'names'>> {
  /** Names at version 1 with slots to spare, or the whole of it. Default `['job']`. */
  readonly names?: readonly string[] | FeaturedClaim['names'];
  readonly worker?: string;
  /** The worker's host may end it at any time. */
  readonly evictable?: true;
}

/** What proves a claim: the claimed job itself, or only its id and fence. */
export type Held = ClaimedJob | { readonly id: string; readonly fence: number };

export interface Extending extends Partial<Pick<ExtendRequest, 'leaseMs'>> {
  readonly worker?: string;
  readonly progress?: unknown;
  readonly checkpoint?: unknown;
  readonly attach?: Attached;
}

/** Far more than any test needs: a store that never comes to an end would be asked for ever. */
const MAX_PURGES = 200;

/** One opening of the store, speaking to one queue: the requests a test writes often, with their defaults. */
export class Opening {
  readonly store: StoreCalls;
  readonly queue: string;

  /** `use`: what its page has in use; absent: every feature. */
  constructor(store: Store | StoreCalls, queue: string, use?: readonly Feature[]) {
    this.store = 'enqueue' in store ? store : storeCalls(store, use);
    this.queue = queue;
  }

  /** The same opening, speaking to another queue. */
  inQueue(queue: string): Opening {
    return new Opening(this.store, queue);
  }

  enqueue(now: number, ...jobs: JobSpec[]): Promise<readonly EnqueueAnswer[]> {
    return this.store.enqueue({ queue: this.queue, jobs }, now);
  }

  enqueueWithin(
    limits: Omit<EnqueueRequest, 'queue' | 'jobs'> & PageOptions,
    now: number,
    ...jobs: JobSpec[]
  ): Promise<readonly EnqueueAnswer[]> {
    return this.store.enqueue({ queue: this.queue, jobs, ...limits }, now);
  }

  /** Settles, then claims, in one exchange. */
  exchange(
    now: number,
    settle: readonly (readonly [Held, Outcome])[],
    claiming?: Claiming,
  ): Promise<ExchangeAnswer> {
    const request = {
      queue: this.queue,
      workerId: claiming?.worker ?? WORKER,
      settle: settle.map(([held, outcome]) => ({ ...proof(held), outcome })),
      ...(claiming?.evictable && { evictable: claiming.evictable }),
    };
    return this.store.exchange(claiming ? { ...request, claim: claimRequest(claiming) } : request, now);
  }

  /** The whole answer of a claim. */
  look(now: number, claiming: Claiming = {}): Promise<ExchangeAnswer> {
    return this.exchange(now, [], claiming);
  }

  async claim(now: number, claiming: Claiming = {}): Promise<readonly ClaimedJob[]> {
    return (await this.look(now, claiming)).jobs;
  }

  async claimIds(now: number, claiming: Claiming = {}): Promise<string[]> {
    return (await this.claim(now, claiming)).map(({ job }) => job.id);
  }

  /** The one next job; throws when nothing can be claimed. */
  async claimOne(now: number, claiming: Claiming = {}): Promise<ClaimedJob> {
    const [claimed] = await this.claim(now, { ...claiming, limit: 1 });
    if (claimed === undefined) throw new Error(`nothing could be claimed at ${now}`);
    return claimed;
  }

  async settle(now: number, held: Held, outcome: Outcome, worker = WORKER): Promise<SettleAnswer> {
    const settle = [{ ...proof(held), outcome }];
    const { settled } = await this.store.exchange({ queue: this.queue, workerId: worker, settle }, now);
    const [answer] = settled;
    if (answer === undefined || settled.length !== 1) throw new Error('one settlement had not one answer');
    return answer;
  }

  extend(now: number, held: readonly Held[], extending: Extending = {}): Promise<readonly ExtendAnswer[]> {
    const { worker = WORKER, leaseMs = LEASE_MS } = extending;
    const progress = 'progress' in extending ? { progress: extending.progress } : {};
    const { attach: more = {} } = extending;
    const left = 'checkpoint' in extending ? { checkpoints: extending.checkpoint, ...more } : more;
    const attach = Object.keys(left).length > 0 ? { attach: left } : {};
    const leases = held.map((each) => ({ ...proof(each), ...progress, ...attach }));
    return this.store.extend({ queue: this.queue, workerId: worker, leases, leaseMs }, now);
  }

  reclaim(now: number, more: Partial<Omit<ReclaimRequest, 'queue'>> = {}): Promise<ReclaimAnswer> {
    return this.store.reclaim({ queue: this.queue, limit: 100, ...more }, now);
  }

  /** Cancels those that wait, as `clear` does. */
  cancelWaiting(now: number, ...ids: string[]): Promise<readonly CancelAnswer[]> {
    return this.store.cancel({ queue: this.queue, ids, waiting: true }, now);
  }

  /** Those of these jobs that must not begin, by an exchange and by an extension. */
  async goingBack(now: number, held: readonly ClaimedJob[], worker = WORKER) {
    const request = { queue: this.queue, workerId: worker };
    const ids = held.map(({ job }) => job.id);
    const { goBack = [] } = await this.store.exchange({ ...request, settle: [], unbegun: ids }, now);
    const leases = held.map((each) => ({ ...proof(each), unbegun: true as const }));
    const answers = await this.store.extend({ ...request, leases, leaseMs: LEASE_MS }, now);
    const extended = ids.filter((_, i) => answers[i] === 'goesBack' || answers[i] === 'cancelRequested');
    if (goBack.join() !== extended.join())
      throw new Error(`an exchange answers ${goBack}, an extension ${extended}`);
    return goBack;
  }

  cancel(now: number, ...ids: string[]): Promise<readonly CancelAnswer[]> {
    return this.store.cancel({ queue: this.queue, ids }, now);
  }

  redrive(now: number, ...ids: string[]): Promise<readonly RedriveAnswer[]> {
    return this.store.redrive({ queue: this.queue, ids }, now);
  }

  /** Again and again, until nothing is left to remove. Answers how many jobs were removed, and how many run still. */
  async purge(now: number, force = false, limit = 100): Promise<{ removed: number; active: number }> {
    let removed = 0;
    for (let calls = 0; calls < MAX_PURGES; calls += 1) {
      const answer = await this.store.purge({ queue: this.queue, limit, force }, now);
      removed += answer.removed;
      if (!answer.more) return { removed, active: answer.active };
    }
    throw new Error(`more is left after ${MAX_PURGES} calls of purge`);
  }

  /** Again and again, until all of it is done. */
  async abandon(now: number, feature: string): Promise<{ freed: number; dropped: number }> {
    let [freed, dropped] = [0, 0];
    for (let next: string | undefined, calls = 0; calls < MAX_PURGES; calls += 1) {
      const request = { queue: this.queue, feature, ...(next === undefined ? {} : { next }) };
      const answer = await this.store.abandon(request, now);
      freed += answer.freed;
      dropped += answer.dropped;
      next = answer.next;
      if (next === undefined) return { freed, dropped };
    }
    throw new Error(`more is left after ${MAX_PURGES} calls of abandon`);
  }

  room(now: number, limits: Omit<RoomRequest, 'queue'>): Promise<RoomAnswer> {
    return this.store.room({ queue: this.queue, ...limits }, now);
  }

  remove(now: number, ...ids: string[]): Promise<readonly RemoveAnswer[]> {
    return this.store.remove({ queue: this.queue, ids }, now);
  }

  /** Of one job. */
  async edit(now: number, id: string, changes: Omit<EditRequest, 'ids'>): Promise<EditAnswer> {
    const [answer] = await this.store.edit({ queue: this.queue, ids: [id], ...changes }, now);
    return answer as EditAnswer;
  }

  workers(now: number): Promise<WorkersAnswer> {
    return this.store.workers({ queue: this.queue }, now);
  }

  retryNow(now: number, request: Omit<RetryNowRequest, 'queue'> = {}): Promise<RetryNowAnswer> {
    return this.store.retryNow({ queue: this.queue, ...request }, now);
  }

  hold(now: number, name: string, until: number): Promise<void> {
    return this.store.hold({ queue: this.queue, name, until }, now);
  }

  /** The queue, or jobs of a name. */
  pause(now: number, name?: string): Promise<void> {
    return this.store.pause({ queue: this.queue, ...(name === undefined ? {} : { name }) }, now);
  }

  resume(now: number, name?: string): Promise<void> {
    return this.store.resume({ queue: this.queue, ...(name === undefined ? {} : { name }) }, now);
  }

  /** Why a job waits, by the store; throws when the job is not there. */
  async waits(now: number, id: string): Promise<readonly Wait[]> {
    const explained = await this.store.explain({ queue: this.queue, id }, now);
    if (explained === undefined) throw new Error(`there is no job ${id}`);
    return explained.waits;
  }

  stats(now: number): Promise<StoredStats> {
    return this.store.stats({ queue: this.queue }, now);
  }

  get(id: string): Promise<Job | undefined> {
    return this.store.get({ queue: this.queue, id });
  }

  /** The job; throws when it is not there. */
  async job(id: string): Promise<Job> {
    const job = await this.get(id);
    if (job === undefined) throw new Error(`there is no job ${id}`);
    return job;
  }

  list(request: Omit<ListRequest, 'queue' | 'limit'> & { readonly limit?: number }): Promise<ListAnswer> {
    return this.store.list({ limit: 1_000, ...request, queue: this.queue });
  }

  async listIds(state: ListRequest['state']): Promise<string[]> {
    return (await this.list({ state })).jobs.map((job) => job.id);
  }

  count(): Promise<Counts> {
    return this.store.count({ queue: this.queue });
  }
}

/** Finds a claimed job by its id; throws when it was not claimed. */
export function byId(jobs: readonly ClaimedJob[]): (id: string) => ClaimedJob {
  return (id) => {
    const found = jobs.find(({ job }) => job.id === id);
    if (found === undefined) throw new Error(`job ${id} was not claimed`);
    return found;
  };
}

function proof(held: Held): { id: string; fence: number } {
  return 'job' in held ? { id: held.job.id, fence: held.fence } : { id: held.id, fence: held.fence };
}

function claimRequest({
  names = ['job'],
  limit = 10,
  leaseMs = LEASE_MS,
  idle = false,
  worker: _,
  evictable: _evictable,
  ...more
}: Claiming): FeaturedClaim {
  return { ...more, names: isList(names) ? spacious(names) : names, limit, leaseMs, idle };
}

function isList(names: NonNullable<Claiming['names']>): names is readonly string[] {
  return Array.isArray(names);
}

function spacious(names: readonly string[]): FeaturedClaim['names'] {
  return Object.fromEntries(names.map((name) => [name, { version: 1, slots: 1_000 }]));
}
