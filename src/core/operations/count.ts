import { count as countJobs } from '../kernel/look.ts';
import type { Counts } from '../kernel/messages.ts';
import { type Caller, callable, type PublicOperation } from '../queue/queue-operation.ts';
import { checkNone } from './check-ids.ts';

export const counting: PublicOperation<object, Counts> = {
  name: 'count',
  kind: 'reader',
  check: checkNone,
  rule: () => (rows) => countJobs(rows),
  tell: (counts, _, host) => {
    host.counts = counts;
  },
};

/**
 * Returns how many jobs there are in each state. `completed`, `cancelled` and `dropped` count all jobs that ever ended so.
 *
 * @example
 * const { pending, dead, paused } = await count(queue);
 *
 * @throws StoreError, StoreClosedError
 */
export const count = /* @__PURE__ */ callable(
  [counting],
  async (queue: Caller): Promise<Counts> => queue.call(counting, {}),
);
