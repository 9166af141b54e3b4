import type { StoreClosedError } from '../kernel/errors.ts';
import type { RoomAnswer, RoomRequest } from '../kernel/messages.ts';
import { lookForRoom } from '../kernel/room.ts';
import { type Context, contextOf, type Handle } from '../queue/context.ts';
import { Latch } from '../queue/latch.ts';
import { checkKnown, checkSignal } from '../queue/options.ts';
import type { Part } from '../queue/part.ts';
import { MAX_PAUSE_MS } from '../queue/pause.ts';
import { callable, type PublicOperation } from '../queue/queue-operation.ts';
import { Changes } from './changes.ts';
import { checkNone } from './check-ids.ts';

export interface ReadyOptions {
  /** Aborting it ends the wait, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export const lookingForRoom: PublicOperation<RoomRequest, RoomAnswer> = {
  name: 'room',
  kind: 'reader',
  check: checkNone,
  // Who drops what waits makes room by enqueueing.
  amend: (_, { options, accepts }) =>
    accepts.use.some(({ drops }) => drops !== undefined) ? {} : options.limits,
  rule: (limits) => (rows, now) => lookForRoom(rows, limits, now),
  instants: { answer: ['nextAt'] },
};

/** Those who wait for room. */
class Waiters implements Part {
  readonly #context: Context;
  readonly #latches = new Set<Latch>();
  #closed: StoreClosedError | undefined;

  constructor(context: Context) {
    this.#context = context;
  }

  async wait(signal: AbortSignal | undefined): Promise<void> {
    const latch = new Latch(this.#context.environment);
    const wake = () => latch.wake();
    const unsubscribe = this.#context.part(Changes).add(wake);
    signal?.addEventListener('abort', wake);
    this.#latches.add(latch);
    try {
      for (;;) {
        signal?.throwIfAborted();
        if (this.#closed !== undefined) throw this.#closed;
        const at = await this.#nextLook();
        if (at === undefined) return;
        await latch.sleep(at);
      }
    } finally {
      this.#latches.delete(latch);
      signal?.removeEventListener('abort', wake);
      unsubscribe();
    }
  }

  /** When to look again, should nobody say that something changed. Undefined: there is room. */
  async #nextLook(): Promise<number | undefined> {
    const now = this.#context.environment.now();
    const { room, nextAt = Number.POSITIVE_INFINITY } = await this.#context.call(lookingForRoom, {});
    return room ? undefined : Math.min(nextAt, now + MAX_PAUSE_MS);
  }

  close(error: StoreClosedError): void {
    this.#closed = error;
    for (const latch of this.#latches) latch.wake();
  }
}

/**
 * Resolves when one more job has room within `maxDepth`, `maxBytes` and `maxDelayed`; at once when none is set, or where `drop` is in use. Looks when something
 * changes here or in other contexts, and every 30 s anyhow. It reserves nothing: another enqueue may take the room first, so still expect
 * QueueFullError.
 *
 * @example
 * for (const row of rows) {
 *   await ready(queue);
 *   await queue.enqueue('row.push', row);
 * }
 *
 * @throws InvalidOptionError; StoreError; StoreClosedError when the queue is closed; the reason of the signal
 */
export const ready = /* @__PURE__ */ callable(
  [lookingForRoom],
  async (queue: Handle, options: ReadyOptions = {}): Promise<void> => {
    const { signal } = checkKnown('ready options', options, ['signal']);
    return contextOf(queue).part(Waiters).wait(checkSignal('signal', signal));
  },
);
