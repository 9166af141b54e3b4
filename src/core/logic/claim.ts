import type { Draft, Job } from '../job.ts';
import type { ClaimedJob, ClaimRequest, ExchangeAnswer } from '../messages.ts';
import { claimedIds, heldUntil, leaveStream } from './control.ts';
import { revealPayload, unreadable } from './damage.ts';
import { goesFirst, laneOf } from './order.ts';
import {
  type Claims,
  type Control,
  type JobRow,
  type Lease,
  type Rows,
  read,
  type Step,
  type Stream,
} from './rows.ts';
import { toDeadLetters } from './settle.ts';
import { claimedJob, finalJob } from './view.ts';
import { headDue } from './wake.ts';

/** From this crash on a job runs alone: whom it takes along is then itself. */
const SUSPECT_CRASHES = 2;
/** Unreadable jobs that one claim buries: what is left of more is met by the next. */
const MAX_BURIED = 100;

export type Claimed = Omit<ExchangeAnswer, 'settled'>;

/** One stream being read. `buffer` holds rows read and not yet taken. */
interface Cursor {
  readonly stream: Stream;
  buffer: JobRow[];
  /** Nothing due is left to read. */
  dry: boolean;
}

interface Claiming {
  readonly rows: Rows;
  readonly control: Control;
  readonly mine: Claims;
  readonly request: ClaimRequest;
  readonly now: number;
  /** What is claimed already, by anybody. */
  readonly claimed: Set<string>;
  readonly jobs: ClaimedJob[];
  /** Taken and unreadable, each with the error that it dies of. Buried between two looks at the streams: that may bring others into them. */
  unreadable: JobRow[];
  readonly buried: Job[];
  /** Slots left by name. */
  readonly slots: Map<string, number>;
  /** A suspect is at the head: it goes alone, so nothing behind it goes now. */
  stopped: boolean;
}

/** Takes due jobs in order of rank, then of waiting, over all names asked for. */
export function* claim(
  rows: Rows,
  control: Control,
  claims: readonly Claims[],
  mine: Claims,
  request: ClaimRequest,
  now: number,
): Step<Claimed> {
  const claiming: Claiming = {
    rows,
    control,
    mine,
    request,
    now,
    claimed: claimedIds(claims),
    jobs: [],
    unreadable: [],
    buried: [],
    slots: new Map(Object.entries(request.names).map(([name, { slots }]) => [name, slots])),
    stopped: false,
  };
  endHolds(control, now);
  let asked: Cursor[];
  do {
    asked = control.paused ? [] : askedStreams(claiming);
    for (const cursors of byRank(asked)) yield* takeRank(claiming, cursors);
  } while (yield* buryUnreadable(claiming));
  const nextAt = yield* nextInstant(claiming, asked, [...claims, mine]);
  const { jobs, buried } = claiming;
  return { jobs, ...(buried.length === 0 ? {} : { buried }), ...(nextAt === undefined ? {} : { nextAt }) };
}

/** Answers whether there were any: their lanes have gone on, and their slots are free. */
function* buryUnreadable(claiming: Claiming): Step<boolean> {
  const { rows, control, now, unreadable: rest } = claiming;
  claiming.unreadable = [];
  for (const row of rest) {
    control.pending -= 1;
    claiming.buried.push(finalJob(rows, yield* toDeadLetters(rows, control, row, now)));
  }
  return rest.length > 0;
}

function endHolds(control: Control, now: number): void {
  for (const [key, until] of Object.entries(control.holds)) if (until <= now) delete control.holds[key];
}

/** Names with slots whose payloads this worker understands; a held one counts only for the next instant. */
function askedStreams({ control, request }: Claiming): Cursor[] {
  return Object.values(control.streams)
    .filter(({ name, version }) => {
      const asked = Object.hasOwn(request.names, name) ? request.names[name] : undefined;
      return asked !== undefined && asked.slots > 0 && version <= asked.version;
    })
    .map((stream) => ({ stream, buffer: [], dry: false }));
}

function byRank(cursors: readonly Cursor[]): Cursor[][] {
  const ranks = new Map<number, Cursor[]>();
  for (const cursor of cursors) {
    const same = ranks.get(cursor.stream.rank);
    if (same === undefined) ranks.set(cursor.stream.rank, [cursor]);
    else same.push(cursor);
  }
  return [...ranks].sort(([a], [b]) => a - b).map(([, same]) => same);
}

function* takeRank(claiming: Claiming, cursors: readonly Cursor[]): Step<void> {
  const open = cursors.filter(({ stream }) => !isHeld(claiming.control, stream));
  while (!claiming.stopped && room(claiming) > 0) {
    for (const cursor of open) if (cursor.buffer.length === 0) yield* refill(claiming, cursor, open.length);
    const next = firstOf(claiming, open);
    if (next === undefined) return;
    take(claiming, next);
  }
}

const isHeld = (control: Control, stream: Stream): boolean => heldUntil(control, stream.name) > 0;
const room = ({ request, jobs, unreadable: met, buried }: Claiming): number =>
  met.length + buried.length < MAX_BURIED ? request.limit - jobs.length : 0;
const slotsOf = ({ slots }: Claiming, { stream }: Cursor): number => slots.get(stream.name) ?? 0;

/** Reads on when the buffer is empty: no more than this cursor's share of what may still be taken. */
function* refill(claiming: Claiming, cursor: Cursor, sharers: number): Step<void> {
  const { rows, now, claimed } = claiming;
  while (
    cursor.buffer.length === 0 &&
    !cursor.dry &&
    cursor.stream.waiting > 0 &&
    slotsOf(claiming, cursor) > 0
  ) {
    const share = Math.ceil(room(claiming) / sharers);
    const wanted = Math.min(share, slotsOf(claiming, cursor), cursor.stream.waiting);
    const found = yield* read(rows.scan(cursor.stream, now, wanted));
    cursor.dry = found.length < wanted;
    cursor.buffer = found.filter((row) => !claimed.has(row.id));
    if (cursor.buffer.length === 0) passBy(cursor.stream, found);
  }
}

/** All of these are claimed: nothing will look at them again. */
function passBy(stream: Stream, claimedRows: readonly JobRow[]): void {
  const last = claimedRows.at(-1);
  if (last !== undefined) stream.low = { due: last.due, seq: last.seq };
}

function firstOf(claiming: Claiming, cursors: readonly Cursor[]): Cursor | undefined {
  let first: Cursor | undefined;
  for (const kind of [false, true]) {
    const best = firstOfKind(claiming, cursors, kind);
    if (best !== undefined && (first === undefined || goesFirst(head(best), head(first)))) first = best;
  }
  return first;
}

/** Heads are compared inside a kind first: between the kinds the order is by waiting, which clocks can bend. */
function firstOfKind(claiming: Claiming, cursors: readonly Cursor[], timed: boolean): Cursor | undefined {
  let first: Cursor | undefined;
  for (const cursor of cursors) {
    if (cursor.stream.timed !== timed || cursor.buffer.length === 0 || slotsOf(claiming, cursor) === 0)
      continue;
    if (first === undefined || goesFirst(head(cursor), head(first))) first = cursor;
  }
  return first;
}

const head = (cursor: Cursor): JobRow => cursor.buffer[0] as JobRow;

function take(claiming: Claiming, cursor: Cursor): void {
  const row = head(cursor);
  if (row.crashes >= SUSPECT_CRASHES) {
    claiming.stopped = true;
    if (!claiming.request.idle || claiming.jobs.length > 0) return;
  }
  cursor.buffer.shift();
  claiming.claimed.add(row.id);
  cursor.stream.low = { due: row.due, seq: row.seq };
  leaveStream(claiming.control, row);
  let payload: unknown;
  try {
    payload = revealPayload(claiming.rows, row);
  } catch (thrown) {
    claiming.unreadable.push(unreadable(row, thrown, claiming.now));
    return;
  }
  claiming.slots.set(row.name, slotsOf(claiming, cursor) - 1);
  claiming.jobs.push(lease(claiming, row, payload));
}

function lease({ rows, control, mine, request, now }: Claiming, row: JobRow, payload: unknown): ClaimedJob {
  const { leaseMs } = request;
  control.fence += 1;
  control.pending -= 1;
  control.active += 1;
  const lane = laneOf(row);
  const held: Draft<Lease> = {
    id: row.id,
    name: row.name,
    version: row.version,
    rank: row.rank,
    due: row.due,
    seq: row.seq,
    fence: control.fence,
    until: now + leaseMs,
    leaseMs,
    size: row.size,
    remembered: row.dedupeMs !== undefined,
  };
  if (lane !== undefined) held.lane = lane;
  mine.leases.push(held);
  return { job: claimedJob(rows, row, payload, mine.workerId, held), fence: held.fence };
}

/** The earliest instant at which a worker with these names could have something to do. */
function* nextInstant(
  claiming: Claiming,
  asked: readonly Cursor[],
  claims: readonly Claims[],
): Step<number | undefined> {
  const { rows, control, now, stopped } = claiming;
  let next = Number.POSITIVE_INFINITY;
  for (const { leases } of claims) for (const { until } of leases) next = Math.min(next, until);
  for (const cursor of asked) {
    const { stream } = cursor;
    if (stream.waiting === 0) continue;
    if (isHeld(control, stream)) next = Math.min(next, heldUntil(control, stream.name));
    else if (next > now && slotsOf(claiming, cursor) > 0) {
      const due = cursor.buffer.length > 0 ? now : yield* headDue(rows, stream, claiming.claimed, now);
      // What waits behind a suspect is asked for again when this worker is idle, not at once.
      if (due > now || !stopped || claiming.jobs.length > 0) next = Math.min(next, due);
    }
  }
  return next === Number.POSITIVE_INFINITY ? undefined : next;
}
