export { type HostQueueOptions, hostQueue } from './host-queue.ts';
export type { HostCaller, MessageSource } from './knocks.ts';
export { type ServePoolOptions, servePool } from './serve-pool.ts';
export type { HostWorker } from './targets.ts';
export { ThreadLostError } from './thread.ts';
export { type PoolHandler, type WorkerPool, type WorkerPoolOptions, workerPool } from './worker-pool.ts';
export { type WorkerQueue, type WorkerQueueOptions, workerQueue } from './worker-queue.ts';
