import { createQueue, job } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { wholeLife } from '../unit/whole-life.ts';

/** What a page does with a queue, in a realm of its own that keeps something back: what it comes to, and what was thrown or told meanwhile. */
export async function live(name: string) {
  const thrown: unknown[] = [];
  globalThis.onerror = (message) => void thrown.push(String(message));
  globalThis.onunhandledrejection = ({ reason }) => void thrown.push(String(reason));
  const life = await wholeLife(indexedDBStore(`${name} life`));

  const queue = createQueue({ name: 'sync', jobs: { push: job<unknown>() }, store: indexedDBStore(name) });
  queue.on('worker:error', ({ error }) => thrown.push(String(error)));
  const heard = new Promise<void>((resolve) => {
    const off = queue.subscribe(() => {
      off();
      resolve();
    });
  });
  const worker = queue.work({ push: (given) => given });
  const payload = { at: new Date(5), by: new Map([['k', [1n]]]), bytes: new Uint8Array([1, 2]) };
  const { id } = await queue.enqueue('push', payload, { keepResultMs: 60_000 });
  const result = await queue.result(id);
  await heard;
  await worker.stop();
  await queue.close();
  return { life, result, thrown };
}
