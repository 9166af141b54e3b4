/// <reference lib="esnext.disposable" preserve="true" />

import { asyncDispose } from '../dispose.ts';
import { StoreClosedError } from '../kernel/errors.ts';
import type { EnqueueAnswer } from '../kernel/messages.ts';
import type { EnqueueStore } from '../kernel/store.ts';
import type { BulkOptions, BulkResult, Items } from './bulk.ts';
import type { Definitions } from './definitions.ts';
import { Emitter, type QueueEvents } from './emitter.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import type { Flow, FlowAnswer } from './flow.ts';
import { Intake } from './intake.ts';
import { checkIntake, checkStore, INTAKE_OPTIONS, type IntakeOptions } from './intake-options.ts';
import { emitNotices } from './notices.ts';
import { checkKnown } from './options.ts';
import type { EnqueueItem, Queue } from './queue.ts';
import { storeHandle } from './store-handle.ts';

/** `name`, `owner`, limits and `jobs` as the queue has them that works on what is enqueued here. Of middleware only `enqueue` is called. */
export interface EnqueuerOptions<Jobs extends Definitions = Definitions> extends IntakeOptions<Jobs> {
  /** Any store, or one that only enqueues: `indexedDBEnqueueStore`. */
  readonly store: EnqueueStore;
}

/** What an enqueuer emits: what was enqueued here, what the store says of itself, and what a listener or a middleware threw. */
export type EnqueuerEvent =
  | 'job:enqueued'
  | 'job:duplicate'
  | 'job:dropped'
  | 'store:blocked'
  | 'store:outdated'
  | 'store:lost'
  | 'worker:error';

type OfQueue = 'name' | 'enqueue' | 'enqueueMany' | 'enqueueFlow' | 'prepare';

/** The way into a queue, without the queue. Each method is that of `Queue`. */
export interface Enqueuer<Jobs extends Definitions = Definitions> extends Pick<Queue<Jobs>, OfQueue> {
  on<Name extends EnqueuerEvent>(name: Name, listener: (event: QueueEvents[Name]) => void): () => void;
  /** Waits for enqueues under way and closes the store. A second call answers the same promise. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Makes what enqueues into the queue of this name and owner, for pages where another context works: a service worker, another tab, a web
 * worker. It accepts and refuses as the queue does, and bundlers leave out all that claims, runs, schedules and reads. Touches neither store
 * nor platform before it is used. Throws InvalidOptionError at once.
 */
export function createEnqueuer<const Jobs extends Definitions>(
  options: EnqueuerOptions<Jobs>,
): Enqueuer<Jobs> {
  return new QueueEnqueuer(options);
}

/** It holds no job and counts none. */
const NOTHING = { jobs: [], counts: undefined };

class QueueEnqueuer<Jobs extends Definitions> implements Enqueuer<Jobs> {
  readonly name: string;
  readonly #store: EnqueueStore;
  readonly #emitter = new Emitter(() => undefined);
  readonly #intake: Intake;
  readonly #unnotice: () => void;
  #closing: Promise<void> | undefined;

  constructor(given: EnqueuerOptions<Jobs>) {
    const options = checkKnown('createEnqueuer options', given, INTAKE_OPTIONS);
    const { layers, ...checked } = checkIntake(options);
    this.name = checked.name;
    const what = `queue ${JSON.stringify(this.name)}`;
    const { store, join } = storeHandle(checkStore(options.store, 'enqueue', 'close'), what);
    this.#store = store;
    this.#intake = new Intake({
      ...checked,
      store: this.#store,
      emitter: this.#emitter,
      layers: layers.enqueue,
      checkOpen: () => {
        if (this.#closing !== undefined) throw new StoreClosedError(what);
      },
      onEnqueued: () => undefined,
    });
    this.#unnotice = emitNotices(this.#store, this.#emitter, this.name, () => NOTHING);
    join();
  }

  enqueue(name: string, payload: unknown, options?: EnqueueOptions) {
    return this.#intake.enqueue(name, payload, options);
  }

  enqueueMany(items: readonly EnqueueItem<Jobs>[]): Promise<readonly EnqueueAnswer[]>;
  enqueueMany(items: Items<Jobs>, options: BulkOptions): Promise<BulkResult>;
  enqueueMany(items: Items<Jobs>, options?: BulkOptions) {
    return this.#intake.enqueueMany(items, options);
  }

  enqueueFlow<const Steps extends Flow<Jobs>>(flow: Steps) {
    return this.#intake.enqueueFlow(flow) as Promise<FlowAnswer<Steps>>;
  }

  prepare(name: string, payload: unknown, options?: EnqueueOptions) {
    return this.#intake.prepare(name, payload, options);
  }

  on<Name extends EnqueuerEvent>(name: Name, listener: (event: QueueEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#intake.settled().then(() => this.#store.close());
    this.#unnotice();
    return this.#closing;
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }
}
