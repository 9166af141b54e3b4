import type { Environment } from './environment.ts';

/** A view that is drawn anew more often than this shows nothing more. */
const COALESCE_MS = 50;

/** Listeners that want to know that something changed, not what. */
export class Subscribers {
  readonly #environment: Environment;
  readonly #prepare: () => Promise<void>;
  readonly #onError: (error: unknown) => void;
  readonly #listeners = new Set<() => void>();
  #cancel: (() => void) | undefined;

  /** `prepare`: what they will look at; they are called when it has resolved. Must not reject. */
  constructor(environment: Environment, prepare: () => Promise<void>, onError: (error: unknown) => void) {
    this.#environment = environment;
    this.#prepare = prepare;
    this.#onError = onError;
  }

  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  readonly changed = (): void => {
    if (this.#listeners.size === 0) return;
    this.#cancel ??= this.#environment.setTimer(async () => {
      this.#cancel = undefined;
      await this.#prepare();
      for (const listener of [...this.#listeners]) this.#call(listener);
    }, COALESCE_MS);
  };

  #call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#onError(error);
    }
  }

  close(): void {
    this.#cancel?.();
    this.#listeners.clear();
  }
}
