import type { Claims } from './claims-row.ts';
import type { Codec } from './codec.ts';
import type { Control, Stream } from './control-row.ts';
import type { FinalRow, Found, JobRow, Live } from './job-row.ts';
import type { Place } from './place.ts';
import type { Keyed, RecordKind, RecordOf } from './records.ts';
import type { Maybe, Step } from './step.ts';
import type { Unsorted } from './unsorted.ts';

/**
 * The rows of one queue inside one transaction: all that a store has to provide. Reads may answer at once or by a promise;
 * writes take effect for the reads after them. `jobs` holds claimable and active rows in claim order, `parked` those
 * waiting in a lane, `finals` the ended ones; records are what a queue keeps beside its jobs. A job's row that cannot be read is answered with `damage`, never thrown for; the
 * queue's own rows are: StoreError.
 */
export interface Rows {
  readonly queue: string;
  readonly codec: Codec;
  /** What the page has in use that runs this operation: said before its rule runs, and looked at by `hooksOf`. A store begins with `NO_FEATURES`. */
  features: object;

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
  /** The row in `jobs` of one that has completed need not be found from here on; it is dropped next. */
  putFinal(row: FinalRow): void;
  dropFinal(row: FinalRow): void;

  record<Kind extends RecordKind>(kind: Kind, key: string): Maybe<RecordOf<Kind> | undefined>;
  /** Records of the kind in order of their keys, after that key; '' is before all. */
  recordsAfter<Kind extends RecordKind>(
    kind: Kind,
    key: string,
    limit: number,
  ): Maybe<readonly Keyed<Kind>[]>;
  /** Replaces what is stored by that key. */
  putRecord<Kind extends RecordKind>(kind: Kind, key: string, value: RecordOf<Kind>): void;
  /** Drops nothing where nothing is. */
  dropRecord(kind: RecordKind, key: string): void;
  /**
   * Enqueues that are not sorted in (see `unsorted.ts`), in the order in which they were stored, after that key; '' is before all. Without a value:
   * one that cannot be read. Absent, and the next three: pages do not leave this store in mid-call.
   */
  unsorted?(key: string, limit: number): Maybe<readonly KeyedUnsorted[]>;
  /** It lies there; without a key: any does. */
  isUnsorted?(key?: string): Maybe<boolean>;
  dropUnsorted?(key: string): void;
  putUnsorted?(key: string, value: Unsorted): void;
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

export interface KeyedUnsorted {
  readonly key: string;
  readonly value?: Unsorted | undefined;
}

/** What of a queue's own rows could not be read. */
export interface Mended {
  readonly control: boolean;
  /** Those of some worker. */
  readonly claims: boolean;
  readonly records: readonly { readonly kind: RecordKind; readonly key: string }[];
}

/** What runs in one transaction. */
export type Run<T> = (rows: Rows) => Step<T>;

/** What is done in one transaction, at that instant. */
export type Rule<T> = (rows: Rows, now: number) => Step<T>;
