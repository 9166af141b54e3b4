import type { Feature } from '../../queue/feature.ts';
import { orderOf } from '../order.ts';
import { type LimitLease, leavesRoom, limitOf, lowerToLimits, roomUnder } from './active.ts';
import { activeWaits } from './active-waits.ts';
import { checkLimits, type LimitOptions, type NameLimits } from './name-limits.ts';

/**
 * Limits that hold over all workers and tabs which name them: how many jobs may be active at a time, of a name or of the whole queue. For a
 * page whose queue is elsewhere the limits of its host hold.
 *
 * @example
 * const queue = createQueue({ name: 'sync', jobs, store, use: [limits({ push: { maxActive: 3 } }, { maxActive: 10 })] });
 *
 * @param byName by job name; `createQueue` throws UnknownJobError for a name that it has no job of
 * @throws InvalidOptionError at once
 */
export function limits(
  byName: Readonly<Record<string, NameLimits>> = {},
  options: LimitOptions = {},
): Feature {
  const all = checkLimits(byName, options);
  const { names, maxActive } = all;
  const isNone = names.size === 0 && maxActive === undefined;
  return {
    name: 'limits',
    order: orderOf('limits'),
    names: [...names.keys()],
    claims(_, claim) {
      if (isNone) return undefined;
      lowerToLimits(claim, all);
      return {
        leased(lease: LimitLease) {
          const limited = limitOf(all, lease.name);
          if (limited !== undefined) lease.limited = limited;
        },
      };
    },
    opens(_, claims) {
      const hasRoom = roomUnder(all, claims);
      return (name) => (hasRoom(name) ? 0 : Number.POSITIVE_INFINITY);
    },
    frees: leavesRoom,
    explains: (rows, control, { name }) => activeWaits(rows, control, name, all),
    worker: () => ({ claimsFor: (name) => (names.get(name)?.maxActive === undefined ? undefined : 'slot') }),
  };
}
