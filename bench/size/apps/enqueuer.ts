export { createQueue, defineJobs, job, memoryStore } from 'holdfast';
