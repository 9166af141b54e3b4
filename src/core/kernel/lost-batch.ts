import { allJobs, allParked } from './all-rows.ts';
import { openBatches, tally } from './batch.ts';
import type { Control } from './control-row.ts';
import { tellBatchOver } from './ended.ts';
import type { JobRow } from './job-row.ts';
import type { End } from './records.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';

/**
 * Jobs have ended whose rows could not be read, so nobody knows of which batch they were. Once no such row is left, what a batch counts
 * as open and is not there are those: they ended so. Reads all live jobs, if any batch is open.
 */
export function* countLostJobs(rows: Rows, control: Control, end: End): Step<void> {
  const open = yield* openBatches(rows);
  if (open.length === 0) return;
  const live = yield* liveByBatch(rows);
  if (live === undefined) return;
  for (const { id, jobs } of open) {
    const lost = jobs - (live.get(id) ?? 0);
    if (lost > 0 && (yield* tally(rows, id, end, lost))) tellBatchOver(rows, control, id);
  }
}

/** Undefined: of some that are left it is not known. */
function* liveByBatch(rows: Rows): Step<ReadonlyMap<string, number> | undefined> {
  const leases = (yield* read(rows.claims())).flatMap((claim) => claim.leases);
  const leased = new Map(leases.map((lease) => [lease.id, lease]));
  const live = new Map<string, number>();
  for (const row of [...(yield* allJobs(rows)), ...(yield* allParked(rows))]) {
    const known: Pick<JobRow, 'batch'> | undefined = row.damage === undefined ? row : leased.get(row.id);
    if (known === undefined) return undefined;
    if (known.batch !== undefined) live.set(known.batch, (live.get(known.batch) ?? 0) + 1);
  }
  return live;
}
