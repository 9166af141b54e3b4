import type { Feature } from '../../queue/feature.ts';
import { checkText } from '../../queue/options.ts';
import { orderOf } from '../order.ts';

/**
 * Gives each user a queue of their own, by the id of the signed-in user, say. No queue of another owner, or without one, counts, claims or sees its
 * jobs. Queues with the same name, owner and store share them. At sign-out `close()` keeps them for the next sign-in, `exportJobs` reads them out,
 * `purge` deletes them. It is no protection: any script of the origin can open the store and read all of it.
 *
 * @example
 * const queue = createQueue({ name: 'sync', jobs, store, use: [owner(user.id)] });
 *
 * @param id a string, by the rules of a queue's name
 * @throws InvalidOptionError at once
 */
export const owner = (id: string): Feature => ({
  name: 'owner',
  order: orderOf('owner'),
  stream: checkText('owner', id),
});
