import { redrive, remove, retryNow } from 'holdfast';
import type { Autosave } from './autosave.ts';
import type { ModelStore } from './model.ts';
import { createNoteActions, type NoteActions } from './note-actions.ts';
import type { Notebook } from './notebook.ts';
import type { SyncQueue } from './queue.ts';
import { createReading, refreshServer } from './reading.ts';
import { type Mood, setMood } from './server-link.ts';
import { createTelling, type Telling } from './telling.ts';

/** What a user can do. */
export interface Actions extends Telling, NoteActions {
  readonly autosave: Autosave;
  /** Reads notes and queue again. */
  refresh(): Promise<void>;
  refreshServer(): void;
  /** Dead jobs go out again. */
  retry(ids: readonly string[]): void;
  /** What waits for the server or for its next try goes out now. */
  tryNow(): void;
  /** A dead job is forgotten. */
  discard(id: string): void;
  setMood(mood: Mood): void;
}

export function createActions(model: ModelStore, notebook: Notebook, queue: SyncQueue): Actions {
  const telling = createTelling(model);
  const { say, attempt } = telling;
  const reading = createReading(model, notebook, queue);
  return {
    ...telling,
    ...createNoteActions({ model, notebook, telling, reading }),
    refresh: () => attempt(reading.refresh),
    refreshServer: () => void refreshServer(model),
    retry: (ids) =>
      void attempt(async () => {
        await Promise.all(ids.map((id) => redrive(queue, id)));
        say(ids.length === 1 ? 'It goes out again.' : `${ids.length} jobs go out again.`);
      }),
    tryNow: () => void attempt(() => retryNow(queue)),
    discard: (id) =>
      void attempt(async () => {
        await remove(queue, id);
        say('Discarded. What is on this device stays as it is.');
      }),
    setMood: (mood) =>
      void attempt(async () => {
        await setMood(mood);
        await refreshServer(model);
      }),
  };
}
