import { type Definitions, type Job, listAll, type PayloadOf, type Queue } from '../../core/index.ts';
import { contextOf } from '../../core/queue/context.ts';
import { definitionOf } from '../../core/queue/definitions.ts';
import { laterTask } from '../../core/queue/later-task.ts';
import { difference, type Partially, shown } from './partial-match.ts';

/** Beside its payload, what a test expects of a job: its `lane`, `runAt`, `priority` … */
export type ExpectedFacts = Partially<Omit<Job, 'payload' | 'queue' | 'name'>>;

/** Turns of the event loop in which an enqueue may still come: a click's handler runs on after the click. */
const TURNS = 100;
/** Jobs that a message shows. */
const MAX_SHOWN = 10;
const STATES = ['pending', 'active', 'completed', 'dead', 'cancelled'] as const;

/**
 * Resolves with the first job of this name in the store, in whatever state, whose payload has these parts, and whose other facts have those. Objects
 * match partially, at any depth; lists match whole; matchers such as `expect.any(String)` are asked. An enqueue that is still on its way is
 * waited for, a hundred turns of the event loop, no timer. A job that has completed is gone, unless the queue keeps it (`results()`): look before it
 * is run.
 *
 * @example
 * button.click();
 * await expectEnqueued(queue, 'note.push', { id: 'a' }, { lane: 'a' });
 *
 * @param payload parts of the payload; default: any payload
 * @param facts parts of the job as `get` returns it; default: any
 * @returns the job
 * @throws Error that shows what the queue has instead; UnknownJobError
 */
export async function expectEnqueued<Jobs extends Definitions, Name extends keyof Jobs & string>(
  queue: Queue<Jobs, object>,
  name: Name,
  payload?: Partially<PayloadOf<Jobs[Name]>>,
  facts: ExpectedFacts = {},
): Promise<Job<PayloadOf<Jobs[Name]>>> {
  definitionOf(contextOf(queue).jobs, name);
  let jobs: readonly Job[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    jobs = await storedJobs(queue);
    const found = jobs.find((job) => differs(job, name, payload, facts) === undefined);
    if (found !== undefined) return found as Job<PayloadOf<Jobs[Name]>>;
    await laterTask({});
  }
  const wanted = [`a job ${shown(name)}`];
  if (payload !== undefined) wanted.push(`with payload ${shown(payload)}`);
  if (Object.keys(facts).length > 0) wanted.push(`with ${shown(facts)}`);
  throw new Error(`expected ${wanted.join(' ')}; ${insteadOf(jobs, name, payload, facts)}`);
}

async function storedJobs(queue: Queue<Definitions, object>): Promise<readonly Job[]> {
  const jobs: Job[] = [];
  for (const state of STATES) for await (const job of listAll(queue, { state })) jobs.push(job);
  return jobs.sort((a, b) => a.seq - b.seq);
}

/** Where the job is not what is expected; undefined: it is. */
function differs(job: Job, name: string, payload: unknown, facts: object): string | undefined {
  if (job.name !== name) return 'name';
  const inPayload = payload === undefined ? undefined : difference(job.payload, payload);
  return inPayload === undefined ? difference(job, facts)?.slice(1) : `payload${inPayload}`;
}

/** Those of the name first: they are what was nearly right. */
function insteadOf(jobs: readonly Job[], name: string, payload: unknown, facts: object): string {
  if (jobs.length === 0) return 'the queue is empty';
  const sorted = [...jobs.filter((job) => job.name === name), ...jobs.filter((job) => job.name !== name)];
  const lines = sorted.slice(0, MAX_SHOWN).map((job) => {
    const where = differs(job, name, payload, facts);
    const why = where === 'name' ? '' : `, which differs in ${where}`;
    return `- ${shown(job.name)}, ${job.state}, with payload ${shown(job.payload)}${why}`;
  });
  const more = sorted.length - lines.length;
  return ['the queue has', ...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n');
}
