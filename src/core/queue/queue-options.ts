import type { Store } from '../kernel/store.ts';
import type { Definitions } from './definitions.ts';
import type { Environment } from './environment.ts';
import type { Feature } from './feature.ts';
import type { Logger } from './logger.ts';
import type { OutageOptions } from './outage-options.ts';
import type { QueueLimits } from './queue-limits.ts';

export interface QueueOptions<
  Jobs extends Definitions = Definitions,
  Use extends readonly Feature[] = readonly Feature[],
> extends QueueLimits,
    OutageOptions {
  /** Queues with this name and store share their jobs. */
  readonly name: string;
  readonly jobs: Jobs;
  readonly store: Store;
  /**
   * Features, each once, in any order. A page loads only those that it names. Write a list that is kept in a variable as `[…] as const`, or its types are
   * lost. Default: none. At most 100.
   *
   * @example
   * createQueue({ name: 'sync', jobs, store, use: [log({ size: 1_000 })] });
   */
  readonly use?: Use;
  /** How long ids of your own are remembered after completion. Default one hour; 0: not at all. */
  readonly dedupeMs?: number;
  /** Clock, timers and ids. Default: the system's. */
  readonly environment?: Environment;
  /**
   * Gets what goes wrong, as the name of an event with its details. `error` is called for `job:dead`, `worker:error`, `lease:lost`, `store:lost` and
   * `store:outdated`, `warn` for `job:retried`, `target:closed` and `store:blocked`. An error that it throws is emitted as `worker:error`. Default:
   * none; in builds for development the console, in sentences, once for each job name, also for due jobs that have no handler.
   *
   * @example
   * createQueue({ name: 'sync', jobs, store, logger: console });
   */
  readonly logger?: Logger;
  /**
   * Keeps low priorities from starving: every n-th job that is claimed, counted over all workers with this option, is the one that has waited longest. A job
   * with k others that have waited longer is claimed after at most n × (k + 1) jobs. Default: none, strict priority. Minimum 2.
   */
  readonly ageing?: number;
}
