/*
 * What is used of a service worker and its page. The platform's own types have no Background Sync, and only some projects have those of service
 * workers: any `self` fits these.
 */

/** A service worker, as who has its registration sees it. */
export interface PostedTo {
  postMessage(message: unknown, transfer?: Transferable[]): void;
}

/** A newer version, on its way. */
export interface Successor {
  readonly state: string;
  addEventListener(type: 'statechange', listener: () => void): void;
}

export interface SyncRegistration {
  readonly active: PostedTo | null;
  /** Chromium has it, Firefox and Safari do not. */
  readonly sync?: { register(tag: string): Promise<void> };
}

/** `sync`, `periodicsync`, `message`, `fetch` and the like: what keeps the service worker alive. */
export interface ScopeEvent {
  waitUntil(promise: Promise<unknown>): void;
  /** Of `sync` and `periodicsync`. */
  readonly tag?: string;
  /** Of `sync`: if this try fails, the browser makes no other. */
  readonly lastChance?: boolean;
  /** Of `message`. */
  readonly data?: unknown;
  readonly ports?: readonly PostedTo[];
  /** Of `unhandledrejection`. */
  readonly reason?: unknown;
  preventDefault?(): void;
  stopImmediatePropagation?(): void;
}

/** The global scope of a service worker. */
export interface ServiceWorkerScope {
  readonly registration: SyncRegistration & {
    readonly installing: Successor | null;
    readonly waiting: Successor | null;
    addEventListener(type: 'updatefound', listener: () => void): void;
    removeEventListener(type: 'updatefound', listener: () => void): void;
  };
  skipWaiting?(): Promise<void>;
  addEventListener(type: string, listener: (event: never) => void): void;
  removeEventListener(type: string, listener: (event: never) => void): void;
}
