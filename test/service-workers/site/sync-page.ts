import { count, get, work } from 'holdfast';
import { requestSync, syncAfterEnqueue } from 'holdfast/service-worker';
import { register } from './register.ts';
import { patient } from './sync-queue.ts';

const page = {
  enqueue: (path: string) => patient.enqueue('post', path, { id: path }),
  job: (id: string) => get(patient, id),
  count: () => count(patient),
  tags: async () => (await navigator.serviceWorker.ready).sync?.getTags(),
  /** Workers that live, wherever: each holds a lock. */
  workers: async () =>
    (await navigator.locks.query()).held?.filter(({ name }) => name?.startsWith('holdfast synced ')).length,
  ask: () => requestSync(patient),
  /** This tab begins jobs and ends none. */
  work: () => void work(patient, { post: () => new Promise(() => {}) }),
  /** Asks for a newer version of the service worker. Resolves with its state once it is the active one. */
  update: async () => {
    const registration = await (await navigator.serviceWorker.ready).update();
    const next = registration.installing ?? registration.waiting ?? registration.active;
    while (next?.state !== 'activated') await new Promise((resolve) => setTimeout(resolve, 50));
    return next.state;
  },
};

declare global {
  interface Window {
    page: typeof page;
  }
  interface ServiceWorkerRegistration {
    readonly sync?: { getTags(): Promise<string[]> };
  }
}
window.page = page;

await register();
if (!location.search.includes('quiet')) syncAfterEnqueue(patient);
document.documentElement.dataset.ready = '';
