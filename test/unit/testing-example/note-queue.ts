import { createQueue, defineJobs, type Handlers, job, type QueueOptions, send } from 'holdfast';

export interface Note {
  readonly id: string;
  readonly text: string;
}

export const jobs = defineJobs({ 'note.push': job<Note>({ timeoutMs: 30_000, maxAttempts: 3 }) });

/** The app gives it `indexedDBStore('notes')`, a test a memory store and a clock. */
export const noteQueue = (where: Pick<QueueOptions, 'store' | 'environment'>) =>
  createQueue({ name: 'notes', jobs, ...where });

export type NoteQueue = ReturnType<typeof noteQueue>;

export const handlers = {
  'note.push': async (note: Note, { signal, log }) => {
    const body = JSON.stringify(note);
    await send(`https://notes.example/${note.id}`, { method: 'PUT', body, signal });
    log(`${note.id} is on the server`);
  },
} satisfies Handlers<typeof jobs>;
