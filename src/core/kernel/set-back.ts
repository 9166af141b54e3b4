import { type Claims, claimedIds } from './claims-row.ts';
import { leaveStream, moveClaimable } from './control.ts';
import type { Control, SetBack, Stream } from './control-row.ts';
import { forgetAge, watchAge } from './expiry.ts';
import { hooksOf } from './features.ts';
import { type FinalRow, isPutOff, type JobRow } from './job-row.ts';
import { claimKey, finalKey, laneKey, laneOf, placeOfClaimKey, positionKey, streamPrefix } from './order.ts';
import type { Position } from './place.ts';
import type { RecordKind, RecordOf } from './records.ts';
import type { Rows } from './rows.ts';
import { read, type Step } from './step.ts';

/**
 * What waits for a length of time waits no longer than that once a clock that was wrong is right: a row knows its length (`waitMs`), and
 * whether somebody named its instant (`named`: it stays). After a step back all rows that could be wrong are gone through, phase by phase:
 * those that lie beyond the instant at which it was noticed. So many are read in one transaction; the queue's row says where the next one
 * goes on, and exchanges come one after the other until all is done.
 */
const MAX_ROWS = 512;

/** What one transaction does of a phase. `after` absent: the phase is done. */
interface Part {
  readonly read: number;
  readonly after?: string;
}

interface Going {
  readonly rows: Rows;
  readonly control: Control;
  readonly claims: readonly Claims[];
  readonly setBack: SetBack;
  /** Rows that it may read. */
  readonly limit: number;
}

type Phase = (going: Going) => Step<Part>;

/** Those of the kernel, and those of the page's features. */
const phasesOf = (rows: Rows): readonly (readonly [string, Phase])[] => [
  ['timed', goThroughTimed],
  ['parked', goThroughParked],
  ['ages', goThroughAges],
  ['keys', goThroughRecords('key', rightHeld)],
  ['ids', goThroughRecords('id', rightHeld)],
  ['completed', goThroughFinals('completed')],
  ['dead', goThroughFinals('dead')],
  ...hooksOf(rows).rights.map(
    ({ rights: { kind, right } }) => [`record ${kind}`, goThroughRecords(kind, right)] as const,
  ),
];

/** Goes on where the last call ended, as far as one may go. `control.setBack` is gone when all is done. */
export function* bringBack(rows: Rows, control: Control, claims: readonly Claims[]): Step<void> {
  let limit = MAX_ROWS;
  const phases = phasesOf(rows);
  while (control.setBack !== undefined && limit > 0) {
    const { setBack } = control;
    const at = phases.findIndex(([name]) => name === setBack.phase);
    // One of a feature that this page lacks: those of the kernel are done.
    const go = phases[at]?.[1];
    const part: Part = go === undefined ? { read: 0 } : yield* go({ rows, control, claims, setBack, limit });
    limit -= part.read;
    const next = phases[part.after === undefined ? at + 1 : at];
    if (next === undefined || at < 0) delete control.setBack;
    else control.setBack = { ...setBack, phase: next[0], after: part.after ?? '' };
  }
}

const partOf = <Row>(found: readonly Row[], limit: number, keyOf: (row: Row) => string): Part => {
  const last = found.at(-1);
  return last === undefined || found.length < limit
    ? { read: found.length }
    : { read: found.length, after: keyOf(last) };
};

/** The last place of an instant: what is read behind it lies in the future. */
const behind = (due: number): Position => ({ due, seq: Number.MAX_SAFE_INTEGER });
const keyBehind = (due: number): string => positionKey(behind(due));

/** What was set so long ago, by a clock that was right by then: since the step was noticed. Nothing else has instants in the future. */
const isSetSince = (at: number, { setBack, control }: Pick<Going, 'setBack' | 'control'>): boolean =>
  at >= setBack.at && at <= control.lastNow;

/** The row as it is right by the clock of now; the same one: it is right. */
function righted(row: JobRow, going: Going): JobRow {
  const { setBack } = going;
  // It says nothing of its length. Met at once, it is buried.
  if (row.damage !== undefined) return row.due <= setBack.at ? row : { ...row, due: Math.max(1, setBack.at) };
  const due = rightDue(row, going);
  const expiresAt = rightExpiry(row, due, going);
  if (due === row.due && expiresAt === row.expiresAt) return row;
  return {
    ...row,
    due,
    runAt: Math.min(row.runAt, Math.max(due, setBack.at)),
    enqueuedAt: Math.min(row.enqueuedAt, setBack.at),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(isPutOff(row) && { putOff: { ...row.putOff, due } }),
  };
}

function rightDue(row: JobRow, going: Going): number {
  const { due, runAt, waitMs = 0, named } = row;
  const { at, through } = going.setBack;
  if (due <= at || isSetSince(due - waitMs, going)) return due;
  // It may have come to its turn later than at its instant, by the clock that was wrong.
  const instant = Math.min(due, Math.max(at, runAt));
  if (named) return Math.max(1, instant);
  if (due <= through) return Math.max(1, at);
  return Math.max(1, Math.min(isPutOff(row) ? due : instant, at + waitMs));
}

/** An age is counted from when the job may first run, or from its enqueue. */
function rightExpiry({ due: was, expiresAt, maxAgeMs = 0 }: JobRow, due: number, going: Going) {
  if (expiresAt === undefined || isSetSince(expiresAt - maxAgeMs, going)) return expiresAt;
  const { at } = going.setBack;
  const from = expiresAt === was + maxAgeMs ? due : at;
  return Math.min(expiresAt, Math.max(at, from) + maxAgeMs);
}

/** Claimable rows whose due lies in the future, stream by stream. */
function* goThroughTimed(going: Going): Step<Part> {
  const { rows, control, claims, setBack, limit } = going;
  const claimed = claimedIds(claims);
  const timed = control.streams.filter((stream) => stream.timed);
  const streams = timed.map((stream) => ({ ...stream, prefix: streamPrefix(stream) }));
  let count = 0;
  for (const stream of streams.sort((a, b) => (a.prefix < b.prefix ? -1 : 1))) {
    const low = lowIn(stream, setBack);
    if (low === undefined) continue;
    const found = yield* read(rows.scan({ ...stream, low }, Number.MAX_SAFE_INTEGER, limit - count));
    for (const row of found) if (!claimed.has(row.id)) rightClaimable(going, row);
    count += found.length;
    const last = found.at(-1);
    if (last !== undefined && count >= limit) return { read: count, after: claimKey(last) };
  }
  return { read: count };
}

/** Where to read on in a stream; undefined: it is done. */
function lowIn(
  { prefix }: Stream & { readonly prefix: string },
  { at, after }: SetBack,
): Position | undefined {
  if (after.startsWith(prefix)) return placeOfClaimKey(after);
  return prefix < after ? undefined : behind(at);
}

function rightClaimable(going: Going, row: JobRow): void {
  const { rows, control } = going;
  const right = righted(row, going);
  if (right === row) return;
  rightAge(rows, control, row, right);
  leaveStream(control, row);
  moveClaimable(rows, control, row, right);
}

function rightAge(rows: Rows, control: Control, was: JobRow, is: JobRow): void {
  if (was.expiresAt === is.expiresAt) return;
  forgetAge(rows, was);
  watchAge(rows, control, is);
}

function* goThroughParked(going: Going): Step<Part> {
  const { rows, control, setBack, limit } = going;
  const found = yield* read(rows.parkedAfter(setBack.after, limit));
  for (const row of found) {
    const right = righted(row, going);
    if (right === row) continue;
    rightAge(rows, control, row, right);
    rows.park(right);
  }
  return partOf(found, limit, (row) => laneKey(laneOf(row) ?? '', row.seq));
}

/** What is left of those with an age: they wait for nothing, or run. */
function* goThroughAges(going: Going): Step<Part> {
  const { rows, control, claims, setBack, limit } = going;
  const found = yield* read(rows.recordsAfter('expiry', setBack.after || keyBehind(setBack.at), limit));
  for (const { value } of found) {
    const job = yield* read(rows.find(value.id));
    if (job === undefined || job.at === 'finals') continue;
    const right = righted(job.row, going);
    if (right === job.row || right.due !== job.row.due) continue;
    rightAge(rows, control, job.row, right);
    if (job.at === 'parked') rows.park(right);
    else rows.moveJob(job.row, right);
    for (const claim of claims)
      for (const lease of claim.leases) {
        if (lease.id !== right.id || right.expiresAt === undefined) continue;
        Object.assign(lease, { expiresAt: right.expiresAt });
        rows.putClaims(claim);
      }
  }
  return partOf(found, limit, ({ key }) => key);
}

/** Records of one kind, as each is right by the clock of now; undefined: as it is. */
const goThroughRecords = <Kind extends RecordKind>(
  kind: Kind,
  right: (value: RecordOf<Kind>, control: Control, setBack: SetBack) => RecordOf<Kind> | undefined,
): Phase =>
  function* ({ rows, control, setBack, limit }) {
    const found = yield* read(rows.recordsAfter(kind, setBack.after, limit));
    for (const { key, value } of found) {
      const next = right(value, control, setBack);
      if (next !== undefined) rows.putRecord(kind, key, next);
    }
    return partOf(found, limit, ({ key }) => key);
  };

/** Keys and ids that are held for a time. */
function rightHeld<Held extends { readonly until?: number; readonly forMs?: number }>(
  held: Held,
  control: Control,
  setBack: SetBack,
): Held | undefined {
  const { until = 0, forMs = 0 } = held;
  const isRight = until <= setBack.at + forMs || isSetSince(until - forMs, { setBack, control });
  return isRight ? undefined : { ...held, until: setBack.at + forMs };
}

/** Those that ended in the future. They are stored by that instant, or by when they are forgotten, which is later. */
const goThroughFinals = (state: FinalRow['state']): Phase =>
  function* (going) {
    const { rows, setBack, limit } = going;
    const { at, after } = setBack;
    const found = yield* read(rows.finalsAfter(after || keyBehind(at), state, limit));
    for (const row of found) {
      if (row.finishedAt <= at || isSetSince(row.finishedAt, going)) continue;
      rows.dropFinal(row);
      rows.putFinal({ ...row, finishedAt: at });
    }
    return partOf(found, limit, finalKey);
  };
