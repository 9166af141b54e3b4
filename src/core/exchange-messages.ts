import type { JobSpec } from './enqueue-messages.ts';
import type { Job, JobError, Rate } from './job.ts';
import type { TickWatch } from './schedule-messages.ts';

export type Outcome =
  /** Done. What the handler enqueued commits in the same transaction; no depth refuses it. */
  | {
      readonly kind: 'complete';
      readonly enqueue?: readonly JobSpec[];
      /** What the handler returned, where it may be kept. */
      readonly result?: { readonly value: unknown };
    }
  /**
   * The attempt failed; the next is due at `runAt`, and at most `waitMs` from the settlement on, whatever the clock said that `runAt` was
   * taken from; absent: as long as it then is until `runAt`. `holdUntil`: no job of this name is claimed before; bounded alike.
   */
  | {
      readonly kind: 'retry';
      readonly runAt: number;
      readonly waitMs?: number;
      readonly error: JobError;
      readonly holdUntil?: number;
    }
  /** Given back; the attempt does not count. */
  | { readonly kind: 'release'; readonly runAt: number; readonly waitMs?: number }
  /** It was claimed and has not begun: only the lease ends. The job is where it was before the claim; no row is rewritten. */
  | { readonly kind: 'unbegun' }
  /** To the dead letters. */
  | { readonly kind: 'bury'; readonly error: JobError }
  | { readonly kind: 'cancelled' };

export interface Settlement {
  readonly id: string;
  readonly fence: number;
  readonly outcome: Outcome;
  /** For the next attempt; absent: the last one stored stays. */
  readonly checkpoint?: unknown;
}

/**
 * `settled`: written. `cancelled`: somebody had asked for that, so instead of coming back the job is gone. `stale`: another owner
 * holds the job or it is gone; nothing was written.
 */
export type SettleAnswer = 'settled' | 'cancelled' | 'stale';

/** What a worker knows of a job name, and what therefore holds over all workers. */
export interface KnownName {
  /** The newest payload version understood. */
  readonly version: number;
  /** With so many active in the queue, no more of the name are taken. */
  readonly maxActive?: number;
  /** How often jobs of the name are taken; those with a `rateKey` are counted by their key alone. */
  readonly rate?: Rate;
}

export interface ClaimRequest {
  /** By job name, with how many this worker may take. */
  readonly names: Readonly<Record<string, KnownName & { readonly slots: number }>>;
  /** With so many active in the queue, nothing is taken. */
  readonly maxActive?: number;
  /** Every so many jobs, counted over all claims that say so, one is of the priority whose first job has waited longest. */
  readonly ageing?: number;
  /** Fewer come when the payloads of those before are 1 MiB together: then `nextAt` says that more is due. */
  readonly limit: number;
  readonly leaseMs: number;
  /** Nothing else runs in this worker: a job that crashed its owner twice may be taken, alone. */
  readonly idle: boolean;
  /** The schedules that this worker could fire; absent: none. */
  readonly ticks?: TickWatch;
  /** Answer what is left, too. */
  readonly asksLeft?: boolean;
}

/** What a claim left of the names it asked for. */
export interface LeftJobs {
  /** That wait to be claimed: due, delayed, held or paused, not those parked behind others. */
  readonly waiting: number;
  /** That other workers hold. */
  readonly elsewhere: number;
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
  /** By which rules ended jobs stay. Absent: completed ones as long as their ids or results are remembered, dead ones for good. */
  readonly keep?: KeepRules;
}

/** How many ended jobs stay, the last of them, and how long. At least one of the two is there. */
export interface Keep {
  readonly count?: number;
  readonly ageMs?: number;
}

export interface KeepRules {
  readonly completed?: Keep;
  readonly dead?: Keep;
}

export interface ClaimedJob {
  readonly job: Job;
  readonly fence: number;
  /** Others wait for its result; absent: nobody does. */
  readonly awaited?: boolean;
}

export interface ExchangeAnswer {
  /** One per settlement, in input order. */
  readonly settled: readonly SettleAnswer[];
  readonly jobs: readonly ClaimedJob[];
  /**
   * Jobs that went to the dead letters without having been claimed, as they cannot be read, are too old, or waited for one that died;
   * absent: none. Their last error says why.
   */
  readonly buried?: readonly Job[];
  /** So many jobs were due and were put off by the rate of their keys; absent: none. */
  readonly putOff?: number;
  /** A place under a `maxActive` became free and was not taken again, and a job waits for it. */
  readonly leavesRoom?: boolean;
  /** Those that waited for others to end have heard of it, as far as one call goes: some may be due now. */
  readonly wentOn?: boolean;
  /**
   * The earliest instant worth asking again (due jobs, expiring leases, ending holds); absent: nothing waits.
   * At or before `now`: more is due than was taken.
   */
  readonly nextAt?: number;
  /** The earliest tick among what the claim watches for; `nextAt` counts it too. Absent: none. */
  readonly nextTickAt?: number;
  /** There when the claim asked for it. */
  readonly left?: LeftJobs;
}

export interface ExtendRequest {
  readonly queue: string;
  readonly workerId: string;
  readonly leases: readonly {
    readonly id: string;
    readonly fence: number;
    readonly progress?: unknown;
    readonly checkpoint?: unknown;
  }[];
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
