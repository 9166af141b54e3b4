import { createHoldfastStores } from 'holdfast/indexeddb';
import { type DBSchema, type IDBPDatabase, openDB, unwrap } from 'idb';
import type { Note } from './note.ts';

export const DATABASE_NAME = 'kelp';
const VERSION = 2;

export interface KelpSchema extends DBSchema {
  notes: { key: string; value: Note };
  settings: { key: string; value: string };
}

export type Database = IDBPDatabase<KelpSchema>;

/**
 * Opens the app's database: its own stores, and beside them those of the queue, so that one transaction can span both. `onClosed` is called
 * when it is closed for a newer version of the app, or by the browser.
 */
export async function openDatabase(onClosed = () => {}): Promise<Database> {
  const database = await openDB<KelpSchema>(DATABASE_NAME, VERSION, {
    upgrade(opened, oldVersion) {
      if (oldVersion < 1) {
        opened.createObjectStore('notes', { keyPath: 'id' });
        // The device lives and dies with the queue's fences, which the server compares per device.
        void opened.createObjectStore('settings').put(crypto.randomUUID(), 'device');
      }
      createHoldfastStores(unwrap(opened)); // In every upgrade: it adds what a newer holdfast needs.
    },
    blocking: () => {
      database.close();
      onClosed();
    },
    terminated: onClosed,
  });
  return database;
}

/** The database, opened when it is first asked for, and anew after it was closed. */
export function keepDatabase(): () => Promise<Database> {
  let opened: Promise<Database> | undefined;
  const forget = (): void => {
    opened = undefined;
  };
  return async () => {
    opened ??= openDatabase(forget);
    return await opened.catch((error: unknown) => {
      forget();
      throw error;
    });
  };
}

/** The id of this device, made with the database. */
export async function deviceOf(database: Database): Promise<string> {
  const device = await database.get('settings', 'device');
  if (device === undefined) throw new Error('the database has no device id');
  return device;
}
