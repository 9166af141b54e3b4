/**
 * The background sync of Workbox and Serwist, over queues that lose nothing: their names, so that an app changes one import.
 */
export { BackgroundSyncPlugin, type PluginOptions } from './background-sync-plugin.ts';
// Serwist's names.
export type { QueueEntry, QueueEntry as BackgroundSyncQueueEntry, StoredEntry } from './entry.ts';
export { type EntryQueue, type OpenQueueOptions, requestQueue } from './open-queue.ts';
export {
  type AddedEntry,
  Queue,
  Queue as BackgroundSyncQueue,
  type QueueOptions,
  type QueueOptions as BackgroundSyncQueueOptions,
} from './queue.ts';
export { QueueError } from './queue-error.ts';
export {
  QueueStore,
  QueueStore as BackgroundSyncQueueStore,
  type QueueStoreEntry,
  type UnidentifiedQueueStoreEntry,
} from './queue-store.ts';
export { type RequestData, StorableRequest } from './storable-request.ts';
export type { TakenOver, WorkboxDatabase } from './take-over.ts';
