/**
 * Jobs in a service worker: `backgroundSync` there, `requestSync` or `syncAfterEnqueue` in pages. Each bundles without the other.
 */
export { type BackgroundSync, type BackgroundSyncOptions, backgroundSync } from './background-sync.ts';
export { type RequestSyncOptions, requestSync, syncAfterEnqueue } from './request-sync.ts';
export type { PostedTo, ScopeEvent, ServiceWorkerScope, Successor, SyncRegistration } from './scope.ts';
