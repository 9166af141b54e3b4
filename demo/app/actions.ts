import { pause, redrive, remove, resume, retryNow } from 'holdfast';
import { requestSync } from 'holdfast/service-worker';
import type { Autosave } from './autosave.ts';
import type { PageQueue } from './host.ts';
import type { ModelStore } from './model.ts';
import { createNoteActions, type NoteActions } from './note-actions.ts';
import type { Notebook } from './notebook.ts';
import { createReading, refreshServer } from './reading.ts';
import { type Mood, setMood } from './server-link.ts';
import type { Telling } from './telling.ts';

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
  /** Online, nothing is held back; offline, nothing is sent by any tab, nor by the service worker. */
  setOnline(online: boolean): void;
  setMood(mood: Mood): void;
}

export interface Parts {
  readonly model: ModelStore;
  readonly telling: Telling;
  readonly notebook: Notebook;
  readonly queue: PageQueue;
}

export function createActions({ model, telling, notebook, queue }: Parts): Actions {
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
        void requestSync(queue); // This tab may be closed before it has sent them.
        say(ids.length === 1 ? 'It goes out again.' : `${ids.length} jobs go out again.`);
      }),
    tryNow: () => void attempt(() => retryNow(queue)),
    discard: (id) =>
      void attempt(async () => {
        await remove(queue, id);
        say('Discarded. What is on this device stays as it is.');
      }),
    setOnline: (online) =>
      void attempt(async () => {
        reading.outdate();
        model.set({ queue: { ...model.get().queue, switchedOff: !online } });
        await (online ? resume(queue) : pause(queue));
        if (online) void requestSync(queue);
        say(online ? 'Online again.' : 'Offline: everything you write stays on this device for now.');
      }).then(reading.refresh),
    setMood: (mood) =>
      void attempt(async () => {
        await setMood(mood);
        await refreshServer(model);
      }),
  };
}
