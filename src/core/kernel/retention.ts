import { detached } from './attached.ts';
import type { Codec } from './codec.ts';
import type { Control } from './control-row.ts';
import { hooksOf } from './features.ts';
import type { FinalRow, JobRow } from './job-row.ts';
import { forgottenAt } from './order.ts';
import type { Rows } from './rows.ts';
import { dropFinal } from './steer.ts';
import { read, type Step } from './step.ts';

/** It is kept in the row that remembers the job. */
export const MAX_RESULT_BYTES = 65_536;

/** A result as it is stored. Absent: it is not kept, whatever it is, as its job is done all the same. */
export function sealResult(codec: Codec, value: unknown): FinalRow['result'] {
  try {
    const { stored, size } = codec.seal(value);
    return size > MAX_RESULT_BYTES ? undefined : { stored, size };
  } catch {
    return undefined;
  }
}

/** A completed job as it is remembered, without its payload. */
export function completedRow(rows: Rows, row: JobRow, now: number): FinalRow {
  const job = { ...detached(row), payload: rows.codec.seal(undefined).stored };
  return { job, state: 'completed', finishedAt: now };
}

/** Drops what ended and need not stay, the first to go first: at most about `limit` of each kind. */
export function* forget(rows: Rows, control: Control, now: number, limit: number): Step<void> {
  if (control.remembered > 0) yield* forgetCompleted(rows, control, now, limit);
  for (const feature of hooksOf(rows).sweeps) yield* feature.sweeps(rows, control, limit, now);
}

function* forgetCompleted(rows: Rows, control: Control, now: number, limit: number): Step<void> {
  for (const final of yield* read(rows.firstForgotten(limit, now))) {
    // Behind it are those that are forgotten later.
    if (forgottenAt(final) > now) return;
    dropFinal(rows, control, final);
  }
}
