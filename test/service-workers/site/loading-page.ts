import { syncAfterEnqueue } from 'holdfast/service-worker';
import { queue } from './loading-queue.ts';
import { register } from './register.ts';

const enqueue = (path: string) => queue.enqueue('post', { path });
declare global {
  interface Window {
    enqueue: typeof enqueue;
  }
}
window.enqueue = enqueue;

await register();
syncAfterEnqueue(queue);
document.documentElement.dataset.ready = '';
