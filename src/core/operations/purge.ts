import type { PurgeAnswer, PurgeRequest } from '../kernel/messages.ts';
import { purge as purgeJobs } from '../kernel/purge.ts';
import { contextOf, type Handle } from '../queue/context.ts';
import { Latch } from '../queue/latch.ts';
import { checkBoolean, checkGrace, checkKnown } from '../queue/options.ts';
import { callable, type PublicOperation } from '../queue/queue-operation.ts';
import { Changes } from './changes.ts';

export interface PurgeOptions {
  /** How long running jobs are waited for, once they were asked to stop. Default 5,000. */
  readonly graceMs?: number;
}

export interface Purged {
  /** Jobs that were deleted, in whatever state. */
  readonly removed: number;
  /** Jobs that ran when it began, and were asked to stop. */
  readonly asked: number;
}

const CHUNK = 1_000;
/** Not every context says when a handler has ended. */
const LOOK_MS = 1_000;

export const purging: PublicOperation<Pick<PurgeRequest, 'force'>, PurgeAnswer> = {
  name: 'purge',
  kind: 'drainer',
  check: (given) => ({
    force: checkBoolean('force', checkKnown('arguments', given as PurgeRequest, ['force']).force),
  }),
  isQuiet: true,
  rule: (request) => (rows) => purgeJobs(rows, { limit: CHUNK, ...request }),
  hint: () => 'cancel',
};

/**
 * Deletes all that the queue has in the store: jobs in every state, keys, schedules, holds, pauses and counts; of an owner's queue, all of
 * that owner's and nothing else. Running jobs are asked to stop and waited for; after `graceMs` they are deleted too, and their handlers,
 * in whatever context, find their leases lost. What is enqueued meanwhile may go with the rest. A purge that is interrupted leaves a
 * queue with fewer jobs: call it again. Afterwards the queue can be used as if it were new; its fences still grow.
 *
 * @example
 * await purge(queue, { graceMs: 1_000 }); // at logout
 *
 * @throws InvalidOptionError; StoreError, StoreClosedError: call it again
 */
export const purge = /* @__PURE__ */ callable(
  [purging],
  async (queue: Handle, options: PurgeOptions = {}): Promise<Purged> => {
    const context = contextOf(queue);
    const { environment } = context;
    const deadline = environment.now() + checkGrace('purge options', options);
    const latch = new Latch(environment);
    const unsubscribe = context.part(Changes).add(() => latch.wake());
    let removed = 0;
    let asked: number | undefined;
    try {
      for (;;) {
        const now = environment.now();
        const answer = await queue.call(purging, { force: now >= deadline });
        removed += answer.removed;
        asked ??= answer.active;
        if (answer.more) continue;
        if (answer.active === 0) return { removed, asked };
        await latch.sleep(Math.min(deadline, now + LOOK_MS));
      }
    } finally {
      unsubscribe();
      context.emitter.changed();
    }
  },
);
