import { claimedIds } from './claims-row.ts';
import type { Control, Stream } from './control-row.ts';
import { QueueFullError } from './errors.ts';
import type { JobRow, Live } from './job-row.ts';
import { dropWaiting } from './lane.ts';
import type { EnqueueRequest, RoomAnswer, RoomRequest } from './messages.ts';
import type { Guest } from './plan.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';
import { nameOf } from './stream-name.ts';
import { Victims } from './victims.ts';

export type Limits = Omit<EnqueueRequest, 'jobs'>;

/** What a queue holds, or would. */
interface Load {
  depth: number;
  bytes: number;
  delayed: number;
}

type Measure = keyof Load;

const LIMITS = { depth: 'maxDepth', bytes: 'maxBytes', delayed: 'maxDelayed' } as const satisfies Record<
  Measure,
  keyof Limits
>;
const MEASURES = Object.keys(LIMITS) as Measure[];

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
  if (limits.onFull === undefined || limits.onFull === 'refuse') {
    if (refuses) throw full(rows, limits, broken, grown);
    return;
  }
  const spared = claimedIds(yield* read(rows.claims()));
  for (const { id, spares = [] } of guests) for (const needed of [id, ...spares]) spared.add(needed);
  const victims = new Victims(rows, control, limits.onFull, spared, now);
  for (const guest of guests) yield* roomFor(rows, limits, guest, load, victims, now, refuses);
}

function* roomFor(
  rows: Rows,
  limits: Limits,
  guest: Guest,
  load: Load,
  victims: Victims,
  now: number,
  refuses: boolean,
): Step<void> {
  const before = { ...load };
  Object.assign(load, sum(load, growthOf([guest], now)));
  for (const measure of MEASURES)
    while (isOver(limits, measure, load, before)) {
      const victim = yield* victims.next(guest.row as JobRow, measure === 'delayed');
      if (victim === undefined && refuses) throw full(rows, limits, measure, load);
      if (victim === undefined) break;
      guest.drops = [...(guest.drops ?? []), victim];
      load.depth -= 1;
      load.bytes -= victim.row.size;
      if (isDelayed(victim, now)) load.delayed -= 1;
    }
}

/** What was there before may be over a limit that was lowered since: only who makes it more is in its way. */
function isOver(limits: Limits, measure: Measure, load: Load, before: Load): boolean {
  const max = limits[LIMITS[measure]];
  return max !== undefined && load[measure] > max && load[measure] > before[measure];
}

const full = (rows: Rows, limits: Limits, measure: Measure, load: Load) =>
  new QueueFullError(nameOf(rows.queue), LIMITS[measure], limits[LIMITS[measure]] as number, load[measure]);

function growthOf(guests: readonly Guest[], now: number): Load {
  const growth: Load = { depth: 0, bytes: 0, delayed: 0 };
  for (const { row, held } of guests) {
    if (row === undefined) continue;
    if (held === undefined) growth.depth += 1;
    growth.bytes += row.size - (held?.row.size ?? 0);
    if (row.due > now && held?.at !== 'parked') growth.delayed += 1;
    if (held !== undefined && isDelayed(held, now)) growth.delayed -= 1;
  }
  return growth;
}

const isDelayed = ({ at, row }: Live, now: number): boolean => at === 'jobs' && row.due > now;

const sum = (a: Load, b: Load): Load => ({
  depth: a.depth + b.depth,
  bytes: a.bytes + b.bytes,
  delayed: a.delayed + b.delayed,
});

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

/** Does what was found out. The parked go first, while they are. */
export function* dropFor(rows: Rows, control: Control, guests: readonly Guest[], now: number): Step<void> {
  if (guests.every(({ drops }) => drops === undefined)) return;
  const drops = guests.flatMap((guest) => guest.drops ?? []);
  for (const at of ['parked', 'jobs'] as const)
    for (const victim of drops.filter((drop) => drop.at === at)) {
      yield* dropWaiting(rows, control, victim, now);
      control.dropped = (control.dropped ?? 0) + 1;
    }
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
