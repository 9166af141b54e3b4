import { noteBuried } from './buried-keys.ts';
import { leaveStream, putClaimable } from './control.ts';
import type { Control } from './control-row.ts';
import { unreadable } from './damage.ts';
import { noteEnd } from './ending.ts';
import { ageless, aging, forgetAge, watchAge } from './expiry.ts';
import type { FinalRow, JobRow, Live } from './job-row.ts';
import { freeKey } from './key-memory.ts';
import { laneOf } from './order.ts';
import { unmark } from './outage.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';

/**
 * Invariant: a lane with live jobs has exactly one un-parked row, its head. Every way in goes through `place`,
 * every way out of the head through `leaveLane`.
 */

/** Stores a row that enters: parked if its lane has a head, claimable if not. */
export function* place(rows: Rows, control: Control, row: JobRow): Step<void> {
  const lane = laneOf(row);
  const waits = row.parkedBy !== undefined || (lane !== undefined && (yield* hasHead(rows, control, lane)));
  if (waits) rows.park(ageless(row));
  else placeFree(rows, control, row);
}

/** It waits for no other job: nothing is looked up for it. */
export const isFree = (row: JobRow): boolean => laneOf(row) === undefined;

/** Stores a row that is claimable. */
export function placeFree(rows: Rows, control: Control, row: JobRow): void {
  watchAge(rows, control, row);
  putClaimable(rows, control, row);
}

/** Dead or alive. */
function* hasHead(rows: Rows, control: Control, lane: string): Step<boolean> {
  if (yield* read(rows.laneOccupied(lane))) return true;
  return control.halted !== undefined && (yield* read(rows.record('halt', lane))) !== undefined;
}

/** The row, which is out of `jobs`, is a dead letter: its lane goes on, or waits for what becomes of it. */
export function* buryHead(rows: Rows, control: Control, row: JobRow, now: number): Step<FinalRow> {
  const lane = laneOf(row);
  if (lane === undefined || row.onLaneDeath !== 'halt') {
    const final = yield* putDead(rows, control, row, now);
    yield* leaveLane(rows, control, lane, now);
    return final;
  }
  rows.putRecord('halt', lane, { id: row.id });
  control.halted = (control.halted ?? 0) + 1;
  return yield* putDead(rows, control, { ...row, haltsLane: true }, now);
}

/** A dead job is no dead letter any more. Its lane, if it halted that, is without a head. */
export function endHalt(rows: Rows, control: Control, { haltsLane, ...job }: JobRow): JobRow {
  if (haltsLane === undefined) return job;
  rows.dropRecord('halt', laneOf(job) ?? '');
  const halted = (control.halted ?? 1) - 1;
  if (halted === 0) delete control.halted;
  else control.halted = halted;
  return job;
}

/** The head is gone: the parked row with the lowest seq takes its place. */
export function* leaveLane(rows: Rows, control: Control, lane: string | undefined, now: number): Step<void> {
  if (lane === undefined) return;
  for (;;) {
    const next = yield* read(rows.nextInLane(lane));
    if (next === undefined) return;
    if (next.damage === undefined) {
      rows.unpark(next);
      placeFree(rows, control, aging({ ...next, due: Math.max(1, now, next.due) }, now));
      return;
    }
    // Its name is not known, so nobody could claim it.
    yield* buryParked(rows, control, next, unreadable(next, next.damage.why, now), now);
  }
}

/** A feature lets a parked row go on, as `next`: it may run, or enters its lane. */
export function* letGoOn(rows: Rows, control: Control, row: JobRow, next: JobRow, now: number): Step<void> {
  rows.unpark(row);
  forgetAge(rows, row);
  yield* place(rows, control, aging({ ...next, due: Math.max(1, now, row.due) }, now));
}

/** A parked row is a dead letter, as `dead` says. */
export function* buryParked(
  rows: Rows,
  control: Control,
  row: JobRow,
  dead: JobRow,
  now: number,
): Step<FinalRow> {
  rows.unpark(row);
  control.pending -= 1;
  return yield* putDead(rows, control, dead, now);
}

/** A waiting job is taken away, and its lane goes on. */
export function* dropWaiting(rows: Rows, control: Control, { at, row }: Live, now: number): Step<void> {
  control.pending -= 1;
  control.bytes -= row.size;
  forgetAge(rows, row);
  if (row.since !== undefined) unmark(control, row);
  yield* freeKey(rows, control, row);
  yield* noteEnd(rows, control, row, 'cancelled');
  if (at === 'parked') {
    rows.unpark(row);
    return;
  }
  leaveStream(control, row);
  yield* read(rows.dropJobs([row]));
  yield* leaveLane(rows, control, laneOf(row), now);
}

/** The row, which is out of `jobs` and `parked`, is a dead letter. */
export function* putDead(rows: Rows, control: Control, row: JobRow, now: number): Step<FinalRow> {
  const final: FinalRow = { job: row, state: 'dead', finishedAt: now };
  control.dead += 1;
  control.bytes -= row.size;
  forgetAge(rows, row);
  if (row.since !== undefined) unmark(control, row);
  rows.putFinal(final);
  yield* noteBuried(rows, control, row);
  yield* noteEnd(rows, control, row, 'dead');
  return final;
}
