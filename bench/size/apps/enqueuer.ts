export { createEnqueuer, defineJobs, job, memoryStore } from 'holdfast';
