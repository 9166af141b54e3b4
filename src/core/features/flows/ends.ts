import type { Departure } from '../../kernel/departure.ts';
import { rowOfLeaver } from '../../kernel/owed.ts';
import type { End } from '../../kernel/records.ts';
import type { Rows } from '../../kernel/rows.ts';
import type { Step } from '../../kernel/step.ts';
import { tally } from './batches.ts';
import { tellBatchOver, tellEnded, tellLost } from './ended.ts';
import type { FlowControl, FlowLease, FlowRow } from './flow-row.ts';

/** A job has ended that others wait for, or that a batch counts; or nobody knows whether it is one. */
export function* noteFlowEnd(
  rows: Rows,
  control: FlowControl,
  { job, end, result, seq }: Departure,
): Step<void> {
  const { awaited, batch } = job as Partial<FlowLease>;
  const row = (awaited ?? batch) === undefined ? yield* rowOfLeaver(rows, job) : job;
  const known = row?.damage === undefined ? (row as FlowRow | undefined) : undefined;
  if (known === undefined || known.awaited)
    tellEnded(rows, control, job.id, { end, of: job.seq, ...(result && { result }) }, seq);
  if (known === undefined) tellLost(rows, control, end);
  else if (known.batch !== undefined) yield* noteBatchEnd(rows, control, known.batch, end);
}

/** One of a batch has ended. A job whose payload another took the place of counts as cancelled: that payload is run by nobody. */
export function* noteBatchEnd(rows: Rows, control: FlowControl, batch: string, end: End): Step<void> {
  const isOver = yield* tally(rows, batch, end);
  if (isOver) tellBatchOver(rows, control, batch);
}
