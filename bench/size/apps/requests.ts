import { createQueue, defineJobs } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { enqueueRequest, onRequestEnd, requestJob } from 'holdfast/requests';

/** A page that keeps requests, for a service worker that sends them. */
const jobs = defineJobs({ request: requestJob() });
const queue = createQueue({ name: 'outbox', jobs, store: indexedDBStore('app') });

export const keep = (request: Request) => enqueueRequest(queue, request);
onRequestEnd(({ id }) => document.getElementById(id)?.remove());
