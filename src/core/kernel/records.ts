import type { FinalRow, JobRow } from './job-row.ts';

/**
 * What the kernel keeps beside its jobs, kind by kind: small rows found by kind and key (see `Rows.record`). A new kind is one line here and
 * nothing in the stores; kinds of features are `FeatureKind`s. Values are plain data of a few KB (sealed payloads may be inside) and, like all rows, never changed in place.
 */
export interface RecordKinds {
  /** By lane. */
  readonly halt: Halt;
  readonly key: KeyRow;
  readonly expiry: ExpiryRow;
  readonly id: IdRow;
  readonly buriedKey: BuriedKeyRow;
  readonly owed: OwedRow;
}

/** A kind that only a feature knows, and what its records are: `'log' as FeatureKind<LogRow>`. */
export type FeatureKind<Value extends object = object> = string & { readonly '~record': Value };

export type RecordKind = keyof RecordKinds | FeatureKind;

/** What a record of the kind is. */
export type RecordOf<Kind extends RecordKind> = Kind extends keyof RecordKinds
  ? RecordKinds[Kind]
  : Kind extends FeatureKind<infer Value>
    ? Value
    : never;

/** A record with the key it is stored by. Keys are not empty and sort as texts. */
export interface Keyed<Kind extends RecordKind> {
  readonly key: string;
  readonly value: RecordOf<Kind>;
}

/** How a job ended. */
export type End = 'completed' | 'dead' | 'cancelled';

/** The dead head of a lane that waits for it. */
export interface Halt {
  readonly id: string;
}

/** An idempotency key that is held for a time, whatever has become of its job by then. Stored by job name and key. */
export interface KeyRow {
  /** The job that was accepted with it. */
  readonly id: string;
  /** The key is free from then on, unless its job still lives. */
  readonly until: number;
  /** How long it was to be held. */
  readonly forMs?: number;
}

/** A key of which jobs are dead, so that none of them comes back over a newer one. Stored by job name and key. */
export interface BuriedKeyRow {
  /** How many of them there are. */
  readonly dead: number;
  /** The job that has the last payload that was accepted with the key, and the queue's seq as that came. */
  readonly by: string;
  readonly newest: number;
}

/** An id of a caller's own that is no job's, or no more: which job its call was answered with. Stored by that id. */
export interface IdRow {
  readonly id: string;
  /** Of that job: the id is remembered as long as it is. Absent: that had gone. */
  readonly seq?: number;
  /** Without a job: the id is free from then on. */
  readonly until?: number;
  /** How long it was to be remembered then. */
  readonly forMs?: number;
}

/** What a feature has to hear of a job, which the page lacked that was there. Stored by the feature, and the job's seq and id. */
export interface OwedRow {
  /** Without its payload. */
  readonly job: JobRow;
  /** The feature had heard that it is dead, and it lived again. */
  readonly back?: true;
  /** How it ended after all that. Absent: it lives, or had ended before. */
  readonly end?: End;
  /** It is gone for good, after all that. */
  readonly gone?: true;
  readonly result?: NonNullable<FinalRow['result']>;
  /** When that was, and the seq of the last job accepted by then. */
  readonly at: number;
  readonly seq: number;
}

/** That a waiting job is too old from an instant on. Stored by that instant and the job's seq. */
export interface ExpiryRow {
  readonly id: string;
}
