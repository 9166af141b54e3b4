import type { ClosedTarget } from './exchange-messages.ts';
import type { Job, JobState } from './job.ts';

export interface ListRequest {
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

export interface ListAnswer<Listed = Job> {
  readonly jobs: readonly Listed[];
  /** Absent on the last page. */
  readonly cursor?: string;
}

/**
 * `completed`, `cancelled` and `dropped` count all that ever ended so (the jobs themselves are deleted); the others count jobs that are
 * there. `dropped`: made room for others, see `drop`.
 */
export type Counts = Readonly<Record<JobState, number>> & {
  readonly bytes: number;
  readonly dropped: number;
  readonly paused: boolean;
  /** Names paused by themselves; absent: none. */
  readonly pausedNames?: readonly string[];
};

/** Reasons why a waiting job is not claimed now, by their `why`. Those that end by themselves say when. Features add theirs. */
export interface Waits {
  /** The queue, or by name the jobs of one name, until `resume`. */
  paused: { readonly why: 'paused'; readonly name?: string };
  'not-due': { readonly why: 'not-due'; readonly until: number };
  /** Its name, by `hold` or by an attempt that asked for it. */
  held: { readonly why: 'held'; readonly until: number };
  /** It is parked behind another job of its lane: one that waits, runs, or halts the lane. */
  lane: { readonly why: 'lane'; readonly lane: string };
  /** It follows the running job that holds its key. */
  key: { readonly why: 'key'; readonly idempotencyKey: string };
  /** Nobody gets through to its target, or its last attempt did not: it is tried again then, or later if others go first. */
  outage: {
    readonly why: 'outage';
    readonly target: string;
    /** When that began. */
    readonly since: number;
    readonly reason: string;
    readonly nextProbeAt: number;
  };
  /** It is not run without these, and this page lacks them; with `until`, they limit its name on other pages, which keep it to themselves until then. */
  'needs-feature': {
    readonly why: 'needs-feature';
    readonly features: readonly string[];
    readonly until?: number;
  };
  /** Its owners vanished so often that it runs alone, in a worker with nothing else to do. */
  suspect: { readonly why: 'suspect'; readonly crashes: number };
  /** Here, in this context; another may do otherwise. */
  'unknown-name': { readonly why: 'unknown-name' };
  /** Nobody is known to run jobs like it: no worker here, no alarm of this object, and none elsewhere that was at work in the last 10 minutes. */
  'no-worker': { readonly why: 'no-worker' };
  'newer-version': { readonly why: 'newer-version'; readonly version: number; readonly understood: number };
  /** A handler of its last attempt outlived it and runs on here: until that ends, or `overlapAfterMs` is over. `since`: the attempt's end. */
  'still-running': { readonly why: 'still-running'; readonly since: number };
}

/** One reason why a waiting job is not claimed now. */
export type Wait = Waits[keyof Waits];

export interface ExplainRequest {
  readonly id: string;
  /** `no-worker` is an answer, too: who asks runs none of its name. */
  readonly asksWorkers?: boolean;
}

export interface Explanation<Explained = Job> {
  /** Where it stands: while it runs with its lease, dead with its errors. */
  readonly job: Explained;
  /** Empty for a waiting job: the next worker with a free slot takes it, when its turn comes. */
  readonly waits: readonly Wait[];
}

/** Per name with jobs that wait or run. */
export interface StoredStats {
  /** By feature that this page lacks: how many jobs wait that are not run without it. Absent: none. */
  readonly needsFeatures?: Readonly<Record<string, number>>;
  readonly names: Readonly<Record<string, StoredNameStats>>;
  /** Targets to which nobody gets through, or that are being tried again. Absent: none. */
  readonly closedTargets?: readonly ClosedTarget[];
  /** By job name, until when it is held, epoch ms. Absent: none is. */
  readonly holds?: Readonly<Record<string, number>>;
}

/** A worker that has claimed jobs. */
export interface ActiveWorker {
  readonly workerId: string;
  /** Since when it has had jobs without a break, epoch ms. Absent: it began under an older version of the package. */
  readonly since?: number;
  /** When it last claimed or extended a lease, epoch ms. */
  readonly seenAt: number;
  /** How many jobs it has claimed. */
  readonly active: number;
  /** Those that it has had longest, at most 100. */
  readonly jobs: readonly { readonly id: string; readonly name: string }[];
}

export interface WorkersAnswer {
  /** Those that have jobs, the one that began first at the front; at most 100. */
  readonly workers: readonly ActiveWorker[];
  /** Job names that somebody, anywhere, is believed to run, idle workers included: each was worked in the last 15 minutes. */
  readonly names: readonly string[];
}

export interface StoredNameStats {
  /** Not parked and not running, delayed ones included. */
  readonly waiting: number;
  readonly active: number;
  /** How long the job has been due that is next; absent: none is due. */
  readonly oldestAgeMs?: number;
}
