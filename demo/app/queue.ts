import { createQueue, defineJobs, exponential, job } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { DATABASE_NAME, openDatabase } from './database.ts';
import type { Gate } from './gate.ts';

/** One saved edit of a note, with its whole text. */
export interface NotePush {
  readonly id: string;
  readonly text: string;
  readonly revision: number;
  readonly updatedAt: number;
}

/** A note that was deleted; its title is for showing the job. */
export interface NoteDrop {
  readonly id: string;
  readonly title: string;
}

export const MAX_ATTEMPTS = 8;

/**
 * The queue that page and worker share through the database. Each saved edit is a job of its own, in the lane of its
 * note: the server gets them one after the other and in order, while other notes go on beside. Typing is gathered by the
 * autosave, before it becomes an edit; an app that only ever needs the last text would give its jobs
 * `idempotencyKey: id, onDuplicate: 'replace'` instead.
 *
 * @param connection closed while nothing can be sent
 */
export function openSyncQueue(connection: Gate) {
  const options = {
    maxAttempts: MAX_ATTEMPTS,
    backoff: exponential({ initialMs: 1_000, factor: 2, maxMs: 300_000 }),
    timeoutMs: 30_000,
    concurrency: 2,
    gate: connection,
    target: 'the notes server', // both names call it: while it is down neither is tried, but for one job that asks
  };
  const jobs = defineJobs({ 'note.push': job<NotePush>(options), 'note.delete': job<NoteDrop>(options) });
  return createQueue({
    name: 'sync',
    jobs,
    store: indexedDBStore({ name: DATABASE_NAME, open: openDatabase }),
  });
}

export type SyncQueue = ReturnType<typeof openSyncQueue>;
