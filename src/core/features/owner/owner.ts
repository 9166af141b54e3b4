import type { Feature } from '../../queue/feature.ts';
import { checkText } from '../../queue/options.ts';
import { orderOf } from '../order.ts';

/**
 * Whose queue this is, say the id of the signed-in user. The jobs of an owner are a stream of their own: no queue of another owner, or
 * without one, counts, claims or even sees them, and every queue with the same name, owner and store shares them. At logout `close()`
 * keeps them for the next login, `exportJobs` reads them out, `purge` deletes them. It separates, and protects nothing: whatever may
 * open the store (any script of the origin) can read all of it.
 *
 * @example
 * const queue = createQueue({ name: 'sync', jobs, store, use: [owner(user.id)] });
 *
 * @param id a text as the queue's name is
 * @throws InvalidOptionError at once
 */
export const owner = (id: string): Feature => ({
  name: 'owner',
  order: orderOf('owner'),
  stream: checkText('owner', id),
});
