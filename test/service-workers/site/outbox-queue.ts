import { createQueue, defineJobs } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { requestJob } from 'holdfast/requests';

/** Requests that wait, and what is done about them: the same for pages and the service worker. Waits are short, as a test has no day. */
export const outbox = createQueue({
  name: 'outbox',
  jobs: defineJobs({ request: requestJob({ backoff: { kind: 'fixed', initialMs: 200 } }) }),
  store: indexedDBStore('outbox'),
  probeMaxMs: 1_000,
});
