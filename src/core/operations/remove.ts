import type { RemoveAnswer, SelectRequest } from '../kernel/messages.ts';
import { remove as removeJobs } from '../kernel/steer.ts';
import type { Handle } from '../queue/context.ts';
import { checkKnown } from '../queue/options.ts';
import { type Caller, callable, type PublicOperation } from '../queue/queue-operation.ts';
import { checkIds } from './check-ids.ts';
import { counting } from './count.ts';
import { type DeadFilter, type SweepOptions, sweepDead } from './dead-letters.ts';
import { listing } from './list.ts';

export const removing: PublicOperation<SelectRequest, readonly RemoveAnswer[]> = {
  name: 'remove',
  kind: 'drainer',
  check: (given) => ({ ids: checkIds(checkKnown('arguments', given as SelectRequest, ['ids']).ids) }),
  rule: (request) => (rows, now) => removeJobs(rows, request, now),
  // One of them may have halted its lane.
  hint: () => 'work',
};

/**
 * Deletes a job that has ended. A live job stays: cancel it first.
 *
 * @example
 * await remove(queue, id);
 *
 * @throws InvalidOptionError for an invalid id; StoreError, StoreClosedError
 */
export const remove = /* @__PURE__ */ callable(
  [removing],
  async (queue: Caller, id: string): Promise<RemoveAnswer> => {
    const [answer] = await queue.call(removing, { ids: [id] });
    return answer as RemoveAnswer;
  },
);

export interface RemovedMany {
  readonly removed: number;
}

/**
 * Deletes the jobs that match among those that are dead when it begins (default: all), up to 100 a transaction.
 *
 * @example
 * const { removed } = await removeMany(queue, { name: 'mail.send', olderThanMs: 30 * 86_400_000 });
 *
 * @throws InvalidOptionError; StoreError, StoreClosedError; the reason of the signal: what was done stays done
 */
export const removeMany = /* @__PURE__ */ callable(
  [counting, listing, removing],
  async (queue: Handle, filter: DeadFilter = {}, options: SweepOptions = {}): Promise<RemovedMany> => {
    let removed = 0;
    await sweepDead(queue, filter, options, async (ids) => {
      for (const answer of await queue.call(removing, { ids })) if (answer === 'removed') removed += 1;
    });
    return { removed };
  },
);
