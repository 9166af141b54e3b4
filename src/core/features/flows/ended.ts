import { seqKey } from '../../kernel/order.ts';
import type { End } from '../../kernel/records.ts';
import type { Rows } from '../../kernel/rows.ts';
import { ENDED, type EndedRow, type FlowControl } from './flow-row.ts';

/** Of a job. */
export function tellEnded(
  rows: Rows,
  control: FlowControl,
  id: string,
  ended: Pick<EndedRow, 'end' | 'of' | 'result'>,
  seq = control.seq,
): void {
  rows.putRecord(ENDED, seqKey(id, seq), { id, seq, ...ended });
  control.ended = true;
}

/** Of a batch. No id of a job begins like its key. */
export function tellBatchOver(rows: Rows, control: FlowControl, id: string): void {
  rows.putRecord(ENDED, `\u0001${id}`, { id, seq: control.seq, end: 'completed', isBatch: true });
  control.ended = true;
}

/** No id of a job or of a batch makes this key. */
export const LOST_KEY = '\u0001\u0001';

/** Of jobs whose batch is not known. */
export function tellLost(rows: Rows, control: FlowControl, end: End): void {
  rows.putRecord(ENDED, LOST_KEY, { id: '', seq: control.seq, end, isLost: true });
  control.ended = true;
}
