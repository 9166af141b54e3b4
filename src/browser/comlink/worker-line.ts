import type { EventName } from '../../core/index.ts';
import type { Hint } from '../../core/kernel/store.ts';
import type { Line } from '../../core/queue/line.ts';
import { RemoteLine, type RemoteLineOptions } from '../../core/remote/remote-line.ts';
import type { Connection } from './connection.ts';
import type { Wanted } from './face.ts';

/** A way to a queue in a worker: calls, and what the host pushes. */
export class WorkerLine extends RemoteLine implements Line {
  readonly #connection: Connection;
  readonly #listeners = new Set<(hint: Hint) => void>();
  readonly #events = new Map<EventName, number>();
  #isUpdating = false;

  constructor(connection: Connection, options: RemoteLineOptions) {
    super(async (message) => (await connection.link()).ask(message), { ...options, isPort: true });
    this.#connection = connection;
  }

  get wanted(): Wanted {
    return { hints: this.#listeners.size > 0, events: [...this.#events.keys()] };
  }

  readonly onHint = (listener: (hint: Hint) => void): (() => void) => {
    this.#listeners.add(listener);
    this.#update();
    return () => {
      this.#listeners.delete(listener);
      this.#update();
    };
  };

  wants(event: EventName): () => void {
    this.#count(event, 1);
    return () => this.#count(event, -1);
  }

  hear(hint: Hint): void {
    for (const listener of this.#listeners) listener(hint);
  }

  override async close(): Promise<void> {
    this.#connection.close();
  }

  #count(event: EventName, by: number): void {
    const count = (this.#events.get(event) ?? 0) + by;
    if (count === 0) this.#events.delete(event);
    else this.#events.set(event, count);
    if (count <= 1) this.#update();
  }

  /** What is wanted in one task is said once. */
  #update(): void {
    if (this.#isUpdating) return;
    this.#isUpdating = true;
    queueMicrotask(() => {
      this.#isUpdating = false;
      this.#connection.update();
    });
  }
}
