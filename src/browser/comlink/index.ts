export { type HostQueueOptions, hostQueue } from './host-queue.ts';
export type { HostCaller, MessageSource } from './knocks.ts';
export type { HostWorker } from './targets.ts';
export { type WorkerQueue, type WorkerQueueOptions, workerQueue } from './worker-queue.ts';
