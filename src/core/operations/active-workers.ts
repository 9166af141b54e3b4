import { activeWorkers } from '../kernel/active-workers.ts';
import type { WorkersAnswer } from '../kernel/messages.ts';
import { type Caller, callable, type PublicOperation } from '../queue/queue-operation.ts';
import { checkNone } from './check-ids.ts';

export const listingWorkers: PublicOperation<object, WorkersAnswer> = {
  name: 'workers',
  kind: 'reader',
  check: checkNone,
  rule: () => (rows, now) => activeWorkers(rows, now),
};

/**
 * Returns who is at work: the workers that have claimed jobs, in any tab, thread or object, since when, and which jobs; and the names that somebody
 * works on. A worker without a job shows in `names` only.
 *
 * @example
 * for (const { workerId, since, jobs } of (await workers(queue)).workers) console.log(workerId, since, jobs.length);
 *
 * @throws StoreError, StoreClosedError
 */
export const workers = /* @__PURE__ */ callable(
  [listingWorkers],
  async (queue: Caller): Promise<WorkersAnswer> => queue.call(listingWorkers, {}),
);
