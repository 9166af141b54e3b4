/**
 * Registers the service worker, which opens the app without a network. Calls `waiting` when a newer version of the app is there,
 * with what lets it take over; the page loads anew once it has.
 */
export async function watchUpdates(waiting: (takeOver: () => void) => void): Promise<void> {
  const { serviceWorker } = navigator;
  if (serviceWorker === undefined) return;
  const registration = await serviceWorker.register('/service-worker.js');
  const offer = ({ waiting: next }: ServiceWorkerRegistration): void => {
    // Without a worker before it, it waits for nobody.
    if (next === null || registration.active === null) return;
    waiting(() => {
      serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
      next.postMessage('take-over');
    });
  };
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', () => offer(registration));
  });
  offer(registration);
  // An installed app is open for days. Without a network it asks in vain.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') void registration.update().catch(() => {});
  });
}
