import type { Rate } from '../job.ts';
import type { Control, SetBack } from './rows.ts';

/**
 * Rates by GCRA: of each name or key one instant is kept, at which all that began is paid for. Each job that is claimed moves it on by
 * perMs / limit; as long as it is not more than burst - 1 such steps ahead, another may begin.
 */
export interface KeyRate {
  readonly paidAt: number;
  /** The last place of the key's line, absent: nobody stood in it. See `rate-line.ts`. */
  readonly last?: number;
  /** How much later than its place each in the line has its turn. */
  readonly lag?: number;
  /** How often the clock had been set back when it was written; absent: never. */
  readonly setBacks?: number;
}

/** One begins less than this too early rather than a whole ms too late: clocks tell whole ms, intervals have parts of one. */
const GRAIN_MS = 1;
/** Less than any clock tells: rounding must neither let one go early nor keep it waiting. */
const ROUNDING_MS = 1e-3;

export const intervalOf = ({ limit, perMs }: Rate): number => perMs / limit;

/** What is not paid for yet, in ms. More than a burst can only come from another rate, which counts no more. */
function owedMs(paidAt: number, rate: Rate, now: number): number {
  const { limit, burst = limit } = rate;
  const owed = Math.max(0, paidAt - now);
  return owed > burst * intervalOf(rate) + GRAIN_MS ? 0 : owed;
}

/** Under 1: one may begin. */
function waitMs(paidAt: number, rate: Rate, now: number): number {
  const { limit, burst = limit } = rate;
  return owedMs(paidAt, rate, now) - (burst - 1) * intervalOf(rate) + ROUNDING_MS;
}

/** Whether one may begin. */
export function hasToken(paidAt: number, rate: Rate, now: number): boolean {
  return waitMs(paidAt, rate, now) < GRAIN_MS;
}

/** The first instant after `now` at which one may begin; asked when none may now. */
export function nextToken(paidAt: number, rate: Rate, now: number): number {
  return now + Math.floor(waitMs(paidAt, rate, now));
}

/** One begins. */
export function spent(paidAt: number, rate: Rate, now: number): number {
  return now + owedMs(paidAt, rate, now) + intervalOf(rate);
}

/** Before a name as a key: it keeps names like __proto__ from being more than names. */
const rateOf = (name: string): string => `name ${name}`;

export const namePaidAt = ({ rates }: Control, name: string): number => rates?.[rateOf(name)] ?? 0;

export function setNamePaidAt(control: Control, name: string, paidAt: number): void {
  control.rates = { ...control.rates, [rateOf(name)]: paidAt };
}

/** What is paid for needs no memory. */
export function endRates(control: Control, now: number): void {
  if (control.rates === undefined) return;
  const left = Object.entries(control.rates).filter(([, paidAt]) => paidAt > now);
  if (left.length > 0) control.rates = Object.fromEntries(left);
  else delete control.rates;
}

/** The clock was set back by so much: what the names owe stays what it was. */
export function followRates(control: Control, byMs: number, wrongFrom = 0): void {
  for (const [name, paidAt] of Object.entries(control.rates ?? {}))
    if (paidAt >= wrongFrom) control.rates = { ...control.rates, [name]: paidAt - byMs };
}

/** The same of a key. Undefined: it was written since. */
export function followedRate(
  rate: KeyRate,
  { setBacks }: Control,
  { byMs, wrongFrom = 0 }: SetBack,
): KeyRate | undefined {
  if (rate.setBacks === setBacks) return undefined;
  const { paidAt, last } = rate;
  const right = (at: number) => (at >= wrongFrom ? at - byMs : at);
  const moved = { ...rate, paidAt: right(paidAt) };
  return last === undefined ? moved : { ...moved, last: right(last) };
}
