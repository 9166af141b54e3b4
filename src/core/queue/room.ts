import { StoreClosedError } from '../kernel/errors.ts';
import type { JobStore } from '../kernel/store.ts';
import type { Environment } from './environment.ts';
import { Latch } from './latch.ts';
import { checkKnown, checkSignal } from './options.ts';
import { MAX_PAUSE_MS } from './pause.ts';
import type { Limits } from './queue-limits.ts';

export interface ReadyOptions {
  /** Aborting it ends the wait, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface RoomSetup {
  /** As its user knows it. */
  readonly name: string;
  /** As the store knows it. */
  readonly queue: string;
  readonly store: JobStore;
  readonly environment: Environment;
  readonly limits: Limits;
  /** Calls back when something may have changed here or in another context; answers what ends that. */
  readonly subscribe: (listener: () => void) => () => void;
}

/** Where an enqueuer waits until the queue has room. */
export class Room {
  readonly #setup: RoomSetup;
  readonly #waiting = new Set<Latch>();
  #closed = false;

  constructor(setup: RoomSetup) {
    this.#setup = setup;
  }

  async ready(options: ReadyOptions = {}): Promise<void> {
    const { environment, subscribe } = this.#setup;
    const { signal } = checkKnown('ready options', options, ['signal']);
    checkSignal('signal', signal);
    const latch = new Latch(environment);
    const wake = () => latch.wake();
    const unsubscribe = subscribe(wake);
    signal?.addEventListener('abort', wake);
    this.#waiting.add(latch);
    try {
      for (;;) {
        signal?.throwIfAborted();
        if (this.#closed) throw new StoreClosedError(`queue ${JSON.stringify(this.#setup.name)}`);
        const at = await this.#nextLook();
        if (at === undefined) return;
        await latch.sleep(at);
      }
    } finally {
      this.#waiting.delete(latch);
      signal?.removeEventListener('abort', wake);
      unsubscribe();
    }
  }

  /** When to look again, should nobody say that something changed. Undefined: there is room. */
  async #nextLook(): Promise<number | undefined> {
    const { queue, store, environment, limits } = this.#setup;
    const { onFull = 'refuse', ...most } = limits;
    // Who drops what waits makes room by enqueueing.
    if (onFull !== 'refuse' || Object.keys(most).length === 0) return undefined;
    const now = environment.now();
    const { room, nextAt = Number.POSITIVE_INFINITY } = await store.room({ queue, ...most }, now);
    return room ? undefined : Math.min(nextAt, now + MAX_PAUSE_MS);
  }

  /** Who waits rejects with StoreClosedError. */
  close(): void {
    this.#closed = true;
    for (const latch of this.#waiting) latch.wake();
  }
}
