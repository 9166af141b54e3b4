import { createQueue, defineJobs, exponential, job, throwForStatus } from 'holdfast';
import { online } from 'holdfast/browser';
import { indexedDBStore } from 'holdfast/indexeddb';

const jobs = defineJobs({
  'note.push': job<{ id: string; text: string }>({
    maxAttempts: 8,
    backoff: exponential({ initialMs: 1_000, maxMs: 300_000 }),
    timeoutMs: 30_000,
    gate: online(), // waiting for the network costs no attempts
  }),
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
