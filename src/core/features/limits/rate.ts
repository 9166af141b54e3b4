import type { Claims } from '../../kernel/claims-row.ts';
import type { Control, SetBack } from '../../kernel/control-row.ts';
import { type Correction, corrected } from '../../kernel/jump.ts';
import { join } from '../../kernel/order.ts';
import type { KeyRate, Pays, RateControl, RateLease } from './rate-rows.ts';
import type { Rate } from './rate-setting.ts';

/**
 * Rates by GCRA: of each name or key one instant is kept, `paidAt`, at which all that began is paid for. Each attempt that begins at b moves it
 * to max(paidAt, b) + perMs / limit; as long as it is not more than burst - 1 such steps ahead, another may begin.
 *
 * A token is taken at the claim, and the attempt begins a little later: at an instant that the store hears of afterwards, by an instant
 * that it says (`Pays.by`). Until it has heard, it counts the attempt as if it began at that last instant. So with s the first of n begins,
 * all n had moved `paidAt` beyond s + (n - 1) × perMs / limit when the last of them was let go, which was before it began: in any w ms at most
 * burst + limit × w / perMs begin, wherever between claim and `by` each of them did.
 */

/** One begins less than this too early rather than a whole ms too late: clocks tell whole ms, intervals have parts of one. */
const GRAIN_MS = 1;
/** Less than any clock tells: rounding must neither let one go early nor keep it waiting. */
const ROUNDING_MS = 1e-3;

export const intervalOf = ({ limit, perMs }: Rate): number => perMs / limit;

export const burstMsOf = (rate: Rate): number => (rate.burst ?? rate.limit) * intervalOf(rate);

/** Unless it is more than a burst: that can only come from another rate, which counts no more. */
const paidUnder = (paidAt: number, rate: Rate, now: number): number =>
  paidAt - now > burstMsOf(rate) + GRAIN_MS ? 0 : paidAt;

/** What is not paid for yet, in ms. `begins`: the last instants at which attempts begin that are not paid for. */
function owedMs(paidAt: number, rate: Rate, now: number, begins: readonly number[]): number {
  let at = paidUnder(paidAt, rate, now);
  for (const begin of [...begins].sort((a, b) => a - b)) at = Math.max(at, begin) + intervalOf(rate);
  return Math.max(0, at - now);
}

/** Under 1: one may begin. */
function waitMs(paidAt: number, rate: Rate, now: number, begins: readonly number[]): number {
  return owedMs(paidAt, rate, now, begins) - (burstMsOf(rate) - intervalOf(rate)) + ROUNDING_MS;
}

/** Whether one may begin. */
export function hasToken(paidAt: number, rate: Rate, now: number, begins: readonly number[] = []): boolean {
  return waitMs(paidAt, rate, now, begins) < GRAIN_MS;
}

/** The first instant after `now` at which one may begin; asked when none may now. */
export function nextToken(paidAt: number, rate: Rate, now: number, begins: readonly number[] = []): number {
  return now + Math.max(1, Math.floor(waitMs(paidAt, rate, now, begins)));
}

/** One begins. */
export function spent(paidAt: number, rate: Rate, now: number): number {
  return now + owedMs(paidAt, rate, now, []) + intervalOf(rate);
}

/** One began, as is known by now. Those of a rate that were heard of in another order than theirs owe no more than a burst. */
export function spentAt(paidAt: number, { intervalMs, burstMs }: Pays, at: number, now: number): number {
  return Math.min(Math.max(paidAt, at) + intervalMs, now + burstMs + GRAIN_MS);
}

/** For what a rate counts: a name, or a key of it. */
export const rateId = (name: string, rateKey: string | undefined): string =>
  rateKey === undefined ? rateOf(name) : join(name, rateKey);

/** By `rateId`: the last instants at which attempts begin that are not paid for. */
export function unpaidBegins(claims: readonly Claims[]): Map<string, number[]> {
  const begins = new Map<string, number[]>();
  for (const { leases } of claims)
    for (const { name, pays } of leases as readonly RateLease[]) {
      if (pays === undefined) continue;
      const id = rateId(name, pays.rateKey);
      const those = begins.get(id);
      if (those === undefined) begins.set(id, [pays.by]);
      else those.push(pays.by);
    }
  return begins;
}

/** Before a name as a key: it keeps names like __proto__ from being more than names. */
const rateOf = (name: string): string => `name ${name}`;

export const namePaidAt = ({ rates }: RateControl, name: string): number => rates?.[rateOf(name)] ?? 0;

export function setNamePaidAt(control: RateControl, name: string, paidAt: number): void {
  control.rates = { ...control.rates, [rateOf(name)]: paidAt };
}

/** What is paid for needs no memory, unless attempts began before that which are not. */
export function endRates(control: RateControl, now: number, begins: ReadonlyMap<string, unknown>): void {
  if (control.rates === undefined) return;
  const left = Object.entries(control.rates).filter(([id, paidAt]) => paidAt > now || begins.has(id));
  if (left.length > 0) control.rates = Object.fromEntries(left);
  else delete control.rates;
}

/** The clock was set back: what the names owe stays what it was, and what was taken is to begin as soon. */
export function followRates(control: RateControl, correction: Correction, claims: readonly Claims[]): void {
  for (const { leases } of claims)
    for (const lease of leases as RateLease[])
      if (lease.pays !== undefined) lease.pays = { ...lease.pays, by: corrected(lease.pays.by, correction) };
  for (const [name, paidAt] of Object.entries(control.rates ?? {}))
    control.rates = { ...control.rates, [name]: corrected(paidAt, correction) };
}

/** The same of a key. Undefined: it was written since. */
export function followedRate(
  rate: KeyRate,
  { setBacks }: Control,
  { correction }: SetBack,
): KeyRate | undefined {
  if (rate.setBacks === setBacks) return undefined;
  const { paidAt, last } = rate;
  const moved = { ...rate, paidAt: corrected(paidAt, correction) };
  return last === undefined ? moved : { ...moved, last: corrected(last, correction) };
}

/** From when on the rate of the name lets one go. Jobs with a key of their own may go before: they wait for the first of the others here. */
export function nameOpensAt(
  control: RateControl,
  claims: readonly Claims[],
  name: string,
  rate: Rate | undefined,
  now: number,
): number {
  if (rate === undefined) return 0;
  const at = Math.max(now, control.lastNow);
  const paidAt = namePaidAt(control, name);
  const begins = unpaidBegins(claims).get(rateId(name, undefined));
  return hasToken(paidAt, rate, at, begins) ? 0 : nextToken(paidAt, rate, at, begins);
}
