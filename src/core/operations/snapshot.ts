import { jsonText } from '../kernel/json-text.ts';
import type { Counts } from '../kernel/messages.ts';

/**
 * The last counts that were read, for views that want them at once. The same object as long as nothing is different, so that a view that
 * compares it draws nothing anew.
 */
export class Snapshot {
  readonly #read: () => Promise<Counts>;
  readonly #onError: (error: unknown) => void;
  #counts: Counts | undefined;
  #wanted = false;

  constructor(read: () => Promise<Counts>, onError: (error: unknown) => void) {
    this.#read = read;
    this.#onError = onError;
  }

  /** Undefined: not read yet. From the first call on it is kept fresh. */
  get(onFirst: () => void): Counts | undefined {
    if (!this.#wanted) onFirst();
    this.#wanted = true;
    return this.#counts;
  }

  /** Reads again, if somebody looks at it. Never rejects. */
  async refresh(): Promise<void> {
    if (!this.#wanted) return;
    try {
      const counts = await this.#read();
      if (jsonText(counts) !== jsonText(this.#counts)) this.#counts = counts;
    } catch (error) {
      this.#onError(error);
    }
  }
}
