import type { CancelAnswer, RemoveAnswer, SelectRequest } from '../kernel/messages.ts';
import type { Hint, JobStore } from '../kernel/store.ts';
import { type Definitions, definitionOf } from '../queue/definitions.ts';
import type { Emitter } from '../queue/emitter.ts';
import type { Environment } from '../queue/environment.ts';
import { checkInstant, checkKnown, checkText } from '../queue/options.ts';
import type { ClearFilter, JobFilter } from '../queue/queue.ts';
import { checkFilter, type Looking } from './looking.ts';

/** What steering needs of its queue. */
export interface SteeringSetup {
  /** As its user knows it. */
  readonly name: string;
  /** As the store knows it. */
  readonly queue: string;
  readonly store: JobStore;
  readonly environment: Environment;
  readonly emitter: Emitter;
  readonly jobs: ReadonlyMap<string, Definitions[string]>;
  readonly looking: Looking;
  /** For the workers of this context: no store tells them what was done here. */
  readonly onHint: (hint: Hint) => void;
}

/** Changes what is there already: jobs by id or filter, names, the whole queue. */
export class Steering {
  readonly setup: SteeringSetup;

  constructor(setup: SteeringSetup) {
    this.setup = setup;
  }

  #now(): number {
    return this.setup.environment.now();
  }

  async cancel(id: string): Promise<CancelAnswer> {
    const { store, emitter, onHint } = this.setup;
    const answer = await this.#steer(id, (request, now) => store.cancel(request, now));
    if (answer === 'cancelled') emitter.emit('job:cancelled', { id });
    onHint(answer === 'requested' ? 'cancel' : 'work');
    return answer;
  }

  async remove(id: string): Promise<RemoveAnswer> {
    const answer = await this.#steer(id, (request, now) => this.setup.store.remove(request, now));
    // It may have halted its lane.
    this.setup.onHint('work');
    return answer;
  }

  async #steer<Answer>(
    id: string,
    act: (request: SelectRequest, now: number) => Promise<readonly Answer[]>,
  ): Promise<Answer> {
    const [answer] = await act({ queue: this.setup.queue, ids: [checkText('id', id)] }, this.#now());
    this.setup.emitter.changed();
    return answer as Answer;
  }

  /**
   * Answers how many waiting jobs were cancelled. Whether what is claimed has begun its worker knows alone: it is told which of that must not,
   * and cancels it then.
   */
  async clear(given: ClearFilter = {}): Promise<number> {
    const { onHint } = this.setup;
    const filter = checkKnown('clear filter', given, ['name', 'tag']);
    const first = await this.#clearPages({ ...filter, state: 'pending' });
    const claimed = await this.#clearPages({ ...filter, state: 'active' });
    onHint('cancel');
    // Behind each head that was cancelled the next one took its place, where this had read already. Now none is behind those. And what was
    // claimed may have gone back to its place between the two looks.
    const second =
      first.lanes || claimed.seen > 0
        ? await this.#clearPages({ ...filter, state: 'pending' })
        : { cleared: 0 };
    return first.cleared + claimed.cleared + second.cleared;
  }

  async #clearPages(given: JobFilter): Promise<{ seen: number; cleared: number; lanes: boolean }> {
    const { queue, store, looking, emitter } = this.setup;
    let [seen, cleared, lanes] = [0, 0, false];
    for await (const jobs of looking.pages(checkFilter(given))) {
      seen += jobs.length;
      const ids = jobs.map(({ id }) => id);
      if (ids.length === 0) continue;
      const answers = await store.cancel({ queue, ids, waiting: true }, this.#now());
      for (const [i, answer] of answers.entries()) {
        if (answer !== 'cancelled') continue;
        cleared += 1;
        lanes ||= jobs[i]?.lane !== undefined || jobs[i]?.idempotencyKey !== undefined;
        emitter.emit('job:cancelled', { id: ids[i] as string });
      }
    }
    return { seen, cleared, lanes };
  }

  async pause(name?: string): Promise<void> {
    const named = this.#named(name);
    await this.setup.store.pause({ queue: this.setup.queue, ...named }, this.#now());
    this.setup.onHint('cancel');
    this.setup.emitter.emit('queue:paused', { queue: this.setup.name, ...named });
  }

  async resume(name?: string): Promise<void> {
    const named = this.#named(name);
    await this.setup.store.resume({ queue: this.setup.queue, ...named }, this.#now());
    this.setup.emitter.emit('queue:resumed', { queue: this.setup.name, ...named });
    this.setup.onHint('work');
  }

  #named(name: string | undefined): { readonly name?: string } {
    if (name === undefined) return {};
    definitionOf(this.setup.jobs, name);
    return { name };
  }

  async hold(name: string, until: Date | number): Promise<void> {
    const { queue, store, jobs, onHint } = this.setup;
    definitionOf(jobs, name);
    await store.hold({ queue, name, until: checkInstant('until', until) }, this.#now());
    onHint('cancel');
  }
}
