/** A project that has the types of pages, too, cannot name the global scope of a service worker by itself. */
export const scope = globalThis as unknown as ServiceWorkerGlobalScope;

/** The first version controls the page that registered it. */
export function controlAtOnce(): void {
  scope.addEventListener('install', () => void scope.skipWaiting());
  scope.addEventListener('activate', (event) => event.waitUntil(scope.clients.claim()));
}
