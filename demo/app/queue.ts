import { createQueue } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { DATABASE_NAME, openDatabase } from './database.ts';
import { queueOptions } from './jobs.ts';

/** The queue itself, for whoever works: each page's worker and the service worker share it through the database. */
export const openSyncQueue = () =>
  createQueue({
    ...queueOptions(),
    store: indexedDBStore({ name: DATABASE_NAME, open: () => openDatabase() }),
  });
