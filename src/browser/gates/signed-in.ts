import type { Gate } from '../../core/features/gates/gate.ts';
import { checkFunction, type Unsubscribe, unsubscribe, when } from './when.ts';

/**
 * A gate over what an app is told rather than can read: whether a user is signed in, say. `subscribe` gets a function to be called with
 * true (open) or false (closed), at once and at each change. Until it was called for the first time nothing is known: jobs wait, and a drain
 * waits up to 10 s for it. `subscribe` is called once for all workers, and ended when the last of them has stopped; without one the gate is
 * closed. Whose jobs run is not its business: see the feature `owner`.
 *
 * @example
 * const gate = signedIn((set) => onAuthStateChanged(auth, (user) => set(user !== null))); // Firebase
 * const use = [gates({ 'note.push': gate })];
 *
 * @throws InvalidOptionError at once when it is no function
 */
export function signedIn(subscribe: (set: (isOpen: boolean) => void) => Unsubscribe): Gate {
  checkFunction('subscribe', subscribe);
  let isHeard = false;
  let known: boolean | undefined;
  /** Of who asked before anything was known. */
  let asking: Promise<boolean> | undefined;
  let resolveAsked: (isOpen: boolean) => void = () => undefined;
  const ask = () => {
    asking ??= new Promise((resolve) => {
      resolveAsked = resolve;
    });
    return asking;
  };
  const settle = (isOpen: boolean) => {
    resolveAsked(isOpen);
    asking = undefined;
  };
  return when(
    () => known ?? (isHeard && ask()),
    (changed) => {
      let isOver = false;
      const set = (isOpen: boolean) => {
        if (isOver) return;
        known = isOpen === true;
        settle(known);
        changed();
      };
      const subscription = subscribe(set);
      isHeard = true;
      return () => {
        isOver = true;
        isHeard = false;
        known = undefined;
        settle(false);
        unsubscribe(subscription);
      };
    },
  );
}
