/** What the README's example takes for an app's own storage. */
export interface Note {
  readonly id: string;
  readonly text: string;
}

const notes = new Map<string, Note>();

export const loadNote = (id: string): Promise<Note | undefined> => Promise.resolve(notes.get(id));

export const storeNote = (note: Note): Promise<void> => {
  notes.set(note.id, note);
  return Promise.resolve();
};
