import { seqKey } from './order.ts';
import type { Control, FinalRow, Rows } from './rows.ts';

/** How a job ended, for those that wait for it. */
export type End = 'completed' | 'dead' | 'cancelled';

/** A job, or a batch, has ended, and those that wait for that have not all heard of it. Stored by its id and `seq`. */
export interface EndedRow {
  readonly id: string;
  /** Of the last job accepted by then: whoever came later with that dependency waits for another job that has taken the id. */
  readonly seq: number;
  /** Its own; absent: it was never there. */
  readonly of?: number;
  /** The last of those that have heard of it. */
  readonly after?: string;
  readonly end: End;
  /** What its handler returned, where it can be kept. */
  readonly result?: NonNullable<FinalRow['result']>;
  /** It is a batch: every job of it has ended. */
  readonly isBatch?: true;
  /** It is a job whose row could not be read: perhaps a batch had it. */
  readonly isLost?: true;
}

/** A job that was dead lives again, and those that died of it have not all heard of that. Stored by its id. */
export interface RevivalRow {
  readonly seq: number;
  /** The last dependent that was looked at. */
  readonly after?: string;
}

/** Of a job. */
export function tellEnded(
  rows: Rows,
  control: Control,
  id: string,
  ended: Pick<EndedRow, 'end' | 'of' | 'result'>,
): void {
  const { seq } = control;
  rows.putRecord('ended', seqKey(id, seq), { id, seq, ...ended });
  control.ended = true;
}

/** Of a batch. No id of a job begins like its key. */
export function tellBatchOver(rows: Rows, control: Control, id: string): void {
  rows.putRecord('ended', `\u0001${id}`, { id, seq: control.seq, end: 'completed', isBatch: true });
  control.ended = true;
}

/** No id of a job or of a batch makes this key. */
export const LOST_KEY = '\u0001\u0001';

/** Of jobs whose batch is not known. */
export function tellLost(rows: Rows, control: Control, end: End): void {
  rows.putRecord('ended', LOST_KEY, { id: '', seq: control.seq, end, isLost: true });
  control.ended = true;
}
