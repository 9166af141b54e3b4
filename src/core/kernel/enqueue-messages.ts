import type { CarriedOptions, Durability } from './job.ts';

/** A job on its way into a store: what its row carries, and what is spent when the row is made. */
export interface JobSpec extends CarriedOptions {
  readonly id: string;
  /** The id may have been accepted before (it came from the caller, or a store is asked again): look first. */
  readonly known: boolean;
  readonly name: string;
  readonly version: number;
  readonly priority: number;
  /** Not before this instant; absent or past: at once, in FIFO order. Wins over `delayMs`. */
  readonly runAt?: number;
  readonly delayMs?: number;
  /** An `OnDuplicate`, or a word of a feature. */
  readonly onDuplicate?: string;
  /** Of the transaction that stores it; absent: as the store has it. */
  readonly durability?: Durability;
  /** How long the id is remembered after completion, so that a repeated enqueue is no second run. 0: not at all. */
  readonly dedupeMs?: number;
  /** Made by the store: see `JobRow.extras`. */
  readonly extras?: Readonly<Record<string, unknown>>;
  /** See `Place.needs`. */
  readonly needs?: readonly string[];
  /** See `JobRow.owes`. */
  readonly owes?: readonly string[];
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
  /** At most 1,000 jobs and about 8 MB. */
  readonly jobs: readonly JobSpec[];
  /** A try before this one may have arrived: all its ids are looked for, and it goes where that one went. */
  readonly repeated?: boolean;
  /** These jobs lie there already, under this key (see `PageEnd`): they are sorted in by this call, unless somebody else has. */
  readonly unsorted?: string;
  /** Live jobs (pending and active) the queue may hold. */
  readonly maxDepth?: number;
  /** Estimated payload bytes the queue may hold. */
  readonly maxBytes?: number;
  /** Waiting jobs whose instant has not come that the queue may hold; the parked are not counted. */
  readonly maxDelayed?: number;
}

/** `enqueued`: a new job. `duplicate`: nothing stored, `id` is the live job's. `replaced`: the live job took the new payload. */
export type EnqueueStatus = 'enqueued' | 'duplicate' | 'replaced';

/** What a job may keep of its own when a newcomer takes its place. `runAt`: when it is due. `failures`: those so far count. */
export type Kept = keyof Keepable;

/** Features add theirs. */
export interface Keepable {
  priority: true;
  runAt: true;
  failures: true;
  lane: true;
  onLaneDeath: true;
}

export interface EnqueueAnswer {
  readonly id: string;
  readonly status: EnqueueStatus;
  /** What is not as this call asked for, as the job with its key was there before: it kept that of its own. Absent: all is as asked. */
  readonly kept?: readonly Kept[];
  /** Waiting jobs that made room for it and are gone; absent: none. */
  readonly dropped?: readonly DroppedJob[];
}

export interface DroppedJob {
  readonly id: string;
  readonly name: string;
}

export type RoomRequest = Omit<EnqueueRequest, 'jobs' | 'unsorted'>;

export interface RoomAnswer {
  /** None of the limits is reached. */
  readonly room: boolean;
  /** There may be room from this instant on without anybody's doing; absent: none that is known. */
  readonly nextAt?: number;
}
