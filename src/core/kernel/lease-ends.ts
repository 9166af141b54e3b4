import type { Lease } from './claims-row.ts';
import { enterStream, moveClaimable } from './control.ts';
import type { Control } from './control-row.ts';
import { noteEnd } from './ending.ts';
import { forgetAge, watchAge, watchAgeAgain } from './expiry.ts';
import type { FinalRow, JobRow } from './job-row.ts';
import { freeKey } from './key-memory.ts';
import { buryHead, leaveLane } from './lane.ts';
import { withoutTime } from './new-row.ts';
import { unmark } from './outage.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';

/*
 * What becomes of an active job whose lease is over and counted out: it waits again (`requeue`, `keepPlace`, `standBack`), it is gone
 * (`dropHead`, `dropCancelled`) or dead (`toDeadLetters`).
 */

/** An active row becomes claimable again from `runAt` on. It stays the head of its lane. */
export function requeue(rows: Rows, control: Control, row: JobRow, runAt: number, now: number): void {
  control.pending += 1;
  watchAge(rows, control, row);
  moveClaimable(rows, control, row, waitingUntil(row, runAt, now));
}

/** The row as one that is due then, and no later than after that length of time. */
export function waitingUntil(row: JobRow, runAt: number, now: number): JobRow {
  const waitMs = Math.max(0, runAt - now);
  const timed = { ...withoutTime(row), runAt, due: Math.max(1, runAt) };
  return waitMs === 0 ? timed : { ...timed, waitMs };
}

/** Somebody cancelled it while it was claimed. */
export const isCancelled = ({ cancelRequested, cleared }: Lease, unbegun: boolean): boolean =>
  cancelRequested === true || (unbegun && cleared === true);

/**
 * The lease of a job that has not begun is over, which is counted out already. Its row stays as and where it is: low water sinks to it.
 * Only what a clock that was set back would keep waiting is moved: it was due, whatever the clock says since.
 */
export function* standBack(rows: Rows, control: Control, lease: Lease, now: number): Step<void> {
  if (lease.due > control.lastNow) {
    const row = yield* read(rows.job(lease));
    if (row !== undefined) requeue(rows, control, row, Math.min(row.runAt, now), now);
    return;
  }
  control.pending += 1;
  enterStream(control, lease);
  yield* watchAgeAgain(rows, control, lease);
}

/** An active row waits again where it was, unless only a clock that was set back would begin it there. */
export function keepPlace(rows: Rows, control: Control, from: JobRow, row: JobRow, now: number): void {
  if (from.due > control.lastNow) {
    requeue(rows, control, row, Math.min(row.runAt, now), now);
    return;
  }
  control.pending += 1;
  watchAge(rows, control, row);
  moveClaimable(rows, control, from, row);
}

/** The head of a lane, or a job without one, is gone: its bytes are free and its lane goes on. */
export function* dropHead(rows: Rows, control: Control, lease: Lease, now: number): Step<void> {
  control.bytes -= lease.size;
  forgetAge(rows, lease);
  yield* read(rows.dropJobs([lease]));
  yield* leaveLane(rows, control, lease.lane, now);
}

/** An active job whose cancel was requested, or whose row is lost, is gone, as its owner gave it up or is gone, and its lane goes on. */
export function* dropCancelled(rows: Rows, control: Control, lease: Lease, now: number): Step<void> {
  yield* noteCancelled(rows, control, lease);
  yield* dropHead(rows, control, lease, now);
}

/** Its key is free, and those that wait for it hear of it. */
export function* noteCancelled(rows: Rows, control: Control, lease: Lease): Step<void> {
  control.cancelled += 1;
  if (lease.marked) unmark(control, lease);
  const row = control.keysSwept === undefined ? undefined : yield* read(rows.job(lease));
  if (row !== undefined) yield* freeKey(rows, control, row);
  yield* noteEnd(rows, control, lease, 'cancelled');
}

/** A row of `jobs` ends dead, and its lane goes on or halts. */
export function* toDeadLetters(rows: Rows, control: Control, row: JobRow, now: number): Step<FinalRow> {
  yield* read(rows.dropJobs([row]));
  return yield* buryHead(rows, control, row, now);
}
