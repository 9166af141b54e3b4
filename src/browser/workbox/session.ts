import { DeadLetterError } from '../../core/index.ts';
import { isRedriven } from '../replay/request-handler.ts';
import type { Entries } from './entries.ts';
import { type EntryJob, entryOf, type QueueEntry } from './entry.ts';
import { claimFirst, type Lease } from './lease.ts';
import type { EntryQueue } from './open-queue.ts';
import { watchFetch } from './watched-fetch.ts';

/** `moved`: it is another job now. */
type Settled = 'done' | 'back' | 'moved';

/** An entry that was handed out to the app. */
interface Out {
  readonly job: EntryJob;
  /** Absent: it still waits, and is only kept from being handed out again. */
  lease?: Lease;
  /** What came of fetching it; absent: nothing as yet. */
  response?: Response;
  state: 'out' | Settled;
}

/** Entries by the requests that the app has of them, and their clones. */
export class HandedOut {
  readonly #outs = new WeakMap<Request, Out>();

  of(request: Request): Out | undefined {
    return this.#outs.get(request);
  }

  entry(out: Out): QueueEntry {
    const entry = entryOf(out.job);
    this.#follow(entry.request, out);
    return entry;
  }

  #follow(request: Request, out: Out): void {
    this.#outs.set(request, out);
    const clone = () => {
      const copy = Request.prototype.clone.call(request);
      this.#follow(copy, out);
      return copy;
    };
    Object.defineProperty(request, 'clone', { value: clone, configurable: true });
  }
}

/**
 * One call of the app's `onSync`. What it shifts stays in the queue until it is done: fetched, when the next is asked for; or all of it, when
 * `onSync` ends well. What was put back, and when `onSync` fails all that was not fetched fine, is in its old place again.
 */
export class Session {
  /** An entry was asked for, and there was none but behind those that are out. */
  isBlocked = false;
  /** There was none at all, as far as the app knows. */
  saidEmpty = false;
  /** Something that it took is done. */
  hasDone = false;
  readonly #queue: EntryQueue;
  readonly #entries: Entries;
  readonly #handedOut: HandedOut;
  readonly #outs = new Set<Out>();
  readonly #unwatch: () => void;

  constructor(queue: EntryQueue, entries: Entries, handedOut: HandedOut) {
    this.#queue = queue;
    this.#entries = entries;
    this.#handedOut = handedOut;
    this.#unwatch = watchFetch((request, response) => {
      const out = handedOut.of(request);
      if (out !== undefined && this.#outs.has(out))
        response.then(
          (came) => {
            out.response = came;
          },
          () => undefined,
        );
    });
  }

  isOut(id: string): boolean {
    return [...this.#outs].some(({ job }) => job.id === id);
  }

  get size(): number {
    return this.#outs.size;
  }

  async shift(): Promise<QueueEntry | undefined> {
    for (const out of [...this.#outs]) if (out.response !== undefined) await this.settle(out, 'done');
    for (;;) {
      const lease = await claimFirst(this.#queue);
      if (lease === undefined) {
        this.isBlocked = this.#outs.size > 0;
        this.saidEmpty = !this.isBlocked;
        return undefined;
      }
      const popped = [...this.#outs].find(({ job }) => job.id === lease.job.id);
      const refusal = popped === undefined ? this.#refusalOf(lease.job) : undefined;
      if (popped !== undefined) popped.lease = lease;
      else if (refusal !== undefined) await lease.refuse(refusal);
      else return this.#hand({ job: lease.job, lease, state: 'out' });
    }
  }

  /** Behind the head of its lane a job does not age; its request does. */
  #refusalOf(job: EntryJob): DeadLetterError | undefined {
    if (this.#entries.isExpired(job) && !isRedriven(job))
      return new DeadLetterError('it was not sent within maxRetentionTime');
    try {
      entryOf(job);
      return undefined;
    } catch (error) {
      return error as DeadLetterError; // No request can be made of it.
    }
  }

  /** The last one: it waits on, and goes when it is done. */
  async pop(): Promise<QueueEntry | undefined> {
    const jobs = (await this.#entries.list()).reverse();
    const job = jobs.find(
      (each) => each.state === 'pending' && !this.isOut(each.id) && !this.#entries.isExpired(each),
    );
    return job && this.#hand({ job, state: 'out' });
  }

  async settle(out: Out, state: Settled): Promise<void> {
    if (out.state !== 'out') return;
    out.state = state;
    this.#outs.delete(out);
    if (state !== 'back') this.hasDone = true;
    if (state === 'back') await out.lease?.giveBack();
    else if (out.lease !== undefined) await out.lease.complete(state === 'moved');
    else await this.#entries.remove(out.job.id);
  }

  async end(isWell: boolean): Promise<void> {
    this.#unwatch();
    const settled = await Promise.allSettled(
      [...this.#outs].map((out) => this.settle(out, isWell || isFine(out.response) ? 'done' : 'back')),
    );
    for (const each of settled) if (each.status === 'rejected') throw each.reason;
  }

  #hand(out: Out): QueueEntry {
    this.#outs.add(out);
    return this.#handedOut.entry(out);
  }
}

const isFine = (response: Response | undefined): boolean =>
  response !== undefined && (response.ok || response.type.startsWith('opaque'));
