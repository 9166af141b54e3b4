import { leaveStream, moveClaimable } from '../../kernel/control.ts';
import type { ClaimTerms } from '../../kernel/features.ts';
import type { JobRow } from '../../kernel/job-row.ts';
import { sureNow } from '../../kernel/jump.ts';
import type { Rows } from '../../kernel/rows.ts';
import { read, type Step } from '../../kernel/step.ts';
import type { Began, RateClaim } from './messages.ts';
import type { Limits } from './name-limits.ts';
import {
  burstMsOf,
  endRates,
  hasToken,
  intervalOf,
  namePaidAt,
  nextToken,
  rateId,
  setNamePaidAt,
  spent,
  spentAt,
  unpaidBegins,
} from './rate.ts';
import {
  KEY_RATES,
  type KeyRate,
  type Pays,
  type RateControl,
  type RateLease,
  type RateRow,
} from './rate-rows.ts';
import type { Rate } from './rate-setting.ts';

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
  readonly control: RateControl;
  readonly names: Limits['names'];
  readonly now: number;
  /** Within so many ms what is claimed begins; absent: at once. */
  readonly withinMs: number | undefined;
  /** By `rateId`: what was taken before and is not paid for, and how many this claim took. */
  readonly begins: Map<string, number[]>;
  readonly fresh: Map<string, number>;
  /** By key of its record, what was read or is to be written. */
  readonly keys: Map<string, KeyRate>;
  readonly changed: Set<string>;
  /** The earliest instant at which a rate lets a job go that it kept waiting. */
  nextAt: number;
}

/** Undefined: no name asked for has a rate. */
export function openRates(
  rows: Rows,
  names: Limits['names'],
  { control, claims, request }: ClaimTerms,
  now: number,
): RateLine | undefined {
  const { names: asked, beginWithinMs: withinMs }: RateClaim = request;
  if (Object.keys(asked).every((name) => names.get(name)?.rate === undefined)) return undefined;
  // Calls may come a little out of order: to a rate, time goes on only.
  const latest = Math.max(now, control.lastNow);
  const begins = unpaidBegins(claims);
  endRates(control, sureNow(control, latest), begins);
  const counted = { begins, fresh: new Map(), keys: new Map(), changed: new Set<string>() };
  return { rows, control, names, now: latest, withinMs, nextAt: Number.POSITIVE_INFINITY, ...counted };
}

/** When attempts begin that are not paid for, those of this claim so many ms from now. */
function unpaid({ begins, fresh, now }: RateLine, id: string, freshMs: number): number[] {
  const taken = Array.from({ length: fresh.get(id) ?? 0 }, () => now + freshMs);
  return [...(begins.get(id) ?? []), ...taken];
}

/** Whatever became of what was taken: at the latest it begins when it may. */
const mayBegin = (line: RateLine, paidAt: number, rate: Rate, id: string): boolean =>
  hasToken(paidAt, rate, line.now, unpaid(line, id, line.withinMs ?? 0));

/** Worth asking again: what this claim took mostly begins at once, which is known by then. */
const askAgainAt = (line: RateLine, paidAt: number, rate: Rate, id: string): number =>
  nextToken(paidAt, rate, line.now, unpaid(line, id, 0));

/** `waits`: its name's rate keeps it where it is. `moved`: it is put off, out of the way of those behind it. */
export function* askRate(line: RateLine, row: RateRow): Step<'goes' | 'waits' | 'moved'> {
  const rate = line.names.get(row.name)?.rate;
  if (rate === undefined) return 'goes';
  const id = rateId(row.name, row.rateKey);
  if (row.rateKey !== undefined) return yield* askKey(line, row, rate, id);
  const paidAt = namePaidAt(line.control, row.name);
  if (mayBegin(line, paidAt, rate, id)) return 'goes';
  line.nextAt = Math.min(line.nextAt, askAgainAt(line, paidAt, rate, id));
  return 'waits';
}

/** Its place in the line of its key; undefined: it has none. */
function placeOf({ due, putOff }: RateRow): number | undefined {
  return putOff?.due === due && putOff.lateMs !== undefined ? due - putOff.lateMs : undefined;
}

function* askKey(line: RateLine, row: RateRow, rate: Rate, key: string): Step<'goes' | 'moved'> {
  const { now } = line;
  const state = line.keys.get(key) ?? (yield* read(line.rows.record(KEY_RATES, key))) ?? { paidAt: 0 };
  line.keys.set(key, state);
  const { paidAt, last, lag = 0 } = state;
  const mayGo = mayBegin(line, paidAt, rate, key);
  const earliest = mayGo ? now : askAgainAt(line, paidAt, rate, key);
  const place = placeOf(row);
  if (place !== undefined) {
    const turn = Math.floor(place + lag);
    if (turn <= now && mayGo) return 'goes';
    if (turn > now) return putOff(line, row, key, state, place);
    return putOff(line, row, key, { ...state, lag: earliest - place }, place);
  }
  if (last === undefined || last + lag <= now) {
    if (mayGo) return 'goes';
    const { lag: _, ...kept } = state;
    return putOff(line, row, key, { ...kept, last: earliest }, earliest);
  }
  const next = Math.max(last + intervalOf(rate), earliest - lag);
  return putOff(line, row, key, { ...state, last: next }, next);
}

function putOff(line: RateLine, row: JobRow, key: string, state: KeyRate, at: number): 'moved' {
  const due = Math.min(LAST_INSTANT, Math.floor(at + (state.lag ?? 0)));
  line.keys.set(key, state);
  line.changed.add(key);
  line.nextAt = Math.min(line.nextAt, due);
  leaveStream(line.control, row);
  const { named: _, ...rest } = row;
  const next: RateRow = { ...rest, due, waitMs: due - line.now, putOff: { due, lateMs: due - at } };
  moveClaimable(line.rows, line.control, row, next);
  return 'moved';
}

/** The job is claimed: its attempt takes a token, and pays for it now, or when it is known to have begun. */
export function takeToken(line: RateLine, row: RateRow): Pays | undefined {
  const { control, now, withinMs, fresh } = line;
  const rate = line.names.get(row.name)?.rate;
  if (rate === undefined) return undefined;
  if (withinMs !== undefined) {
    const id = rateId(row.name, row.rateKey);
    fresh.set(id, (fresh.get(id) ?? 0) + 1);
    const pays = { by: now + withinMs, intervalMs: intervalOf(rate), burstMs: burstMsOf(rate) };
    return row.rateKey === undefined ? pays : { ...pays, rateKey: row.rateKey };
  }
  if (row.rateKey === undefined) {
    setNamePaidAt(control, row.name, spent(namePaidAt(control, row.name), rate, now));
    return undefined;
  }
  const key = rateId(row.name, row.rateKey);
  const state = line.keys.get(key) ?? { paidAt: 0 };
  line.keys.set(key, { ...state, paidAt: spent(state.paidAt, rate, now) });
  line.changed.add(key);
  return undefined;
}

/** Its attempt began then; absent: nobody knows, so at the last instant at which it can have. */
export function* payToken(
  rows: Rows,
  control: RateControl,
  lease: RateLease,
  now: number,
  at?: number,
): Step<void> {
  const { name, pays } = lease;
  if (pays === undefined) return;
  delete lease.pays;
  const latest = Math.max(now, control.lastNow);
  const began = Math.min(at ?? latest, pays.by, latest);
  if (pays.rateKey === undefined) {
    setNamePaidAt(control, name, spentAt(namePaidAt(control, name), pays, began, latest));
    return;
  }
  const key = rateId(name, pays.rateKey);
  const state = (yield* read(rows.record(KEY_RATES, key))) ?? { paidAt: 0 };
  const mark = control.setBacks === undefined ? {} : { setBacks: control.setBacks };
  rows.putRecord(KEY_RATES, key, { ...state, ...mark, paidAt: spentAt(state.paidAt, pays, began, latest) });
}

/** Attempts that began, as their worker says now: their tokens are paid for. Answers whether there were any. */
export function* payBegun(
  rows: Rows,
  control: RateControl,
  leases: readonly RateLease[],
  began: readonly Began[] = [],
  now: number,
): Step<boolean> {
  let paid = false;
  for (const { id, fence, at } of began) {
    const lease = leases.find((held) => held.id === id && held.fence === fence);
    if (lease?.pays === undefined) continue;
    yield* payToken(rows, control, lease, now, at);
    paid = true;
  }
  return paid;
}

/** Writes what the claim has changed. */
export function* keepRates(line: RateLine): Step<void> {
  const { rows, control, keys, changed } = line;
  if (changed.size === 0) return;
  const { setBacks } = control;
  const mark = setBacks === undefined ? {} : { setBacks };
  for (const key of changed) rows.putRecord(KEY_RATES, key, { ...(keys.get(key) as KeyRate), ...mark });
  yield* forgetPaid(line, changed.size * SWEEP_FACTOR);
  rows.putControl(control);
}

/** Drops records that say no more than none. */
function* forgetPaid({ rows, control, begins, now: latest }: RateLine, limit: number): Step<void> {
  const now = sureNow(control, latest);
  const page = yield* read(rows.recordsAfter(KEY_RATES, control.rateSweep ?? '', limit));
  for (const { key, value } of page)
    if (value.paidAt <= now && !begins.has(key) && (value.last ?? 0) + (value.lag ?? 0) <= now)
      rows.dropRecord(KEY_RATES, key);
  const last = page.at(-1);
  if (last === undefined || page.length < limit) delete control.rateSweep;
  else control.rateSweep = last.key;
}
