import { allJobs, allParked } from '../../kernel/all-rows.ts';
import type { Control } from '../../kernel/control-row.ts';
import type { End } from '../../kernel/records.ts';
import type { Rows } from '../../kernel/rows.ts';
import type { Step } from '../../kernel/step.ts';
import { openBatches, tally } from './batches.ts';
import { tellBatchOver } from './ended.ts';
import type { FlowRow } from './flow-row.ts';

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
  const live = new Map<string, number>();
  for (const row of [...(yield* allJobs(rows)), ...(yield* allParked(rows))]) {
    if (row.damage !== undefined) return undefined;
    const { batch }: FlowRow = row;
    if (batch !== undefined) live.set(batch, (live.get(batch) ?? 0) + 1);
  }
  return live;
}
