import type { CarriedOptions, JobError } from './job.ts';
import type { Place } from './place.ts';

/**
 * What features attach to a job beside its payload, by their names: small values, each as the store holds payloads. They belong to that payload: a job
 * that gets another, or is done, has none of them. Only the feature knows what its value means, so the job needs it from then on: see `needs.ts`.
 */
export type Attached = Readonly<Record<string, unknown>>;

/** A job as it is stored. Rows are never changed in place: a change is a new row. */
export interface JobRow extends Place, CarriedOptions {
  readonly enqueuedAt: number;
  readonly runAt: number;
  /** Of a timed row: how long it waits, from the instant at which it was given its due. Absent: not at all, unless its due is `named`. */
  readonly waitMs?: number;
  /** Its due is an instant that somebody named: no clock moves it. */
  readonly named?: true;
  readonly failures: number;
  readonly crashes: number;
  readonly evictions?: number;
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
  /** Only of a dead job: it is still the head of its lane. */
  readonly haltsLane?: true;
  /** A feature has put it off until it is due, whatever its `runAt`. What more is in it is the feature's. It holds only while it is due at `due`. */
  readonly putOff?: { readonly due: number };
  /** Remember the id this long after completion; absent: not at all. */
  readonly dedupeMs?: number;
  /** The instant from which on it is too old for an attempt to begin: with `maxAgeMs`, or absent. */
  readonly expiresAt?: number;
  /** Estimated bytes of the payload. */
  readonly size: number;
  /** The payload as the store holds it: see `Codec`. */
  readonly payload: unknown;
  /** The feature that keeps it parked, apart from its lane, until that lets it go on. In the row, as each page has to know where it lies. */
  readonly parkedBy?: string;
  /** Features that must hear of its end: see `owed.ts`. Absent: none. */
  readonly owes?: readonly string[];
  /** What features keep in it for its worker, by name, each as the store holds it; and the estimated bytes of all that. */
  readonly extras?: Readonly<Record<string, unknown>>;
  readonly extraBytes?: number;
  readonly attached?: Attached;
  /** Completed: how long it stays, where that is longer than its id is remembered. */
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

/** A job found by id or key, and where. */
export type Found =
  | { readonly at: 'jobs' | 'parked'; readonly row: JobRow }
  | { readonly at: 'finals'; readonly row: FinalRow };

/** The job's row, wherever it was found. */
export const rowOf = (found: Found): JobRow => (found.at === 'finals' ? found.row.job : found.row);

/** A job that waits or runs, and where it lies. */
export type Live = Extract<Found, { at: 'jobs' | 'parked' }>;

/** Whether a feature keeps it waiting. */
export const isPutOff = ({ due, putOff }: JobRow): boolean => putOff?.due === due;
