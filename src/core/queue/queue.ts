/// <reference lib="esnext.disposable" preserve="true" />

import { asyncDispose } from '../dispose.ts';
import { CONTEXT, type Context, type Handle } from './context.ts';
import type { Definitions, PayloadOf } from './definitions.ts';
import type { EventName, QueueEvents } from './emitter.ts';
import type { Enqueued } from './enqueue-item.ts';
import type { EnqueueOptions, EnqueueOptionsWith } from './enqueue-options.ts';
import { checkGrace } from './options.ts';
import type { PublicOperation } from './queue-operation.ts';

/**
 * A named queue of jobs. `Options`: the options of an enqueue that the features in use add. Everything else is a function that takes the queue:
 * `get(queue, id)`, `work(queue, handlers)`, …
 */
export interface Queue<Jobs extends Definitions = Definitions, Options extends object = object>
  extends Handle {
  readonly name: string;
  /** The definitions it was made with. */
  readonly jobs: Jobs;
  /**
   * Resolves once the job is stored. Enqueues of one tick share a transaction, and each is accepted or refused by itself.
   * Rejects with UnknownJobError, InvalidOptionError, PayloadError, QueueFullError, MiddlewareError, StoreError, StoreClosedError: then
   * nothing was stored, unless it is a StoreError that is `retryable`: the store did not answer twice, so the job may be stored.
   * Enqueue it again with the same `id` of your own: then it is one job.
   *
   * @example
   * const { id, status } = await queue.enqueue('note.push', { id: note.id }, { lane: note.id, delayMs: 5_000 });
   */
  enqueue<Name extends keyof Jobs & string>(
    name: Name,
    payload: PayloadOf<Jobs[Name]>,
    options?: EnqueueOptionsWith<Options>,
  ): Promise<Enqueued<Name>>;
  /**
   * Calls back for each event of this name. Events are emitted only in the context where they happen, and may be missed: the store is the truth. Returns a
   * function that ends it.
   *
   * @example
   * queue.on('job:dead', ({ job, error }) => report(`${job.name} died: ${error.message}`));
   */
  on<Name extends EventName>(name: Name, listener: (event: QueueEvents<Jobs>[Name]) => void): () => void;
  /**
   * Stops the workers, waits for enqueues under way and closes the store. A second call returns the same promise; if its grace is shorter, that
   * counts.
   *
   * @example
   * await queue.close({ graceMs: 1_000 });
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The face of a context: its parts do the work. */
export class JobQueue<Jobs extends Definitions, Options extends object = object>
  implements Queue<Jobs, Options>
{
  readonly [CONTEXT]: Context;
  readonly name: string;
  readonly jobs: Jobs;

  constructor(context: Context) {
    this[CONTEXT] = context;
    this.name = context.name;
    this.jobs = context.jobs as unknown as Jobs;
  }

  async enqueue<Name extends keyof Jobs & string>(
    name: Name,
    payload: unknown,
    options: EnqueueOptions = {},
  ): Promise<Enqueued<Name>> {
    const [answer] = await this[CONTEXT].intake.enqueue([{ name, payload, options }]);
    return answer as Enqueued<Name>;
  }

  call<Args, Answer>(operation: PublicOperation<Args, Answer>, args: Args): Promise<Answer> {
    return this[CONTEXT].call(operation, args);
  }

  on<Name extends EventName>(name: Name, listener: (event: QueueEvents<Jobs>[Name]) => void): () => void {
    return this[CONTEXT].on(name, listener as (event: QueueEvents[Name]) => void);
  }

  close(options: { readonly graceMs?: number } = {}): Promise<void> {
    try {
      return this[CONTEXT].close(checkGrace('close options', options));
    } catch (error) {
      return Promise.reject(error); // Not an async function: a second call returns the same promise.
    }
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }
}
