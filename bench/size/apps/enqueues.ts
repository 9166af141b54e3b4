import { createEnqueuer, defineJobs, job } from 'holdfast';
import { indexedDBEnqueueStore } from 'holdfast/indexeddb';

const jobs = defineJobs({ push: job<string>() });
const enqueuer = createEnqueuer({ name: 'sync', jobs, store: indexedDBEnqueueStore('app') });

export const save = (note: string) => enqueuer.enqueue('push', note);
