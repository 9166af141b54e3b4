import { count, createQueue, defineJobs, enqueueMany, job, work } from 'holdfast';
import { hostQueue, workerQueue } from 'holdfast/comlink';
import { indexedDBStore } from 'holdfast/indexeddb';
import { watchLongTasks } from './long-tasks.ts';

const NAME = 'bench';
const CHUNK = 500;
const LOOK_EVERY_MS = 20;

const jobs = defineJobs({ work: job<{ readonly n: number }>() });
const openQueue = () => createQueue({ name: NAME, jobs, store: indexedDBStore(NAME) });
const handlers = { work: () => undefined };

export interface HostedDrain {
  readonly ms: number;
  /** Of the page's thread: how long each task over 50 ms took. */
  readonly longTasks: readonly number[];
}

type Drained = Parameters<typeof count>[0] & Parameters<typeof enqueueMany<typeof jobs>>[0];

/** Enqueues and waits until all are done, with the page's thread watched. */
async function drained(queue: Drained, wanted: number): Promise<HostedDrain> {
  await count(queue);
  const items = Array.from({ length: wanted }, (_, n) => ({ name: 'work' as const, payload: { n } }));
  const watched = watchLongTasks();
  const start = performance.now();
  await enqueueMany(queue, items, { chunkSize: CHUNK });
  while ((await count(queue)).completed < wanted)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  const ms = performance.now() - start;
  return { ms, longTasks: await watched() };
}

const hosted = {
  /** The queue and its worker live in a dedicated worker. `backMs`: from its end until a new one has answered. */
  async inWorker(wanted: number): Promise<HostedDrain & { readonly backMs: number }> {
    const made: Worker[] = [];
    const queue = workerQueue({
      name: NAME,
      jobs,
      worker: () => {
        const worker = new Worker('/page.js', { type: 'module' });
        made.push(worker);
        return worker;
      },
    });
    const drain = await drained(queue, wanted);
    const start = performance.now();
    made.at(-1)?.terminate();
    await count(queue);
    const backMs = performance.now() - start;
    await queue.terminate();
    return { ...drain, backMs };
  },

  /** The same in the page. */
  async inPage(wanted: number): Promise<HostedDrain> {
    const queue = openQueue();
    work(queue, handlers);
    const drain = await drained(queue, wanted);
    await queue.close();
    return drain;
  },
};

declare global {
  interface Window {
    hosted: typeof hosted;
  }
}

if ('document' in globalThis) {
  window.hosted = hosted;
  document.documentElement.dataset.ready = '';
} else {
  const queue = openQueue();
  hostQueue(queue, { enqueueMany, count });
  work(queue, handlers);
}
