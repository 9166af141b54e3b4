import { countAged, isTurnOfOldest } from './ageing.ts';
import { askFeatures } from './asked.ts';
import { type Claims, claimedIds } from './claims-row.ts';
import { heldUntil, leaveThat, sinkBelow } from './control.ts';
import type { Control, Stream } from './control-row.ts';
import { byRank, type Cursor, firstOf, head, oldestOf } from './cursor.ts';
import { revealPayload, unreadable } from './damage.ts';
import { expired, isExpired } from './expiry.ts';
import { type ClaimGuard, type ClaimTerms, hooksOf } from './features.ts';
import type { Job } from './job.ts';
import type { JobRow } from './job-row.ts';
import { MAX_DOUBTS, sureAt, sureNow } from './jump.ts';
import { toDeadLetters } from './lease-ends.ts';
import type { ClaimedJob, ClaimRequest, ExchangeAnswer, LeftJobs } from './messages.ts';
import { foreignMarks } from './name-marks.ts';
import { concerns, lacks } from './needs.ts';
import { type Claimer, newLease, PLAIN_TERMS } from './new-lease.ts';
import { isPaused } from './pause.ts';
import { present, someOf } from './present.ts';
import { cursorsOf, gatesOf, noteTry } from './probe.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';
import { isSuspect } from './suspect.ts';
import { targetOf } from './target.ts';
import { finalJob } from './view.ts';
import { dueBehind, headDue } from './wake.ts';

/** Unreadable jobs that one claim buries: what is left of more is met by the next. */
const MAX_BURIED = 100;
/** The same of those that features put off. */
const MAX_MOVED = 100;
/**
 * Payload bytes from which on a claim takes no more: one larger job is claimed alone. What is claimed together is mostly settled
 * together; a browser that deletes more than about this in a transaction writes what it deletes a second time first, for which a full disk
 * has no room (decision 7), and an answer over RPC has at most 32 MB.
 */
const MAX_CLAIM_BYTES = 1024 * 1024;

export type Claimed = Omit<ExchangeAnswer, 'settled'>;

/** A guard that lets jobs go, or does not. */
type Asking = ClaimGuard & Required<Pick<ClaimGuard, 'asks'>>;

/** Of nearly every page. */
const NO_GUARDS: readonly never[] = [];

interface Claiming extends Claimer, ClaimTerms {
  guards: readonly ClaimGuard[];
  /** Those of them that are asked for each job: a step a job is dear. */
  asking: readonly Asking[];
  /** What is claimed already, by anybody. */
  readonly claimed: Set<string>;
  readonly jobs: ClaimedJob[];
  /** Taken and unreadable or too old, each with the error that it dies of. Buried between two looks at the streams: that may bring others into them. */
  unreadable: JobRow[];
  readonly buried: Job[];
  /** Of the payloads, and of the results they come with, that are taken already. */
  bytes: number;
  /** Until when a name is to be left alone, as pages with a limit for it say. */
  readonly foreign: ReturnType<typeof foreignMarks>;
  /** The first end of those that keep something waiting. */
  foreignUntil: number;
  /** How many were put off. */
  moved: number;
  /** A suspect is at the head: it goes alone, so nothing behind it goes now. */
  stopped: boolean;
  /** Streams in which some were passed by that are too old if the clock is right: the first of them, where it is. */
  readonly doubted: Map<Stream, JobRow>;
  /** How many may be passed by still. */
  doubts: number;
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
  const all = claims.includes(mine) ? claims : [...claims, mine];
  const claiming: Claiming = {
    rows,
    control,
    mine,
    request,
    now,
    claims: all,
    claimed: claimedIds(claims),
    jobs: [],
    unreadable: [],
    buried: [],
    slots: slotsBy(request),
    limit: request.limit,
    isCut: false,
    guards: NO_GUARDS,
    asking: NO_GUARDS,
    bytes: 0,
    foreign: foreignMarks(rows, control, now),
    foreignUntil: Number.POSITIVE_INFINITY,
    moved: 0,
    stopped: false,
    doubted: new Map(),
    doubts: MAX_DOUBTS,
  };
  const { claims: hooked } = hooksOf(rows);
  if (hooked.length > 0) {
    claiming.guards = hooked.flatMap((feature) => feature.claims(rows, claiming, now) ?? []);
    claiming.asking = claiming.guards.filter((guard): guard is Asking => guard.asks !== undefined);
  }
  endHolds(control, sureNow(control, now));
  let asked: Cursor[];
  do {
    asked = yield* askedStreams(claiming);
    for (const cursors of byRank(asked)) yield* takeRank(claiming, cursors, asked);
  } while (yield* buryUnreadable(claiming));
  const told = yield* askFeatures(rows, control, request.asks, now);
  const nextAt = yield* nextInstant(claiming, asked, [...claims, mine], told);
  for (const guard of claiming.guards) if (guard.ends !== undefined) yield* guard.ends();
  for (const [stream, first] of claiming.doubted) sinkBelow(stream, first);
  const { jobs, buried, moved } = claiming;
  return present<Claimed>({
    jobs,
    buried: someOf(buried),
    putOff: moved || undefined,
    nextAt,
    asked: told,
    left: request.asksLeft ? leftJobs(rows, control, request, claims, mine) : undefined,
  });
}

function slotsBy({ names }: ClaimRequest): Map<string, number> {
  const slots = new Map<string, number>();
  for (const name in names) if (Object.hasOwn(names, name)) slots.set(name, names[name]?.slots ?? 0);
  return slots;
}

function leftJobs(
  rows: Rows,
  { streams }: Control,
  { names, uses }: ClaimRequest,
  claims: readonly Claims[],
  mine: Claims,
): LeftJobs {
  const runs = (of: Pick<Stream, 'name' | 'version' | 'needs'>) =>
    understands(names, of) && !lacks(rows, of, uses);
  let [waiting, elsewhere] = [0, 0];
  for (const stream of streams) if (runs(stream)) waiting += stream.waiting;
  for (const claim of claims) if (claim !== mine) elsewhere += claim.leases.filter(runs).length;
  return { waiting, elsewhere };
}

const understands = (
  names: ClaimRequest['names'],
  { name, version }: Pick<Stream, 'name' | 'version'>,
): boolean => Object.hasOwn(names, name) && version <= (names[name]?.version ?? 0);

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
function* askedStreams(claiming: Claiming): Step<Cursor[]> {
  const { rows, control, claims, mine, request, claimed, now } = claiming;
  const streams = control.streams.filter((stream) => {
    const { name, version } = stream;
    if (isPaused(control, name)) return false;
    const asked = Object.hasOwn(request.names, name) ? request.names[name] : undefined;
    const isAsked = asked !== undefined && asked.slots > 0 && version <= asked.version;
    if (!isAsked || lacks(rows, stream, request.uses)) return false;
    const { until } = claiming.foreign(name);
    if (until > now) claiming.foreignUntil = Math.min(claiming.foreignUntil, until);
    return until <= now;
  });
  const gates = gatesOf(control, claims, now, request, mine);
  const mayGo = (stream: Stream) => !isHeld(claiming, stream) && (claiming.slots.get(stream.name) ?? 0) > 0;
  const isInDoubt = (row: JobRow) => isInDoubtAt(control, row, now);
  return yield* cursorsOf(rows, streams, gates, request.names, { mayGo, claimed, isInDoubt, now });
}

function* takeRank(claiming: Claiming, cursors: readonly Cursor[], asked: readonly Cursor[]): Step<void> {
  const isOpen = ({ stream }: Cursor) => !isHeld(claiming, stream);
  const open = cursors.filter(isOpen);
  const ready = (cursor: Cursor) => isReady(claiming, cursor);
  while (!claiming.stopped && room(claiming) > 0) {
    const isOldests = isTurnOfOldest(claiming.control, claiming.request.ageing);
    const among = isOldests ? asked.filter(isOpen) : open;
    for (const cursor of among) if (cursor.buffer.length === 0) yield* refill(claiming, cursor, among.length);
    const next = isOldests ? oldestOf(among, ready) : firstOf(among, ready);
    if (next === undefined) return;
    if (isInDoubtAt(claiming.control, head(next), claiming.now)) passDoubted(claiming, next);
    else if (claiming.asking.length === 0 || (yield* isLetGo(claiming, next))) take(claiming, next);
  }
}

/** A head that a feature does not let go stands in nobody's way from here on. */
function* isLetGo(claiming: Claiming, cursor: Cursor): Step<boolean> {
  const row = head(cursor);
  for (const guard of claiming.asking) {
    const answer = yield* guard.asks(row);
    if (answer === 'goes') continue;
    if (answer === 'waits') {
      cursor.waits = true;
      return false;
    }
    claiming.moved += 1;
    cursor.buffer.shift();
    if (cursor.gate === undefined) passBy(cursor.stream, [row]);
    return false;
  }
  return true;
}

/** Too old by a clock that may have jumped. */
const isInDoubtAt = (control: Control, row: JobRow, now: number): boolean =>
  isExpired(row, now) && !isExpired(row, sureNow(control, now));

/** It waits until that is sure, where it is, and stands in nobody's way. Behind a gate it is passed by already. */
function passDoubted(claiming: Claiming, cursor: Cursor): void {
  const row = head(cursor);
  if (claiming.doubts === 0) {
    cursor.waits = true;
    return;
  }
  claiming.doubts -= 1;
  if (!claiming.doubted.has(cursor.stream)) claiming.doubted.set(cursor.stream, row);
  cursor.buffer.shift();
  passBy(cursor.stream, [row]);
}

const isHeld = ({ control, now }: Claiming, stream: Stream): boolean => heldUntil(control, stream.name) > now;
const room = ({ limit, bytes, jobs, unreadable: met, buried, moved }: Claiming): number =>
  met.length + buried.length < MAX_BURIED && bytes < MAX_CLAIM_BYTES && moved < MAX_MOVED
    ? limit - jobs.length
    : 0;
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
    const wanted = Math.min(share, slotsOf(claiming, cursor), cursor.stream.waiting, worthReading(claiming));
    const found = yield* read(rows.scan(cursor.stream, now, wanted));
    cursor.dry = found.length < wanted;
    cursor.buffer = found.filter((row) => !claimed.has(row.id));
    if (cursor.buffer.length === 0) passBy(cursor.stream, found);
  }
}

/** What is left of the bytes, in jobs as large as those taken before, or as all are on average: what is read and left was read in vain. */
function worthReading({ control, bytes, jobs }: Claiming): number {
  const [count, size] =
    jobs.length > 0 ? [jobs.length, bytes] : [control.pending + control.active, control.bytes];
  return Math.max(1, Math.ceil(((MAX_CLAIM_BYTES - bytes) * count) / Math.max(1, size)));
}

/** All of these are claimed, or went elsewhere: nothing will look at them again. */
function passBy(stream: Stream, claimedRows: readonly JobRow[]): void {
  const last = claimedRows.at(-1);
  if (last !== undefined) stream.low = { due: last.due, seq: last.seq };
}

const isReady = (claiming: Claiming, cursor: Cursor): boolean =>
  cursor.buffer.length > 0 && !cursor.waits && slotsOf(claiming, cursor) > 0;

function take(claiming: Claiming, cursor: Cursor): void {
  const row = head(cursor);
  if (isSuspect(row)) {
    claiming.stopped = true;
    if (!claiming.request.idle || claiming.jobs.length > 0) return;
  }
  cursor.buffer.shift();
  claiming.claimed.add(row.id);
  if (cursor.gate === undefined) cursor.stream.low = { due: row.due, seq: row.seq };
  leaveThat(claiming.control, cursor.stream);
  if (isExpired(row, claiming.now)) {
    claiming.unreadable.push(expired(row, claiming.now));
    return;
  }
  let payload: unknown;
  try {
    payload = revealPayload(claiming.rows, row);
  } catch (thrown) {
    claiming.unreadable.push(unreadable(row, thrown, claiming.now));
    return;
  }
  claiming.slots.set(row.name, slotsOf(claiming, cursor) - 1);
  countAged(claiming.control, claiming.request.ageing);
  claiming.bytes += row.size + (row.extraBytes ?? 0);
  const isProbe = cursor.gate !== undefined && noteTry(claiming.control, row, claiming.now);
  const terms = cursor.gate === undefined ? PLAIN_TERMS : { isProbe, isFree: true };
  const job = newLease(claiming, row, payload, terms);
  claiming.jobs.push(cursor.gate === undefined ? job : { ...job, first: true });
}

/** When the first lease of all that concern this page ends. Not a step: there each number would be an object. */
function firstUntil(rows: Rows, claims: readonly Claims[]): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { leases } of claims)
    for (const lease of leases) if (concerns(rows, lease)) first = Math.min(first, lease.until);
  return first;
}

/** The earliest instant at which a worker with these names could have something to do. */
function* nextInstant(
  claiming: Claiming,
  asked: readonly Cursor[],
  claims: readonly Claims[],
  told: ExchangeAnswer['asked'],
): Step<number | undefined> {
  const { rows, control, now, stopped, mine, request } = claiming;
  const gates = gatesOf(control, claiming.claims, now, request, mine);
  const expiryAt = sureAt(control, control.expiryAt ?? Number.POSITIVE_INFINITY);
  let next = Math.min(expiryAt, claiming.foreignUntil);
  for (const guard of claiming.guards) next = Math.min(next, guard.nextAt ?? next);
  if (told !== undefined) next = Math.min(next, ...Object.values(told));
  next = Math.min(next, firstUntil(rows, claims));
  // What ends, or is lost, makes room again.
  if (claiming.isCut && claiming.jobs.length >= claiming.limit)
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  for (const cursor of asked) {
    const { stream } = cursor;
    if (stream.waiting === 0 || cursor.waits) continue;
    const openAt = cursor.gate === undefined ? now : (gates?.get(targetOf(stream))?.nextAt ?? now);
    if (isHeld(claiming, stream)) next = Math.min(next, heldUntil(control, stream.name));
    else if (openAt > now) next = Math.min(next, openAt);
    else if (next > now && slotsOf(claiming, cursor) > 0) {
      const reads = claiming.doubted.has(stream) ? dueBehind : headDue;
      const due = cursor.buffer.length > 0 ? now : yield* reads(rows, stream, claiming.claimed, now);
      // What waits behind a suspect is asked for again when this worker is idle, not at once.
      if (due > now || !stopped || claiming.jobs.length > 0) next = Math.min(next, due);
    }
  }
  return next === Number.POSITIVE_INFINITY ? undefined : next;
}
