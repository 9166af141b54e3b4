import type { Job, JobId } from '../kernel/job.ts';
import { get as getJob } from '../kernel/look.ts';
import type { Definitions, JobOf } from '../queue/definitions.ts';
import { type CallerOf, callable, type PublicOperation } from '../queue/queue-operation.ts';
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
 * Returns a job, in whatever state. `job.name` narrows the type of its payload; an id that `enqueue` returned knows its name.
 *
 * @example
 * const job = await get(queue, id);
 * if (job?.state === 'dead') show(job.errors.at(-1));
 *
 * @returns undefined for a job that completed, was cancelled or removed, or was never there
 * @throws InvalidOptionError for an invalid id; StoreError, StoreClosedError
 */
export const get = /* @__PURE__ */ callable(
  [getting],
  async <Jobs extends Definitions = Definitions, Name extends keyof Jobs & string = keyof Jobs & string>(
    queue: CallerOf<Jobs>,
    id: string | JobId<Name>,
  ): Promise<JobOf<Jobs, Name> | undefined> =>
    (await queue.call(getting, { id })) as JobOf<Jobs, Name> | undefined,
);
