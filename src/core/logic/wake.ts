import { claimedIds, heldUntil } from './control.ts';
import { type Operation, type Rows, read, type Step, type Stream } from './rows.ts';

/** Job names that somebody would run, with the newest payload version understood. */
export type Versions = ReadonlyMap<string, number>;

/**
 * The earliest instant at which somebody could have something to do in this queue: a due job of one of the names (absent: of
 * any), the end of a hold, of a lease. Undefined: nothing waits, or what waits is paused. For who wakes by alarm, not by looking.
 */
export function wakeAt(now: number, names?: Versions): Operation<number | undefined> {
  return function* (rows) {
    const control = yield* read(rows.control());
    if (control === undefined) return undefined;
    const claims = yield* read(rows.claims());
    // Whoever proves its life needs no watching: when the proof ends, that is told.
    const watched = claims.filter(({ proven }) => !proven);
    const instants = watched.flatMap(({ leases }) => leases.map(({ until }) => until));
    const claimed = claimedIds(claims);
    for (const stream of control.paused ? [] : Object.values(control.streams)) {
      if (names !== undefined && stream.version > (names.get(stream.name) ?? 0)) continue;
      instants.push(Math.max(heldUntil(control, stream.name), yield* headDue(rows, stream, claimed, now)));
    }
    const earliest = Math.min(...instants);
    return earliest === Number.POSITIVE_INFINITY ? undefined : earliest;
  };
}

/** When the first row of the stream that nobody has claimed is due; low water moves past the claimed. */
export function* headDue(
  rows: Rows,
  stream: Stream,
  claimed: ReadonlySet<string>,
  now: number,
): Step<number> {
  if (!stream.timed) return now;
  for (;;) {
    const [row] = yield* read(rows.scan(stream, Number.MAX_SAFE_INTEGER, 1));
    if (row === undefined) return Number.POSITIVE_INFINITY;
    if (!claimed.has(row.id)) return row.due;
    stream.low = { due: row.due, seq: row.seq };
  }
}
