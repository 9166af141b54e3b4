import type { Gate } from '../core/index.ts';

/** A gate that answers at once. */
export interface OnlineGate extends Gate {
  isOpen(): boolean;
}

/** Chromium changes `navigator.onLine` in dedicated workers, but tells them by no event. */
const LOOK_EVERY_MS = 1_000;

/**
 * Open while the browser believes it is online. `navigator.onLine` false is reliable, true is not (a network without a way
 * out): a request may still fail, which costs an attempt. Open where there is no such property (server-side rendering).
 * In a worker, which may hear no event, it looks once a second for as long as it is closed and somebody waits.
 */
export function online(): OnlineGate {
  const listeners = new Set<() => void>();
  const inPage = 'document' in globalThis;
  let looking: ReturnType<typeof setInterval> | undefined;

  const stopLooking = () => {
    clearInterval(looking);
    looking = undefined;
  };
  const tell = () => {
    stopLooking();
    for (const listener of [...listeners]) listener();
  };
  const isOnline = () => globalThis.navigator?.onLine !== false;

  return {
    isOpen() {
      const open = isOnline();
      if (!open && !inPage && listeners.size > 0)
        looking ??= setInterval(() => isOnline() && tell(), LOOK_EVERY_MS);
      return open;
    },
    subscribe(listener) {
      const hear = () => listener();
      if (listeners.size === 0) {
        globalThis.addEventListener?.('online', tell);
        globalThis.addEventListener?.('offline', tell);
      }
      listeners.add(hear);
      return () => {
        listeners.delete(hear);
        if (listeners.size > 0) return;
        stopLooking();
        globalThis.removeEventListener?.('online', tell);
        globalThis.removeEventListener?.('offline', tell);
      };
    },
  };
}
