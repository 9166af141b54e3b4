import type { Control } from './control-row.ts';
import type { Leaver, Result } from './departure.ts';
import { tellLeaving } from './owed.ts';
import type { End } from './records.ts';
import type { Rows } from './rows.ts';
import type { Step } from './step.ts';

/** Every way out of a live job comes by here. Costs nothing to a job of whose end nobody has to hear. */
export function* noteEnd(rows: Rows, control: Control, job: Leaver, end: End, result?: Result): Step<void> {
  if (job.owes !== undefined || job.damage !== undefined) yield* tellLeaving(rows, control, job, end, result);
}
