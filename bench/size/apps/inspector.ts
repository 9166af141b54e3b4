import { createQueue, defineJobs, job, memoryStore, work } from 'holdfast';
import { defineInspector } from 'holdfast/inspector';

const jobs = defineJobs({ push: job<string>() });
const queue = createQueue({ name: 'sync', jobs, store: memoryStore() });

work(queue, {
  push: async (note) => {
    await fetch('/notes', { method: 'POST', body: note });
  },
});

defineInspector();
const inspector = document.createElement('holdfast-inspector');
inspector.queue = queue;
document.body.append(inspector);
