import { tally } from './batch.ts';
import type { Control } from './control-row.ts';
import { tellBatchOver, tellEnded, tellLost } from './ended.ts';
import type { JobRow } from './job-row.ts';
import { tellLeaving } from './owed.ts';
import type { End, EndedRow } from './records.ts';
import type { Rows } from './rows.ts';
import type { Step } from './step.ts';

type Ender = Pick<JobRow, 'id' | 'seq' | 'awaited' | 'batch' | 'owes' | 'damage'>;

/** Every way out of a live job comes by here. Costs nothing to a job that nobody waits for and that is in no batch. */
export function* noteEnd(
  rows: Rows,
  control: Control,
  job: Ender,
  end: End,
  result?: EndedRow['result'],
): Step<void> {
  // A damaged row does not say whether somebody waits for it.
  if (job.awaited || job.damage !== undefined)
    tellEnded(rows, control, job.id, { end, of: job.seq, ...(result === undefined ? {} : { result }) });
  if (job.batch !== undefined) yield* noteBatchEnd(rows, control, job.batch, end);
  else if (job.damage !== undefined) tellLost(rows, control, end);
  if (job.owes !== undefined || job.damage !== undefined) yield* tellLeaving(rows, control, job, end, result);
}

/** One of a batch has ended. A job whose payload another took the place of counts as cancelled: that payload is run by nobody. */
export function* noteBatchEnd(rows: Rows, control: Control, batch: string, end: End): Step<void> {
  const isOver = yield* tally(rows, batch, end);
  if (isOver) tellBatchOver(rows, control, batch);
}
