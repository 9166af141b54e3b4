import type { Feature } from '../../queue/feature.ts';
import { orderOf } from '../order.ts';
import { AroundEnqueue } from './around-enqueue.ts';
import { aroundRun } from './around-run.ts';
import { checkMiddleware, type Middleware } from './layers.ts';

/**
 * Puts functions around each enqueue and each attempt of this queue object, the first of the list outermost. Other tabs, workers and objects
 * have their own. At most 100.
 *
 * @example
 * const timed: Middleware = { name: 'timed', run: async ({ job }, next) => void (await measure(job.name, next)) };
 * const queue = createQueue({ name: 'sync', jobs, store, use: [middleware([timed])] });
 *
 * @throws InvalidOptionError at once
 */
export function middleware(list: readonly Middleware[]): Feature {
  const { enqueue, run } = checkMiddleware(list);
  return {
    name: 'middleware',
    order: orderOf('middleware'),
    around: {
      ...(enqueue.length > 0 && { enqueue: (host, intake) => new AroundEnqueue(enqueue, host, intake) }),
      ...(run.length > 0 && { run: (handler) => aroundRun(run, handler) }),
    },
  };
}
