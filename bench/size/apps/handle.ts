import { defineJobs, job } from 'holdfast';
import { workerQueue } from 'holdfast/comlink';

const jobs = defineJobs({ push: job<string>() });
const url = new URL('./sync-worker.ts', import.meta.url);
const queue = workerQueue({ name: 'sync', jobs, worker: () => new Worker(url, { type: 'module' }) });

export const save = (note: string) => queue.enqueue('push', note);
