import {
  type EventName,
  type Exposable,
  type ExposeOptions,
  expose,
  InvalidOptionError,
  type Job,
  type Permit,
  serializeError,
} from '../../core/index.ts';
import type { Hint } from '../../core/kernel/store.ts';
import { type Context, contextOf, type HasContext } from '../../core/queue/context.ts';
import { checkKnown, hasMethods } from '../../core/queue/options.ts';
import type { Part } from '../../core/queue/part.ts';
import { randomText } from '../../core/random.ts';
import { workerOf } from '../../core/remote/pulling.ts';
import { reclaimWorkers } from '../../core/remote/reclaim-workers.ts';
import type { Welcome } from './face.ts';
import { type Caller, type GuestHost, PageGuest } from './guests.ts';
import { type HostCaller, hearKnocks, type MessageSource } from './knocks.ts';
import { type Held, holdLock } from './locks.ts';

export interface HostQueueOptions {
  /**
   * May this page ask for this? As in `expose`; `on` stands for hearing events, with `{ events }`. Default: every page that can reach the worker
   * may, which are those of its origin.
   */
  readonly authorize?: (from: HostCaller, operation: string, args: unknown) => Permit | Promise<Permit>;
  /** What pages see of a job that they read or hear of. Who works gets all of its jobs. Default: all. */
  readonly redact?: ExposeOptions['redact'];
  /** Where pages knock: a MessagePort, say. Default: the worker in which this is called. */
  readonly endpoint?: MessageSource;
}

/**
 * Serves a queue of this worker to pages, which reach it by `workerQueue`: in a dedicated worker, a SharedWorker or a service worker. They may call
 * what these functions need, and nothing else; what they send is checked. Call it before the script awaits anything: a SharedWorker misses pages that
 * connect earlier. Without it nothing listens.
 *
 * @example
 * // sync-worker.ts
 * const queue = createQueue({ name: 'sync', jobs, store: indexedDBStore('notes-app') });
 * hostQueue(queue, { get, list, explain, cancel, retryNow, enqueueMany, count });
 * work(queue, handlers);
 *
 * @returns a function that ends it: pages are disconnected, and the queue stays open
 * @throws InvalidOptionError at once
 */
export function hostQueue(
  queue: HasContext,
  functions: Readonly<Record<string, Exposable>>,
  options: HostQueueOptions = {},
): () => void {
  const given = checkKnown('hostQueue options', options, ['authorize', 'redact', 'endpoint']);
  const { endpoint } = given;
  if (endpoint !== undefined && !hasMethods(endpoint, 'addEventListener', 'removeEventListener'))
    throw new InvalidOptionError('endpoint', endpoint, 'a MessagePort');
  const hosting = new Hosting(queue, functions, given);
  hosting.open(endpoint);
  return () => hosting.close();
}

/** A queue that is served to pages, until it is closed. */
class Hosting implements GuestHost, Part {
  readonly context: Context;
  readonly serve: GuestHost['serve'];
  readonly welcome: Promise<Welcome>;
  readonly #options: HostQueueOptions;
  readonly #name = `holdfast host ${randomText()}`;
  readonly #guests = new Set<PageGuest>();
  readonly #lock: Promise<Held | undefined>;
  readonly #unwatch: () => void;
  #unhear: (() => void) | undefined;

  constructor(queue: HasContext, functions: Readonly<Record<string, Exposable>>, options: HostQueueOptions) {
    const context = contextOf(queue);
    this.context = context;
    this.#options = options;
    this.serve = expose<Caller>(queue, functions, {
      authorize: (caller, operation, args) => this.#permit(caller, operation, args),
      ...(options.redact && { redact: options.redact }),
    });
    this.#lock = holdLock(this.#name);
    this.welcome = this.#lock.then((held) => ({
      host: this.#name,
      ...(held && { lock: held.name }),
    }));
    this.#unwatch = context.emitter.watch(() => this.hear('change'));
    context.add(this);
  }

  open(endpoint: MessageSource | undefined): void {
    this.#unhear = hearKnocks(this.context.name, this.#name, endpoint, (port, from) => {
      this.context.listen();
      this.#guests.add(new PageGuest(port, from, this));
    });
  }

  /** Of this context or of another: every page hears of it. */
  hear(hint: Hint): void {
    for (const guest of this.#guests) guest.hint(hint);
  }

  hearFreed(hint: Hint): void {
    this.hear(hint);
  }

  close(): void {
    this.#unhear?.();
    this.#unwatch();
    for (const guest of [...this.#guests]) guest.leave();
    void this.#lock.then((held) => held?.letGo());
  }

  async mayHear(caller: Caller, events: readonly EventName[]): Promise<boolean> {
    const permit = await this.#permit(caller, 'on', { events });
    return permit === true || typeof permit === 'string';
  }

  /** Errors go as data, as a clone would keep no more of them than a text. */
  shown(name: EventName, event: unknown): unknown {
    const shown = this.#redacted(event as Shown);
    return name === 'worker:error' ? { ...shown, error: serializeError(shown.error) } : shown;
  }

  #redacted(event: Shown): Shown {
    const { redact } = this.#options;
    const { job } = event;
    if (redact === undefined || job === undefined) return event;
    const { result, value, message: _, ...rest } = event;
    const seen: Seen = redact({ ...job, ...(value === undefined ? {} : { progress: value }), result } as Job);
    return { ...rest, job: seen as Job, result: seen.result, value: seen.progress };
  }

  /** What its workers held comes back at once. */
  onGone(guest: PageGuest): void {
    this.#guests.delete(guest);
    const { workers } = guest.caller;
    if (workers.size > 0) void reclaimWorkers(this.context, [...workers]);
  }

  async #permit(caller: Caller, operation: string, args: unknown): Promise<Permit> {
    const { authorize } = this.#options;
    const permit = authorize === undefined ? true : await authorize(caller.from, operation, args);
    const { workerId } = Object(args) as { readonly workerId?: string };
    if (operation === 'exchange' && workerId !== undefined)
      caller.workers.add(workerOf(workerId, typeof permit === 'string' ? { identity: permit } : {}));
    return permit;
  }
}

/** What is left to be seen of a job. */
type Seen = Partial<Job> & { readonly result?: unknown };

/** What events have that not everybody may see. */
interface Shown {
  readonly job?: Job;
  readonly result?: unknown;
  readonly value?: unknown;
  readonly message?: string;
  readonly error?: unknown;
}
