import type { Job } from '../kernel/job.ts';
import type { ListAnswer } from '../kernel/messages.ts';
import { contextOf, type Handle, rowsNow } from '../queue/context.ts';
import { laterTask } from '../queue/later-task.ts';
import { checkKnown, checkMs, checkSignal, checkText } from '../queue/options.ts';
import { counting } from './count.ts';
import { listing } from './list.ts';

/** Jobs that one transaction redrives, removes or prunes: others get their turn in between. */
export const CHUNK = 100;

/** Which of the dead jobs: those that match all that is given. */
export interface DeadFilter {
  readonly name?: string;
  readonly tag?: string;
  /** The name of their last error. */
  readonly errorName?: string;
  /** Died at least so many ms ago. Minimum 0. */
  readonly olderThanMs?: number;
}

export interface SweepOptions {
  /** Aborting it ends the call before its next transaction, by rejecting with the reason; what was done stays done. */
  readonly signal?: AbortSignal;
  /** Called after each transaction: of the jobs that were dead when the call began, so many were looked at. */
  readonly onProgress?: (progress: { readonly looked: number; readonly of: number }) => void;
}

/** Looks at no more jobs than are dead now: what dies again meanwhile is not met again. */
export async function sweepDead(
  queue: Handle,
  given: DeadFilter,
  options: SweepOptions,
  act: (ids: readonly string[]) => Promise<void>,
): Promise<void> {
  const context = contextOf(queue);
  const matches = matcher(given, () => rowsNow(context));
  const { signal, onProgress } = checkKnown('options', options, ['signal', 'onProgress']);
  checkSignal('signal', signal);
  const { dead } = await queue.call(counting, {});
  let looked = 0;
  let after: { readonly cursor?: string } | undefined = {};
  while (after !== undefined && looked < dead) {
    signal?.throwIfAborted();
    const limit = Math.min(CHUNK, dead - looked);
    const { jobs, cursor }: ListAnswer = await queue.call(listing, { state: 'dead', limit, ...after });
    signal?.throwIfAborted();
    const ids = jobs.filter(matches).map(({ id }) => id);
    if (ids.length > 0) await act(ids);
    looked += jobs.length;
    after = cursor === undefined ? undefined : { cursor };
    onProgress?.({ looked, of: dead });
    await laterTask(context.environment);
  }
}

function matcher(given: DeadFilter, now: () => number): (job: Job) => boolean {
  const filter = checkKnown('filter', given, ['name', 'tag', 'errorName', 'olderThanMs']);
  const { name, tag, errorName, olderThanMs } = filter;
  if (name !== undefined) checkText('name', name);
  if (tag !== undefined) checkText('tag', tag);
  if (errorName !== undefined) checkText('errorName', errorName);
  const before = olderThanMs === undefined ? undefined : beforeOf(checkMs('olderThanMs', olderThanMs), now);
  return (job) =>
    (name === undefined || job.name === name) &&
    (tag === undefined || job.tags?.includes(tag) === true) &&
    (errorName === undefined || job.errors.at(-1)?.name === errorName) &&
    (before === undefined || (job.finishedAt ?? 0) <= before());
}

/** Taken when it is first asked for: then something has been read, and how the clock there goes is known. */
function beforeOf(olderThanMs: number, now: () => number): () => number {
  let before: number | undefined;
  return () => (before ??= now() - olderThanMs);
}
