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
  /** The stream's name in its store. */
  readonly name: string;
  readonly jobs: Jobs;
  readonly store: Store;
  /**
   * What the queue can do beyond the kernel, each feature once, in any order. A page pays, and loads, only what it names. A list that is kept apart is
   * written `[…] as const`, or its types are lost. Default: none. At most 100.
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
   * Hears what goes wrong, as the name of an event with its details: `error` of `job:dead`, `worker:error`, `lease:lost`, `store:lost` and
   * `store:outdated`, `warn` of `job:retried`, `target:closed` and `store:blocked`. What it throws breaks nothing, and is an event `worker:error`. Default:
   * none; in builds for development the console, in whole sentences and once a job name, which also says which due jobs nobody handles.
   *
   * @example
   * createQueue({ name: 'sync', jobs, store, logger: console });
   */
  readonly logger?: Logger;
  /**
   * Every n-th job that is claimed, counted over all workers that say so, is the one that has waited longest, whatever its priority, so that
   * low priorities do not starve: a job before which k others had waited longer is claimed after at most n × (k + 1) jobs. Default: none, strict
   * priority. Minimum 2.
   */
  readonly ageing?: number;
}
