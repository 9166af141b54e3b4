import type { Rows } from '../../core/kernel/rows.ts';
import { runAsync } from '../../core/kernel/step.ts';
import type { Transaction } from '../../core/kernel/store.ts';

interface Rider {
  run(rows: Rows): Promise<void>;
  /** It commits. */
  sent(): void;
  /** It is stored. */
  arrived(): void;
  /** Nothing of it was done. */
  missed(): void;
  /** It may be stored, or not. */
  failed(error: unknown): void;
}

/**
 * The transaction of an enqueue, and the exchanges that go with it: a worker that sleeps is woken by each enqueue of its context while that is on its
 * way, and claims in the same transaction. That is one turn at the database and one flush less until a handler begins.
 *
 *     open ──▶ closed ──▶ sent ──▶ arrived
 *       └────┬────┘         └────▶ failed: what was sent may be stored, which each is told as if it had gone alone
 *            └──▶ missed: each goes by itself. An enqueue does so when it failed while others were with it
 */
export class Ride {
  readonly #riders: Rider[] = [];
  readonly #onClose: () => void;
  #state: 'open' | 'closed' | 'sent' = 'open';

  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  /** @param alone runs it when nothing came of this ride */
  join<T>({ run }: Transaction<T>, sent: (answer: T) => void, alone: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      let answer: T;
      this.#riders.push({
        run: async (rows) => {
          answer = await runAsync(run(rows));
        },
        sent: () => sent(answer),
        arrived: () => resolve(answer),
        missed: () => alone().then(resolve, reject),
        failed: reject,
      });
    });
  }

  /** Behind the enqueue, on its rows. Nobody joins any more. */
  async run(rows: Rows): Promise<void> {
    this.#close();
    for (const rider of this.#riders) await rider.run(rows);
  }

  sent(): void {
    this.#state = 'sent';
    for (const rider of this.#riders) rider.sent();
  }

  arrived(): void {
    for (const rider of this.#riders) rider.arrived();
  }

  /** Returns whether the enqueue should go by itself: what failed may have been another's, and nothing was sent. */
  failed(error: unknown): boolean {
    const isAnother = this.#state === 'closed' && this.#riders.length > 0;
    const wasSent = this.#state === 'sent';
    this.#close();
    for (const rider of this.#riders) {
      if (wasSent) rider.failed(error);
      else rider.missed();
    }
    return isAnother;
  }

  #close(): void {
    if (this.#state === 'open') this.#state = 'closed';
    this.#onClose();
  }
}

/** Nothing of the enqueue was done, as what went with it failed. */
export class MissedRideError extends Error {}

/** The rides of one opening that are open, and who may join them. */
export class Rides {
  /** By queue. */
  readonly #open = new Map<string, Ride>();
  /** Exchanges under way, of queues that are worked on here. */
  readonly #exchanging = new Map<string, number>();

  /** A worker here is idle: it may join an enqueue. */
  areLikely(queue: string): boolean {
    return this.#exchanging.get(queue) === 0;
  }

  begin(queue: string): Ride {
    const ride = new Ride(() => {
      if (this.#open.get(queue) === ride) this.#open.delete(queue);
    });
    this.#open.set(queue, ride);
    return ride;
  }

  /** Undefined: no enqueue is on its way. */
  of(queue: string): Ride | undefined {
    return this.#open.get(queue);
  }

  async exchanging<T>(queue: string, answer: Promise<T>): Promise<T> {
    const count = (by: number) => this.#exchanging.set(queue, (this.#exchanging.get(queue) ?? 0) + by);
    count(1);
    try {
      return await answer;
    } finally {
      count(-1);
    }
  }
}
