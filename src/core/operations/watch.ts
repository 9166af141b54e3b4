import { jsonText } from '../kernel/json-text.ts';
import type { Counts } from '../kernel/messages.ts';
import { type Context, contextOf, type HasContext } from '../queue/context.ts';
import type { Part } from '../queue/part.ts';
import { callable } from '../queue/queue-operation.ts';
import { Changes } from './changes.ts';
import { counting } from './count.ts';

/** What views need to follow a queue. */
export interface Watched {
  /** Calls back, at most every 50 ms, when something may have changed here or in another context: read again then. Returns a function that ends it. */
  readonly subscribe: (listener: () => void) => () => void;
  /** The last counts read; undefined before the first are. The same object until something is different; fresh when a subscriber is called. */
  readonly getSnapshot: () => Counts | undefined;
}

class View implements Watched, Part {
  readonly subscribe: Watched['subscribe'];
  readonly #context: Context;
  #counts: Counts | undefined;
  #isWanted = false;

  constructor(context: Context) {
    this.#context = context;
    const changes = context.part(Changes);
    changes.prepare = () => this.#refresh();
    this.subscribe = (listener) => {
      const isFirst = !changes.isHeard;
      const end = changes.add(listener);
      // Who looks before he subscribes, as React does, has asked when nobody listened.
      if (isFirst && this.#isWanted) context.emitter.changed();
      return end;
    };
  }

  readonly getSnapshot = (): Counts | undefined => {
    if (!this.#isWanted) this.#context.emitter.changed();
    this.#isWanted = true;
    return this.#counts;
  };

  close(): void {
    this.#isWanted = false;
  }

  /** Reads again, if somebody looks at it. */
  async #refresh(): Promise<void> {
    if (!this.#isWanted) return;
    try {
      const counts = await this.#context.call(counting, {});
      if (jsonText(counts) !== jsonText(this.#counts)) this.#counts = counts;
    } catch (error) {
      this.#context.emitter.emit('worker:error', { error });
    }
  }
}

/**
 * Lets views follow a queue: gives React's `useSyncExternalStore` what it needs, and works as well in Svelte, Vue and others. Returns the same object each time.
 *
 * @example
 * const { subscribe, getSnapshot } = watch(queue);
 * const counts = useSyncExternalStore(subscribe, getSnapshot);
 */
export const watch = /* @__PURE__ */ callable(
  [counting],
  (queue: HasContext): Watched => contextOf(queue).part(View),
);
