import { createQueue, defineJobs, job } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { backgroundSync } from 'holdfast/service-worker';

const jobs = defineJobs({ push: job<string>() });
const queue = createQueue({ name: 'sync', jobs, store: indexedDBStore('app') });

backgroundSync(queue, {
  push: async (note) => {
    await fetch('/notes', { method: 'POST', body: note });
  },
});
