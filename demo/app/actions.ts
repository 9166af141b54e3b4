import { redrive, remove, retryNow } from 'holdfast';
import type { Autosave } from './autosave.ts';
import type { ModelStore, Status } from './model.ts';
import { createNoteActions, type NoteActions } from './note-actions.ts';
import type { Notebook } from './notebook.ts';
import { plainWords } from './plain-words.ts';
import type { SyncQueue } from './queue.ts';
import { createReading, type Reading, refreshServer } from './reading.ts';
import { type Mood, setMood } from './server-link.ts';

/** How the user hears of things. */
export interface Telling {
  /** In the status line. */
  say(words: string, action?: Status['action']): void;
  /** In the record of what this tab did. */
  note(words: string): void;
  /** Does it; trouble is said, never thrown. */
  attempt(work: () => Promise<unknown>): Promise<void>;
}

export interface Parts {
  readonly model: ModelStore;
  readonly notebook: Notebook;
  readonly queue: SyncQueue;
  readonly telling: Telling;
  readonly reading: Reading;
}

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

const ACTIVITY_LENGTH = 40;

export function createActions(model: ModelStore, notebook: Notebook, queue: SyncQueue): Actions {
  const telling = createTelling(model);
  const { say, attempt } = telling;
  const reading = createReading(model, notebook, queue);
  return {
    ...telling,
    ...createNoteActions({ model, notebook, queue, telling, reading }),
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

function createTelling(model: ModelStore): Telling {
  const say: Telling['say'] = (words, action) =>
    model.set({ status: { words, ...(action ? { action } : {}) } });
  return {
    say,
    note(words) {
      const { activity } = model.get();
      const line = { id: (activity[0]?.id ?? 0) + 1, at: Date.now(), words };
      model.set({ activity: [line, ...activity].slice(0, ACTIVITY_LENGTH) });
    },
    attempt: async (work) => {
      await work().catch((error: unknown) => say(plainWords(error)));
    },
  };
}
