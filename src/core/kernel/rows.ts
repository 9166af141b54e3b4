import type { JobError, JobFacts, JobOverrides, OnDependencyDeath, Tick } from './job.ts';
import type { Correction, Jump } from './jump.ts';
import type { Measured } from './messages.ts';
import type { Keyed, RecordKind, RecordKinds } from './records.ts';
import type { NextTick } from './schedule-row.ts';
import type { Target } from './target-record.ts';

/** A position in claim order: inside one stream rows go by (due, seq). */
export interface Position {
  /** 0: an undelayed first enqueue, always due. Else epoch ms, 1 or more. */
  readonly due: number;
  readonly seq: number;
}

/** Which row, and where: all that its primary key is made of. */
export interface Place extends Position {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  /** -priority, so that smaller goes first. */
  readonly rank: number;
  /** Whom its handler calls; absent: its name says so. */
  readonly target?: string;
}

/** A job as it is stored. Rows are never changed in place: a change is a new row. */
export interface JobRow extends Place, JobOverrides, JobFacts {
  readonly enqueuedAt: number;
  readonly runAt: number;
  /** Of a timed row: how long it waits, from the instant at which it was given its due. Absent: not at all, unless its due is `named`. */
  readonly waitMs?: number;
  /** Its due is an instant that somebody named: no clock moves it. */
  readonly named?: true;
  readonly failures: number;
  readonly crashes: number;
  readonly errors: readonly JobError[];
  /** Of a job that its target failed, see `outage.ts`: when that was first; the instant from which on it is held against the job. */
  readonly since?: number;
  readonly against?: number;
  /** How often the clock had been set back when these were written; absent: never. */
  readonly setBacks?: number;
  /** Attempts that have ended, where not all of them count; absent: `failures`. */
  readonly tries?: number;
  /** How many in a row did not count, as far as it was written; absent: the last one did. */
  readonly spared?: number;
  readonly lane?: string;
  readonly idempotencyKey?: string;
  readonly onLaneDeath?: 'halt';
  /** Only of a dead job: it is still the head of its lane. */
  readonly haltsLane?: true;
  readonly rateKey?: string;
  /** Its place in the line of its rate key, see `rate-line.ts`. It has it only while it is due at `due`. */
  readonly inLine?: { readonly at: number; readonly due: number };
  /** Remember the id this long after completion; absent: not at all. */
  readonly dedupeMs?: number;
  /** How old it may be when an attempt begins, and the instant from which on it is too old; both or none. */
  readonly maxAgeMs?: number;
  readonly expiresAt?: number;
  /** Estimated bytes of the payload. */
  readonly size: number;
  /** The tick of a schedule that brought it. */
  readonly tick?: Tick;
  /** The payload as the store holds it: see `Codec`. */
  readonly payload: unknown;
  /** The jobs that it waited for from its enqueue on, each with the names of its result; and those that it waits for still. */
  readonly dependsOn?: Readonly<Record<string, string | readonly string[]>>;
  readonly blockedBy?: readonly string[];
  readonly onDependencyDeath?: OnDependencyDeath;
  /** What those returned, by name, as the store holds it. */
  readonly results?: Readonly<Record<string, unknown>>;
  /** The estimated bytes of those, all together. */
  readonly resultBytes?: number;
  /** Others wait for it. */
  readonly awaited?: boolean;
  /** The batch that it counts in. */
  readonly batch?: string;
  /** What an attempt left for the next, as the store holds it. */
  readonly checkpoint?: unknown;
  /** Completed: how long the queue's rule keeps it. */
  readonly keptMs?: number;
  /** The row could not be read: only its place is known. Written again, it stays as it is in the store: `raw`. */
  readonly damage?: { readonly why: string; readonly raw: unknown };
}

/** A job that ended and is still there: dead, or completed and remembered or kept. */
export interface FinalRow {
  readonly job: JobRow;
  readonly state: 'dead' | 'completed';
  readonly finishedAt: number;
  /** What the handler of a completed job returned, as the store holds it. */
  readonly result?: { readonly stored: unknown; readonly size: number };
}

/** A token of a rate that is taken and not paid for. */
export interface Pays {
  /** It has begun by then, or never does. */
  readonly by: number;
  /** Of the rate: the ms of one token, and of a whole burst. */
  readonly intervalMs: number;
  readonly burstMs: number;
  readonly rateKey?: string;
}

export interface Lease extends Place {
  readonly fence: number;
  leaseMs: number;
  readonly size: number;
  readonly lane?: string;
  remembered: boolean;
  /** Claimed under a limit over all workers: of its name alone, or of the queue. */
  limited?: 'name' | 'queue';
  readonly expiresAt?: number;
  awaited?: boolean;
  readonly batch?: string;
  /** Its row has a `since`. */
  readonly marked?: true;
  /** It asks whether a closed target can be reached. */
  readonly probe?: true;
  /** No closed target gives it back: it tries one, or its name is without the rule. */
  readonly free?: true;
  until: number;
  cancelRequested?: boolean;
  /** It takes a token of its rate, which is not paid for yet: when it began is not known. */
  pays?: Pays;
  /** Cancelled if it has not begun, see `CancelRequest.waiting`. */
  cleared?: boolean;
  progress?: unknown;
}

/** All that one worker has claimed in one queue: one row, so that a claim writes once and rewrites no job. */
export interface Claims {
  readonly workerId: string;
  /** The worker proves its life (see `JobStore.signOfLife`): when that proof fails, it is gone. */
  proven?: boolean;
  leases: Lease[];
}

/** The claimable rows of one name, version, rank, target and kind. */
export interface Stream {
  readonly name: string;
  readonly version: number;
  readonly rank: number;
  readonly target?: string;
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
  readonly phase: 'timed' | 'parked' | 'ages' | 'keys' | 'ids' | 'rates' | 'completed' | 'dead';
  /** The last key of the phase that was looked at. */
  readonly after: string;
}

/** One row a queue: what every operation needs to know, so that none has to look for it. */
export interface Control {
  seq: number;
  fence: number;
  /** The latest `now` seen. */
  lastNow: number;
  /** The clock was set back, and not all rows know it yet; absent: all do. Replaced, not changed in place. */
  setBack?: SetBack;
  /** The clock has jumped forward, or nobody looked for long; absent: neither, or it is sure by now. Replaced, not changed in place. */
  jump?: Jump;
  /** How often the clock was set back; absent: never. */
  setBacks?: number;
  paused: boolean;
  /** Something has ended that others wait for, and not all have heard of it; absent: nothing has. */
  ended?: boolean;
  /** The batch behind which the next sweep begins; absent: before the first. */
  batchesSwept?: string;
  /** How many transitions were ever logged; absent: none. */
  logged?: number;
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
  readonly streams: Record<string, Stream>;
  /** When the first of the dead jobs died, as it was last seen; absent: nobody has looked. */
  oldestDead?: number;
  /** The next ticks of the schedules; absent: there are none. Replaced, not changed in place. */
  ticks?: readonly NextTick[];
  /** Names not to be claimed before an instant: see `setHold`. */
  readonly holds: Record<string, number>;
  /** By target, what is known of those that failed a live job, see `outage.ts`; absent: none did. Replaced, not changed in place. */
  targets?: Readonly<Record<string, Target>>;
  /** By name: until when what began is paid for, see `rate.ts`. */
  rates?: Record<string, number>;
  /** The last record of a rate that was looked at, to forget it. */
  rateSweep?: string;
  /** Jobs claimed since one went to whoever had waited longest. */
  aged?: number;
  /** Lanes whose heads are dead: each has a record of the kind `halt`. */
  halted?: number;
}

/** A job found by id or key, and where. */
export type Found =
  | { readonly at: 'jobs' | 'parked'; readonly row: JobRow }
  | { readonly at: 'finals'; readonly row: FinalRow };

/** The job's row, wherever it was found. */
export const rowOf = (found: Found): JobRow => (found.at === 'finals' ? found.row.job : found.row);

/** A job that waits or runs, and where it lies. */
export type Live = Extract<Found, { at: 'jobs' | 'parked' }>;

/** How a store holds payloads, checkpoints, results, and the progress of running jobs. */
export interface Codec {
  /** Checks and encodes a payload; throws PayloadError. The result aliases nothing of the input, unless that is `sealed` already. */
  seal(payload: unknown, sealed?: Measured): { readonly stored: unknown; readonly size: number };
  /** A fresh copy of the payload that was sealed; throws when what is stored is damaged. */
  reveal(stored: unknown): unknown;
}

export type Maybe<T> = T | PromiseLike<T>;

/**
 * The rows of one queue inside one transaction: all that a store has to provide. Reads may answer at once or by a promise;
 * writes take effect for the reads after them. `jobs` holds claimable and active rows in claim order, `parked` those
 * waiting in a lane, `finals` the ended ones; records are what a queue keeps beside its jobs. A job's row that cannot be read is answered with `damage`, never thrown for; the
 * queue's own rows are: StoreError.
 */
export interface Rows {
  readonly queue: string;
  readonly codec: Codec;

  /** A draft that may be changed in place and is kept by `putControl`. */
  control(): Maybe<Control | undefined>;
  putControl(control: Control): void;
  /** Drafts, kept by `putClaims`; the same ones at each call inside a transaction, so that what was changed in place shows at once. */
  claims(): Maybe<Claims[]>;
  /** Without leases the row goes. */
  putClaims(claims: Claims): void;

  job(place: Place): Maybe<JobRow | undefined>;
  find(id: string): Maybe<Found | undefined>;
  /** The live jobs of this name that hold the key: a running one and its follow-up; more only when throttled. */
  keyHolders(name: string, key: string): Maybe<readonly Live[]>;
  /** The lane has an un-parked row. */
  laneOccupied(lane: string): Maybe<boolean>;
  /** The parked row with the lowest seq. */
  nextInLane(lane: string): Maybe<JobRow | undefined>;
  /** Up to `limit` rows of the stream in order, above its low water and due at `through` or before. */
  scan(stream: Stream, through: number, limit: number): Maybe<readonly JobRow[]>;
  /** Rows of `jobs` in order of `claimKey`, after that key. */
  jobsAfter(key: string, limit: number): Maybe<readonly JobRow[]>;
  /** Rows of `parked` in order of `laneKey`, after that key. */
  parkedAfter(key: string, limit: number): Maybe<readonly JobRow[]>;
  /** Finals in order of `finalKey`, after that key. */
  finalsAfter(key: string, state: FinalRow['state'], limit: number): Maybe<readonly FinalRow[]>;
  /** Completed jobs in order of `finalKey`: the first to be forgotten first. Those forgotten after `through` may be left out. */
  firstForgotten(limit: number, through?: number): Maybe<readonly FinalRow[]>;

  putJob(row: JobRow): void;
  /** Replaces the row at `from`, which may be where the new one goes. */
  moveJob(from: Place, row: JobRow): void;
  dropJobs(places: readonly Place[]): Maybe<void>;
  park(row: JobRow): void;
  unpark(row: JobRow): void;
  putFinal(row: FinalRow): void;
  dropFinal(row: FinalRow): void;

  record<Kind extends RecordKind>(kind: Kind, key: string): Maybe<RecordKinds[Kind] | undefined>;
  /** Records of the kind in order of their keys, after that key; '' is before all. */
  recordsAfter<Kind extends RecordKind>(
    kind: Kind,
    key: string,
    limit: number,
  ): Maybe<readonly Keyed<Kind>[]>;
  /** Replaces what is stored by that key. */
  putRecord<Kind extends RecordKind>(kind: Kind, key: string, value: RecordKinds[Kind]): void;
  /** Drops nothing where nothing is. */
  dropRecord(kind: RecordKind, key: string): void;
  /**
   * Deletes up to about `limit` rows of the queue, also those that cannot be read, and what all operations read of it (`control`, `claims`)
   * last; answers how many. The last of its transaction.
   */
  wipe(limit: number): Maybe<number>;
  /**
   * Deletes claims and records that cannot be read, by their keys, and says what is missing; from then on the others can be read. The first of its
   * transaction. Absent: rows of this store can always be read.
   */
  mend?(): Maybe<Mended>;
}

/** What of a queue's own rows could not be read. */
export interface Mended {
  readonly control: boolean;
  /** Those of some worker. */
  readonly claims: boolean;
  readonly records: readonly { readonly kind: RecordKind; readonly key: string }[];
}

/** An operation over rows: it yields the reads it has to wait for, so that one text serves synchronous and asynchronous stores. */
export type Step<T> = Generator<PromiseLike<unknown>, T, unknown>;

/** What is left to do inside a transaction. */
export type Operation<T> = (rows: Rows) => Step<T>;

/** `yield* read(rows.control())` */
export function* read<T>(value: Maybe<T>): Step<T> {
  return isPromise(value) ? ((yield value) as T) : value;
}

function isPromise<T>(value: Maybe<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

/** Runs an operation on a store whose reads all answer at once. */
export function runSync<T>(step: Step<T>): T {
  const { done, value } = step.next();
  if (!done) throw new TypeError('a synchronous store answered a read by a promise');
  return value;
}

/** Runs an operation on a store whose reads answer by promises. Awaits nothing else. */
export async function runAsync<T>(step: Step<T>): Promise<T> {
  let turn = step.next();
  while (!turn.done) turn = step.next(await turn.value);
  return turn.value;
}
