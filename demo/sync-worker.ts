/**
 * Sends what the queue holds to the server. A dedicated worker with its own opening of the database: every tab has one,
 * and each can die at any time.
 */
import { work } from 'holdfast';
import { deviceOf, openDatabase } from './app/database.ts';
import { createSwitch } from './app/gate.ts';
import { shownTitle } from './app/note.ts';
import { noteHandlers } from './app/note-sync.ts';
import { type NoteDrop, type NotePush, openSyncQueue, type SyncQueue } from './app/queue.ts';
import type { ConnectionMessage, JobNews, WorkerMessage } from './app/worker-messages.ts';

const tell = (message: WorkerMessage): void => self.postMessage(message);

// Closed until the page has said otherwise.
const connection = createSwitch(false);
addEventListener('message', ({ data }: MessageEvent<ConnectionMessage>) => connection.set(data.open));

try {
  const database = await openDatabase();
  const queue = openSyncQueue(connection);
  tellJobs(queue);
  work(queue, noteHandlers(database, await deviceOf(database)), { concurrency: 4 });
  tell({ kind: 'ready' });
} catch (error) {
  tell({ kind: 'trouble', message: error instanceof Error ? error.message : String(error) });
}

/** What becomes of the jobs here: events are local to their context. */
function tellJobs(queue: SyncQueue): void {
  interface Told {
    readonly job: { readonly id: string; readonly payload: unknown; readonly attempt: number };
    readonly error?: { readonly message: string };
  }
  const news = (kind: JobNews['kind'], { job: { id, payload, attempt }, error }: Told): void => {
    const note = payload as NotePush | NoteDrop;
    const title = 'text' in note ? shownTitle(note.text) : note.title;
    tell({ kind: 'job', news: { kind, id, title, attempt, ...(error ? { error: error.message } : {}) } });
  };
  queue.on('job:started', (event) => news('started', event));
  queue.on('job:completed', ({ job }) => news('completed', { job }));
  queue.on('job:retried', (event) => news('retried', event));
  queue.on('job:dead', (event) => news('dead', event));
  queue.on('worker:error', ({ error }) =>
    tell({ kind: 'trouble', message: error instanceof Error ? error.message : String(error) }),
  );
}
