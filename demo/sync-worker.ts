/**
 * Holds the notes and the queue of a page, and sends what the queue holds to the server. A dedicated worker with its own opening of the
 * database: every tab has one, and each can die at any time.
 */
import { count, list, pause, redrive, remove, resume, retryNow, stats, work } from 'holdfast';
import { hostQueue } from 'holdfast/comlink';
import { keepDatabase } from './app/database.ts';
import { noteHandlers } from './app/note-sync.ts';
import { createNotebook } from './app/notebook.ts';
import { serveNotebook } from './app/notebook-link.ts';
import { openSyncQueue } from './app/queue.ts';

const database = keepDatabase();
const queue = openSyncQueue();
hostQueue(queue, { count, list, stats, redrive, remove, retryNow, pause, resume });
serveNotebook(createNotebook(database, queue));
work(queue, noteHandlers(database), { concurrency: 4 });
