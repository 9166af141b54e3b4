import { createQueue, drain, job, memoryStore, result as resultOf, results, watch, work } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { wholeLife } from '../unit/whole-life.ts';

/** What nobody has caught from now on. */
function uncaught(): unknown[] {
  const thrown: unknown[] = [];
  globalThis.onerror = (message) => void thrown.push(String(message));
  globalThis.onunhandledrejection = ({ reason }) => void thrown.push(String(reason));
  return thrown;
}

/** What a page does with a queue, in a realm of its own that keeps something back: what it comes to, and what was thrown or told meanwhile. */
export async function live(name: string) {
  const thrown = uncaught();
  const life = await wholeLife(indexedDBStore(`${name} life`));

  const queue = createQueue({
    name: 'sync',
    jobs: { push: job<unknown>() },
    store: indexedDBStore(name),
    use: [results()],
  });
  queue.on('worker:error', ({ error }) => thrown.push(String(error)));
  const heard = new Promise<void>((resolve) => {
    const off = watch(queue).subscribe(() => {
      off();
      resolve();
    });
  });
  const worker = work(queue, { push: (given) => given });
  const payload = { at: new Date(5), by: new Map([['k', [1n]]]), bytes: new Uint8Array([1, 2]) };
  const { id } = await queue.enqueue('push', payload, { keepResultMs: 60_000 });
  const result = await resultOf(queue, id);
  await heard;
  await worker.stop();
  await queue.close();
  return { life, result, thrown };
}

/** What a page does that may not have a database: it is told so, by codes alone, and takes the memory store. */
export async function fallBack(name: string) {
  const thrown = uncaught();
  const queue = createQueue({ name: 'sync', jobs: { push: job<number>() }, store: indexedDBStore(name) });
  const told: unknown[] = [];
  const note = ({ code, retryable }: { code?: string; retryable?: boolean }) =>
    void told.push(`${code} ${retryable}`);
  queue.on('worker:error', ({ error }) => note(error as { code?: string }));
  await queue.enqueue('push', 1).catch(note);
  await drain(queue, { push: () => undefined });
  await queue.close();
  return { told, life: await wholeLife(memoryStore()), thrown };
}
