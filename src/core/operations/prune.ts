import type { PruneAnswer, PruneRequest } from '../kernel/messages.ts';
import { prune as pruneJobs } from '../kernel/retention.ts';
import { contextOf, type Handle } from '../queue/context.ts';
import { checkKnown, checkSignal } from '../queue/options.ts';
import { callable, type PublicOperation } from '../queue/queue-operation.ts';
import { checkNone } from './check-ids.ts';
import { CHUNK } from './dead-letters.ts';

export const pruning: PublicOperation<Partial<PruneRequest>, PruneAnswer> = {
  name: 'prune',
  kind: 'drainer',
  check: checkNone,
  amend: (_, { options: { keep } }) => ({ limit: CHUNK, ...(keep && { keep }) }),
  rule: (request) => (rows, now) => pruneJobs(rows, { limit: CHUNK, ...request }, now),
  hint: ({ completed, dead }) => (completed + dead > 0 ? 'change' : undefined),
};

/**
 * Deletes now what `keepCompleted` and `keepDead` no longer keep, and completed jobs that nothing keeps any more, up to 100 of each a
 * transaction. Workers do the same by and by, with what they settle.
 *
 * @example
 * const { completed, dead } = await prune(queue);
 *
 * @returns how many were deleted
 * @throws InvalidOptionError; StoreError, StoreClosedError; the reason of the signal: what was done stays done
 */
export const prune = /* @__PURE__ */ callable(
  [pruning],
  async (queue: Handle, given: { readonly signal?: AbortSignal } = {}): Promise<PruneAnswer> => {
    const { signal } = checkKnown('prune options', given, ['signal']);
    checkSignal('signal', signal);
    const total = { completed: 0, dead: 0 };
    for (;;) {
      signal?.throwIfAborted();
      const { completed, dead } = await queue.call(pruning, {});
      total.completed += completed;
      total.dead += dead;
      if (completed + dead === 0) return total;
      await contextOf(queue).environment.yield();
    }
  },
);
