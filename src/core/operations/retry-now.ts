import { InvalidOptionError, StoreError } from '../kernel/errors.ts';
import type { RetryNowAnswer, RetryNowPlace, RetryNowRequest } from '../kernel/messages.ts';
import { retryNow as retryJobsNow } from '../kernel/retry-now.ts';
import { contextOf } from '../queue/context.ts';
import { type Definitions, definitionOf } from '../queue/definitions.ts';
import { laterTask } from '../queue/later-task.ts';
import { checkCount, checkCursor, checkKnown, checkText } from '../queue/options.ts';
import type { Queue } from '../queue/queue.ts';
import { callable, type PublicOperation } from '../queue/queue-operation.ts';
import { checkIds } from './check-ids.ts';

/** Which jobs; without any of it: all. */
export interface RetryNowFilter {
  readonly name?: string;
  readonly tag?: string;
  /** At most 1,000. Of these also delays and named instants are lifted. Not together with `name` or `tag`. */
  readonly ids?: readonly string[];
}

export const retrying: PublicOperation<RetryNowRequest, RetryNowAnswer> = {
  name: 'retryNow',
  kind: 'drainer',
  check(given) {
    const known = ['name', 'tag', 'ids', 'after'];
    const { name, tag, ids, after } = checkKnown('filter', given as RetryNowRequest, known);
    if (ids !== undefined && (name ?? tag) !== undefined)
      throw new InvalidOptionError('ids', ids, 'ids without name and tag');
    return {
      ...(name === undefined ? {} : { name: checkText('name', name) }),
      ...(tag === undefined ? {} : { tag: checkText('tag', tag) }),
      ...(ids === undefined ? {} : { ids: checkIds(ids) }),
      ...(after === undefined ? {} : { after: checkPlace(after) }),
    };
  },
  rule: (request) => (rows, now) => retryJobsNow(rows, request, now),
  hint: () => 'work',
};

function checkPlace(given: RetryNowPlace): RetryNowPlace {
  const { stream, due, seq } = checkKnown('after', given, ['stream', 'due', 'seq']);
  return {
    stream: checkCursor('after.stream', stream),
    due: checkCount('after.due', due, 0),
    seq: checkCount('after.seq', seq, 0),
  };
}

/**
 * Tries again now: jobs in a backoff become due, and closed targets are tried at once, with short pauses again.
 * For a button, or an app that knows that its server is back. Failures stay counted. Delays, instants (`runAt`), holds, pauses,
 * rates and gates stay; with `ids`, delays and instants of these jobs end, too. Jobs that run or have ended are not touched. A job that
 * waits in a lane behind others still waits for them.
 *
 * @example
 * button.onclick = () => retryNow(queue);
 * await retryNow(queue, { ids: [id] }); // also a job of tomorrow
 *
 * @returns how many jobs became due that were not
 * @throws InvalidOptionError for an invalid filter; StoreError, StoreClosedError
 */
export const retryNow = /* @__PURE__ */ callable(
  [retrying],
  async <Jobs extends Definitions>(
    queue: Queue<Jobs>,
    filter: RetryNowFilter = {},
  ): Promise<{ readonly due: number }> => {
    const { environment, jobs } = contextOf(queue);
    const asked = checkKnown('filter', filter, ['name', 'tag', 'ids']);
    if (asked.name !== undefined) definitionOf(jobs, asked.name);
    let due = 0;
    let after: Pick<RetryNowRequest, 'after'> | undefined = {};
    while (after !== undefined) {
      const answer: RetryNowAnswer = await queue.call(retrying, { ...asked, ...after });
      if (typeof answer?.due !== 'number')
        throw new StoreError('the queue elsewhere returned no number of jobs', { retryable: false });
      due += answer.due;
      after = answer.next && { after: answer.next };
      await laterTask(environment);
    }
    return { due };
  },
);
