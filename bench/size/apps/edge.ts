export { createQueue, defineJobs, job, memoryStore } from 'holdfast';
export { durableObjectQueue } from 'holdfast/edge';
