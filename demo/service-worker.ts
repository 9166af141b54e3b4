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

/** Chromium 123 and later (https://wicg.github.io/service-worker-static-routing-api); the others ask the service worker first. */
interface InstallEvent extends ExtendableEvent {
  addRoutes?(route: {
    readonly condition: { readonly urlPattern: string };
    readonly source: 'network';
  }): Promise<void>;
}

precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();
// What the server answers is never kept, so it need not pass here. It also must not: in Chromium a request that arrives while the version before
// is being ended for a new one starts it again, and the new one waits until nobody has asked for anything for 30 seconds.
self.addEventListener('install', (event: InstallEvent) =>
  event.addRoutes?.({ condition: { urlPattern: '/api/*' }, source: 'network' }),
);
backgroundSync(openSyncQueue(), noteHandlers(keepDatabase()), { concurrency: 4 });

// The first version works for the page that installed it; a later one waits until nobody uses the one before, or the user asks for it.
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('message', (event) => {
  // At the same message `backgroundSync` has the version before give back what it runs: until then the browser lets none take over.
  if (Object(event.data).type === 'SKIP_WAITING') event.waitUntil(self.skipWaiting());
});
