import { checkKnown } from '../queue/options.ts';
import { type Caller, callable } from '../queue/queue-operation.ts';
import { cancelling } from './cancel.ts';
import { type JobFilter, listing, pages } from './list.ts';

export type ClearFilter = Omit<JobFilter, 'state'>;

/**
 * Cancels all waiting jobs, or those that match, page by page; what runs goes on. What a worker has claimed and not begun does not begin
 * here once this has resolved, elsewhere as soon as its worker has heard of it, and is then cancelled. Ended jobs stay.
 *
 * @example
 * const cancelled = await clear(queue, { tag: 'import' });
 *
 * @returns how many were cancelled at once
 * @throws InvalidOptionError; StoreError, StoreClosedError: call it again
 */
export const clear = /* @__PURE__ */ callable(
  [listing, cancelling],
  async (queue: Caller, given: ClearFilter = {}): Promise<number> => {
    const filter = checkKnown('clear filter', given, ['name', 'tag']);
    const first = await clearPages(queue, { ...filter, state: 'pending' });
    // Whether what is claimed has begun its worker knows alone: it is told which of that must not, and cancels it then.
    const claimed = await clearPages(queue, { ...filter, state: 'active' });
    // Behind each head that was cancelled the next one took its place, where this had read already. Now none is behind those. And what was
    // claimed may have gone back to its place between the two looks.
    const second =
      first.lanes || claimed.seen > 0
        ? await clearPages(queue, { ...filter, state: 'pending' })
        : { cleared: 0 };
    return first.cleared + claimed.cleared + second.cleared;
  },
);

async function clearPages(queue: Caller, filter: JobFilter) {
  let [seen, cleared, lanes] = [0, 0, false];
  for await (const jobs of pages(queue, filter)) {
    seen += jobs.length;
    if (jobs.length === 0) continue;
    const answers = await queue.call(cancelling, { ids: jobs.map(({ id }) => id), waiting: true });
    for (const [i, answer] of answers.entries()) {
      if (answer !== 'cancelled') continue;
      cleared += 1;
      lanes ||= jobs[i]?.lane !== undefined || jobs[i]?.idempotencyKey !== undefined;
    }
  }
  return { seen, cleared, lanes };
}
