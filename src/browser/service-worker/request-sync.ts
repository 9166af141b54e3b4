import type { Queue } from '../../core/index.ts';
import { checkKnown, checkText } from '../../core/queue/options.ts';
import type { SyncRegistration } from './scope.ts';
import { type SyncMessage, tagOf } from './sync-message.ts';

export interface RequestSyncOptions {
  /** Default: the one whose scope the page is in; in a service worker its own. */
  readonly registration?: SyncRegistration;
  /** Of `backgroundSync`, where that has a tag of its own. Default: `holdfast:<queue name>`. */
  readonly tag?: string;
}

/** A page has `navigator.serviceWorker`, a service worker its registration, where it may have any. */
interface Host {
  readonly registration?: SyncRegistration;
  readonly navigator?: {
    readonly onLine?: boolean;
    readonly serviceWorker?: { getRegistration(): Promise<SyncRegistration | undefined> };
  };
}

/**
 * Asks the browser to wake the service worker for what the queue has: at once when online, else when the network is back, also after the last
 * tab was closed. Where there is no Background Sync, or it is refused, the active service worker gets a message instead.
 * Resolves when that is done. Never rejects: without a service worker it does nothing, and the jobs wait for a worker.
 *
 * @example
 * await queue.enqueue('note.push', note);
 * await requestSync(queue);
 *
 * @param queue whose `backgroundSync` is meant, or the tag of that
 * @throws InvalidOptionError at once
 */
export function requestSync(
  queue: Pick<Queue, 'name'> | string,
  options: RequestSyncOptions = {},
): Promise<void> {
  const { registration, tag } = checked(queue, options);
  return ask({ holdfast: 'sync', tag, lift: false }, registration);
}

function checked(queue: Pick<Queue, 'name'> | string, options: RequestSyncOptions) {
  const known = checkKnown('sync options', options, ['registration', 'tag']);
  return { ...known, tag: checkText('tag', known.tag ?? tagOf(queue)) };
}

async function ask(message: SyncMessage, given: SyncRegistration | undefined): Promise<void> {
  try {
    const { registration: own, navigator } = globalThis as Host;
    // Not `ready`: that waits for ever where nothing is registered.
    // In a page any element with the id `registration` is a global one.
    const { serviceWorker } = navigator ?? {};
    const registration = given ?? (serviceWorker ? await serviceWorker.getRegistration() : own);
    // A tag that Chromium tries again in minutes comes no sooner for being registered: so online the service worker hears at once, too.
    if (!(await isRegistered(registration, message.tag)) || navigator?.onLine !== false)
      registration?.active?.postMessage(message);
  } catch {
    // It is forbidden here.
  }
}

/** Asks for a sync event. False: there is no Background Sync, or it is refused. Never rejects. */
export async function isRegistered(
  registration: SyncRegistration | undefined,
  tag: string,
): Promise<boolean> {
  try {
    if (registration?.sync === undefined) return false;
    await registration.sync.register(tag);
    return true;
  } catch {
    return false;
  }
}

/**
 * Asks for a sync after each enqueue of this context, when the page is online again, and once now, for what waits from before: see `requestSync`.
 * Many enqueues at once are one request. Returns a function that ends it.
 *
 * @example
 * const queue = createQueue({ name: 'sync', jobs, store: indexedDBStore('notes-app') });
 * syncAfterEnqueue(queue);
 * await queue.enqueue('note.push', note);
 *
 * @throws InvalidOptionError at once
 */
export function syncAfterEnqueue(
  queue: Pick<Queue, 'name' | 'on'>,
  options: RequestSyncOptions = {},
): () => void {
  const { registration, tag } = checked(queue, options);
  let lift = true;
  const request = coalesced(() => {
    const message = { holdfast: 'sync', tag, lift } as const;
    lift = false;
    return ask(message, registration);
  });
  const onOnline = () => {
    lift = true;
    request();
  };
  request();
  const end = queue.on('job:enqueued', request);
  globalThis.addEventListener?.('online', onOnline);
  return () => {
    end();
    globalThis.removeEventListener?.('online', onOnline);
  };
}

/** Calls at most one at a time, and once more after it for all that came meanwhile. */
export function coalesced(call: () => Promise<unknown>): () => void {
  let isRunning = false;
  let isWanted = false;
  const run = async () => {
    isRunning = true;
    while (isWanted) {
      await undefined; // What is enqueued in one turn is emitted in one turn.
      isWanted = false;
      await call();
    }
    isRunning = false;
  };
  return () => {
    isWanted = true;
    if (!isRunning) void run();
  };
}
