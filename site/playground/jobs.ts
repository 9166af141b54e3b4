import { createQueue, defineJobs, type Feature, job } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';

const jobs = defineJobs({
  'message.send': job<{ text: string }>({ target: 'server', timeoutMs: 30_000 }),
});

/** The queue of the playground in the reader's own IndexedDB: the page opens it, each worker, and each tab with this page. */
export function openQueue(use: readonly Feature[] = []) {
  return createQueue({ name: 'playground', jobs, store: indexedDBStore('holdfast-playground'), use });
}
