import { createQueue, defineJobs, job } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';

const jobs = defineJobs({ post: job<string>({ timeoutMs: 600_000 }) });

/** Its syncs wait for retries. */
export const patient = createQueue({ name: 'patient', jobs, store: indexedDBStore('synced') });
