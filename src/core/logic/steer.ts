import type { CancelAnswer, RedriveAnswer, RemoveAnswer, SelectRequest } from '../messages.ts';
import { leaveStream, newControl, openControl, setHold } from './control.ts';
import { revealPayload } from './damage.ts';
import { leaveLane, place } from './lane.ts';
import { laneOf } from './order.ts';
import {
  type Claims,
  type Control,
  type FinalRow,
  type Found,
  type JobRow,
  type Rows,
  read,
  type Step,
} from './rows.ts';

/** Runs `each` over the ids and keeps the control row. */
function* overIds<Answer>(
  rows: Rows,
  { ids }: SelectRequest,
  now: number,
  each: (control: Control, found: Found) => Step<Answer>,
): Step<(Answer | 'unknown')[]> {
  const control = yield* openControl(rows, now);
  const answers: (Answer | 'unknown')[] = [];
  for (const id of ids) {
    const found = control && (yield* read(rows.find(id)));
    answers.push(found === undefined ? 'unknown' : yield* each(control as Control, found));
  }
  if (control !== undefined) rows.putControl(control);
  return answers;
}

export function* cancel(rows: Rows, request: SelectRequest, now: number): Step<readonly CancelAnswer[]> {
  let claims: readonly Claims[] | undefined;
  return yield* overIds<CancelAnswer>(rows, request, now, function* (control, found) {
    if (found.at === 'finals') return 'finished';
    claims ??= yield* read(rows.claims());
    if (requestCancel(rows, claims, found.row.id)) return 'requested';
    control.pending -= 1;
    control.cancelled += 1;
    control.bytes -= found.row.size;
    if (found.at === 'parked') {
      rows.unpark(found.row);
    } else {
      leaveStream(control, found.row);
      yield* read(rows.dropJobs([found.row]));
      yield* leaveLane(rows, control, laneOf(found.row), now);
    }
    return 'cancelled';
  });
}

function requestCancel(rows: Rows, claims: readonly Claims[], id: string): boolean {
  for (const claim of claims) {
    const lease = claim.leases.find((held) => held.id === id);
    if (lease === undefined) continue;
    lease.cancelRequested = true;
    rows.putClaims(claim);
    return true;
  }
  return false;
}

export function* redrive(rows: Rows, request: SelectRequest, now: number): Step<readonly RedriveAnswer[]> {
  return yield* overIds<RedriveAnswer>(rows, request, now, function* (control, found) {
    if (found.at !== 'finals' || found.row.state !== 'dead') return 'not-dead';
    const { job } = found.row;
    if (!isReadable(rows, job)) return 'unreadable';
    if (job.idempotencyKey !== undefined) {
      const holders = yield* read(rows.keyHolders(job.name, job.idempotencyKey));
      if (holders.length > 0) return 'duplicate';
    }
    dropFinal(rows, control, found.row);
    control.pending += 1;
    control.bytes += job.size;
    const anew = { failures: 0, crashes: 0, errors: [], runAt: now, due: Math.max(1, now) };
    yield* place(rows, control, { ...job, ...anew });
    return 'redriven';
  });
}

function isReadable(rows: Rows, job: JobRow): boolean {
  try {
    revealPayload(rows, job);
    return true;
  } catch {
    return false;
  }
}

export function* remove(rows: Rows, request: SelectRequest, now: number): Step<readonly RemoveAnswer[]> {
  return yield* overIds<RemoveAnswer>(rows, request, now, function* (control, found) {
    if (found.at !== 'finals') return 'live';
    dropFinal(rows, control, found.row);
    return 'removed';
  });
}

function dropFinal(rows: Rows, control: Control, row: FinalRow): void {
  rows.dropFinal(row);
  control[row.state === 'dead' ? 'dead' : 'remembered'] -= 1;
}

export function* hold(rows: Rows, request: { name: string; until: number }, now: number): Step<void> {
  const control = (yield* openControl(rows, now)) ?? newControl(now);
  setHold(control, 'name', request.name, request.until);
  rows.putControl(control);
}

export function* setPaused(rows: Rows, paused: boolean, now: number): Step<void> {
  const control = (yield* openControl(rows, now)) ?? newControl(now);
  control.paused = paused;
  rows.putControl(control);
}
