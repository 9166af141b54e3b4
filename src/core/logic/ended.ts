import { seqKey } from './order.ts';
import type { Control, FinalRow, Rows } from './rows.ts';

/** How a job ended, for those that wait for it. */
export type End = 'completed' | 'dead' | 'cancelled';

/** A job, or a batch, has ended, and those that wait for that have not all heard of it. Stored by its id and `seq`. */
export interface EndedRow {
  readonly id: string;
  /** Of the last job accepted by then: whoever came later with that dependency waits for another job that has taken the id. */
  readonly seq: number;
  readonly end: End;
  /** What its handler returned, where it can be kept. */
  readonly result?: NonNullable<FinalRow['result']>;
  /** It is a batch: every job of it has ended. */
  readonly isBatch?: true;
}

/** Of a job. */
export function tellEnded(
  rows: Rows,
  control: Control,
  id: string,
  { end, result }: Pick<EndedRow, 'end' | 'result'>,
): void {
  const { seq } = control;
  const row: EndedRow = result === undefined ? { id, seq, end } : { id, seq, end, result };
  rows.putRecord('ended', seqKey(id, seq), row);
  control.ended = true;
}

/** Of a batch. No id of a job begins like its key. */
export function tellBatchOver(rows: Rows, control: Control, id: string): void {
  rows.putRecord('ended', `\u0001${id}`, { id, seq: control.seq, end: 'completed', isBatch: true });
  control.ended = true;
}
