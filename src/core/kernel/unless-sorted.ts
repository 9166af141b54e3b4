import type { EnqueueAnswer, JobSpec } from './messages.ts';
import type { Rule } from './rows.ts';
import { read } from './step.ts';

/** An enqueue whose jobs lie there unsorted: what somebody else sorted in meanwhile is accepted. */
export function unlessSorted(
  key: string,
  jobs: readonly JobSpec[],
  enqueue: Rule<readonly EnqueueAnswer[]>,
): Rule<readonly EnqueueAnswer[]> {
  return function* (rows, now) {
    if (!(yield* read(rows.isUnsorted?.(key)))) return jobs.map(({ id }) => ({ id, status: 'enqueued' }));
    const answers = yield* enqueue(rows, now);
    rows.dropUnsorted?.(key);
    return answers;
  };
}
