import type { Hint } from '../../core/kernel/store.ts';
import { isHidden } from './page-life.ts';

type Listener = (hint: Hint) => void;

interface Message {
  readonly queue: string;
  readonly hint: Hint;
  /** The worker that claimed, if it proves its life. */
  readonly workerId?: string;
}

const HINTS: readonly string[] = ['work', 'cancel', 'gone', 'change'] satisfies Hint[];

/** Events after which a page that slept should look at its queue, and one before it may sleep. */
const PAGE_EVENTS = ['online', 'pageshow', 'visibilitychange', 'resume', 'pagehide'] as const;

/** Tells the other openings of a database that a queue changed, and hears them. Lossy, as all hints. */
export class Hints {
  /** Of the channel. */
  readonly #name: string;
  readonly #onWorker: (workerId: string, queue: string) => void;
  readonly #listeners = new Map<string, Set<Listener>>();
  #channel: BroadcastChannel | undefined;
  #isOpen = false;
  #closed = false;
  /** The page is in the back/forward cache, or about to be. */
  #isAway = false;

  constructor(database: string, onWorker: (workerId: string, queue: string) => void) {
    this.#name = `holdfast ${database}`;
    this.#onWorker = onWorker;
  }

  listen(queue: string, listener: Listener): () => void {
    this.#open();
    const those = this.#listeners.get(queue) ?? new Set();
    this.#listeners.set(queue, those.add(listener));
    return () => those.delete(listener);
  }

  /** To this opening's own listeners. */
  tellHere(queue: string, hint: Hint): void {
    for (const listener of this.#listeners.get(queue) ?? []) listener(hint);
  }

  /** To the other openings'. */
  tellOthers(message: Message): void {
    try {
      this.#open()?.postMessage(message);
      if (this.#isAway) this.#post(message);
    } catch {
      // A hint that cannot be sent is one of those that get lost; what it tells of is committed.
    }
  }

  /** By a channel that hears nothing. */
  #post(message: Message): void {
    const channel = new BroadcastChannel(this.#name);
    channel.postMessage(message);
    channel.close();
  }

  close(): void {
    this.#closed = true;
    this.#isAway = false;
    this.#listeners.clear();
    this.#closeChannel();
    if (this.#isOpen) onPage('removeEventListener', this.#onPage);
  }

  /** Once: a platform that refuses a channel is not asked again. */
  #open(): BroadcastChannel | undefined {
    if (this.#closed || this.#isOpen) return this.#channel;
    this.#isOpen = true;
    this.#channel = this.#openChannel();
    onPage('addEventListener', this.#onPage);
    return this.#channel;
  }

  #closeChannel(): void {
    try {
      this.#channel?.close();
    } catch {
      // Closed or not, nobody listens to it any more.
    }
    this.#channel = undefined;
  }

  /** Undefined where there is none, or where privacy settings forbid it: hints are lossy. */
  #openChannel(): BroadcastChannel | undefined {
    try {
      const channel = new BroadcastChannel(this.#name);
      channel.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (!isMessage(data)) return;
        if (data.workerId !== undefined) this.#onWorker(data.workerId, data.queue);
        this.tellHere(data.queue, data.hint);
      };
      return channel;
    } catch {
      return undefined;
    }
  }

  readonly #onPage = (event: Event): void => {
    if (event.type === 'pagehide') {
      // A message that comes for it drops a page from the back/forward cache.
      this.#isAway = this.#channel !== undefined && (event as PageTransitionEvent).persisted;
      if (this.#isAway) this.#closeChannel();
      return;
    }
    // Hidden, it may be frozen at any moment: in the middle of a transaction it would hold up every other tab.
    if (event.type === 'visibilitychange' && isHidden()) return;
    if (this.#isAway) {
      this.#isAway = false;
      this.#channel = this.#openChannel();
    }
    for (const queue of this.#listeners.keys()) this.tellHere(queue, 'online');
  };
}

/** Not every context that has IndexedDB has events of a page. */
function onPage(method: 'addEventListener' | 'removeEventListener', listener: (event: Event) => void): void {
  try {
    for (const event of PAGE_EVENTS) globalThis[method](event, listener, true);
  } catch {
    // What wakes a page is missed, as any hint may be.
  }
}

/** Another script of the origin, or another version of this one, may post on the channel. */
function isMessage(data: unknown): data is Message {
  if (typeof data !== 'object' || data === null) return false;
  const { queue, hint, workerId } = data as Record<string, unknown>;
  const knownHint = typeof hint === 'string' && HINTS.includes(hint);
  return typeof queue === 'string' && knownHint && (workerId === undefined || typeof workerId === 'string');
}
