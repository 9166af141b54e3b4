import { claimedIds } from './claims-row.ts';
import type { Control, Stream } from './control-row.ts';
import { hooksOf } from './features.ts';
import { full, growthOf, isOver, type Limits, type Load, MEASURES, sum } from './load.ts';
import type { RoomAnswer, RoomRequest } from './messages.ts';
import type { Guest } from './plan.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';

/** Rows read at a time by who counts the delayed. */
const CHUNK = 256;

/**
 * Finds out whether the guests fit, and what has to go for each. Changes nothing. Throws QueueFullError for the first limit that does not
 * let them all in, which never happens to those that take no room; unless they are let in already (`refuses`), as far as there is room or not.
 */
export function* makeRoom(
  rows: Rows,
  control: Control,
  limits: Limits,
  guests: readonly Guest[],
  now: number,
  refuses = true,
): Step<void> {
  const growth = growthOf(guests, now);
  const load = yield* loadOf(rows, control, limits, growth, now);
  const grown = sum(load, growth);
  const broken = MEASURES.find((measure) => isOver(limits, measure, grown, load));
  if (broken === undefined) return;
  const [dropping] = hooksOf(rows).drops;
  if (dropping !== undefined) yield* dropping.drops(rows, control, { guests, limits, load, refuses }, now);
  else if (refuses) throw full(rows, limits, broken, grown);
}

function* loadOf(rows: Rows, control: Control, limits: Limits, growth: Load, now: number): Step<Load> {
  const { maxDelayed } = limits;
  const delayed =
    maxDelayed === undefined || growth.delayed <= 0
      ? 0
      : yield* countDelayed(rows, control, maxDelayed - growth.delayed, now);
  return { depth: control.pending + control.active, bytes: control.bytes, delayed };
}

/**
 * How many wait for an instant. All that is timed is counted already; of those whose instant has come, no more are looked for than it
 * takes to see that the number is `enough` or less.
 */
function* countDelayed(rows: Rows, control: Control, enough: number, now: number): Step<number> {
  const timed = control.streams.filter((stream) => stream.timed);
  let delayed = timed.reduce((total, { waiting }) => total + waiting, 0);
  if (delayed <= enough) return delayed;
  const claimed = claimedIds(yield* read(rows.claims()));
  for (const stream of timed) {
    const cursor: Stream = { ...stream };
    for (let more = true; more && delayed > enough; ) {
      const due = yield* read(rows.scan(cursor, now, CHUNK));
      delayed -= due.filter(({ id }) => !claimed.has(id)).length;
      cursor.low = due.at(-1) ?? cursor.low;
      more = due.length === CHUNK;
    }
  }
  return delayed;
}

export function* lookForRoom(rows: Rows, limits: RoomRequest, now: number): Step<RoomAnswer> {
  const control = yield* read(rows.control());
  if (control === undefined) return { room: true };
  const one = { depth: 1, bytes: 1, delayed: 1 };
  const load = yield* loadOf(rows, control, limits, one, now);
  const full = MEASURES.filter((measure) => isOver(limits, measure, sum(load, one), load));
  if (full.length === 0) return { room: true };
  if (full.some((measure) => measure !== 'delayed')) return { room: false };
  const nextAt = yield* firstDelayed(rows, control, now);
  return nextAt === undefined ? { room: false } : { room: false, nextAt };
}

/** When the first of those that wait for an instant waits no longer. */
function* firstDelayed(rows: Rows, control: Control, now: number): Step<number | undefined> {
  let first: number | undefined;
  for (const stream of control.streams.filter(({ timed }) => timed)) {
    const after = { ...stream, low: { due: now, seq: Number.MAX_SAFE_INTEGER } };
    const [row] = yield* read(rows.scan(after, Number.MAX_SAFE_INTEGER, 1));
    if (row !== undefined) first = Math.min(first ?? row.due, row.due);
  }
  return first;
}
