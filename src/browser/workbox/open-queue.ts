import {
  checkpoints,
  createQueue,
  defineJobs,
  type Environment,
  InvalidOptionError,
  type JobDefinition,
  type JobOptions,
  type Queue as JobQueue,
  type Store,
} from '../../core/index.ts';
import { indexedDBStore } from '../../stores/indexeddb/index.ts';
import { requestJob } from '../replay/request-job.ts';
import type { StoredEntry } from './entry.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Workbox's: 7 days. */
const RETENTION_MINUTES = 7 * 24 * 60;
/** Its database, where no store is given. */
export const DATABASE = 'holdfast-workbox';

export interface OpenQueueOptions {
  /** Where its jobs are stored. Default: `indexedDBStore('holdfast-workbox')`. */
  readonly store?: Store;
  /** In minutes. Older requests go to the dead letters. Default 7 days; 0 counts as the default. */
  readonly maxRetentionTime?: number;
  /** Clock, timers and ids: for tests. */
  readonly environment?: Environment;
}

export type EntryQueue = JobQueue<{ readonly request: JobDefinition<StoredEntry> }>;

export function retentionMs(minutes: number | undefined): number {
  const ms = (minutes || RETENTION_MINUTES) * MINUTE_MS;
  if (!(Number.isFinite(ms) && ms >= 1))
    throw new InvalidOptionError('maxRetentionTime', minutes, 'a number of minutes');
  return Math.ceil(ms);
}

/**
 * The queue behind a `Queue` or a `BackgroundSyncPlugin` of this name: an ordinary queue, for pages that show, retry and discard what it has,
 * or send it themselves (`work(queue, { request: requestHandler() })`). Its jobs are named `request`.
 *
 * @example
 * const queue = requestQueue('outbox');
 * for await (const job of listAll(queue, { state: 'dead' })) show(job.payload.url, job.errors);
 * await retryNow(queue);
 *
 * @throws InvalidOptionError at once
 */
export const requestQueue = (name: string, options: OpenQueueOptions = {}): EntryQueue =>
  openQueue(name, options, {});

/** Of the same jobs, for attempts that take as long as an app's `onSync` does: a sync event ends long before. */
export const lendingQueue = (name: string, options: OpenQueueOptions): EntryQueue =>
  openQueue(name, options, { timeoutMs: 10 * MINUTE_MS });

function openQueue(name: string, options: OpenQueueOptions, job: JobOptions): EntryQueue {
  const { store = indexedDBStore(DATABASE), maxRetentionTime, environment } = options;
  const jobs = defineJobs({ request: requestJob({ maxAgeMs: retentionMs(maxRetentionTime), ...job }) });
  return createQueue({
    name,
    jobs,
    store,
    use: [checkpoints()],
    // What is taken over has an id of its own: a take-over that is cut off and begun again days later enqueues nothing twice.
    dedupeMs: 30 * DAY_MS,
    ...(environment && { environment }),
  }) as EntryQueue;
}
