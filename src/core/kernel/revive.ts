import { newerThan, noteNewer, noteUnburied } from './buried-keys.ts';
import type { Control } from './control-row.ts';
import { revealPayload } from './damage.ts';
import { freshAge } from './expiry.ts';
import { hooksOf } from './features.ts';
import type { FinalRow, JobRow, Live } from './job-row.ts';
import { heldByTime } from './key-memory.ts';
import { endHalt, place } from './lane.ts';
import type { RedriveAnswer } from './messages.ts';
import { withoutTime } from './new-row.ts';
import { laneOf } from './order.ts';
import { withoutOutage } from './outage.ts';
import { tellReturning } from './owed.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';

/** How somebody wants a dead job back. */
export interface Revival {
  /** The dead row, with the payload it is to have. */
  readonly job: JobRow;
  /** The payload is a new one. */
  readonly edited?: boolean;
  /** It waits for nobody who is dead or gone. */
  readonly alone?: boolean;
}

/** A dead job starts anew, due at once, or behind what it waits for. Stays dead where the answer is another than `redriven`. */
export function* revive(
  rows: Rows,
  control: Control,
  final: FinalRow,
  { job, edited = false, alone = false }: Revival,
  now: number,
): Step<Exclude<RedriveAnswer, 'not-dead' | 'unknown'>> {
  if (!isReadable(rows, job)) return 'unreadable';
  if (yield* isKeyTaken(rows, control, job, edited, now)) return 'duplicate';
  const found = yield* asFeaturesSay(rows, control, job, alone);
  if (found === undefined) return 'blocked';
  const { evictions: _, ...waiting } = found;
  rows.dropFinal(final);
  control.dead -= 1;
  yield* noteUnburied(rows, control, job);
  if (edited) yield* noteNewer(rows, control, job);
  control.pending += 1;
  control.bytes += job.size;
  const anew = { failures: 0, crashes: 0, errors: [], runAt: now, due: Math.max(1, now) };
  // One that halted its lane is its head again.
  yield* place(rows, control, {
    ...withoutOutage(withoutTime(endHalt(rows, control, waiting))),
    ...anew,
    ...freshAge(job, now),
  });
  if (job.owes !== undefined) yield* tellReturning(rows, control, job);
  return 'redriven';
}

/** Nobody knows when the row may go on that a feature parked which is not in use here: it stays dead. */
function* asFeaturesSay(rows: Rows, control: Control, job: JobRow, alone: boolean): Step<JobRow | undefined> {
  const { revives } = hooksOf(rows);
  if (job.parkedBy !== undefined && revives.length === 0) return undefined;
  let row: JobRow | undefined = job;
  for (const feature of revives)
    if (row !== undefined) row = yield* feature.revives(rows, control, row, alone);
  return row;
}

function isReadable(rows: Rows, job: JobRow): boolean {
  try {
    revealPayload(rows, job);
    return true;
  } catch {
    return false;
  }
}

/** By a job that lives or whose key is held by time, or by a newer payload: an older one does not come back over that. */
function* isKeyTaken(rows: Rows, control: Control, job: JobRow, edited: boolean, now: number): Step<boolean> {
  if (job.idempotencyKey === undefined) return false;
  const holders = yield* read(rows.keyHolders(job.name, job.idempotencyKey));
  const holder = yield* heldByTime(rows, control, job.name, job.idempotencyKey, now);
  // Those parked behind it wait for it: they follow, as they would have.
  const isAhead = ({ at, row }: Live) =>
    at === 'parked' && job.haltsLane !== undefined && laneOf(row) === laneOf(job);
  if (!holders.every(isAhead) || (holder ?? job.id) !== job.id) return true;
  const newer = edited ? undefined : yield* newerThan(rows, control, job);
  return newer !== undefined && holders.every(({ row }) => row.id !== newer);
}
