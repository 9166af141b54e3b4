import {
  count,
  type Definitions,
  drain,
  explain,
  type Handlers,
  InvalidOptionError,
  type Job,
  listAll,
  type Queue,
  type Wait,
} from '../../core/index.ts';
import { contextOf } from '../../core/queue/context.ts';
import { hasMethods } from '../../core/queue/options.ts';
import type { FakeEnvironment } from '../fake-environment.ts';
import { shown } from './partial-match.ts';

/** What `drainAll` did, and what it left. */
export interface DrainedAll {
  readonly completed: number;
  /** Attempts that failed and were tried again, those that did not count included. */
  readonly retried: number;
  readonly released: number;
  readonly dead: number;
  readonly cancelled: number;
  /** Jobs that nothing here can run, each with why: paused, a closed gate, no handler, another's lease. */
  readonly left: readonly { readonly job: Job; readonly waits: readonly Wait[] }[];
  /** How far the clock went, ms. */
  readonly elapsedMs: number;
}

/** Attempts after which it does not end: a server that stays away is asked that often in three days. */
const MAX_ATTEMPTS = 1_000;
/** Times that the clock is set forward for nothing: ticks of a schedule, leases of others. */
const MAX_JUMPS = 1_000;
const MAX_SHOWN = 10;

/**
 * Runs all jobs of the queue to their ends. The clock goes on to whatever is due next: delayed jobs, retries, holds, probes of a server. Resolves
 * when nothing is left, or when what is left cannot run; then `left` says why. Jobs of names without a handler are left. Ticks of schedules that come meanwhile are
 * run, those that would come afterwards are not waited for. Handlers may wait for the clock; it does not wait for them to call real servers.
 *
 * @example
 * const clock = fakeEnvironment();
 * const queue = createQueue({ name: 'sync', jobs, store: memoryStore(), environment: clock });
 * await queue.enqueue('note.push', { id: 'a' }, { delayMs: 3_600_000 });
 * expect(await drainAll(queue, handlers)).toMatchObject({ completed: 1, dead: 0, left: [] });
 *
 * @throws InvalidOptionError for a queue whose `environment` is no `fakeEnvironment()`; what `drain` throws
 * @throws Error, which shows the jobs that are left, after 1,000 attempts, or 1,000 jumps of the clock that brought nothing: a job that enqueues
 * itself, say, or a server that stays away
 */
export async function drainAll<Jobs extends Definitions, Options extends object = object>(
  queue: Queue<Jobs, Options>,
  handlers: Handlers<NoInfer<Jobs>, NoInfer<Options>>,
): Promise<DrainedAll> {
  const clock = clockOf(queue);
  const begin = clock.now();
  const tally = { completed: 0, retried: 0, released: 0, dead: 0, cancelled: 0 };
  let attempts = 0;
  for (let jumps = 0; ; ) {
    const { nextAt, ...done } = await clock.until(
      drain(queue, handlers, { maxJobs: Math.max(1, MAX_ATTEMPTS - attempts) }),
    );
    for (const end of Object.keys(tally) as (keyof typeof tally)[]) tally[end] += done[end];
    attempts += done.completed + done.retried + done.released + done.dead + done.cancelled;
    const { pending, active } = await count(queue);
    if (pending + active === 0 || nextAt === undefined)
      return { ...tally, left: await leftJobs(queue), elapsedMs: clock.now() - begin };
    if (attempts >= MAX_ATTEMPTS || jumps++ >= MAX_JUMPS)
      throw new Error(
        `drainAll did not end: ${attempts} attempts, ${clock.now() - begin} ms; ${told(await leftJobs(queue))}`,
      );
    await clock.advance(Math.max(0, nextAt - clock.now()));
  }
}

function clockOf(queue: Parameters<typeof contextOf>[0]): FakeEnvironment {
  const { environment } = contextOf(queue);
  if (!hasMethods(environment, 'advance', 'until'))
    throw new InvalidOptionError('queue', queue, 'one that was made with environment: fakeEnvironment()');
  return environment as FakeEnvironment;
}

async function leftJobs(queue: Queue<Definitions, object>): Promise<DrainedAll['left']> {
  const left: DrainedAll['left'][number][] = [];
  for (const state of ['pending', 'active'] as const)
    for await (const job of listAll(queue, { state }))
      left.push({ job, waits: (await explain(queue, job.id))?.waits ?? [] });
  return left;
}

function told(left: DrainedAll['left']): string {
  const lines = left
    .slice(0, MAX_SHOWN)
    .map(({ job, waits }) => `- ${shown(job.name)}, ${job.state}, attempt ${job.attempt}: ${shown(waits)}`);
  return [`${left.length} jobs are left`, ...lines].join('\n');
}
