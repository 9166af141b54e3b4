import type { Control } from '../../kernel/control-row.ts';
import type { ClaimGuard } from '../../kernel/features.ts';
import type { Feature, NamesIn } from '../../queue/feature.ts';
import { checkText } from '../../queue/options.ts';
import { orderOf } from '../order.ts';
import { type LimitLease, leavesRoom, limitOf, lowerToLimits, roomUnder } from './active.ts';
import type { RateClaimed, RateExchange, RateSettlement } from './messages.ts';
import { checkLimits, type LimitOptions, type Limits, type NameLimits } from './name-limits.ts';
import { followedRate, followRates, nameOpensAt } from './rate.ts';
import { askRate, keepRates, openRates, payBegun, payToken, type RateLine, takeToken } from './rate-line.ts';
import { KEY_RATES, type KeyRate, type RateLease } from './rate-rows.ts';
import { limitWaits } from './waits.ts';
import { rateWorker } from './worker.ts';

export interface LimitedOptions {
  /**
   * The rate of the job's name counts for this key by itself (a customer, a host): jobs that it keeps waiting let those of other keys go before
   * them. Among those of one key, who was put off first goes first, whatever the priority. Without a `rate` it does nothing.
   *
   * @example
   * await queue.enqueue('mail.send', mail, { rateKey: customer });
   */
  readonly rateKey?: string;
}

/**
 * Limits how many jobs are active at a time, of a name or of the whole queue, and how often attempts of a name begin, over all workers and tabs that
 * use these limits. For a page whose queue is elsewhere the limits of its host hold.
 *
 * @example
 * const push = { maxActive: 3, rate: { limit: 100, perMs: 1_000 } };
 * const queue = createQueue({ name: 'sync', jobs, store, use: [limits({ push }, { maxActive: 10 })] });
 *
 * @param byName by job name; `createQueue` throws UnknownJobError for an unknown job name
 * @throws InvalidOptionError at once
 */
export function limits<Name extends string = never>(
  byName?: Readonly<Record<Name, NameLimits>>,
  options: LimitOptions = {},
): Feature<LimitedOptions, NamesIn<Name>> {
  const all = checkLimits(byName ?? {}, options);
  const { names, maxActive } = all;
  const marks = marksOf(all);
  return {
    name: 'limits',
    order: orderOf('limits'),
    names: [...names.keys()],
    ...(marks.length > 0 && { marks }),
    options: { rateKey: checkText },
    anew: ['rateKey'],
    claims(rows, claim, now) {
      if (names.size === 0 && maxActive === undefined) return undefined;
      lowerToLimits(claim, all);
      return guard(all, openRates(rows, names, claim, now));
    },
    opens(control, claims, now) {
      const hasRoom = roomUnder(all, claims);
      return (name) =>
        hasRoom(name)
          ? nameOpensAt(control, claims, name, names.get(name)?.rate, now)
          : Number.POSITIVE_INFINITY;
    },
    unleased: (rows, control, lease: RateLease, now, settlement?: RateSettlement) =>
      lease.pays && payToken(rows, control, lease, now, settlement?.beganAt),
    hears: (rows, control, mine, { began }: RateExchange, now) =>
      payBegun(rows, control, mine.leases, began, now),
    frees: leavesRoom,
    explains: (rows, control, row, now) => limitWaits(rows, control, row, all, now),
    clock: (control: Control, _, correction, claims) => followRates(control, correction, claims),
    rights: {
      kind: KEY_RATES,
      right: (rate: KeyRate, control, setBack) => followedRate(rate, control, setBack),
    },
    worker: ({ isHere }) => rateWorker(names, isHere),
  };
}

/** What pages that do not set these limits leave alone; '' is all names. */
function marksOf({ names, maxActive }: Limits): string[] {
  const limited = [...names].filter(([, limit]) => limit.maxActive !== undefined || limit.rate !== undefined);
  const marked = limited.map(([name]) => name);
  return maxActive === undefined ? marked : ['', ...marked];
}

/** `line`: some name asked for has a rate. */
function guard(all: Limits, line: RateLine | undefined): ClaimGuard {
  const leased = (lease: LimitLease) => {
    const limited = limitOf(all, lease.name);
    if (limited !== undefined) lease.limited = limited;
  };
  if (line === undefined) return { leased };
  return {
    asks: (row) => askRate(line, row),
    leased(
      lease: LimitLease & RateLease,
      row,
      claimed: { -readonly [Key in keyof RateClaimed]: RateClaimed[Key] },
    ) {
      leased(lease);
      const pays = takeToken(line, row);
      if (pays === undefined) return;
      lease.pays = pays;
      claimed.beginBy = pays.by;
    },
    get nextAt() {
      return line.nextAt;
    },
    ends: () => keepRates(line),
  };
}
