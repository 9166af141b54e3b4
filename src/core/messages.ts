/**
 * What travels over the seam between the runtime and a store: requests and answers, plain data only.
 * Instants are epoch ms, durations ms. A store validates nothing here but payloads: the runtime has.
 */
import type { Job, JobError, JobOverrides, JobState, OnDuplicate } from './job.ts';

export interface JobSpec extends JobOverrides {
  readonly id: string;
  /** The id may have been accepted before (it came from the caller, or the call is a repeat): look first. */
  readonly known: boolean;
  readonly name: string;
  readonly version: number;
  readonly priority: number;
  /** Not before this instant; absent or past: at once, in FIFO order. Wins over `delayMs`. */
  readonly runAt?: number;
  readonly delayMs?: number;
  readonly lane?: string;
  readonly idempotencyKey?: string;
  readonly onDuplicate?: OnDuplicate;
  /** How long the id is remembered after completion, so that a repeated enqueue is no second run. 0: not at all. */
  readonly dedupeMs?: number;
  readonly payload: unknown;
  /** The payload is a copy that is checked, measured, and nobody else's: the store may keep it as it is. */
  readonly sealed?: Measured;
}

/** What sealing a payload found. */
export interface Measured {
  /** Estimated bytes: the length of its JSON text, or of its binary. */
  readonly size: number;
  /** JSON.parse(JSON.stringify(value)) gives the same value. */
  readonly plain: boolean;
}

export interface EnqueueRequest {
  readonly queue: string;
  /** At most 1,000 jobs and about 8 MB. */
  readonly jobs: readonly JobSpec[];
  /** Live jobs (pending and active) the queue may hold. */
  readonly maxDepth?: number;
  /** Estimated payload bytes the queue may hold. */
  readonly maxBytes?: number;
}

/** `enqueued`: a new job. `duplicate`: nothing stored, `id` is the live job's. `replaced`: the live job took the new payload. */
export type EnqueueStatus = 'enqueued' | 'duplicate' | 'replaced';
export interface EnqueueAnswer {
  readonly id: string;
  readonly status: EnqueueStatus;
}

export type Outcome =
  /** Done. What the handler enqueued commits in the same transaction; no depth refuses it. */
  | { readonly kind: 'complete'; readonly enqueue?: readonly JobSpec[] }
  /** The attempt failed; the next is due at `runAt`. `holdUntil`: no job of this name is claimed before. */
  | { readonly kind: 'retry'; readonly runAt: number; readonly error: JobError; readonly holdUntil?: number }
  /** Given back; the attempt does not count. */
  | { readonly kind: 'release'; readonly runAt: number }
  /** To the dead letters. */
  | { readonly kind: 'bury'; readonly error: JobError }
  | { readonly kind: 'cancelled' };

export interface Settlement {
  readonly id: string;
  readonly fence: number;
  readonly outcome: Outcome;
}

/**
 * `settled`: written. `cancelled`: somebody had asked for that, so instead of coming back the job is gone. `stale`: another owner
 * holds the job or it is gone; nothing was written.
 */
export type SettleAnswer = 'settled' | 'cancelled' | 'stale';

export interface ClaimRequest {
  /** Per job name: the newest payload version understood, and how many may be taken. */
  readonly names: Readonly<Record<string, { readonly version: number; readonly slots: number }>>;
  readonly limit: number;
  readonly leaseMs: number;
  /** Nothing else runs in this worker: a job that crashed its owner twice may be taken, alone. */
  readonly idle: boolean;
}

export interface ExchangeRequest {
  readonly queue: string;
  readonly workerId: string;
  readonly settle: readonly Settlement[];
  /**
   * All else that this worker knows it holds, given after an exchange whose answer was lost: what that one brought is not among it,
   * and is given back, the attempt uncounted.
   */
  readonly held?: readonly string[];
  readonly claim?: ClaimRequest;
}

export interface ClaimedJob {
  readonly job: Job;
  readonly fence: number;
}

export interface ExchangeAnswer {
  /** One per settlement, in input order. */
  readonly settled: readonly SettleAnswer[];
  readonly jobs: readonly ClaimedJob[];
  /**
   * Jobs that were due and cannot be read, so that they went to the dead letters in the place of being claimed; absent: none. Their last
   * error says why.
   */
  readonly buried?: readonly Job[];
  /**
   * The earliest instant worth asking again (due jobs, expiring leases, ending holds); absent: nothing waits.
   * At or before `now`: more is due than was taken.
   */
  readonly nextAt?: number;
}

export interface ExtendRequest {
  readonly queue: string;
  readonly workerId: string;
  readonly leases: readonly { readonly id: string; readonly fence: number; readonly progress?: unknown }[];
  readonly leaseMs: number;
}
export type ExtendAnswer = 'extended' | 'stale' | 'cancelRequested';

export interface ReclaimRequest {
  readonly queue: string;
  readonly limit: number;
  /** Owners proven gone: their leases are reclaimed at once. */
  readonly goneWorkers?: readonly string[];
  /** Owners proven alive: their leases get a minute's grace (browsers throttle the timers of hidden tabs to one a minute). */
  readonly aliveWorkers?: readonly string[];
}
export interface ReclaimAnswer {
  /** Back to pending, each with one crash more. */
  readonly reclaimed: readonly string[];
  /** Died of `maxCrashes`. */
  readonly dead: readonly string[];
  /** Were to be cancelled anyway. */
  readonly cancelled: readonly string[];
}

/** At most 1,000 ids a call. */
export interface SelectRequest {
  readonly queue: string;
  readonly ids: readonly string[];
}
/** Per id. `requested`: it is running; its handler's signal is aborted, and instead of coming back it ends cancelled (it may complete or die first). */
export type CancelAnswer = 'cancelled' | 'requested' | 'finished' | 'unknown';
/** Per id. `duplicate`: another live job holds its idempotency key. `unreadable`: what is stored cannot be read. In both it stays dead. */
export type RedriveAnswer = 'redriven' | 'duplicate' | 'unreadable' | 'not-dead' | 'unknown';
/** Per id. `live`: only finished jobs can be removed; cancel it first. */
export type RemoveAnswer = 'removed' | 'live' | 'unknown';

export interface ListRequest {
  readonly queue: string;
  readonly state: JobState;
  /** Only jobs of this name. */
  readonly name?: string;
  /** 1…1,000. */
  readonly limit: number;
  /** `cursor` of the page before. */
  readonly cursor?: string;
}
export interface ListAnswer {
  readonly jobs: readonly Job[];
  /** Absent on the last page. */
  readonly cursor?: string;
}

/** `completed` and `cancelled` count all that ever ended so (the jobs themselves are deleted); the others count jobs that are there. */
export type Counts = Readonly<Record<JobState, number>> & {
  readonly bytes: number;
  readonly paused: boolean;
};
