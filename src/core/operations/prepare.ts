import { InvalidOptionError } from '../kernel/errors.ts';
import type { EnqueueAnswer } from '../kernel/messages.ts';
import { acceptJobs } from '../queue/accept-jobs.ts';
import { contextOf } from '../queue/context.ts';
import type { Definitions, PayloadOf } from '../queue/definitions.ts';
import type { EnqueueOptionsWith } from '../queue/enqueue-options.ts';
import { executeIn } from '../queue/line.ts';
import type { Queue } from '../queue/queue.ts';

/** A job that is checked, and can be added to a transaction of your own. */
export interface Prepared {
  /**
   * Enqueues inside the transaction (readwrite, over the store's own object stores too), which is kept alive by it. `committed`
   * resolves when the transaction has committed and rejects when it has not: then nothing was enqueued. If the queue
   * refuses the job, the transaction is aborted. Throws InvalidOptionError for a transaction that cannot hold jobs. Added to
   * several transactions, it is one job.
   */
  addTo(transaction: unknown): { readonly id: string; readonly committed: Promise<EnqueueAnswer> };
}

/**
 * Checks a job now, to enqueue it inside a transaction of your own: data and job commit together, or not at all. The queue's
 * store must be in this context and able to join transactions: `indexedDBStore` is.
 *
 * @example
 * const push = await prepare(queue, 'note.push', { id: note.id });
 * const transaction = db.transaction(['notes', ...holdfastStoreNames], 'readwrite');
 * transaction.objectStore('notes').put(note);
 * const { committed } = push.addTo(transaction);
 *
 * @throws as `enqueue` does, and InvalidOptionError for a store that cannot join transactions
 */
export async function prepare<
  Jobs extends Definitions,
  Name extends keyof Jobs & string,
  Options extends object = object,
>(
  queue: Queue<Jobs, Options>,
  name: Name,
  payload: PayloadOf<Jobs[Name]>,
  options: NoInfer<EnqueueOptionsWith<Options>> = {} as EnqueueOptionsWith<Options>,
): Promise<Prepared> {
  const context = contextOf(queue);
  const { intake, line } = context;
  context.checkOpen();
  const { local } = line;
  const { join } = local?.store ?? {};
  if (local === undefined || join === undefined)
    throw new InvalidOptionError(
      'store',
      local?.store,
      'one that can join a transaction of the app: indexedDBStore',
    );
  const job =
    intake.around === undefined
      ? intake.toSpec(name, payload, options)
      : await intake.around.prepare({ name, payload, options });
  if (job.checking !== undefined) await intake.checked([job]);
  let { spec } = job;
  await local.store.checkPayload?.(spec.payload);
  return {
    addTo(transaction) {
      context.checkOpen();
      const request = acceptJobs.amend?.({ jobs: [spec] }, context) ?? { jobs: [spec] };
      const transact = join.call(local.store, transaction);
      const committed = executeIn(local, transact, acceptJobs, request).then((answers) => {
        context.told(acceptJobs, request, answers, false);
        return answers[0] as EnqueueAnswer;
      });
      committed.catch(() => undefined); // Who does not look at it has the transaction's own outcome.
      // Added again, because the transaction was aborted or by mistake, it is still one job.
      spec = { ...spec, known: true };
      return { id: spec.id, committed };
    },
  };
}
