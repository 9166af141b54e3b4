import { createQueue, defineJobs, job, memoryStore, work } from 'holdfast';

const jobs = defineJobs({ push: job<string>() });
const queue = createQueue({ name: 'sync', jobs, store: memoryStore() });

export const save = (note: string) => queue.enqueue('push', note);

work(queue, {
  push: async (note) => {
    await fetch('/notes', { method: 'POST', body: note });
  },
});
