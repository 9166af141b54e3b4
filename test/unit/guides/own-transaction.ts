import { createQueue, defineJobs, job, prepare } from 'holdfast';
import { createHoldfastStores, holdfastStoreNames, indexedDBStore } from 'holdfast/indexeddb';
import type { Note } from '../notes.ts';

/** Your database, with the stores of the queue beside your own. */
export function openDatabase(name = 'notes-app'): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(name, 1);
    opening.onupgradeneeded = () => {
      opening.result.createObjectStore('notes', { keyPath: 'id' });
      createHoldfastStores(opening.result); // In every upgrade: it adds what a newer version of holdfast needs.
    };
    opening.onsuccess = () => {
      const database = opening.result;
      database.onversionchange = () => database.close();
      resolve(database);
    };
    opening.onerror = () => reject(opening.error);
  });
}

const jobs = defineJobs({ 'note.push': job<{ id: string }>() });

export const openQueue = (name = 'notes-app') =>
  createQueue({ name: 'sync', jobs, store: indexedDBStore({ name, open: () => openDatabase(name) }) });

/** The note and its job commit together, or neither does. */
export async function save(database: IDBDatabase, queue: ReturnType<typeof openQueue>, note: Note) {
  const push = await prepare(queue, 'note.push', { id: note.id }, { idempotencyKey: note.id });
  const transaction = database.transaction(['notes', ...holdfastStoreNames], 'readwrite');
  transaction.objectStore('notes').put(note);
  return push.addTo(transaction).committed;
}
