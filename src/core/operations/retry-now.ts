import { InvalidOptionError } from '../kernel/errors.ts';
import type { RetryNowRequest } from '../kernel/messages.ts';
import { type Definitions, definitionOf } from '../queue/definitions.ts';
import { checkKnown, checkText } from '../queue/options.ts';
import type { Queue } from '../queue/queue.ts';
import type { SteeringSetup } from './steering.ts';

/** Which jobs; without any of it: all. */
export interface RetryNowFilter {
  readonly name?: string;
  readonly tag?: string;
  /** At most 1,000. Of these also delays and named instants are lifted. Not together with `name` or `tag`. */
  readonly ids?: readonly string[];
}

/** By which a queue does it, whichever copy of the package made it. */
export const RETRY_NOW: unique symbol = Symbol.for('holdfast.retryNow') as never;

const MAX_IDS = 1_000;

/**
 * Tries again now what waits for another try: jobs in a backoff are due, and targets that are closed are asked at once, their waits small again.
 * For a button, or an app that knows that its server is back. Failures stay counted. Delays, named instants (`runAt`), holds, pauses,
 * rates and gates stay; with `ids`, delays and instants of these jobs are lifted, too. Jobs that run, wait in a lane behind others, or ended
 * are not touched.
 *
 * @example
 * button.onclick = () => retryNow(queue);
 * await retryNow(queue, { ids: [id] }); // also a job of tomorrow
 *
 * @returns how many jobs became due that were not
 * @throws InvalidOptionError for a filter that says what it cannot; StoreError, StoreClosedError
 */
export function retryNow<Jobs extends Definitions>(
  queue: Pick<Queue<Jobs>, 'name'>,
  filter: RetryNowFilter = {},
): Promise<{ readonly due: number }> {
  const retry = (queue as { readonly [RETRY_NOW]?: (filter: RetryNowFilter) => Promise<{ due: number }> })[
    RETRY_NOW
  ];
  if (typeof retry !== 'function') throw new InvalidOptionError('queue', queue, 'a queue of this context');
  return retry(filter);
}

/** What `retryNow` does, in the queue's own parts. Throws at once for a filter that says what it cannot. */
export async function retryJobs(
  { queue, store, environment, emitter, onHint, jobs }: SteeringSetup,
  given: RetryNowFilter,
): Promise<{ due: number }> {
  const filter = checkFilter(given, jobs);
  let due = 0;
  let after: RetryNowRequest['after'];
  do {
    const answer = await store.retryNow(
      { queue, ...filter, ...(after === undefined ? {} : { after }) },
      environment.now(),
    );
    due += answer.due;
    after = answer.next;
    onHint('work');
    await environment.yield();
  } while (after !== undefined);
  emitter.changed();
  return { due };
}

function checkFilter(given: RetryNowFilter, jobs: SteeringSetup['jobs']): Omit<RetryNowRequest, 'queue'> {
  const { name, tag, ids } = checkKnown('filter', given, ['name', 'tag', 'ids']);
  if (name !== undefined) definitionOf(jobs, name);
  if (tag !== undefined) checkText('tag', tag);
  if (ids === undefined)
    return { ...(name === undefined ? {} : { name }), ...(tag === undefined ? {} : { tag }) };
  if (name !== undefined || tag !== undefined)
    throw new InvalidOptionError('ids', ids, 'given without name and tag');
  if (!Array.isArray(ids) || ids.length > MAX_IDS)
    throw new InvalidOptionError('ids', ids, `at most ${MAX_IDS} ids`);
  return { ids: ids.map((id) => checkText('id', id)) };
}
