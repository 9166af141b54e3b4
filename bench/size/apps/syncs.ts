import { createQueue, defineJobs, job } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { syncAfterEnqueue } from 'holdfast/service-worker';

const jobs = defineJobs({ push: job<string>() });
const queue = createQueue({ name: 'sync', jobs, store: indexedDBStore('app') });
syncAfterEnqueue(queue);

export const save = (note: string) => queue.enqueue('push', note);
