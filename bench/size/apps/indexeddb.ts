export { createQueue, defineJobs, job } from 'holdfast';
export { indexedDBStore } from 'holdfast/indexeddb';
