import type { PostedTo, ScopeEvent, ServiceWorkerScope, Successor } from 'holdfast/service-worker';

/** A service worker's global scope, as far as it is used, and what a browser does with it. */
export interface FakeScope extends ServiceWorkerScope {
  /** The tags of syncs that were asked for. */
  readonly registered: string[];
  /** Asking rejects with this, until it is taken away. */
  refusal: Error | undefined;
  /** How often it asked to take over. */
  skipped: number;
  /** The active version, as another one sees it. */
  active: PostedTo | null;
  /** A newer version is found, and is being installed. */
  find(): FakeSuccessor;
  /** Delivers an event. Returns what its `waitUntil` was given, each with its end: undefined while it goes on. */
  dispatch(type: string, event?: Partial<ScopeEvent>): Held[];
  /** Types that have a listener. */
  listened(): string[];
}

export interface FakeSuccessor extends Successor, PostedTo {
  become(state: string): void;
}

export interface Held {
  readonly promise: Promise<unknown>;
  state: 'held' | 'resolved' | 'rejected';
}

/** `sync: false`: a browser without Background Sync. */
export function fakeScope({ sync = true }: { readonly sync?: boolean } = {}): FakeScope {
  const listeners = new Map<string, Set<(event: never) => void>>();
  const registered: string[] = [];
  const found = new Set<() => void>();
  let installing: Successor | null = null;
  const scope: FakeScope = {
    registered,
    refusal: undefined,
    skipped: 0,
    skipWaiting: async () => {
      scope.skipped += 1;
    },
    active: null,
    find() {
      const successor = fakeSuccessor();
      installing = successor;
      for (const listener of found) listener();
      return successor;
    },
    registration: {
      get active() {
        return scope.active;
      },
      get installing() {
        return installing?.state === 'installing' ? installing : null;
      },
      get waiting() {
        return installing?.state === 'installed' ? installing : null;
      },
      addEventListener: (_, listener) => void found.add(listener),
      removeEventListener: (_, listener) => void found.delete(listener),
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

function fakeSuccessor(): FakeSuccessor {
  const listeners = new Set<() => void>();
  let state = 'installing';
  return {
    get state() {
      return state;
    },
    addEventListener: (_, listener) => void listeners.add(listener),
    postMessage: () => {},
    become(next) {
      state = next;
      for (const listener of listeners) listener();
    },
  };
}
