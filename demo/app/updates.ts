/**
 * Registers the service worker, which opens the app without a network. Calls `waiting` when a newer version of the app is there,
 * with what lets it take over. Every tab loads anew once it has: what it runs is of the version before.
 */
export async function watchUpdates(waiting: (takeOver: () => void) => void): Promise<void> {
  const { serviceWorker } = navigator;
  if (serviceWorker === undefined) return;
  let isFirst = serviceWorker.controller === null;
  serviceWorker.addEventListener('controllerchange', () => {
    if (!isFirst) location.reload();
    isFirst = false;
  });
  const registration = await serviceWorker.register('/service-worker.js');
  const offer = (): void => {
    const next = registration.waiting;
    if (next !== null && !isFirst) waiting(() => next.postMessage({ type: 'SKIP_WAITING' }));
  };
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', offer);
  });
  offer();
  // An installed app is open for days. Without a network it asks in vain.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void registration.update().catch(() => {});
  });
}
