import { allParked } from '../../kernel/all-rows.ts';
import { SEPARATOR, seqKey } from '../../kernel/order.ts';
import type { Mended, Rows } from '../../kernel/rows.ts';
import { read, type Step } from '../../kernel/step.ts';
import { LOST_KEY, tellBatchOver, tellLost } from './ended.ts';
import { DEPENDENT, ENDED, type FlowControl, type FlowRow } from './flow-row.ts';

/** Of how a job ended whose record is lost nothing is known: those that wait for it take it for dead. */
export function* recallFlows(rows: Rows, control: FlowControl, { records }: Mended): Step<void> {
  for (const { kind, key } of records) {
    if (kind !== ENDED) continue;
    const [id = '', batch] = key.split(SEPARATOR);
    if (key === LOST_KEY) tellLost(rows, control, 'dead');
    else if (id === '') tellBatchOver(rows, control, batch ?? '');
    else rows.putRecord(ENDED, key, { id, seq: control.seq, end: 'dead' });
  }
  if (records.some(({ kind }) => kind === DEPENDENT))
    for (const row of yield* allParked(rows))
      for (const id of (row as FlowRow).blockedBy ?? [])
        rows.putRecord(DEPENDENT, seqKey(id, row.seq), { id: row.id });
  if ((yield* read(rows.recordsAfter(ENDED, '', 1))).length > 0) control.ended = true;
}
