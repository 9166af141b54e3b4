import { tally } from './batch.ts';
import { type End, type EndedRow, tellBatchOver, tellEnded } from './ended.ts';
import type { Control, JobRow, Rows, Step } from './rows.ts';

type Ender = Pick<JobRow, 'id' | 'awaited' | 'batch' | 'damage'>;

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
    tellEnded(rows, control, job.id, result === undefined ? { end } : { end, result });
  if (job.batch === undefined) return;
  const isOver = yield* tally(rows, job.batch, end);
  if (isOver) tellBatchOver(rows, control, job.batch);
}
