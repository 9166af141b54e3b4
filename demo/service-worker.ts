/** Opens the app without a network, and sends what was saved when no tab is left to do it. */
import { backgroundSync } from 'holdfast/service-worker';
import { cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching';
import { keepDatabase } from './app/database.ts';
import { noteHandlers } from './app/note-sync.ts';
import { openSyncQueue } from './app/queue.ts';

declare const self: ServiceWorkerGlobalScope & {
  /** What the app consists of: filled in by its build. */
  readonly __WB_MANIFEST: { readonly url: string; readonly revision: string | null }[];
};

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
backgroundSync(openSyncQueue(), noteHandlers(keepDatabase()), { concurrency: 4 });

// The first version works for the page that installed it; a later one waits until nobody uses the one before, or the user asks for it.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('message', (event) => {
  // At the same message `backgroundSync` has the version before give back what it runs: until then the browser lets none take over.
  if (Object(event.data).type === 'SKIP_WAITING') event.waitUntil(self.skipWaiting());
});
