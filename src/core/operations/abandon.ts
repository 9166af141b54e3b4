import { abandon as abandonFeature, isCursor } from '../kernel/abandon.ts';
import { InvalidOptionError } from '../kernel/errors.ts';
import type { AbandonAnswer, AbandonRequest } from '../kernel/messages.ts';
import { checkCursor, checkKnown, checkText } from '../queue/options.ts';
import { type Caller, callable, type PublicOperation } from '../queue/queue-operation.ts';
import { LEFT_BEHIND } from './left-behind.ts';

/** What `abandon` did. */
export interface Abandoned {
  /** Jobs from which the feature was removed: those that needed it now run without it. */
  readonly freed: number;
  /** Records of the feature that were deleted. */
  readonly dropped: number;
}

export const abandoning: PublicOperation<AbandonRequest, AbandonAnswer> = {
  name: 'abandon',
  kind: 'drainer',
  check(given) {
    const { feature, next } = checkKnown('arguments', given as AbandonRequest, ['feature', 'next']);
    const request = { feature: checkText('feature', feature) };
    return next === undefined ? request : { ...request, next: checkNext(next) };
  },
  rule: (request) => (rows, now) =>
    abandonFeature(rows, request, LEFT_BEHIND.get(request.feature) ?? {}, now),
  hint: ({ freed }) => (freed > 0 ? 'work' : undefined),
};

function checkNext(next: unknown): string {
  const cursor = checkCursor('next', next);
  if (!isCursor(cursor)) throw new InvalidOptionError('next', next, 'the `next` of the call before');
  return cursor;
}

/**
 * Cleans up after a feature that no page uses any more: jobs that needed it run without it, names that it limited are free at once, and its records are
 * deleted: see the page of the feature. Jobs that run at the moment are not changed: call it again when they have ended. Do not call it as long as a
 * page uses the feature.
 *
 * @example
 * await abandon(queue, 'flows'); // after a deploy without flows()
 *
 * @throws InvalidOptionError; StoreError, StoreClosedError: call it again
 */
export const abandon = /* @__PURE__ */ callable(
  [abandoning],
  async (queue: Caller, feature: string): Promise<Abandoned> => {
    let [freed, dropped] = [0, 0];
    for (let next: string | undefined; ; ) {
      const answer: AbandonAnswer = await queue.call(abandoning, {
        feature,
        ...(next === undefined ? {} : { next }),
      });
      freed += answer.freed;
      dropped += answer.dropped;
      next = answer.next;
      if (next === undefined) return { freed, dropped };
    }
  },
);
