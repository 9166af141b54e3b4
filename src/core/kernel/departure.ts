import type { FinalRow, JobRow } from './job-row.ts';
import type { End } from './records.ts';

/** What a handler returned, as the store holds it. */
export type Result = NonNullable<FinalRow['result']>;

/** A job's way out. */
export interface Departure {
  /** Its lease, or its row: see `rowOfLeaver`. A damaged row may have owed anything. */
  readonly job: Leaver;
  readonly end: End;
  /** What its handler returned, as far as it can be kept. */
  readonly result?: Result;
  /** When that was, and the seq of the last job accepted by then. */
  readonly at: number;
  readonly seq: number;
}

/** As much of a job as its lease says. */
export type Leaver = Pick<JobRow, 'id' | 'seq' | 'owes' | 'damage'>;
