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
  ask: (queue: string) => requestSync(of(queue)),
  /** This tab begins jobs and ends none. */
  work: (queue: string) => void work(of(queue), { post: () => new Promise(() => {}) }),
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
