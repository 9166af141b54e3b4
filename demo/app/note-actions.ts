import { type Autosave, createAutosave } from './autosave.ts';
import { type Draft, takeDrafts } from './drafts.ts';
import type { ModelStore } from './model.ts';
import { type Note, shownTitle } from './note.ts';
import type { Notebook } from './notebook.ts';
import { plainWords } from './plain-words.ts';
import type { Reading } from './reading.ts';
import { readServedNotes } from './server-link.ts';
import type { Telling } from './telling.ts';

export interface NoteParts {
  readonly model: ModelStore;
  readonly notebook: Notebook;
  readonly telling: Telling;
  readonly reading: Reading;
}

/** What a user can do with notes. */
export interface NoteActions {
  readonly autosave: Autosave;
  choose(id: string | undefined): void;
  /** Resolves when the note is gone, or the failure was told. `restored` hears when that was taken back. */
  remove(id: string, restored: () => void): Promise<void>;
  /** Enqueues the note once more, after its job was discarded. */
  sendAgain(id: string): void;
  /** Saves what pages that went away had left. */
  takeDrafts(): void;
  /** Takes the notes that the server holds to this device. */
  bringNotes(): void;
}

export function createNoteActions({ model, notebook, telling, reading }: NoteParts): NoteActions {
  const { say, attempt } = telling;
  /** The model hears of a save before the autosave forgets the text: the editor must not fall back to the old one. */
  const keep = (note: Note): void => {
    reading.outdate();
    const others = (model.get().notes ?? []).filter(({ id }) => id !== note.id);
    model.set({ notes: [note, ...others].sort((a, b) => b.updatedAt - a.updatedAt) });
  };
  const autosave = createAutosave(
    async (id, text) => keep(await notebook.save(id, text)),
    (error) => say(plainWords(error)),
  );
  const saveDraft = async ({ id, text, at }: Draft): Promise<void> => {
    const saved = model.get().notes?.find((note) => note.id === id);
    if (saved === undefined || saved.updatedAt < at) keep(await notebook.save(id, text));
  };
  const remove = async (id: string, restored: () => void): Promise<void> => {
    await autosave.flush();
    autosave.forget(id);
    const removed = await notebook.remove(id);
    if (removed === undefined) return;
    reading.outdate();
    model.set({ notes: (model.get().notes ?? []).filter((note) => note.id !== id) });
    const undo = async (): Promise<void> => {
      keep(await notebook.restore(removed));
      restored();
    };
    say(`“${shownTitle(removed.text)}” is deleted.`, { label: 'Undo', run: () => void attempt(undo) });
  };

  return {
    autosave,
    choose: (id) => {
      void autosave.flush();
      model.set({ chosen: id });
    },
    remove: (id, restored) => attempt(() => remove(id, restored)),
    sendAgain: (id) => void attempt(() => notebook.sendAgain(id)),
    takeDrafts: () => void attempt(() => takeDrafts(saveDraft)),
    bringNotes: () =>
      void attempt(async () => {
        const served = await readServedNotes();
        await notebook.bring(served);
        await reading.refresh();
        say(served.length === 1 ? 'The note is here.' : `${served.length} notes are here.`);
      }),
  };
}
