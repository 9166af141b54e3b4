import type { Gate } from '../../core/features/gates/gate.ts';
import { InvalidOptionError } from '../../core/kernel/errors.ts';

/** A gate that returns no promise. */
export interface SyncGate extends Gate {
  isOpen(): boolean;
}

/** What a `subscribe` returns: a function that ends it, an object with `unsubscribe()`, or nothing. */
export type Unsubscribe = (() => void) | { unsubscribe(): void } | undefined;

/**
 * A gate over any state of an app: `isOpen` reads it, `subscribe` calls back when it may have changed. However many workers use the gate,
 * `subscribe` is called once, and ended when the last of them has stopped. A change after which `isOpen` returns the same boolean wakes
 * nobody, so a store that calls back for each keystroke is fine.
 *
 * `isOpen` is called whenever a worker looks for jobs: keep it cheap, or return a promise, as `Gate` says.
 *
 * @example
 * const gate = when(
 *   () => store.getState().user !== undefined,
 *   (changed) => store.subscribe(changed), // Redux, Zustand, RxJS …
 * );
 * const use = [gates({ 'note.push': gate })];
 *
 * @throws InvalidOptionError at once when one of them is no function
 */
export function when(isOpen: () => boolean, subscribe: (changed: () => void) => Unsubscribe): SyncGate;
export function when(
  isOpen: () => boolean | Promise<boolean>,
  subscribe: (changed: () => void) => Unsubscribe,
): Gate;
export function when(
  isOpen: () => boolean | Promise<boolean>,
  subscribe: (changed: () => void) => Unsubscribe,
): Gate {
  checkFunction('isOpen', isOpen);
  checkFunction('subscribe', subscribe);
  const listeners = new Set<() => void>();
  let subscription: Unsubscribe;
  /** What all listeners know; undefined before anybody has asked, and when it was a promise. */
  let known: boolean | 'different things' | undefined;
  const changed = () => {
    if (known !== undefined) {
      const before = known;
      try {
        known = booleanOf(isOpen());
      } catch {
        known = undefined; // Whoever looks for jobs meets it.
      }
      if (known !== undefined && known === before) return;
    }
    for (const listener of [...listeners]) listener();
  };
  const end = () => {
    const ended = subscription;
    subscription = undefined;
    unsubscribe(ended);
  };
  return {
    isOpen() {
      const before = known;
      known = undefined;
      const answer = isOpen();
      known = booleanOf(answer);
      // Who asks knows more than those who wait: they hear of the next change, whatever that brings.
      if (before !== undefined && known !== undefined && known !== before) known = 'different things';
      return answer;
    },
    subscribe(listener) {
      const hear = () => listener(); // One that subscribes twice ends twice.
      listeners.add(hear);
      if (listeners.size === 1) {
        try {
          subscription = subscribe(changed);
        } catch (error) {
          listeners.delete(hear);
          throw error;
        }
      }
      return () => {
        if (listeners.delete(hear) && listeners.size === 0) end();
      };
    },
  };
}

const booleanOf = (answer: boolean | Promise<boolean>): boolean | undefined =>
  typeof answer === 'boolean' ? answer : undefined;

export function unsubscribe(subscription: Unsubscribe): void {
  if (typeof subscription === 'function') subscription();
  else subscription?.unsubscribe();
}

export function checkFunction(option: string, given: unknown): void {
  if (typeof given !== 'function') throw new InvalidOptionError(option, given, 'a function');
}
