import { createQueue, defineJobs, job, work } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';

const jobs = defineJobs({ push: job<string>() });
const queue = createQueue({ name: 'sync', jobs, store: indexedDBStore('app') });

export const save = (note: string) => queue.enqueue('push', note);

work(queue, {
  push: async (note) => {
    await fetch('/notes', { method: 'POST', body: note });
  },
});
