/**
 * What travels over the seam between the runtime and a store: requests and answers, plain data only.
 * Instants are epoch ms, durations ms. A store validates nothing here but payloads: the runtime has.
 */
import type {
  Job,
  JobError,
  JobFacts,
  JobOverrides,
  JobState,
  OnDependencyDeath,
  OnDuplicate,
  OnFull,
  OnLaneDeath,
  Rate,
  Tick,
} from './job.ts';

export interface JobSpec extends JobOverrides, JobFacts {
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
  /** What becomes of the lane if this job dies as its head; absent: it goes on. */
  readonly onLaneDeath?: OnLaneDeath;
  /** The rate of its name counts for this key by itself. */
  readonly rateKey?: string;
  readonly idempotencyKey?: string;
  readonly onDuplicate?: OnDuplicate;
  /** The key is held at least this long from now, also when its job has ended by then. */
  readonly keyForMs?: number;
  /** `debounce`: the job that waits is not moved further than this from when it was enqueued. */
  readonly maxWaitMs?: number;
  /** How old the job may be when an attempt begins, counted from when it may first run. */
  readonly maxAgeMs?: number;
  /** How long the id is remembered after completion, so that a repeated enqueue is no second run. 0: not at all. */
  readonly dedupeMs?: number;
  /** The tick of a schedule that brings it. */
  readonly tick?: Tick;
  /** Ids of jobs that have to end first, each with the name of its result. */
  readonly dependsOn?: Readonly<Record<string, string>>;
  /** Default `bury`. */
  readonly onDependencyDeath?: OnDependencyDeath;
  /** Made by the store: see `JobRow.results`. */
  readonly results?: Readonly<Record<string, unknown>>;
  /** The batch that it counts in: one that is there, and open. */
  readonly batch?: string;
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
  /** Waiting jobs whose instant has not come that the queue may hold; the parked are not counted. */
  readonly maxDelayed?: number;
  /** Beyond a limit; default `refuse`. */
  readonly onFull?: OnFull;
}

/** `enqueued`: a new job. `duplicate`: nothing stored, `id` is the live job's. `replaced`: the live job took the new payload. */
export type EnqueueStatus = 'enqueued' | 'duplicate' | 'replaced';
export interface EnqueueAnswer {
  readonly id: string;
  readonly status: EnqueueStatus;
  /** Waiting jobs that made room for it and are gone; absent: none. */
  readonly dropped?: readonly DroppedJob[];
}

export interface DroppedJob {
  readonly id: string;
  readonly name: string;
}

export type RoomRequest = Omit<EnqueueRequest, 'jobs' | 'onFull'>;
export interface RoomAnswer {
  /** None of the limits is reached. */
  readonly room: boolean;
  /** There may be room from this instant on without anybody's doing; absent: none that is known. */
  readonly nextAt?: number;
}

export type Outcome =
  /** Done. What the handler enqueued commits in the same transaction; no depth refuses it. */
  | {
      readonly kind: 'complete';
      readonly enqueue?: readonly JobSpec[];
      /** What the handler returned, where it may be kept. */
      readonly result?: { readonly value: unknown };
    }
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
  readonly limit: number;
  readonly leaseMs: number;
  /** Nothing else runs in this worker: a job that crashed its owner twice may be taken, alone. */
  readonly idle: boolean;
  /** The schedules that this worker could fire; absent: none. */
  readonly ticks?: TickWatch;
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

export interface PruneRequest {
  readonly queue: string;
  readonly keep?: KeepRules;
  /** At most so many of each kind. */
  readonly limit: number;
}
/** How many were deleted. */
export interface PruneAnswer {
  readonly completed: number;
  readonly dead: number;
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
   * Jobs that were due and cannot be read, so that they went to the dead letters in the place of being claimed; absent: none. Their last
   * error says why.
   */
  readonly buried?: readonly Job[];
  /** So many jobs were due and were put off by the rate of their keys; absent: none. */
  readonly putOff?: number;
  /** A place under a `maxActive` became free and was not taken again, and a job waits for it. */
  readonly leavesRoom?: boolean;
  /**
   * The earliest instant worth asking again (due jobs, expiring leases, ending holds); absent: nothing waits.
   * At or before `now`: more is due than was taken.
   */
  readonly nextAt?: number;
  /** The earliest tick among what the claim watches for; `nextAt` counts it too. Absent: none. */
  readonly nextTickAt?: number;
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

export interface PurgeRequest {
  readonly queue: string;
  /** Jobs, or other rows, that one call may remove. */
  readonly limit: number;
  /** Running jobs go too; their owners' leases are lost. */
  readonly force: boolean;
}
export interface PurgeAnswer {
  /** Jobs, in whatever state. */
  readonly removed: number;
  /** Jobs that run and were asked to stop. */
  readonly active: number;
  /** There is something left to remove: ask again. */
  readonly more: boolean;
}

/** At most 1,000 ids a call. */
export interface SelectRequest {
  readonly queue: string;
  readonly ids: readonly string[];
}
export interface CancelRequest extends SelectRequest {
  /** Only those that wait: a running one is answered `running` and not asked to stop. */
  readonly waiting?: boolean;
}
/** Per id. `requested`: it is running; its handler's signal is aborted, and instead of coming back it ends cancelled (it may complete or die first). */
export type CancelAnswer = 'cancelled' | 'requested' | 'running' | 'finished' | 'unknown';
export interface RedriveRequest extends SelectRequest {
  /** In the place of the payload that each of them has, whose checkpoint then goes as well. */
  readonly edit?: { readonly payload: unknown; readonly sealed?: Measured; readonly version: number };
}
/** Per id. `duplicate`: another live job holds its idempotency key. `unreadable`: what is stored cannot be read. In both it stays dead. */
export type RedriveAnswer = 'redriven' | 'duplicate' | 'unreadable' | 'not-dead' | 'unknown';
/** Per id. `live`: only finished jobs can be removed; cancel it first. */
export type RemoveAnswer = 'removed' | 'live' | 'unknown';

/** Without a name: the whole queue. */
export interface PauseRequest {
  readonly queue: string;
  readonly name?: string;
}

export interface ListRequest {
  readonly queue: string;
  readonly state: JobState;
  /** Only jobs of this name. */
  readonly name?: string;
  /** Only jobs with this tag. */
  readonly tag?: string;
  /** 1…1,000. */
  readonly limit: number;
  /** `cursor` of the page before. */
  readonly cursor?: string;
}
/** A job's step from one state to another. */
export interface Transition {
  readonly id: string;
  readonly to:
    | 'enqueued'
    | 'replaced'
    | 'dropped'
    | 'claimed'
    | 'completed'
    | 'retried'
    | 'released'
    | 'dead'
    | 'cancelled'
    | 'reclaimed'
    | 'redriven'
    | 'removed';
  /** The job's, where it is known. */
  readonly name?: string;
  readonly workerId?: string;
  readonly attempt?: number;
  /** The first 200 characters of its message. */
  readonly error?: string;
}
export interface LogEntry extends Transition {
  /** Its number: the first transition of the queue has 1. */
  readonly n: number;
  /** Epoch ms. */
  readonly at: number;
}
export interface LogRequest {
  readonly queue: string;
  /** Only those with greater numbers. */
  readonly after: number;
  readonly limit: number;
}
export type LogAnswer = readonly LogEntry[];

export interface PutBatchRequest {
  readonly queue: string;
  readonly id: string;
  /** Enqueued when every job of the batch has ended, once. */
  readonly whenDone?: JobSpec;
}
/** `total` = `open` + `completed` + `dead` + `cancelled`. */
export interface BatchCounts {
  readonly total: number;
  /** Jobs that have not ended: waiting or running. */
  readonly open: number;
  readonly completed: number;
  /** A dead job has ended; redriven, it is open again. */
  readonly dead: number;
  readonly cancelled: number;
  /** No more jobs are added. */
  readonly closed: boolean;
}

/** One reason why a waiting job is not claimed now. Reasons that end by themselves say when. */
export type Wait =
  /** The queue, or by name the jobs of one name, until `resume`. */
  | { readonly why: 'paused'; readonly name?: string }
  | { readonly why: 'not-due'; readonly until: number }
  /** Its name, by `hold` or by an attempt that asked for it. */
  | { readonly why: 'held'; readonly until: number }
  /** It is parked behind another job of its lane: one that waits, runs, or halts the lane. */
  | { readonly why: 'lane'; readonly lane: string }
  /** Jobs that it depends on have not ended. */
  | { readonly why: 'dependencies'; readonly ids: readonly string[] }
  /** It follows the running job that holds its key. */
  | { readonly why: 'key'; readonly idempotencyKey: string }
  /** Its owners vanished so often that it runs alone, in a worker with nothing else to do. */
  | { readonly why: 'suspect'; readonly crashes: number }
  /** Here, in this context; another may do otherwise. */
  | { readonly why: 'unknown-name' | 'gate' | 'no-worker' }
  | { readonly why: 'newer-version'; readonly version: number; readonly understood: number };

export interface Explanation {
  /** Where it stands: while it runs with its lease, dead with its errors. */
  readonly job: Job;
  /** Empty for a waiting job: the next worker with a free slot takes it, when its turn comes. */
  readonly waits: readonly Wait[];
}

/** Per name with jobs that wait or run. */
export interface StoredStats {
  readonly names: Readonly<Record<string, StoredNameStats>>;
}
export interface StoredNameStats {
  /** Not parked and not running, delayed ones included. */
  readonly waiting: number;
  readonly active: number;
  /** How long the job has been due that is next; absent: none is due. */
  readonly oldestAgeMs?: number;
}

export interface ListAnswer {
  readonly jobs: readonly Job[];
  /** Absent on the last page. */
  readonly cursor?: string;
}

/**
 * `completed`, `cancelled` and `dropped` count all that ever ended so (the jobs themselves are deleted); the others count jobs that are
 * there. `dropped`: made room for others, as `onFull` says.
 */
export type Counts = Readonly<Record<JobState, number>> & {
  readonly bytes: number;
  readonly dropped: number;
  readonly paused: boolean;
  /** Names paused by themselves; absent: none. */
  readonly pausedNames?: readonly string[];
};

/** When a schedule ticks, as it is stored. */
export type RecurrenceRule =
  | {
      readonly kind: 'every';
      /** From tick to tick. */
      readonly ms: number;
      /** An instant that is a tick; the others lie at its distance on both sides. Absent when it is put first: then. */
      readonly anchor?: number;
    }
  | { readonly kind: 'cron'; readonly pattern: string; readonly timeZone: string };

/**
 * What becomes of ticks that passed while nobody was there to fire them: `skip`: they bring no job. `once`: the latest of them brings
 * one. `all`: each brings one, the latest so many. A tick that is fired at most a minute late, and before the next, was not missed.
 */
export type MissedPolicy = 'skip' | 'once' | { readonly all: number };

/** What every job of a schedule is. */
export type ScheduledSpec = Omit<JobSpec, 'id' | 'known' | 'tick' | 'runAt' | 'delayMs' | 'dedupeMs'>;

export interface ScheduleSpec {
  readonly id: string;
  readonly rule: RecurrenceRule;
  /** The first tick of a rule that no store can compute (`cron`). Absent: there is none. */
  readonly nextAt?: number;
  readonly missed: MissedPolicy;
  /** `false`: a tick brings no job while the last job of the schedule is live. */
  readonly overlap: boolean;
  readonly job: ScheduledSpec;
}

export interface PutSchedulesRequest {
  readonly queue: string;
  readonly schedules: readonly ScheduleSpec[];
}

/** A schedule as reading answers it. */
export interface Schedule {
  readonly id: string;
  readonly rule: RecurrenceRule;
  readonly missed: MissedPolicy;
  readonly overlap: boolean;
  /** Of its jobs. */
  readonly name: string;
  readonly version: number;
  readonly payload: unknown;
  /** The tick to be fired next, epoch ms. Absent: there is none any more. */
  readonly nextAt?: number;
  /** The last tick that brought a job, and the id of that. */
  readonly lastAt?: number;
  readonly lastId?: string;
}

/** What a worker wants to be woken for. */
export interface TickWatch {
  /** The kinds of rules that it can compute. */
  readonly kinds: readonly RecurrenceRule['kind'][];
  /** Job names with the newest payload version understood. */
  readonly names: Readonly<Record<string, number>>;
}

export interface Firing {
  readonly id: string;
  /** `nextAt` of the schedule, as whoever fires it has seen it. */
  readonly seenAt: number;
  /** The ticks that bring a job each, in order. */
  readonly ticks: readonly number[];
  /** The tick after them. Absent: there is none. */
  readonly nextAt?: number;
}

export interface FireRequest {
  readonly queue: string;
  readonly firings: readonly Firing[];
}

/**
 * `fired`: its jobs are in the queue and its next tick is set. `overlap`: only the latter, as the last job is live. `stale`: nothing was
 * written: somebody else fired it, it is another by now, or the queue is paused.
 */
export interface FireAnswer {
  readonly status: 'fired' | 'overlap' | 'stale';
  readonly jobs: readonly EnqueueAnswer[];
}
