import type { Job } from '../kernel/job.ts';
import { get as getJob } from '../kernel/look.ts';
import { type Caller, callable, type PublicOperation } from '../queue/queue-operation.ts';
import { checkId } from './check-ids.ts';

export const getting: PublicOperation<{ readonly id: string }, Job | undefined> = {
  name: 'get',
  kind: 'reader',
  check: checkId,
  rule:
    ({ id }) =>
    (rows) =>
      getJob(rows, id),
};

/**
 * A job, in whatever state.
 *
 * @example
 * const job = await get(queue, id);
 * if (job?.state === 'dead') show(job.errors.at(-1));
 *
 * @returns undefined for a job that completed, was cancelled or removed, or was never there
 * @throws InvalidOptionError for what is no id; StoreError, StoreClosedError
 */
export const get = /* @__PURE__ */ callable(
  [getting],
  async (queue: Caller, id: string): Promise<Job | undefined> => queue.call(getting, { id }),
);
