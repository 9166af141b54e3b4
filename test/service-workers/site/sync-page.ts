import { count, get, work } from 'holdfast';
import { requestSync, syncAfterEnqueue } from 'holdfast/service-worker';
import { register } from './register.ts';
import { hasty, patient } from './sync-queue.ts';

const queues: Readonly<Record<string, typeof patient>> = { patient, hasty };
const of = (name: string): typeof patient => queues[name] ?? patient;

const page = {
  enqueue: (queue: string, path: string) => of(queue).enqueue('post', path, { id: path }),
  job: (queue: string, id: string) => get(of(queue), id),
  count: (queue: string) => count(of(queue)),
  tags: async () => (await navigator.serviceWorker.ready).sync?.getTags(),
  /** Workers that live, wherever: each holds a lock. */
  workers: async () =>
    (await navigator.locks.query()).held?.filter(({ name }) => name?.startsWith('holdfast synced ')).length,
  ask: (queue: string) => requestSync(of(queue)),
  /** This tab begins jobs and ends none. */
  work: (queue: string) => void work(of(queue), { post: () => new Promise(() => {}) }),
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
if (!location.search.includes('quiet')) for (const queue of [patient, hasty]) syncAfterEnqueue(queue);
document.documentElement.dataset.ready = '';
