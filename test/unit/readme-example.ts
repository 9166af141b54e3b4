import { createQueue, defineJobs, job, throwForStatus } from 'holdfast';
import { online } from 'holdfast/browser';
import { indexedDBStore } from 'holdfast/indexeddb';

const jobs = defineJobs({
  'note.push': job<{ id: string; text: string }>({ maxAttempts: 8, timeoutMs: 30_000, gate: online() }),
});
export const queue = createQueue({ name: 'sync', jobs, store: indexedDBStore('notes-app') });

export const worker = queue.work({
  'note.push': async (note, { job, signal }) => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': job.id };
    const body = JSON.stringify(note);
    throwForStatus(await fetch(`/api/notes/${note.id}`, { method: 'PUT', headers, body, signal }));
  },
});

// Stored when this resolves. Edits of one note go in order, one at a time.
export const save = (note: { id: string; text: string }) =>
  queue.enqueue('note.push', note, { lane: note.id });
