import { InvalidOptionError } from '../kernel/errors.ts';
import { Context } from '../queue/context.ts';
import { type Definitions, defineJobs } from '../queue/definitions.ts';
import { enqueueCall } from '../queue/enqueue-call.ts';
import { type Environment, inWholeMs, systemEnvironment } from '../queue/environment.ts';
import { checkJobs, checkUse, type Feature, type FeatureFor, type OptionsOf } from '../queue/feature.ts';
import { checkHostOptions, type HostOptions } from '../queue/host-options.ts';
import type { Line } from '../queue/line.ts';
import { checkCount, checkKnown, checkMs, checkText } from '../queue/options.ts';
import { JobQueue, type Queue } from '../queue/queue.ts';
import type { QueueOptions } from '../queue/queue-options.ts';
import { RemoteLine, type RemoteLineOptions, type Send } from './remote-line.ts';

/** Of every queue whose rows are elsewhere. */
export interface FarOptions<Jobs extends Definitions, Use extends readonly Feature[] = readonly Feature[]>
  extends Pick<QueueOptions<Jobs, Use>, 'jobs' | 'use' | 'dedupeMs' | 'environment'> {
  /** How often a call is made when it fails for a reason that passes. Default 5, minimum 1. */
  readonly tries?: number;
  /** How often a worker with nothing to do looks, and a view or whoever waits. Default 5,000, minimum 100. */
  readonly pollMs?: number;
}

export interface RemoteQueueOptions<
  Jobs extends Definitions,
  Use extends readonly Feature[] = readonly Feature[],
> extends FarOptions<Jobs, Use> {
  /** For events and errors: which queue it is, the host knows. */
  readonly name: string;
  /** Carries a message to where `expose` serves the queue, and resolves with its reply. */
  readonly send: Send;
}

export const FAR_OPTIONS = ['jobs', 'use', 'dedupeMs', 'environment', 'tries', 'pollMs'];

const HOUR_MS = 3_600_000;
const DEFAULT_TRIES = 5;
const DEFAULT_POLL_MS = 5_000;
const MIN_POLL_MS = 100;

/**
 * A queue that is elsewhere: in a worker, in a Durable Object, behind HTTP. Enqueues, reads, steers and works as one here does; limits, what is
 * kept and who may do what are the host's. Calls nothing before it is used. A call that fails for a reason that passes is repeated, which is safe:
 * each job carries its id. An answer to a repeat may be that of a call that found its work done (`unknown` for a cancelled job).
 *
 * @example
 * const queue = remoteQueue({ name: 'sync', jobs, send: (message) => ask(port, message) });
 * await queue.enqueue('note.push', note);
 * await explain(queue, id);
 *
 * @throws InvalidOptionError at once
 */
export function remoteQueue<
  const Jobs extends Definitions,
  const Use extends readonly FeatureFor<Jobs>[] = [],
>(given: RemoteQueueOptions<Jobs, Use>): Queue<Jobs, OptionsOf<Use>> {
  const { name, send, ...options } = checkKnown('remoteQueue options', given, [
    ...FAR_OPTIONS,
    'name',
    'send',
  ]);
  if (typeof send !== 'function') throw new InvalidOptionError('send', send, 'a function');
  return farQueue(checkText('name', name), options, (how) => new RemoteLine(send, how));
}

/** A queue over a line to elsewhere. Throws InvalidOptionError. */
export function farQueue<Jobs extends Definitions, Use extends readonly Feature[]>(
  name: string,
  options: FarOptions<Jobs, Use>,
  lineOf: (how: RemoteLineOptions) => Line,
): JobQueue<Jobs, OptionsOf<Use>> {
  const { dedupeMs = HOUR_MS, tries = DEFAULT_TRIES, pollMs = DEFAULT_POLL_MS } = options;
  const environment: Environment = inWholeMs(options.environment ?? systemEnvironment);
  const how = {
    environment,
    tries: checkCount('tries', tries),
    pollMs: checkMs('pollMs', pollMs, MIN_POLL_MS),
  };
  const jobs = defineJobs(options.jobs);
  const use = checkUse(options.use);
  checkJobs(use, jobs);
  const owned = use.find(({ stream }) => stream !== undefined);
  if (owned !== undefined)
    throw new InvalidOptionError('use', owned.name, 'no feature that says whose the queue is: its host does');
  return new JobQueue(
    new Context({
      name,
      jobs,
      environment,
      use,
      options: hostOptions(),
      dedupeMs: checkMs('dedupeMs', dedupeMs),
      accept: { ...enqueueCall, rule: elsewhere },
      line: lineOf(how),
    }),
  );
}

const elsewhere = (): never => {
  throw new TypeError('a rule of elsewhere');
};

/** None are ours to say. How long failures of a target are not held against a job, the host says where a definition does not. */
function hostOptions(): HostOptions {
  const options = checkHostOptions({});
  return { ...options, outage: { ...options.outage, outageMs: undefined as never } };
}
