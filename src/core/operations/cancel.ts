import type { CancelAnswer, CancelRequest } from '../kernel/messages.ts';
import { cancel as cancelJobs } from '../kernel/steer.ts';
import { checkBoolean, checkKnown } from '../queue/options.ts';
import { type Caller, callable, type PublicOperation } from '../queue/queue-operation.ts';
import { checkIds } from './check-ids.ts';

export const cancelling: PublicOperation<CancelRequest, readonly CancelAnswer[]> = {
  name: 'cancel',
  kind: 'drainer',
  check(given) {
    const { ids, waiting } = checkKnown('arguments', given as CancelRequest, ['ids', 'waiting']);
    return {
      ids: checkIds(ids),
      ...(waiting === undefined ? {} : { waiting: checkBoolean('waiting', waiting) }),
    };
  },
  rule: (request) => (rows, now) => cancelJobs(rows, request, now),
  hint: (answers) =>
    answers.some((answer) => answer === 'requested' || answer === 'running') ? 'cancel' : 'work',
  tell: (answers, { ids }, { emitter }) => {
    for (const [i, answer] of answers.entries())
      if (answer === 'cancelled') emitter.emit('job:cancelled', { id: ids[i] as string });
  },
};

/**
 * Cancels a job. A waiting job is deleted at once. A running one is asked to stop (`requested`): its signal is aborted, and it ends cancelled unless it
 * completes or dies first. A job that has ended stays as it is.
 *
 * @example
 * if ((await cancel(queue, id)) === 'finished') show('too late');
 *
 * @throws InvalidOptionError for an invalid id; StoreError, StoreClosedError
 */
export const cancel = /* @__PURE__ */ callable(
  [cancelling],
  async (queue: Caller, id: string): Promise<CancelAnswer> => {
    const [answer] = await queue.call(cancelling, { ids: [id] });
    return answer as CancelAnswer;
  },
);
