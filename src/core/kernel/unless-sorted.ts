import type { EnqueueAnswer, JobSpec } from './messages.ts';
import type { Rows, Rule } from './rows.ts';
import { read, type Step } from './step.ts';

/** An enqueue whose jobs lie there unsorted: what somebody else sorted in meanwhile is accepted. */
export function unlessSorted(
  key: string,
  jobs: readonly JobSpec[],
  enqueue: Rule<readonly EnqueueAnswer[]>,
): Rule<readonly EnqueueAnswer[]> {
  return function* (rows, now) {
    if (!(yield* read(rows.isUnsorted?.(key)))) {
      const answers: EnqueueAnswer[] = [];
      for (const spec of jobs) answers.push(yield* answerOf(rows, spec));
      return answers;
    }
    const answers = yield* enqueue(rows, now);
    rows.dropUnsorted?.(key);
    return answers;
  };
}

/** As far as the rows still tell: where there is no job of this id, who holds its key is the one that took it. */
function* answerOf(rows: Rows, { id, name, idempotencyKey, onDuplicate }: JobSpec): Step<EnqueueAnswer> {
  if (idempotencyKey !== undefined && (yield* read(rows.find(id))) === undefined) {
    const [holder] = yield* read(rows.keyHolders(name, idempotencyKey));
    const status = (onDuplicate ?? 'keep') === 'keep' ? 'duplicate' : 'replaced';
    if (holder !== undefined) return { id: holder.row.id, status };
  }
  return { id, status: 'enqueued' };
}
