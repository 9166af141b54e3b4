import type { Context } from '../queue/context.ts';
import type { Part } from '../queue/part.ts';

/** A view that is drawn anew more often than this shows nothing more. */
const COALESCE_MS = 50;

/** Listeners that want to know that something changed, not what. */
export class Changes implements Part {
  readonly #context: Context;
  /** Reads what listeners will look at: they are called when it has resolved. Must not reject. */
  prepare: (() => Promise<void>) | undefined;
  readonly #listeners = new Set<() => void>();
  #cancel: (() => void) | undefined;
  #endPoll: (() => void) | undefined;

  constructor(context: Context) {
    this.#context = context;
    context.emitter.watch(() => this.#changed());
  }

  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  add(listener: () => void): () => void {
    this.#context.listen();
    this.#listeners.add(listener);
    this.#endPoll ??= this.#context.line.far?.poll(this.#context, () => this.#context.emitter.changed());
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#rest();
    };
  }

  #changed(): void {
    if (this.#listeners.size === 0) return;
    this.#cancel ??= this.#context.environment.setTimer(async () => {
      this.#cancel = undefined;
      await this.prepare?.();
      for (const listener of [...this.#listeners]) this.#call(listener);
    }, COALESCE_MS);
  }

  #call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#context.emitter.emit('worker:error', { error });
    }
  }

  #rest(): void {
    this.#endPoll?.();
    this.#endPoll = undefined;
  }

  close(): void {
    this.#cancel?.();
    this.#rest();
    this.#listeners.clear();
  }
}
