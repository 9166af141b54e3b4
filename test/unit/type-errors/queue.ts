import { createQueue, defineJobs, job, memoryStore } from 'holdfast';

const jobs = defineJobs({
  'note.push': job<{ id: string; tags?: string[] }>(),
  'mail.send': job<{ to: string }>(),
  resize: job<number>(),
});

/** What the mistakes beside it are made with. */
export const options = { name: 'sync', jobs, store: memoryStore() };
export const queue = createQueue(options);
