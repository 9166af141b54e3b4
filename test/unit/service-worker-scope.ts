import type { ScopeEvent, ServiceWorkerScope } from 'holdfast/service-worker';

/** A service worker's global scope, as far as it is used, and what a browser does with it. */
export interface FakeScope extends ServiceWorkerScope {
  /** The tags of syncs that were asked for. */
  readonly registered: string[];
  /** Asking rejects with this, until it is taken away. */
  refusal: Error | undefined;
  /** Delivers an event. Returns what its `waitUntil` was given, each with its end: undefined while it goes on. */
  dispatch(type: string, event?: Partial<ScopeEvent>): Held[];
  /** Types that have a listener. */
  listened(): string[];
}

export interface Held {
  readonly promise: Promise<unknown>;
  state: 'held' | 'resolved' | 'rejected';
}

/** `sync: false`: a browser without Background Sync. */
export function fakeScope({ sync = true }: { readonly sync?: boolean } = {}): FakeScope {
  const listeners = new Map<string, Set<(event: never) => void>>();
  const registered: string[] = [];
  const scope: FakeScope = {
    registered,
    refusal: undefined,
    registration: {
      active: null,
      ...(sync && {
        sync: {
          register: async (tag: string) => {
            if (scope.refusal !== undefined) throw scope.refusal;
            registered.push(tag);
          },
        },
      }),
    },
    addEventListener(type, listener) {
      listeners.set(type, (listeners.get(type) ?? new Set()).add(listener));
    },
    removeEventListener(type, listener) {
      listeners.get(type)?.delete(listener);
    },
    listened: () => [...listeners].filter(([, those]) => those.size > 0).map(([type]) => type),
    dispatch(type, event = {}) {
      const all: Held[] = [];
      const waitUntil = (promise: Promise<unknown>) => {
        const held: Held = { promise, state: 'held' };
        promise.then(
          () => {
            held.state = 'resolved';
          },
          () => {
            held.state = 'rejected';
          },
        );
        all.push(held);
      };
      for (const listener of listeners.get(type) ?? []) listener({ ...event, waitUntil } as never);
      return all;
    },
  };
  return scope;
}
