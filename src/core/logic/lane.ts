import { putClaimable } from './control.ts';
import { unreadable } from './damage.ts';
import { laneOf } from './order.ts';
import { type Control, type FinalRow, type JobRow, type Rows, read, type Step } from './rows.ts';

/**
 * Invariant: a lane with live jobs has exactly one un-parked row, its head. Every way in goes through `place`,
 * every way out of the head through `leaveLane`.
 */

/** Stores a row that enters: parked if its lane has a head, claimable if not. */
export function* place(rows: Rows, control: Control, row: JobRow): Step<void> {
  const lane = laneOf(row);
  if (lane !== undefined && (yield* read(rows.laneOccupied(lane)))) rows.park(row);
  else putClaimable(rows, control, row);
}

/** The head is gone: the parked row with the lowest seq takes its place. */
export function* leaveLane(rows: Rows, control: Control, lane: string | undefined, now: number): Step<void> {
  if (lane === undefined) return;
  for (;;) {
    const next = yield* read(rows.nextInLane(lane));
    if (next === undefined) return;
    rows.unpark(next);
    if (next.damage === undefined) {
      putClaimable(rows, control, { ...next, due: Math.max(1, now, next.due) });
      return;
    }
    // Its name is not known, so nobody could claim it.
    control.pending -= 1;
    putDead(rows, control, unreadable(next, next.damage.why, now), now);
  }
}

/** The row, which is out of `jobs` and `parked`, is a dead letter. */
export function putDead(rows: Rows, control: Control, row: JobRow, now: number): FinalRow {
  const final: FinalRow = { job: row, state: 'dead', finishedAt: now };
  control.dead += 1;
  control.bytes -= row.size;
  rows.putFinal(final);
  return final;
}
