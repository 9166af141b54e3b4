/** Registers the site's service worker, and waits until it controls this page. `?type=module` in the page's address loads it as a module. */
export async function register(): Promise<ServiceWorkerRegistration> {
  const type = new URLSearchParams(location.search).get('type') === 'module' ? 'module' : 'classic';
  const { serviceWorker } = navigator;
  const controlled = new Promise<void>((resolve) => {
    if (serviceWorker.controller) resolve();
    serviceWorker.addEventListener('controllerchange', () => resolve());
  });
  await serviceWorker.register('/sw.js', { type });
  await controlled;
  return serviceWorker.ready;
}
