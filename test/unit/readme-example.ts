import { createQueue, defineJobs, gates, job, send, work } from 'holdfast';
import { online } from 'holdfast/browser';
import { indexedDBStore } from 'holdfast/indexeddb';
import { loadNote, type Note, storeNote } from './notes.ts'; // your own storage

const jobs = defineJobs({ 'note.push': job<{ id: string }>({ timeoutMs: 30_000 }) });
export const queue = createQueue({
  name: 'sync',
  jobs,
  store: indexedDBStore('notes-app'),
  use: [gates({ 'note.push': online() })],
});

export const worker = work(queue, {
  // Sends the note as it is by then: a job that is retried or redriven late never brings back an older text.
  'note.push': async ({ id }, { signal }) => {
    const note = await loadNote(id);
    const headers = { 'content-type': 'application/json' };
    if (note) await send(`/api/notes/${id}`, { method: 'PUT', headers, body: JSON.stringify(note), signal });
  },
});

export async function save(note: Note) {
  await storeNote(note);
  // Stored when this resolves. Edits that wait are one job; an edit made while one is sent follows it.
  return queue.enqueue('note.push', { id: note.id }, { idempotencyKey: note.id, onDuplicate: 'restart' });
}
