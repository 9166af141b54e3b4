import type { JobRow } from '../../core/kernel/job-row.ts';
import type { Rows } from '../../core/kernel/rows.ts';
import { read, type Step } from '../../core/kernel/step.ts';

/**
 * Puts something that the codec cannot read in the place of a job's payload, as a bad disk would. For stores that are made of `Rows`. Nothing else
 * changes, and nothing does where the job is gone.
 */
export function* breakPayload(rows: Rows, id: string, unreadable: unknown): Step<void> {
  const found = yield* read(rows.find(id));
  if (found === undefined) return;
  const broken = (row: JobRow): JobRow => ({ ...row, payload: unreadable });
  if (found.at === 'finals') {
    rows.dropFinal(found.row);
    rows.putFinal({ ...found.row, job: broken(found.row.job) });
  } else if (found.at === 'jobs') {
    rows.moveJob(found.row, broken(found.row));
  } else {
    rows.unpark(found.row);
    rows.park(broken(found.row));
  }
}
