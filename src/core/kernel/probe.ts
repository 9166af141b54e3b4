import type { Claims } from './claims-row.ts';
import type { Control, Stream } from './control-row.ts';
import type { Cursor } from './cursor.ts';
import type { JobRow } from './job-row.ts';
import { MAX_DOUBTS } from './jump.ts';
import type { ClaimRequest } from './messages.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';
import { afterTry, isClosed, putTarget, recordOf, roundOf, targetOf } from './target.ts';
import type { Gate, Spot } from './target-record.ts';

/** Claimed rows that may stand in the way of one that is not. */
const LOOK_AHEAD = 4;

/**
 * The targets that are not simply open, by name: closed or in the ramp, or such as this worker holds for itself (`few`). Undefined: all are
 * open, and nothing was looked at.
 */
export function gatesOf(
  control: Control,
  claims: readonly Claims[],
  now: number,
  { few, slots }: Pick<ClaimRequest, 'few' | 'slots'> = {},
  mine?: Claims,
): Map<string, Gate> | undefined {
  if (control.targets === undefined && few === undefined) return undefined;
  const gates = new Map<string, Gate>();
  for (const stream of control.streams) {
    const target = targetOf(stream);
    if (gates.has(target)) continue;
    const gate = gateOf(control, claims, target, now);
    const own = few !== undefined && Object.hasOwn(few, target) ? few[target] : undefined;
    if (gate === undefined && own === undefined) continue;
    const room =
      slots === undefined || mine === undefined ? Number.POSITIVE_INFINITY : slots - countOf([mine], target);
    const budget = Math.max(0, Math.min(gate?.budget ?? Number.POSITIVE_INFINITY, own ?? room, room));
    // What only this worker keeps shut opens when something of its own ends, and it knows that best.
    const isShutHere = budget === 0 && gate?.budget !== 0;
    const nextAt = isShutHere ? Number.POSITIVE_INFINITY : (gate?.nextAt ?? now);
    gates.set(target, { target, ...gate, nextAt, budget });
  }
  return gates;
}

function gateOf(control: Control, claims: readonly Claims[], target: string, now: number): Gate | undefined {
  const closed = recordOf(control, target)?.closed;
  if (closed === undefined) return undefined;
  const roundAt = roundOf(closed);
  const behind = closed.cursor === undefined ? {} : { behind: { ...closed.cursor, roundAt } };
  if (closed.allowed !== undefined) {
    const budget = closed.allowed - countOf(claims, target);
    return { target, budget, nextAt: budget > 0 ? now : Number.POSITIVE_INFINITY, ...behind };
  }
  const isOut = claims.some(({ leases }) =>
    leases.some((lease) => lease.probe && targetOf(lease) === target),
  );
  const dueAt = closed.at + closed.heldMs;
  return {
    target,
    budget: !isOut && dueAt <= now ? 1 : 0,
    nextAt: isOut ? Number.POSITIVE_INFINITY : dueAt,
    ...behind,
  };
}

/** How many of its jobs are in flight. */
export function countOf(claims: readonly Claims[], target: string): number {
  let count = 0;
  for (const { leases } of claims) for (const lease of leases) if (targetOf(lease) === target) count += 1;
  return count;
}

/** What a claim may take of what is due. */
interface Takes {
  readonly mayGo: (stream: Stream) => boolean;
  readonly claimed: ReadonlySet<string>;
  /** It may be too old: nobody begins or buries it before that is sure. */
  readonly isInDoubt: (row: JobRow) => boolean;
  readonly now: number;
}

/** The streams as a claim reads them: those behind a gate hold what it lets go, and no more. */
export function* cursorsOf(
  rows: Rows,
  streams: readonly Stream[],
  gates: ReadonlyMap<string, Gate> | undefined,
  names: ClaimRequest['names'],
  takes: Takes,
): Step<Cursor[]> {
  const open = (stream: Stream): Cursor => ({ stream, buffer: [], dry: false });
  if (gates === undefined) return streams.map(open);
  const cursors: Cursor[] = [];
  const gated = new Map<Gate, Stream[]>();
  for (const stream of streams) {
    const gate = names[stream.name]?.outage === false ? undefined : gates.get(targetOf(stream));
    if (gate === undefined) cursors.push(open(stream));
    else gated.set(gate, [...(gated.get(gate) ?? []), stream]);
  }
  for (const [gate, some] of gated) cursors.push(...(yield* letThrough(rows, gate, some, takes)));
  return cursors;
}

/**
 * What a gate lets go of these streams of its target: the jobs behind the one that was tried last, in order, and at their end from the first on.
 * So each is tried once a round. They are read where they are: low water stays. A stream of which only what is in doubt was found waits.
 */
function* letThrough(rows: Rows, gate: Gate, streams: readonly Stream[], takes: Takes): Step<Cursor[]> {
  const chosen = new Map<Stream, JobRow[]>();
  const ids = new Set<string>();
  const doubted = new Set<Stream>();
  for (const after of gate.behind === undefined ? [undefined] : [gate.behind, undefined]) {
    const found: { readonly stream: Stream; readonly row: JobRow }[] = [];
    for (const stream of streams) {
      const low = takes.mayGo(stream) ? lowOf(stream, after) : undefined;
      if (low === undefined) continue;
      const until = after === undefined ? takes.now : Math.min(takes.now, after.roundAt - 1);
      const first = yield* firstOf(rows, { ...stream, low }, gate.budget, until, takes);
      if (first.hasDoubted) doubted.add(stream);
      for (const row of first.found) found.push({ stream, row });
    }
    for (const { stream, row } of found.sort((a, b) => compare(a.row, b.row))) {
      if (ids.size >= gate.budget || ids.has(row.id)) continue;
      ids.add(row.id);
      chosen.set(stream, [...(chosen.get(stream) ?? []), row]);
    }
    if (ids.size >= gate.budget) break;
  }
  return streams.map((stream): Cursor => {
    const cursor = { stream, buffer: chosen.get(stream) ?? [], dry: true, gate };
    return doubted.has(stream) && !chosen.has(stream) ? { ...cursor, waits: true } : cursor;
  });
}

/** Where to read on in a stream; undefined: all of it is before that. */
function lowOf(stream: Stream, after: Spot | undefined): Stream['low'] | undefined {
  if (after === undefined || stream.rank > after.rank) return stream.low;
  if (stream.rank < after.rank) return undefined;
  const isLater = stream.low.due > after.due || (stream.low.due === after.due && stream.low.seq > after.seq);
  return isLater ? stream.low : { due: after.due, seq: after.seq };
}

/** The first that may be taken, and whether others were passed by: no more than so many. */
function* firstOf(
  rows: Rows,
  from: Stream,
  limit: number,
  until: number,
  { claimed, isInDoubt }: Takes,
): Step<{ readonly found: readonly JobRow[]; readonly hasDoubted: boolean }> {
  const found: JobRow[] = [];
  const through = from.timed ? until : 0;
  let doubts = 0;
  while (found.length < limit && doubts < MAX_DOUBTS && from.low.due <= through) {
    const wanted = limit + LOOK_AHEAD;
    const page = yield* read(rows.scan(from, through, wanted));
    for (const row of page.filter(({ id }) => !claimed.has(id)))
      if (isInDoubt(row)) doubts += 1;
      else found.push(row);
    const last = page.at(-1);
    if (last === undefined || page.length < wanted) break;
    from.low = { due: last.due, seq: last.seq };
  }
  return { found: found.slice(0, limit), hasDoubted: doubts > 0 };
}

const compare = (a: JobRow, b: JobRow): number => a.rank - b.rank || a.due - b.due || a.seq - b.seq;

/** A job of a target that is not simply open was taken. Answers whether it is the probe. */
export function noteTry(control: Control, row: JobRow, now: number): boolean {
  const target = targetOf(row);
  const record = recordOf(control, target);
  if (record?.closed === undefined) return false;
  putTarget(control, target, afterTry(record, row, now));
  return isClosed(record);
}

/** When the first probe of these is best sent: those that are due within a tenth of their wait share its instant. */
export function sharedInstant(
  probes: readonly { readonly at: number; readonly heldMs: number }[],
): number | undefined {
  if (probes.length === 0) return undefined;
  const due = ({ at, heldMs }: (typeof probes)[number]) => at + heldMs;
  const latest = Math.min(...probes.map((probe) => due(probe) + Math.floor(probe.heldMs / 10)));
  return Math.max(...probes.map(due).filter((at) => at <= latest));
}
