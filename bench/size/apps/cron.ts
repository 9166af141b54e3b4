export { createQueue, defineJobs, job, memoryStore } from 'holdfast';
export { cron } from 'holdfast/cron';
