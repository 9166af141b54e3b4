import { InvalidOptionError } from '../../core/index.ts';
import type { ServiceWorkerScope } from '../service-worker/scope.ts';
import { QueueError } from './queue-error.ts';

const NAMES = Symbol.for('holdfast.workbox.names');

/** Of this context, whichever copy of the package made them. */
const namesHere = (): Set<string> => {
  const scope = globalThis as { [NAMES]?: Set<string> };
  scope[NAMES] ??= new Set();
  return scope[NAMES];
};

/** Throws QueueError for one that another queue of this context has. */
export function claimName(name: string): void {
  if (namesHere().has(name)) throw new QueueError('duplicate-queue-name', { name });
  namesHere().add(name);
}

/** Without a sync where that is wanted. */
export function scopeOf(
  scope: ServiceWorkerScope = globalThis as unknown as ServiceWorkerScope,
  forceSyncFallback?: boolean,
): ServiceWorkerScope {
  if (scope.registration === undefined)
    throw new InvalidOptionError('scope', scope, 'that of a service worker; in pages use requestQueue(name)');
  if (!forceSyncFallback) return scope;
  return {
    registration: new Proxy(scope.registration, {
      get(registration, key) {
        const value: unknown = key === 'sync' ? undefined : Reflect.get(registration, key);
        return typeof value === 'function' ? value.bind(registration) : value;
      },
    }),
    addEventListener: (type, listener) => scope.addEventListener(type, listener),
    removeEventListener: (type, listener) => scope.removeEventListener(type, listener),
  };
}
