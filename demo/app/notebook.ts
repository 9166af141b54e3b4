import { prepare, type Queue } from 'holdfast';
import { holdfastStoreNames } from 'holdfast/indexeddb';
import type { ServedNote } from '../server/protocol.ts';
import type { Database } from './database.ts';
import type { NoteJobs } from './jobs.ts';
import { type Note, shownTitle } from './note.ts';

/** The notes of this device. What it saves and what must reach the server commit together or not at all. */
export interface Notebook {
  /** Latest edit first. */
  all(): Promise<readonly Note[]>;
  /** Saves a text and enqueues its push; answers the note as it is now. The same text again changes nothing. */
  save(id: string, text: string): Promise<Note>;
  /** Deletes a note and enqueues that; undefined when there is none. */
  remove(id: string): Promise<Note | undefined>;
  /** Brings back what `remove` answered. */
  restore(note: Note): Promise<Note>;
  /** Enqueues the text once more, for a note whose push was discarded. */
  sendAgain(id: string): Promise<void>;
  /** Takes notes that the server holds; those that are here already stay as they are. */
  bring(served: readonly ServedNote[]): Promise<void>;
}

export function createNotebook(open: () => Promise<Database>, queue: Queue<NoteJobs>): Notebook {
  const change = async (id: string, next: Next) => changeNote(await open(), queue, id, next);
  const save: Notebook['save'] = async (id, text) => {
    const kept = await change(id, (before) => (before?.text === text ? before : edited(before, id, text)));
    return kept as Note;
  };
  return {
    all: async () => (await (await open()).getAll('notes')).sort((a, b) => b.updatedAt - a.updatedAt),
    save,
    remove: async (id) => removeNote(await open(), queue, id),
    restore: async (note) => {
      // The revision goes on from where it was: pushes that still wait from before the delete must not pass for this one.
      const back = await change(note.id, (before) => edited(before ?? note, note.id, note.text));
      return back as Note;
    },
    sendAgain: async (id) => {
      await change(id, (before) => before && edited(before, id, before.text));
    },
    bring: async (served) => bringNotes(await open(), served),
  };
}

type Next = (before: Note | undefined) => Note | undefined;

function edited(before: Note | undefined, id: string, text: string): Note {
  const now = Date.now();
  const kept = before ?? { createdAt: now, revision: 0, syncedRevision: 0 };
  return { ...kept, id, text, revision: kept.revision + 1, updatedAt: now };
}

/**
 * The note row and its job in one transaction. The job is prepared before, since nothing but the database may be awaited
 * inside; so when another tab saved the note in between, this starts again from what that tab left.
 */
async function changeNote(
  database: Database,
  queue: Queue<NoteJobs>,
  id: string,
  next: Next,
): Promise<Note | undefined> {
  for (;;) {
    const before = await database.get('notes', id);
    const note = next(before);
    if (note === undefined || note === before) return note;
    const { text, revision, updatedAt } = note;
    const prepared = await prepare(queue, 'note.push', { id, text, revision, updatedAt }, { lane: id });
    const transaction = openBoth(database);
    const notes = transaction.objectStore('notes');
    const current = await notes.get(id);
    if (current?.revision !== before?.revision) {
      await transaction.done;
      continue;
    }
    const kept = { ...note, syncedRevision: current?.syncedRevision ?? note.syncedRevision };
    const { committed } = prepared.addTo(transaction);
    await Promise.all([notes.put(kept), transaction.done, committed]);
    return kept;
  }
}

/**
 * Over the notes and the queue. Strict: what is shown as saved survives a power cut. (The schema names the app's own
 * stores only, hence the cast.)
 */
const openBoth = (database: Database) =>
  database.transaction(['notes', ...holdfastStoreNames] as ['notes'], 'readwrite', { durability: 'strict' });

async function removeNote(database: Database, queue: Queue<NoteJobs>, id: string): Promise<Note | undefined> {
  const before = await database.get('notes', id);
  if (before === undefined) return undefined;
  const prepared = await prepare(queue, 'note.delete', { id, title: shownTitle(before.text) }, { lane: id });
  const transaction = openBoth(database);
  const { committed } = prepared.addTo(transaction);
  await Promise.all([transaction.objectStore('notes').delete(id), transaction.done, committed]);
  return before;
}

async function bringNotes(database: Database, served: readonly ServedNote[]): Promise<void> {
  const transaction = database.transaction('notes', 'readwrite');
  for (const { id, text, revision, updatedAt } of served) {
    if ((await transaction.store.getKey(id)) !== undefined) continue;
    void transaction.store.put({
      id,
      text,
      revision,
      syncedRevision: revision,
      createdAt: updatedAt,
      updatedAt,
    });
  }
  await transaction.done;
}
