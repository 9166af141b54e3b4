import type { Control } from './control-row.ts';
import { seqKey } from './order.ts';
import type { End, EndedRow } from './records.ts';
import type { Rows } from './rows.ts';

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
