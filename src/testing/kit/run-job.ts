import {
  createQueue,
  type Definitions,
  type EnqueueOptionsWith,
  explain,
  type Feature,
  get,
  type HandlerContext,
  InvalidOptionError,
  type Job,
  type OptionsOf,
  job as oneJob,
  type Wait,
  type Worker,
  work,
} from '../../core/index.ts';
import { type GivenBy, unused } from '../../core/queue/feature.ts';
import { checkKnown, checkSignal } from '../../core/queue/options.ts';
import { memoryStore } from '../../stores/memory/index.ts';
import { type FakeEnvironment, fakeEnvironment } from '../fake-environment.ts';
import { type AnyHandler, TestedAttempt } from './tested-attempt.ts';

/** What `runJob` runs a handler with. */
export interface RunJobOptions<
  Jobs extends Definitions = Definitions,
  Use extends readonly Feature[] = readonly Feature[],
> {
  /** The definitions of the app: for `name`, and for what the handler enqueues. Default: one definition without options. */
  readonly jobs?: Jobs;
  /** Whose definition of these the job has. Needed when `jobs` has more than one. */
  readonly name?: keyof Jobs & string;
  /** The features of the app's queue that the handler sees, such as `checkpoints()`. Default: none. */
  readonly use?: Use;
  /** What the enqueue says: `id`, `lane`, `headers`, `maxAttempts` … */
  readonly enqueue?: EnqueueOptionsWith<OptionsOf<Use>>;
  /** Which attempt it is: those before have failed. Default 1, minimum 1. */
  readonly attempt?: number;
  /** What the attempt before has left, as `job.checkpoint`. Needs `use: [checkpoints()]`. */
  readonly checkpoint?: unknown;
  /** Aborting it stops the worker at once, so that the handler's signal is aborted (`WorkerStoppedError`). */
  readonly signal?: AbortSignal;
  /** Share it with `fakeNetwork`, or to read the time. Default: one of its own. */
  readonly clock?: FakeEnvironment;
}

/** How the attempt ended. */
export type JobRun<Result = unknown> = JobEnd<Result> & {
  /** What the handler enqueued, as it is stored. Nothing, unless it completed: both commit or neither. */
  readonly enqueued: readonly Job[];
  /** What it said by `context.log`. */
  readonly logs: readonly string[];
  /** What it said by `context.progress`. */
  readonly progress: readonly unknown[];
  /** The job as it is stored afterwards, with its errors and checkpoint. Undefined: it completed. */
  readonly job: Job | undefined;
};

export type JobEnd<Result> =
  /** It returned. */
  | { readonly outcome: 'completed'; readonly result: Result }
  /** It failed and runs again in `delayMs`. `counted: false`: its server failed it (an outage), so that the attempt does not count. */
  | {
      readonly outcome: 'retried';
      readonly error: unknown;
      readonly counted: boolean;
      readonly delayMs: number;
    }
  /** It gave the job back by `context.release`, or its worker was stopped. The attempt does not count. */
  | { readonly outcome: 'released'; readonly delayMs: number }
  /** It failed for good. */
  | { readonly outcome: 'dead'; readonly error: unknown };

// biome-ignore lint/suspicious/noExplicitAny: the handler itself says of which job it is.
type AnyJob = any;

const OPTIONS = ['jobs', 'name', 'use', 'enqueue', 'attempt', 'checkpoint', 'signal', 'clock'];

/**
 * Runs a handler once, as a worker does: the payload is a copy, as a store gives it back, the context is a real one, and what becomes of the job
 * is what a worker would make of it. Time passes by itself when the handler waits for the clock (a timeout, a slow `fakeNetwork`). Does not
 * run the retry: `attempt: 2` does. Uses a memory store of its own; nothing goes on afterwards.
 *
 * @example
 * const run = await runJob(handlers['note.push'], { id: 'a' }, { jobs, name: 'note.push' });
 * expect(run).toMatchObject({ outcome: 'retried', counted: false }); // the server was not reached
 *
 * @returns how it ended; what the handler threw is in `error`
 * @throws InvalidOptionError; PayloadError for a payload that cannot be stored or that the schema refuses. Never what the handler throws.
 */
export async function runJob<
  Payload,
  Result,
  const Jobs extends Definitions = Definitions,
  const Use extends readonly Feature[] = readonly Feature[],
>(
  handler: (
    payload: Payload,
    context: HandlerContext<Jobs, OptionsOf<Use>, AnyJob, AnyJob> & GivenBy<OptionsOf<Use>>,
  ) => Result,
  payload: NoInfer<Payload>,
  options: RunJobOptions<Jobs, Use> = {},
): Promise<JobRun<Awaited<Result>>> {
  if (typeof handler !== 'function') throw new InvalidOptionError('handler', handler, 'a function');
  const checked = checkKnown('runJob options', options as RunJobOptions, OPTIONS);
  const { clock = fakeEnvironment(), use = [], signal } = checked;
  checkSignal('signal', signal);
  if (checked.checkpoint !== undefined && !use.some(({ context = {} }) => 'checkpoint' in context))
    throw unused('checkpoint', checked.checkpoint, 'checkpoints()');
  const { jobs, name } = namedJobs(checked);
  const queue = createQueue<Definitions, readonly Feature[]>({
    name: 'run-job',
    jobs,
    store: memoryStore(),
    use,
    environment: clock,
  });
  try {
    const { id } = await queue.enqueue(name, payload, checked.enqueue);
    const attempt: TestedAttempt = new TestedAttempt(handler as AnyHandler, checked, () =>
      worker.stop({ graceMs: 0 }),
    );
    const logs: string[] = [];
    const progress: unknown[] = [];
    const enqueued: string[] = [];
    queue.on('job:log', ({ message }) => logs.push(message));
    queue.on('job:progress', ({ value }) => progress.push(value));
    queue.on('job:enqueued', (job) => enqueued.push(job.id));
    const ended = attempt.ended(queue);
    const worker: Worker = work(queue, { [name]: attempt.run });
    const end = await clock.until(ended);
    const now = clock.now();
    await clock.until(worker.stop({ graceMs: 0 }));
    const waits = (await explain(queue, id))?.waits ?? [];
    const delayMs = Math.max(now, ...waits.map(endOf)) - now;
    const stored = await Promise.all(enqueued.map((one) => get(queue, one)));
    return {
      ...(end as JobEnd<Awaited<Result>>),
      ...(end.outcome === 'retried' || end.outcome === 'released' ? { delayMs } : {}),
      enqueued: stored.filter((job) => job !== undefined),
      logs,
      progress,
      job: await get(queue, id),
    };
  } finally {
    await clock.until(queue.close({ graceMs: 0 }));
  }
}

/** Throws InvalidOptionError when it is not clear whose definition the job has. */
function namedJobs({ jobs = { job: oneJob() }, name }: RunJobOptions): { jobs: Definitions; name: string } {
  const names = Object.keys(jobs);
  const [only] = names;
  if (name === undefined && (names.length !== 1 || only === undefined))
    throw new InvalidOptionError('name', name, `one of ${names.join(', ')}`);
  return { jobs, name: name ?? (only as string) };
}

/** When a wait is over, as far as it says so. */
const endOf = (wait: Wait): number =>
  wait.why === 'outage' ? wait.nextProbeAt : 'until' in wait ? wait.until : Number.NEGATIVE_INFINITY;
