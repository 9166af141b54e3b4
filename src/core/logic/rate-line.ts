import type { Rate } from '../job.ts';
import type { ClaimRequest } from '../messages.ts';
import { leaveStream, moveClaimable } from './control.ts';
import { sureNow } from './jump.ts';
import { join } from './order.ts';
import {
  endRates,
  hasToken,
  intervalOf,
  type KeyRate,
  namePaidAt,
  nextToken,
  setNamePaidAt,
  spent,
} from './rate.ts';
import { type Control, type JobRow, type Rows, read, type Step } from './rows.ts';

/** Jobs that one claim puts off: what is left of more is met by the next. */
const MAX_PUT_OFF = 100;
/** Records looked at, to be forgotten, for each that a claim writes: twice what it can add, so that they never pile up. */
const SWEEP_FACTOR = 2;
/** The greatest instant a Date can hold. */
const LAST_INSTANT = 8.64e15;

/**
 * The rates as one claim meets them.
 *
 * A job that its name's rate keeps waiting stays where it is, and so does all behind it in its stream. One that its key's rate keeps
 * waiting would so stop the jobs of all other keys. It is put off instead: it gets the next place in the line of its key, as an instant, and
 * is due then, so that it is met once more and not at every claim. Places are one interval apart. When a turn goes unused (no worker was
 * there), the whole line is late by as much, and `lag` says so: those that come to their turn move on by it, in their order.
 */
export interface RateLine {
  readonly rows: Rows;
  readonly control: Control;
  readonly names: ClaimRequest['names'];
  readonly now: number;
  /** By key of its record, what was read or is to be written. */
  readonly keys: Map<string, KeyRate>;
  readonly changed: Set<string>;
  /** The earliest instant at which a rate lets a job go that it kept waiting. */
  nextAt: number;
  putOff: number;
}

/** Undefined: no name asked for has a rate. */
export function openRates(
  rows: Rows,
  control: Control,
  { names }: ClaimRequest,
  now: number,
): RateLine | undefined {
  if (Object.values(names).every(({ rate }) => rate === undefined)) return undefined;
  // Calls may come a little out of order: to a rate, time goes on only.
  const latest = Math.max(now, control.lastNow);
  endRates(control, sureNow(control, latest));
  const nextAt = Number.POSITIVE_INFINITY;
  return { rows, control, names, now: latest, keys: new Map(), changed: new Set(), nextAt, putOff: 0 };
}

export const isPuttingOff = (line: RateLine | undefined): boolean =>
  line === undefined || line.putOff < MAX_PUT_OFF;

/** `waits`: its name's rate keeps it where it is. `putOff`: it is due later, out of the way of those behind it. */
export function* askRate(line: RateLine, row: JobRow): Step<'goes' | 'waits' | 'putOff'> {
  const { control, now } = line;
  const rate = line.names[row.name]?.rate;
  if (rate === undefined) return 'goes';
  if (row.rateKey !== undefined) return yield* askKey(line, row, rate, join(row.name, row.rateKey));
  const paidAt = namePaidAt(control, row.name);
  if (hasToken(paidAt, rate, now)) return 'goes';
  line.nextAt = Math.min(line.nextAt, nextToken(paidAt, rate, now));
  return 'waits';
}

function* askKey(line: RateLine, row: JobRow, rate: Rate, key: string): Step<'goes' | 'putOff'> {
  const { now } = line;
  const state = line.keys.get(key) ?? (yield* read(line.rows.record('rate', key))) ?? { paidAt: 0 };
  line.keys.set(key, state);
  const { paidAt, last, lag = 0 } = state;
  const mayGo = hasToken(paidAt, rate, now);
  const earliest = mayGo ? now : nextToken(paidAt, rate, now);
  if (row.inLine?.due === row.due) {
    const turn = Math.floor(row.inLine.at + lag);
    if (turn <= now && mayGo) return 'goes';
    if (turn > now) return putOff(line, row, key, state, row.inLine.at);
    return putOff(line, row, key, { ...state, lag: earliest - row.inLine.at }, row.inLine.at);
  }
  if (last === undefined || last + lag <= now) {
    if (mayGo) return 'goes';
    return putOff(line, row, key, { paidAt, last: earliest }, earliest);
  }
  const next = Math.max(last + intervalOf(rate), earliest - lag);
  return putOff(line, row, key, { ...state, last: next }, next);
}

function putOff(line: RateLine, row: JobRow, key: string, state: KeyRate, at: number): 'putOff' {
  const due = Math.min(LAST_INSTANT, Math.floor(at + (state.lag ?? 0)));
  line.keys.set(key, state);
  line.changed.add(key);
  line.putOff += 1;
  line.nextAt = Math.min(line.nextAt, due);
  leaveStream(line.control, row);
  const { named: _, ...rest } = row;
  moveClaimable(line.rows, line.control, row, { ...rest, due, waitMs: due - line.now, inLine: { at, due } });
  return 'putOff';
}

/** The job is claimed: its attempt takes a token. */
export function payRate(line: RateLine, row: JobRow): void {
  const { control, now } = line;
  const rate = line.names[row.name]?.rate;
  if (rate === undefined) return;
  if (row.rateKey === undefined) {
    setNamePaidAt(control, row.name, spent(namePaidAt(control, row.name), rate, now));
    return;
  }
  const key = join(row.name, row.rateKey);
  const state = line.keys.get(key) ?? { paidAt: 0 };
  line.keys.set(key, { ...state, paidAt: spent(state.paidAt, rate, now) });
  line.changed.add(key);
}

/** Writes what the claim has changed. */
export function* keepRates(line: RateLine): Step<void> {
  const { rows, control, keys, changed } = line;
  if (changed.size === 0) return;
  const { setBacks } = control;
  const mark = setBacks === undefined ? {} : { setBacks };
  for (const key of changed) rows.putRecord('rate', key, { ...(keys.get(key) as KeyRate), ...mark });
  yield* forgetPaid(line, changed.size * SWEEP_FACTOR);
  rows.putControl(control);
}

/** Drops records that say no more than none. */
function* forgetPaid({ rows, control, now: latest }: RateLine, limit: number): Step<void> {
  const now = sureNow(control, latest);
  const page = yield* read(rows.recordsAfter('rate', control.rateSweep ?? '', limit));
  for (const { key, value } of page)
    if (value.paidAt <= now && (value.last ?? 0) + (value.lag ?? 0) <= now) rows.dropRecord('rate', key);
  const last = page.at(-1);
  if (last === undefined || page.length < limit) delete control.rateSweep;
  else control.rateSweep = last.key;
}
