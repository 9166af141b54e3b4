import { createQueue, defineJobs, job, memoryStore } from 'holdfast';

const jobs = defineJobs({ 'mail.send': job<{ to: string }>() });
export const queue = createQueue({ name: 'mails', jobs, store: memoryStore() });
