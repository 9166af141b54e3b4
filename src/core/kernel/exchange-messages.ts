import type { JobSpec } from './enqueue-messages.ts';
import type { Job, JobError } from './job.ts';
import type { Attached } from './job-row.ts';

export type Outcome =
  /** Done. What the handler enqueued commits in the same transaction; no depth refuses it. */
  | {
      readonly kind: 'complete';
      readonly enqueue?: readonly JobSpec[];
      /** What the handler returned, where it may be kept. `lost`: it cannot be. */
      readonly result?: { readonly value: unknown; readonly lost?: true };
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

/**
 * How an attempt that failed met its target. `through`: the server said something that is about this job. `answered`: it said that it
 * failed itself. `unreached`: nobody answered for it; it may ask for patience, and `closes` says that nothing else gets through either.
 */
export type Meeting =
  | { readonly kind: 'through' }
  | { readonly kind: 'answered'; readonly reason: string }
  | {
      readonly kind: 'unreached';
      readonly reason: string;
      readonly retryAfterMs?: number;
      readonly closes?: true;
    };

export interface Met {
  readonly how: Meeting;
  /** How long ago the attempt began. */
  readonly ageMs: number;
  /** For how long failures of the target are not held against the job. */
  readonly outageMs: number;
}

export interface Settlement {
  readonly id: string;
  readonly fence: number;
  /** As it is if the attempt counts: whether it does is decided where it is settled. */
  readonly outcome: Outcome;
  /** Of an attempt that failed; absent: it says nothing of its target. */
  readonly met?: Met;
  /** What features attach to a job that is not done, by their names; absent: what is attached stays. */
  readonly attach?: Attached;
}

/**
 * `settled`: written. `spared`: its target failed it, not the job: the attempt does not count. `expired`: the same, for too long: it is
 * dead. `cancelled`: somebody had asked for that, so instead of coming back the job is gone. `stale`: another owner
 * holds the job or it is gone; nothing was written.
 */
export type SettleAnswer = 'settled' | 'spared' | 'expired' | 'cancelled' | 'stale';

/** What a worker knows of a job name, and what therefore holds over all workers. */
export interface KnownName {
  /** The newest payload version understood. */
  readonly version: number;
  /** Its jobs are taken whether their targets are closed or not. */
  readonly outage?: false;
}

export interface ClaimRequest {
  /** By job name, with how many this worker may take. */
  readonly names: Readonly<Record<string, KnownName & { readonly slots: number }>>;
  /** Every so many jobs, counted over all claims that say so, one is of the priority whose first job has waited longest. */
  readonly ageing?: number;
  /** Fewer come when the payloads of those before are 1 MiB together: then `nextAt` says that more is due. */
  readonly limit: number;
  readonly leaseMs: number;
  /** Nothing else runs in this worker: a job that crashed its owner twice may be taken, alone. */
  readonly idle: boolean;
  /** Features in use where the jobs are run. Absent: those of the page whose transaction this is. */
  readonly uses?: readonly string[];
  /** What features of this worker want to be told of, by their names. */
  readonly asks?: Readonly<Record<string, unknown>>;
  /** Answer what is left, too. */
  readonly asksLeft?: boolean;
  /** Handlers that run at a time in this worker: of a target that is being tried again no more are taken. Absent: `limit`. */
  readonly slots?: number;
  /** Targets that this worker holds for itself, with how many of their jobs it takes now. */
  readonly few?: Readonly<Record<string, number>>;
  /** Targets may be reached again: waits for them are lifted first. */
  readonly lift?: true;
}

/** What a claim left of the names it asked for. */
export interface LeftJobs {
  /** That wait to be claimed: due, delayed, held or paused, not those parked behind others. */
  readonly waiting: number;
  /** That other workers hold. */
  readonly elsewhere: number;
}

export interface ExchangeRequest {
  readonly workerId: string;
  readonly settle: readonly Settlement[];
  /**
   * All else that this worker knows it holds, given after an exchange whose answer was lost: what that one brought is not among it,
   * and is given back, the attempt uncounted.
   */
  readonly held?: readonly string[];
  /** Ids of what this worker holds and has not begun: it is told which of them must not begin. */
  readonly unbegun?: readonly string[];
  readonly claim?: ClaimRequest;
  /**
   * The host of this worker may end it at any time (a service worker, by its browser), so that an end in the middle says little of the job: it is an
   * eviction, see `leases.ts`. Absent: it is a crash.
   */
  readonly evictable?: true;
  /** All that this worker runs, whether it claims it now or not, each by its `markOf`: others know of it for a while. Absent: nobody does. */
  readonly runs?: readonly string[];
  /** The longest wait between two probes of a target. Absent: 5 minutes. */
  readonly probeMaxMs?: number;
}

export interface ClaimedJob {
  readonly job: Job;
  readonly fence: number;
  /** Its result goes with its end: others wait for it. `quietly`: nobody does, and it is kept where it can be. Absent: it is not wanted. */
  readonly awaited?: boolean | 'quietly';
  /** Its target is being tried again: it begins before what else was claimed. */
  readonly first?: true;
}

/** What an exchange has found out about targets. */
export interface OutageNews {
  /** By job id: when an attempt that did not count is made up for, unless its target keeps it waiting longer. */
  readonly spared: Readonly<Record<string, number>>;
  readonly closed: readonly ClosedTarget[];
  readonly opened: readonly string[];
  /** Some may be taken that were not: for others to hear. */
  readonly grew: boolean;
  /** By target that attempts of this worker did not reach: how long ago somebody did, where that is known. */
  readonly apart: Readonly<Record<string, number>>;
}

export interface ClosedTarget {
  readonly target: string;
  /** Epoch ms. */
  readonly since: number;
  readonly reason: string;
  /** When one job tries it next. */
  readonly nextProbeAt: number;
  /** Somebody got through again: so many of its jobs may be in flight. Absent: nobody does. */
  readonly allowed?: number;
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
  /**
   * Those of `unbegun` that must not begin now, as their name is held or paused, their target closed, or they are cancelled: still this worker's, which
   * settles them as `unbegun`. Absent: none.
   */
  readonly goBack?: readonly string[];
  /** Ids of jobs that were cancelled as what they waited for was, or died; absent: none. */
  readonly cancelled?: readonly string[];
  /** So many jobs were due and were put off by a feature; absent: none. */
  readonly putOff?: number;
  /** Something that jobs elsewhere wait for is free again, and this worker did not take it. */
  readonly freed?: boolean;
  /** Those that waited for others to end have heard of it, as far as one call goes: some may be due now. */
  readonly wentOn?: boolean;
  /** Something is to be heard of by features that this page lacks: who has them looks sooner. Absent: nothing that they have not been called for yet. */
  readonly owes?: true;
  /** The clock was set back, and the next exchange goes on with what that asks for: there is more than one call does. */
  readonly goesOn?: true;
  /**
   * The earliest instant worth asking again (due jobs, expiring leases, ending holds); absent: nothing waits.
   * At or before `now`: more is due than was taken.
   */
  readonly nextAt?: number;
  /** Absent: nothing. */
  readonly outage?: OutageNews;
  /** Targets that are closed, or being tried again. Absent: none. */
  readonly closedTargets?: readonly ClosedTarget[];
  /** By the names of features: when there is something to do for those that the claim `asks` for; `nextAt` counts it too. */
  readonly asked?: Readonly<Record<string, number>>;
  /** Nothing was ever enqueued: nobody knows of `runs`. */
  readonly unseen?: true;
  /** Of a queue in several places not all were reached: the settlements that have to be told again, by their index. Absent: all were reached. */
  readonly missed?: readonly number[];
  /** There when the claim asked for it. */
  readonly left?: LeftJobs;
}

export interface ExtendRequest {
  readonly workerId: string;
  readonly leases: readonly {
    readonly id: string;
    readonly fence: number;
    readonly progress?: unknown;
    readonly attach?: Attached;
    /** It has not begun. */
    readonly unbegun?: true;
  }[];
  readonly leaseMs: number;
}

/** `goesBack`: extended, but it has not begun (`unbegun`) and must not now: settle it so. */
export type ExtendAnswer = 'extended' | 'stale' | 'cancelRequested' | 'goesBack';

export interface ReclaimRequest {
  readonly limit: number;
  /** Owners proven gone: their leases are reclaimed at once. */
  readonly goneWorkers?: readonly string[];
  /** Owners proven alive: their leases get a minute's grace (browsers throttle the timers of hidden tabs to one a minute). */
  readonly aliveWorkers?: readonly string[];
}

export interface ReclaimAnswer {
  /** Back to pending, each with one crash or eviction more. */
  readonly reclaimed: readonly string[];
  /** Died of `maxCrashes`. */
  readonly dead: readonly string[];
  /** Were to be cancelled anyway. */
  readonly cancelled: readonly string[];
}
