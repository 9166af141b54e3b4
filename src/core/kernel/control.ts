import type { Control, Stream } from './control-row.ts';
import type { Draft } from './job.ts';
import type { JobRow } from './job-row.ts';
import { type Correction, corrected } from './jump.ts';
import { before, isSameNeeds, type StreamName } from './order.ts';
import type { Place, Position } from './place.ts';
import type { Rows } from './rows.ts';

/** A clock that goes back further than this has been set back; less is drift between calls. */
export const CLOCK_STEP_MS = 2_000;

export function newControl(now: number): Control {
  return {
    seq: 0,
    // Greater than in any queue of this name that was here before: who remembers its fences must not refuse the new ones.
    fence: Math.max(0, now),
    lastNow: now,
    paused: false,
    pending: 0,
    active: 0,
    dead: 0,
    remembered: 0,
    completed: 0,
    cancelled: 0,
    bytes: 0,
    streams: [],
    holds: {},
  };
}

/** The stream of this name and kind; undefined: no row waits in it. */
export function findStream(
  { streams }: Control,
  { name, version, rank, target, needs }: StreamName,
  timed: boolean,
): Stream | undefined {
  for (const stream of streams)
    if (
      stream.timed === timed &&
      stream.rank === rank &&
      stream.version === version &&
      stream.name === name &&
      stream.target === target &&
      isSameNeeds(stream.needs, needs)
    )
      return stream;
  return undefined;
}

/** The row becomes claimable: it is counted, and low water sinks below it. */
export function enterStream(control: Control, row: Place): void {
  const stream = findStream(control, row, row.due !== 0);
  if (stream !== undefined) {
    stream.waiting += 1;
    sinkBelow(stream, row);
    return;
  }
  const { name, version, rank, target, needs } = row;
  const fresh: Draft<Stream> = {
    name,
    version,
    rank,
    timed: row.due !== 0,
    waiting: 1,
    low: justBefore(row),
  };
  if (target !== undefined) fresh.target = target;
  if (needs !== undefined) fresh.needs = needs;
  control.streams.push(fresh);
}

/** Low water sinks: the row will be read again. */
export function sinkBelow(stream: Stream, row: Position): void {
  if (!before(stream.low, row)) stream.low = justBefore(row);
}

const justBefore = ({ due, seq }: Position): Position => ({ due, seq: seq - 1 });

/** The row is claimed or gone. */
export function leaveStream(control: Control, row: Place): void {
  const stream = findStream(control, row, row.due !== 0);
  if (stream !== undefined) leaveThat(control, stream);
}

/** One of its rows is claimed or gone. */
export function leaveThat({ streams }: Control, stream: Stream): void {
  stream.waiting -= 1;
  if (stream.waiting === 0) streams.splice(streams.indexOf(stream), 1);
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

/**
 * A hold that a failure set has as much left as before; one until an instant that somebody named is over if it was through the last instant
 * that is believed, else it stays.
 */
export function followHolds(control: Control, now: number, through: number, correction: Correction): void {
  for (const [key, until] of Object.entries(control.holds)) {
    if (!key.startsWith(holdKey('after', ''))) {
      if (until > now && until <= through) control.holds[key] = now;
    } else control.holds[key] = corrected(until, correction);
  }
}

/**
 * How a hold was timed: `name` by an instant that somebody named, `after` by a delay from a failure on. They follow the clock
 * differently. As prefixes of keys they keep names like __proto__ from being more than names.
 */
type Hold = 'name' | 'after';

const holdKey = (hold: Hold, name: string): string => `${hold} ${name}`;

/** Until when the name is held; 0: it is not. */
export function heldUntil({ holds }: Control, name: string): number {
  return Math.max(holds[holdKey('name', name)] ?? 0, holds[holdKey('after', name)] ?? 0);
}

/** The names that are held, and until when. */
export function heldNames(
  control: Control,
  now: number,
): readonly (readonly [name: string, until: number])[] {
  const names = new Set(Object.keys(control.holds).map((key) => key.slice(key.indexOf(' ') + 1)));
  return [...names]
    .map((name) => [name, heldUntil(control, name)] as const)
    .filter(([, until]) => until > now);
}

/** A later end wins over an earlier one. */
export function setHold({ holds }: Control, hold: Hold, name: string, until: number): void {
  const key = holdKey(hold, name);
  holds[key] = Math.max(until, holds[key] ?? 0);
}
