import type { Environment, EventName } from '../../core/index.ts';
import type { Hint } from '../../core/kernel/store.ts';
import { laterTask } from '../../core/queue/later-task.ts';
import type { Batch, Push, PushedEvent } from './face.ts';

/** Batches follow each other by no less: a view that is drawn anew more often shows nothing more. */
const GAP_MS = 20;
/** What is kept for a page that does not take it: it is busy, frozen or gone. Events are lossy; the oldest go. */
const MAX_EVENTS = 1_000;

/** What one page is to hear: gathered, and sent in batches, of which one is under way at a time. */
export class Outbox {
  readonly #push: Push;
  readonly #environment: Pick<Environment, 'yield' | 'setTimer'>;
  #hints = new Set<Hint>();
  #events: PushedEvent[] = [];
  #isRunning = false;
  #isOver = false;

  constructor(push: Push, environment: Pick<Environment, 'yield' | 'setTimer'>) {
    this.#push = push;
    this.#environment = environment;
  }

  hint(hint: Hint): void {
    this.#hints.add(hint);
    void this.#run();
  }

  event(name: EventName, event: unknown): void {
    this.#events.push([name, event]);
    if (this.#events.length > MAX_EVENTS) this.#events.shift();
    void this.#run();
  }

  close(): void {
    this.#isOver = true;
    this.#hints.clear();
    this.#events = [];
  }

  async #run(): Promise<void> {
    if (this.#isRunning || this.#isOver) return;
    this.#isRunning = true;
    await laterTask(this.#environment); // The rest of this task joins.
    while (!this.#isOver && this.#hints.size + this.#events.length > 0) {
      const [hints, events] = [[...this.#hints], this.#events];
      this.#hints = new Set();
      this.#events = [];
      await this.#send(hints, events);
      await new Promise<void>((resolve) => this.#environment.setTimer(resolve, GAP_MS));
    }
    this.#isRunning = false;
  }

  /** What cannot be cloned (a result that is a function, a payload that was transferred) is left out of its event. */
  async #send(hints: readonly Hint[], events: readonly PushedEvent[]): Promise<void> {
    if (await this.#isTaken({ hints, events })) return;
    for (const event of events)
      if (!(await this.#isTaken({ hints: [], events: [event] })))
        await this.#isTaken({ hints: [], events: [lighter(event)] });
    if (events.length > 0 && hints.length > 0) await this.#isTaken({ hints, events: [] });
  }

  /** Never rejects: it is lossy, as what is stored is the truth. */
  async #isTaken(batch: Batch): Promise<boolean> {
    try {
      await this.#push(batch);
      return true;
    } catch {
      return false;
    }
  }
}

function lighter([name, event]: PushedEvent): PushedEvent {
  const { job, result: _, value: __, ...rest } = event as Readonly<Record<string, unknown>>;
  const without = job === undefined ? {} : { job: { ...(job as object), payload: undefined } };
  return [name, { ...rest, ...without }];
}
