import { before, laneKey, laneOf } from './order.ts';
import {
  type Claims,
  type Control,
  type JobRow,
  type Place,
  type Rows,
  read,
  type Step,
  type Stream,
} from './rows.ts';

/** A clock that goes back further than this has been set back; less is drift between calls. */
const CLOCK_STEP_MS = 2_000;
/** Rows read at a time while the clock is being followed back. */
const CLOCK_CHUNK = 256;

export function newControl(now: number): Control {
  return {
    seq: 0,
    fence: 0,
    lastNow: now,
    paused: false,
    pending: 0,
    active: 0,
    dead: 0,
    remembered: 0,
    completed: 0,
    cancelled: 0,
    bytes: 0,
    streams: {},
    holds: {},
  };
}

export function streamKey(place: Pick<Place, 'name' | 'version' | 'rank'>, timed: boolean): string {
  return `${place.name}@${place.version} ${place.rank} ${timed ? 'timed' : 'now'}`;
}

/** The row becomes claimable: it is counted, and low water sinks below it. */
export function enterStream(control: Control, row: Place): void {
  const key = streamKey(row, row.due !== 0);
  const stream = Object.hasOwn(control.streams, key) ? control.streams[key] : undefined;
  const below = { due: row.due, seq: row.seq - 1 };
  if (stream === undefined) {
    const { name, version, rank } = row;
    control.streams[key] = { name, version, rank, timed: row.due !== 0, waiting: 1, low: below };
    return;
  }
  stream.waiting += 1;
  if (!before(stream.low, row)) stream.low = below;
}

/** The row is claimed or gone. */
export function leaveStream(control: Control, row: Place): void {
  const key = streamKey(row, row.due !== 0);
  const stream = control.streams[key];
  if (stream === undefined) return;
  stream.waiting -= 1;
  if (stream.waiting === 0) delete control.streams[key];
}

/** Stores a row that is not in a lane's wait: claimable from its due on. */
export function putClaimable(rows: Rows, control: Control, row: JobRow): void {
  rows.putJob(row);
  enterStream(control, row);
}

/** A row of `jobs` that is not in its stream (claimed, or just left) becomes claimable in another place. */
export function moveClaimable(rows: Rows, control: Control, from: Place, row: JobRow): void {
  rows.moveJob(from, row);
  enterStream(control, row);
}

/** The control row, once the clock was looked at. Undefined: nothing was ever enqueued. */
export function* openControl(rows: Rows, now: number): Step<Control | undefined> {
  const control = yield* read(rows.control());
  if (control !== undefined) yield* followClock(rows, control, now);
  return control;
}

/**
 * If the clock was set back, what was due by the old clock becomes due now and leases start anew;
 * else a set-back would stop timed jobs and reclaims for as long as it was.
 */
export function* followClock(rows: Rows, control: Control, now: number): Step<void> {
  const last = control.lastNow;
  if (now >= last - CLOCK_STEP_MS) {
    control.lastNow = Math.max(last, now);
    // Kept also by those who change nothing else, but not more often than it could matter.
    if (now > last + CLOCK_STEP_MS) rows.putControl(control);
    return;
  }
  control.lastNow = now;
  const claims = yield* read(rows.claims());
  const claimed = claimedIds(claims);
  for (const stream of Object.values(control.streams))
    if (stream.timed) yield* pullForward(rows, control, stream, claimed, { from: now, through: last });
  for (const claim of claims) {
    for (const lease of claim.leases) lease.until = now + lease.leaseMs;
    rows.putClaims(claim);
  }
  for (const [key, until] of Object.entries(control.holds))
    if (until > now && until <= last) control.holds[key] = now;
  yield* pullParked(rows, { from: now, through: last });
  rows.putControl(control);
}

function* pullForward(
  rows: Rows,
  control: Control,
  stream: Stream,
  claimed: ReadonlySet<string>,
  span: { from: number; through: number },
): Step<void> {
  const cursor: Stream = { ...stream };
  for (;;) {
    const due = yield* read(rows.scan(cursor, span.through, CLOCK_CHUNK));
    for (const row of due) {
      cursor.low = row;
      if (row.due <= span.from || claimed.has(row.id)) continue;
      leaveStream(control, row);
      moveClaimable(rows, control, row, { ...row, due: Math.max(1, span.from) });
    }
    if (due.length < CLOCK_CHUNK) return;
  }
}

function* pullParked(rows: Rows, span: { from: number; through: number }): Step<void> {
  let after = '';
  for (;;) {
    const page = yield* read(rows.parkedAfter(after, CLOCK_CHUNK));
    for (const row of page)
      if (row.due > span.from && row.due <= span.through) rows.park({ ...row, due: Math.max(1, span.from) });
    const last = page.at(-1);
    if (last === undefined || page.length < CLOCK_CHUNK) return;
    after = laneKey(laneOf(last) ?? '', last.seq);
  }
}

/** Until when the name is held; 0: it is not. The prefix keeps names like __proto__ from being more than names. */
export function heldUntil(control: Control, name: string): number {
  return control.holds[`name ${name}`] ?? 0;
}

export function setHold(control: Control, name: string, until: number): void {
  control.holds[`name ${name}`] = Math.max(until, heldUntil(control, name));
}

export function claimedIds(claims: readonly Claims[]): Set<string> {
  const ids = new Set<string>();
  for (const claim of claims) for (const lease of claim.leases) ids.add(lease.id);
  return ids;
}
