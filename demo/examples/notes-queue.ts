import { createQueue, defineJobs, job, send, work } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';

const jobs = defineJobs({ 'note.push': job<{ text: string }>({ timeoutMs: 30_000 }) });

export const queue = createQueue({ name: 'notes', jobs, store: indexedDBStore('notes') });

work(queue, {
  'note.push': ({ text }, { signal }) => send('/api/notes', { method: 'POST', body: text, signal }),
});

// A module that is replaced while you develop makes another queue.
import.meta.hot?.dispose(() => queue.close());
