import { createQueue, defineJobs, job, send, work } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { loadNote, type Note, storeNote } from './notes.ts'; // your own storage

const jobs = defineJobs({ 'note.push': job<{ id: string }>({ timeoutMs: 30_000 }) });
export const queue = createQueue({ name: 'sync', jobs, store: indexedDBStore('notes-app') });

export const worker = work(queue, {
  // Sends the note as it is now, so that a retry or a redrive never overwrites a newer edit.
  'note.push': async ({ id }, { signal }) => {
    const note = await loadNote(id);
    const headers = { 'content-type': 'application/json' };
    if (note) await send(`/api/notes/${id}`, { method: 'PUT', headers, body: JSON.stringify(note), signal });
  },
});

export async function save(note: Note) {
  await storeNote(note);
  // Edits that wait are one job. An edit made while its note is being sent is sent next.
  return queue.enqueue('note.push', { id: note.id }, { idempotencyKey: note.id, onDuplicate: 'restart' });
}
