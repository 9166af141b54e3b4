import type { Feature } from '../../queue/feature.ts';
import { checkOneOf } from '../../queue/options.ts';
import { orderOf } from '../order.ts';
import { dropFor } from './drop-for.ts';
import { makeRoom } from './make-room.ts';
import type { Policy } from './victims.ts';

/**
 * Drops waiting jobs for those that are enqueued beyond `maxDepth`, `maxBytes` or `maxDelayed`. Without it such an enqueue rejects with QueueFullError.
 * A running job is never dropped, one parked behind others in its lane only when nothing else is left, and one call drops at most 1,000; a
 * batch drops none of its own. Dropped jobs are gone, in the transaction that takes the new one: the enqueue's answer lists them, `job:dropped`
 * is emitted for each of them where it was called, and `count()` counts them as `dropped`.
 *
 * @param policy `oldest`: jobs that have waited longest are dropped, due ones before delayed ones. `lowest`: jobs of the lowest priority are, the
 * longest waiting first, and none of a higher priority than the new one: then that is refused.
 *
 * @example
 * const queue = createQueue({ name: 'prices', jobs, store, maxDepth: 100, use: [drop('oldest')] });
 *
 * @throws InvalidOptionError at once
 */
export function drop(policy: Policy): Feature {
  const checked = checkOneOf('drop', policy, ['oldest', 'lowest']);
  return {
    name: 'drop',
    order: orderOf('drop'),
    *enters(rows, { plans }, now) {
      return (control) => dropFor(rows, control, plans, now);
    },
    drops: (rows, control, crowd, now) => makeRoom(rows, control, checked, crowd, now),
  };
}
