import { InvalidOptionError } from '../kernel/errors.ts';
import { featuresOf } from '../kernel/features.ts';
import type { Store } from '../kernel/store.ts';
import { acceptJobs } from './accept-jobs.ts';
import { Context } from './context.ts';
import { type Definitions, defineJobs } from './definitions.ts';
import { inWholeMs, systemEnvironment } from './environment.ts';
import { checkJobs, checkUse, type FeatureFor, type OptionsOf, streamOf } from './feature.ts';
import { checkHostOptions, HOST_OPTIONS } from './host-options.ts';
import { development } from './in-development.ts';
import { StoreLine } from './line.ts';
import { logTo } from './log-to.ts';
import { checkKnown, checkMs, checkText, hasMethods } from './options.ts';
import { JobQueue, type Queue } from './queue.ts';
import type { QueueOptions } from './queue-options.ts';
import { storeHandle } from './store-handle.ts';

const OPTIONS = [...['name', 'jobs', 'store', 'use', 'dedupeMs', 'environment', 'logger'], ...HOST_OPTIONS];
const HOUR_MS = 3_600_000;

/**
 * Makes a queue. It touches neither store nor platform before it is used. Queues of one name share their jobs, in any number of contexts
 * (with `use: [owner(…)]`, those of one owner). A page that never calls `work` bundles nothing that runs jobs.
 *
 * @example
 * const queue = createQueue({ name: 'sync', jobs: defineJobs({ push: job<string>() }), store: indexedDBStore('notes') });
 * await queue.enqueue('push', note);
 *
 * @throws InvalidOptionError at once
 */
export function createQueue<
  const Jobs extends Definitions,
  const Use extends readonly FeatureFor<Jobs>[] = [],
>(given: QueueOptions<Jobs, Use>): Queue<Jobs, OptionsOf<Use>> {
  const options = checkKnown('createQueue options', given, OPTIONS);
  const { dedupeMs = HOUR_MS } = options;
  const environment = inWholeMs(options.environment ?? systemEnvironment);
  const name = checkText('name', options.name);
  const use = checkUse(options.use);
  const setup = {
    name,
    use,
    jobs: defineJobs(options.jobs),
    environment,
    options: checkHostOptions(options),
    dedupeMs: checkMs('dedupeMs', dedupeMs),
    accept: acceptJobs,
  };
  checkJobs(use, setup.jobs);
  const features = featuresOf(use);
  const { store, join } = storeHandle(checkStore(options.store), `queue ${JSON.stringify(name)}`);
  const context = new Context({
    ...setup,
    line: new StoreLine(store, streamOf(name, use), features, environment.now),
  });
  join();
  const queue = new JobQueue<Jobs, OptionsOf<Use>>(context);
  const logger = development?.loggerFor(queue, options.logger) ?? options.logger;
  if (logger !== undefined) context.emitter.log = logTo(logger);
  return queue;
}

function checkStore(store: Store): Store {
  if (!hasMethods(store, 'transact', 'close'))
    throw new InvalidOptionError('store', store, 'a store such as memoryStore()');
  return store;
}
