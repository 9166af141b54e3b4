import type { Correction, SeenClock } from './jump.ts';
import type { Position } from './place.ts';
import type { Target } from './target-record.ts';

/** The claimable rows of one name, version, rank, target, needs and kind. */
export interface Stream {
  readonly name: string;
  readonly version: number;
  readonly rank: number;
  readonly target?: string;
  readonly needs?: readonly string[];
  /** false: the `due = 0` stream, append-only. */
  readonly timed: boolean;
  /** Rows not claimed. */
  waiting: number;
  /** Low water: every row at or below it is claimed or gone, so reading starts above it. */
  low: Position;
}

/** A clock that was set back, and how far the rows have been gone through for it: see `set-back.ts`. */
export interface SetBack {
  /** When it was noticed, by the clock that is right now: what was set before waits no longer than its length from here. */
  readonly at: number;
  /** What was due by the old clock was due until then. */
  readonly through: number;
  readonly correction: Correction;
  /** What is gone through, in the order of `set-back.ts`. */
  readonly phase: string;
  /** The last key of the phase that was looked at. */
  readonly after: string;
}

/** One row a queue: what every operation needs to know, so that none has to look for it. */
export interface Control extends SeenClock {
  seq: number;
  fence: number;
  /** The clock was set back, and not all rows know it yet; absent: all do. Replaced, not changed in place. */
  setBack?: SetBack;
  /** How often the clock was set back; absent: never. */
  setBacks?: number;
  /** It was made anew from jobs and records: what features had in it has to be found again, by who has them. */
  mended?: true;
  paused: boolean;
  /** Names paused by themselves; absent: none. */
  pausedNames?: readonly string[];
  pending: number;
  active: number;
  dead: number;
  /** Completed jobs that are still there. */
  remembered: number;
  /** How many ever ended so. */
  completed: number;
  cancelled: number;
  /** Payload bytes of the live jobs. */
  bytes: number;
  /** How many ever made room for others; absent: none. */
  dropped?: number;
  /** The earliest instant at which a waiting job may be too old; absent: none has an age. */
  expiryAt?: number;
  /** The remembered key at which their sweep goes on; absent: none is remembered. */
  keysSwept?: string;
  /** The remembered id at which their sweep goes on; absent: none is remembered apart from its job. */
  idsSwept?: string;
  /** Keys of which jobs are dead; absent: none. */
  buriedKeys?: number;
  /** Those in which rows wait. */
  readonly streams: Stream[];
  /** Names not to be claimed before an instant: see `setHold`. */
  readonly holds: Record<string, number>;
  /** By target, what is known of those that failed a live job, see `outage.ts`; absent: none did. Replaced, not changed in place. */
  targets?: Readonly<Record<string, Target>>;
  /** By version and name: until when somebody is believed to run such jobs, see `worked.ts`. Replaced, not changed in place. */
  worked?: Readonly<Record<string, number>>;
  /** By feature and name: until when pages without that feature's limit leave the name alone, see `name-marks.ts`. Absent: no name. Replaced, not changed in place. */
  marks?: Readonly<Record<string, number>>;
  /** Jobs claimed since one went to whoever had waited longest. */
  aged?: number;
  /** Features that jobs of this queue have owed their ends: who meets a damaged row owes its end to all of them. Absent: none. Replaced, not changed in place. */
  owing?: readonly string[];
  /** Those of them for which records of the kind `owed` wait. Absent: none. Replaced, not changed in place. */
  owed?: readonly string[];
  /** Lanes whose heads are dead: each has a record of the kind `halt`. */
  halted?: number;
}
