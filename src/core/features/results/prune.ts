import { openControl } from '../../kernel/clock.ts';
import { forget } from '../../kernel/retention.ts';
import type { Rows } from '../../kernel/rows.ts';
import type { Step } from '../../kernel/step.ts';
import { checkNone } from '../../operations/check-ids.ts';
import { CHUNK } from '../../operations/dead-letters.ts';
import { contextOf, type Handle } from '../../queue/context.ts';
import { laterTask } from '../../queue/later-task.ts';
import { checkKnown, checkSignal } from '../../queue/options.ts';
import { callable, type PublicOperation } from '../../queue/queue-operation.ts';

export interface PruneRequest {
  /** At most so many of each kind. Default 100. */
  readonly limit?: number;
}

/** How many were deleted. */
export interface PruneAnswer {
  readonly completed: number;
  readonly dead: number;
}

/** What settling forgets by and by, now: who asks for it is believed the clock. */
function* pruneJobs(rows: Rows, limit: number, now: number): Step<PruneAnswer> {
  const control = yield* openControl(rows, now);
  if (control === undefined) return { completed: 0, dead: 0 };
  const { remembered, dead } = control;
  yield* forget(rows, control, now, limit);
  const pruned = { completed: remembered - control.remembered, dead: dead - control.dead };
  if (pruned.completed + pruned.dead > 0) rows.putControl(control);
  return pruned;
}

export const pruning: PublicOperation<PruneRequest, PruneAnswer> = {
  name: 'prune',
  kind: 'drainer',
  check: checkNone,
  rule:
    ({ limit = CHUNK }) =>
    (rows, now) =>
      pruneJobs(rows, limit, now),
  hint: ({ completed, dead }) => (completed + dead > 0 ? 'change' : undefined),
  spread: async (call, args) =>
    (await call.all(args)).reduce((sum, { completed, dead }) => ({
      completed: sum.completed + completed,
      dead: sum.dead + dead,
    })),
};

/**
 * Deletes now what the rules of `results` no longer keep, and completed jobs that nothing keeps any more, up to 100 of each a
 * transaction. Workers do the same over time, whenever they settle jobs.
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
      await laterTask(contextOf(queue).environment);
    }
  },
);
