import { count, drain, InvalidOptionError } from '../../core/index.ts';
import { checkKnown, checkText } from '../../core/queue/options.ts';
import { indexedDBStore } from '../../stores/indexeddb/index.ts';
import { inTurn, within } from '../replay/in-turn.ts';
import { tellClients } from '../replay/request-ends.ts';
import type { RequestHandlerOptions } from '../replay/request-handler.ts';
import { requestHandler } from '../replay/request-handler.ts';
import { type StoredRequest, storeRequest } from '../replay/stored-request.ts';
import { backgroundSync } from '../service-worker/background-sync.ts';
import { isLeft } from '../service-worker/left-over.ts';
import { isRegistered } from '../service-worker/request-sync.ts';
import type { ScopeEvent, ServiceWorkerScope } from '../service-worker/scope.ts';
import { isFor } from '../service-worker/sync-message.ts';
import { Entries } from './entries.ts';
import { type EntryJob, entryOf, type QueueEntry } from './entry.ts';
import {
  DATABASE,
  type EntryQueue,
  lendingQueue,
  type OpenQueueOptions,
  requestQueue,
  retentionMs,
} from './open-queue.ts';
import { QueueError } from './queue-error.ts';
import { claimName, scopeOf } from './scope.ts';
import { HandedOut, Session } from './session.ts';
import { type TakenOver, takeOver, type WorkboxDatabase } from './take-over.ts';

export interface QueueOptions extends OpenQueueOptions, Omit<RequestHandlerOptions, 'now'> {
  /**
   * Called when the browser fires the sync of this queue. Rejecting or throwing anything makes the browser try again. Default: `replayRequests`.
   *
   * @example
   * onSync: async ({ queue }) => {
   *   await queue.replayRequests();
   *   await showNotification('All is sent.');
   * },
   */
  readonly onSync?: (options: { queue: Queue }) => unknown;
  /** `true`: no sync event is registered or listened to, also where there is one. Default `false`. */
  readonly forceSyncFallback?: boolean;
  /**
   * Requests of one lane are sent one at a time, in order; undefined: no lane. Default: one lane for each origin.
   */
  readonly lane?: (request: StoredRequest) => string | undefined;
  /** Headers that carry credentials of yours, besides the usual ones: they are not stored. Default: none. */
  readonly secretHeaders?: readonly string[];
  /** Default: the global scope. */
  readonly scope?: ServiceWorkerScope;
}

export interface AddedEntry extends Omit<QueueEntry, 'metadata'> {
  metadata?: object;
  /** The page to which the end is told: `event.clientId`. Default: none. */
  clientId?: string;
}

const OPTIONS = [
  ...['onSync', 'forceSyncFallback', 'maxRetentionTime', 'store', 'environment', 'scope'],
  ...['prepare', 'idempotencyKey', 'expect', 'lane', 'secretHeaders'],
];
const TAG_PREFIX = 'workbox-background-sync';
/** Chromium ends a sync event after three minutes. */
const REPLAY_MS = 150_000;
const REPLAY_WAIT_MS = 30_000;

/**
 * Requests that are kept and sent again by Background Sync: the `Queue` of Workbox and the `BackgroundSyncQueue` of Serwist, over a queue of
 * jobs. To be made while the service worker's script is first evaluated. In pages, `requestQueue(name)` is the queue behind it.
 *
 * @example
 * const queue = new Queue('outbox', { maxRetentionTime: 24 * 60 });
 * addEventListener('fetch', (event) => {
 *   if (event.request.method === 'POST')
 *     event.respondWith(fetch(event.request.clone()).catch(async (error) => {
 *       await queue.pushRequest({ request: event.request });
 *       throw error;
 *     }));
 * });
 *
 * @throws QueueError `duplicate-queue-name` for a second one of that name in this context; InvalidOptionError at once
 */
export class Queue {
  readonly name: string;
  /** The queue of jobs behind it. */
  readonly jobs: EntryQueue;
  readonly #options: QueueOptions;
  readonly #scope: ServiceWorkerScope;
  readonly #entries: Entries;
  /** For an `onSync` of the app's. */
  readonly #lending: EntryQueue | undefined;
  readonly #handedOut = new HandedOut();
  readonly #tag: string;
  readonly #replay: () => Promise<boolean>;
  #session: Session | undefined;
  #current: Promise<void> | undefined;
  #isSyncing = false;
  #wasAdded = false;
  #takingOver: Promise<unknown> = Promise.resolve();

  constructor(name: string, given: QueueOptions = {}) {
    const options = checkKnown('Queue options', given, OPTIONS);
    this.name = checkText('name', name);
    this.#options = options;
    this.#tag = `${TAG_PREFIX}:${name}`;
    this.#scope = scopeOf(options.scope, options.forceSyncFallback);
    if (options.onSync !== undefined && typeof options.onSync !== 'function')
      throw new InvalidOptionError('onSync', options.onSync, 'a function');
    const store = options.store ?? indexedDBStore(DATABASE);
    this.jobs = requestQueue(name, { ...options, store });
    this.#entries = new Entries(this.jobs, retentionMs(options.maxRetentionTime));
    const { prepare, idempotencyKey, expect } = options;
    const send = requestHandler({
      now: () => this.#entries.now,
      ...(prepare && { prepare }),
      ...(idempotencyKey && { idempotencyKey }),
      ...(expect && { expect }),
    });
    claimName(name);
    if (options.onSync !== undefined) this.#lending = lendingQueue(name, { ...options, store });
    for (const queue of [this.jobs, this.#lending]) if (queue !== undefined) tellClients(queue);
    this.#replay =
      options.onSync === undefined ? this.#listen({ request: send }) : this.#listenFor({ request: send });
  }

  /** Stores a request at the end, and asks for a sync. The request stays unread. Rejects with PayloadError for one that cannot be kept. */
  async pushRequest(entry: AddedEntry): Promise<void> {
    await this.push(entry);
  }

  /** As `pushRequest`. Returns the id of the job. */
  async push(entry: AddedEntry): Promise<string> {
    const out = this.#handedOut.of(entry?.request);
    if (out === undefined || out.state === 'done') return this.#add(entry, 'push');
    // It moves to the end.
    const id = await this.#add(moved(entry, out.job), 'push');
    await this.#session?.settle(out, 'moved');
    return id;
  }

  /**
   * Puts an entry that was shifted back in its old place. Another is stored so that it goes first: those behind it do not wait for it, though,
   * if it fails.
   */
  async unshiftRequest(entry: AddedEntry): Promise<void> {
    const out = this.#handedOut.of(entry?.request);
    if (out === undefined || out.state === 'done') {
      await this.#add(entry, 'unshift');
      return;
    }
    if (isSame(entry, entryOf(out.job))) await this.#session?.settle(out, 'back');
    else {
      await this.#add(moved(entry, out.job), 'unshift');
      await this.#session?.settle(out, 'moved');
    }
    if (this.#isSyncing) this.#wasAdded = true;
  }

  /**
   * Takes the first entry out. In `onSync` it is only lent: it is gone when it has been fetched and the next is asked for, or when `onSync` ends
   * well, and comes back otherwise, also when the service worker is killed. An entry that is being lent keeps those behind it: where the app
   * does not fetch it first, the next call returns undefined, and `onSync` is called again for the rest. Elsewhere it is removed at once.
   */
  async shiftRequest(): Promise<QueueEntry | undefined> {
    return this.#session ? this.#session.shift() : this.#take('first');
  }

  /** The same with the last entry. */
  async popRequest(): Promise<QueueEntry | undefined> {
    return this.#session ? this.#session.pop() : this.#take('last');
  }

  /** All that are waiting or being sent, in order, without those that are too old. */
  async getAll(): Promise<QueueEntry[]> {
    const jobs = await this.#entries.list();
    return jobs.filter((job) => !this.#session?.isOut(job.id) && !this.#entries.isExpired(job)).map(entryOf);
  }

  /** How many are waiting or being sent, with those that are too old. */
  async size(): Promise<number> {
    const { pending, active } = await count(this.jobs);
    return pending + active - (this.#session?.size ?? 0);
  }

  /**
   * Sends all, in order. A refusal is a dead letter; what could not be sent stays, and then it rejects.
   *
   * @throws QueueError `queue-replay-failed` when something is left
   */
  async replayRequests(): Promise<void> {
    if (await this.#replay()) throw new QueueError('queue-replay-failed', { name: this.name });
  }

  /** Asks the browser for a sync. Never rejects. */
  async registerSync(): Promise<void> {
    await isRegistered(this.#scope.registration, this.#tag);
  }

  /**
   * Takes over what Workbox, or Serwist, has stored for a queue of this name, once: in order, before all that is pushed meanwhile. Its rows are
   * deleted when they are stored here. To be called when no older version of the service worker sends them any more: in `activate`. Cut off and
   * called again it stores nothing twice.
   *
   * @example
   * addEventListener('activate', (event) => event.waitUntil(queue.takeOver()));
   *
   * @param from the name of the database. Default `workbox-background-sync`
   */
  takeOver(from: WorkboxDatabase = 'workbox-background-sync'): Promise<TakenOver> {
    const { lane, secretHeaders } = this.#options;
    const taken = takeOver(this.name, this.#entries, { from, lane, secretHeaders });
    this.#takingOver = within(taken);
    return taken.then(async (all) => {
      if (all.taken > 0) await this.registerSync();
      return all;
    });
  }

  async #add(
    { request, metadata, timestamp, clientId }: AddedEntry,
    where: 'push' | 'unshift',
  ): Promise<string> {
    if (!(request instanceof Request)) throw new InvalidOptionError('entry.request', request, 'a Request');
    const { lane, secretHeaders } = this.#options;
    const id = await inTurn(this, storeRequest(request, { secretHeaders }), async (stored) => {
      await this.#takingOver;
      const entry = {
        ...stored,
        ...(metadata && { metadata }),
        ...(timestamp !== undefined && { timestamp }),
        ...(clientId && { clientId }),
      };
      return this.#entries.add({ entry, where, ...(lane && { lane }) });
    });
    if (this.#isSyncing) this.#wasAdded = true;
    else await this.registerSync();
    return id;
  }

  async #take(which: 'first' | 'last'): Promise<QueueEntry | undefined> {
    const job = await this.#entries.take(which);
    return job && entryOf(job);
  }

  /** Without an `onSync`: the browser wakes the queue itself. */
  #listen(handlers: Parameters<typeof backgroundSync<EntryQueue['jobs']>>[1]): () => Promise<boolean> {
    const sync = backgroundSync(this.jobs, handlers, { tag: this.#tag, scope: this.#scope });
    const replay = async () => isLeft(await sync.run(), this.#entries.now);
    if (this.#scope.registration.sync === undefined) replay().catch(() => undefined);
    return replay;
  }

  /** With one: it is called instead. */
  #listenFor(handlers: Parameters<typeof drain<EntryQueue['jobs']>>[1]): () => Promise<boolean> {
    const { registration } = this.#scope;
    this.#scope.addEventListener('sync', (event: ScopeEvent) => {
      if (event.tag === this.#tag) event.waitUntil(this.#sync(event.lastChance === true));
    });
    this.#scope.addEventListener('message', (event: ScopeEvent) => {
      if (isFor(event.data, 'sync', this.#tag)) event.waitUntil(this.#sync(false).catch(() => undefined));
    });
    if (registration.sync === undefined) this.#sync(false).catch(() => undefined);
    return async () => {
      const drained = await drain(this.jobs, handlers, {
        lift: true,
        deadlineMs: REPLAY_MS,
        waitFor: REPLAY_WAIT_MS,
      });
      return isLeft(drained, this.#entries.now);
    };
  }

  /** One at a time: what comes meanwhile shares it. */
  #sync(isLastChance: boolean): Promise<void> {
    this.#current ??= this.#runSync(isLastChance).finally(() => {
      this.#current = undefined;
    });
    return this.#current;
  }

  async #runSync(isLastChance: boolean): Promise<void> {
    await undefined; // `#current` is set before the app's code may end.
    let hasFailed = false;
    this.#isSyncing = true;
    try {
      while (await this.#callOnSync());
    } catch (error) {
      hasFailed = true;
      throw error;
    } finally {
      this.#isSyncing = false;
      // Else the browser tries again by itself.
      if (this.#wasAdded && (!hasFailed || isLastChance)) await this.registerSync();
      this.#wasAdded = false;
    }
  }

  /** True: there are more, which waited behind those that it took. */
  async #callOnSync(): Promise<boolean> {
    const session = new Session(this.#lending ?? this.jobs, this.#entries, this.#handedOut);
    this.#session = session;
    let isWell = false;
    try {
      await this.#options.onSync?.({ queue: this });
      isWell = true;
    } finally {
      this.#session = undefined;
      await session.end(isWell);
    }
    // What waits for its server, or is sent elsewhere, was not handed out, and what was put back is there: the browser is to try again.
    const isStuck = session.isBlocked && !session.hasDone;
    if (isStuck || (session.saidEmpty && (await this.size()) > 0))
      throw new QueueError('queue-replay-failed', { name: this.name });
    return session.isBlocked;
  }
}

/** What was shifted, for another place: its page hears of its end. */
const moved = (entry: AddedEntry, job: EntryJob): AddedEntry => ({
  ...(job.payload.clientId && { clientId: job.payload.clientId }),
  ...entry,
  request: entryOf(job).request,
});

/** Whether it is put back as it was. */
function isSame(entry: AddedEntry, { metadata, timestamp }: QueueEntry): boolean {
  return (entry.timestamp ?? timestamp) === timestamp && asText(entry.metadata) === asText(metadata);
}

/** Of all that a queue can store. */
const asText = (value: unknown): string | undefined =>
  JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'bigint') return `${item}n`;
    if (item instanceof Map || item instanceof Set) return [...item];
    return item instanceof ArrayBuffer ? [...new Uint8Array(item)] : item;
  });
