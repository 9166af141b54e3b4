import type { Gate } from '../core/index.ts';

/**
 * Open while the browser believes it is online. `navigator.onLine` false is reliable, true is not (a network without a way
 * out): a request may still fail, which costs an attempt. Open where there is no such property (server-side rendering).
 */
export function online(): Gate {
  return {
    isOpen: () => globalThis.navigator?.onLine !== false,
    subscribe(listener) {
      globalThis.addEventListener?.('online', listener);
      globalThis.addEventListener?.('offline', listener);
      return () => {
        globalThis.removeEventListener?.('online', listener);
        globalThis.removeEventListener?.('offline', listener);
      };
    },
  };
}
