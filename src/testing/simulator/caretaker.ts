import { abandon, batch, type Queue, remove } from '../../core/index.ts';
import type { StoreCalls } from '../store-calls.ts';
import type { Context } from './context.ts';
import { SCHEDULES } from './schedule-changes.ts';
import type { World } from './world.ts';

/** Does in the calm what somebody would have to do for all jobs to end: whoever was to may have died before it could. */
export class Caretaker {
  readonly #world: World;
  readonly #store: StoreCalls;
  /** The queue as its store knows it. */
  readonly #queue: string;

  constructor(world: World, store: StoreCalls, queue: string) {
    this.#world = world;
    this.#store = store;
    this.#queue = queue;
  }

  async look(): Promise<void> {
    await this.#resume();
    this.#closeBatches();
    this.#removeHalting();
    this.#abandon();
    await this.#removeSchedules();
  }

  async #resume(): Promise<void> {
    const { paused, pausedNames = [] } = this.#world.ledger.snapshot.counts;
    const request = { queue: this.#queue };
    if (paused) await this.#store.resume(request, this.#now());
    for (const name of pausedNames) await this.#store.resume({ ...request, name }, this.#now());
  }

  #closeBatches(): void {
    for (const id of this.#world.ledger.batches.open)
      this.#let((queue) => batch(queue, { id }).then((opened) => opened.close()), 'flows');
  }

  /** What waits in a halted lane waits for somebody to look at the dead job. */
  #removeHalting(): void {
    for (const { id, haltsLane } of this.#world.ledger.snapshot.jobs.values())
      if (haltsLane) this.#let((queue) => remove(queue, id));
  }

  /** What the feature has left would wait for ever. */
  #abandon(): void {
    const { taken, contexts } = this.#world;
    if (taken === undefined || contexts.some(({ features }) => features.has(taken))) return;
    this.#let((queue) => abandon(queue, taken));
  }

  #let(call: (queue: Queue) => Promise<unknown>, feature?: string): void {
    const queue = this.#anyQueue(feature);
    if (queue !== undefined) call(queue).catch(() => undefined);
  }

  /** What they bring would never end. */
  async #removeSchedules(): Promise<void> {
    // They go when they are abandoned.
    if (this.#world.taken === 'schedules') return;
    for (const id of SCHEDULES) await this.#store.removeSchedule({ queue: this.#queue, id }, this.#now());
    this.#world.ledger.schedules.forget();
  }

  /** Of a context that has the feature. */
  #anyQueue(feature?: string) {
    const has = ({ features }: Context) => feature === undefined || features.has(feature);
    return this.#world.contexts.find((context) => context.isUp && has(context))?.queue;
  }

  #now(): number {
    return this.#world.contexts[0]?.environment.now() ?? 0;
  }
}
