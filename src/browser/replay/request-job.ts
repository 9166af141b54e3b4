import { type JobDefinition, type JobOptions, job } from '../../core/index.ts';
import type { StoredRequest } from './stored-request.ts';

const MINUTE_MS = 60_000;
const WEEK_MS = 7 * 24 * 60 * MINUTE_MS;

/**
 * Defines the kind of job that sends a request again. Name it `request`, or give its name wherever one is asked for.
 *
 * What is not sent within `maxAgeMs` goes to the dead letters. Requests of one origin share a target, so a server that is away holds up no
 * other; those of one URL share a lane, so they arrive in order.
 *
 * @param options as `job` takes them. Defaults of its own: `maxAgeMs` 7 days, `timeoutMs` 2 minutes.
 *
 * @example
 * const jobs = defineJobs({ request: requestJob({ maxAgeMs: 86_400_000 }) });
 * const queue = createQueue({ name: 'outbox', jobs, store: indexedDBStore('app') });
 *
 * @throws InvalidOptionError at once
 */
export const requestJob = (options: JobOptions = {}): JobDefinition<StoredRequest> =>
  job<StoredRequest>({ maxAgeMs: WEEK_MS, timeoutMs: 2 * MINUTE_MS, ...options });
