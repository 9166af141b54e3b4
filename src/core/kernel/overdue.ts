import { claimedIds } from './claims-row.ts';
import { leaveStream } from './control.ts';
import type { Control } from './control-row.ts';
import { expired, isExpired, takeOverdue } from './expiry.ts';
import type { Job } from './job.ts';
import type { FinalRow, Live } from './job-row.ts';
import { sureNow } from './jump.ts';
import { buryParked } from './lane.ts';
import { toDeadLetters } from './lease-ends.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';
import { finalJob } from './view.ts';

/** Jobs that one transaction buries for their age: what is left of more goes with the next. */
const MAX_OVERDUE = 100;

/**
 * Waiting jobs that are too old go to the dead letters, also those that nobody would claim. Undefined: none may be, and nothing was read;
 * else the queue's next expiry has moved.
 */
export function* buryOverdue(rows: Rows, control: Control, now: number): Step<Job[] | undefined> {
  const sure = sureNow(control, now);
  if (control.expiryAt === undefined || control.expiryAt > sure) return undefined;
  const buried: Job[] = [];
  const ids = yield* takeOverdue(rows, control, sure, MAX_OVERDUE);
  const claimed = claimedIds(yield* read(rows.claims()));
  for (const id of ids) {
    const found = yield* read(rows.find(id));
    // What runs has begun in time. It is watched again when it comes back.
    if (found === undefined || found.at === 'finals' || claimed.has(id) || !isExpired(found.row, sure))
      continue;
    buried.push(finalJob(rows, yield* bury(rows, control, found, now)));
  }
  return buried;
}

function* bury(rows: Rows, control: Control, { at, row }: Live, now: number): Step<FinalRow> {
  if (at === 'parked') return yield* buryParked(rows, control, row, expired(row, now), now);
  control.pending -= 1;
  leaveStream(control, row);
  return yield* toDeadLetters(rows, control, expired(row, now), now);
}
