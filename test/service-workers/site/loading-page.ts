import { count, flows } from 'holdfast';
import { workerQueue } from 'holdfast/comlink';
import { syncAfterEnqueue } from 'holdfast/service-worker';
import { queue } from './loading-queue.ts';
import { register } from './register.ts';

const enqueue = (path: string) => queue.enqueue('post', { path });

/** The same queue, as it is hosted by the service worker. */
const handle = workerQueue({
  name: 'loading',
  jobs: queue.jobs,
  worker: () => navigator.serviceWorker.ready,
  use: [flows()],
});
const heard: string[] = [];
handle.on('job:completed', ({ job }) => heard.push(job.id));
const hosted = {
  heard,
  count: () => count(handle),
  enqueue: async (path: string) => (await handle.enqueue('post', { path })).id,
  refused: () =>
    handle
      .enqueue('post', { path: '/' }, { dependsOn: 'nobody' })
      .catch(({ code }: { code: string }) => code),
};

declare global {
  interface Window {
    enqueue: typeof enqueue;
    hosted: typeof hosted;
  }
}
Object.assign(window, { enqueue, hosted });

await register();
syncAfterEnqueue(queue);
document.documentElement.dataset.ready = '';
