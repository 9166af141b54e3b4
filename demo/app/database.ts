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

/** Opens the app's database: its own stores, and beside them those of the queue, so that one transaction can span both. */
export async function openDatabase(): Promise<Database> {
  const database = await openDB<KelpSchema>(DATABASE_NAME, VERSION, {
    upgrade(opened, oldVersion) {
      if (oldVersion < 1) {
        opened.createObjectStore('notes', { keyPath: 'id' });
        // The device lives and dies with the queue's fences, which the server compares per device.
        void opened.createObjectStore('settings').put(crypto.randomUUID(), 'device');
      }
      createHoldfastStores(unwrap(opened)); // In every upgrade: it adds what a newer holdfast needs.
    },
    blocking: () => database.close(),
  });
  return database;
}

/** The id of this device, made with the database. */
export async function deviceOf(database: Database): Promise<string> {
  const device = await database.get('settings', 'device');
  if (device === undefined) throw new Error('the database has no device id');
  return device;
}
