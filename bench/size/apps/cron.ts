import { createQueue, defineJobs, job, memoryStore, schedules, work } from 'holdfast';
import { cron } from 'holdfast/cron';

const jobs = defineJobs({ push: job<string>() });
const nightly = { name: 'push', payload: 'all', recurrence: cron('0 3 * * *') } as const;
const queue = createQueue({ name: 'sync', jobs, store: memoryStore(), use: [schedules({ nightly })] });

work(queue, {
  push: async (note) => {
    await fetch('/notes', { method: 'POST', body: note });
  },
});
