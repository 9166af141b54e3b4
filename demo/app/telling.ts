import type { ModelStore, Status } from './model.ts';
import { plainWords } from './plain-words.ts';

/** How the user hears of things. */
export interface Telling {
  /** In the status line. */
  say(words: string, action?: Status['action']): void;
  /** In the record of what this tab did. */
  note(words: string): void;
  /** Does it; trouble is said, never thrown. */
  attempt(work: () => Promise<unknown>): Promise<void>;
}

const ACTIVITY_LENGTH = 40;

export function createTelling(model: ModelStore): Telling {
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
