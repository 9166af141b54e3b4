import type { ReclaimAnswer } from '../kernel/messages.ts';
import { getting } from '../operations/get.ts';
import { reclaimLeases } from './reclaim-leases.ts';
import type { WorkerSetup } from './worker-setup.ts';

/** Elsewhere the host takes back what is due to be: with each claim. */
const NOTHING: ReclaimAnswer = { reclaimed: [], dead: [], cancelled: [] };

/** Takes back the leases of workers that are gone: when it starts, when there is a reason, and once in a lease anyhow. */
export class Reclaimer {
  readonly #setup: WorkerSetup;
  #wanted = true;
  #lastAt = Number.NEGATIVE_INFINITY;
  #wokeLateAt = Number.NEGATIVE_INFINITY;

  constructor(setup: WorkerSetup) {
    this.#setup = setup;
  }

  /** There is a reason to look: a lease that ran out, an owner that vanished. */
  want(): void {
    this.#wanted = true;
  }

  /** Everybody slept: whose heartbeat comes first must not take the others' jobs for abandoned. */
  wokeLate(): void {
    this.#wokeLateAt = this.#setup.environment.now();
  }

  /** `always`: also without a reason, once in a lease. */
  async run(always: boolean): Promise<void> {
    const { line, environment } = this.#setup;
    const now = environment.now();
    if (!(this.#wanted || (always && this.#isTime(now))) || this.#justWoke(now)) return;
    this.#wanted = false;
    try {
      const { reclaimed, dead, cancelled } = line.local ? await reclaimLeases(line.local) : NOTHING;
      this.#lastAt = now;
      if (reclaimed.length > 0) this.#setup.emitter.changed();
      for (const id of cancelled) this.#setup.emitter.emit('job:cancelled', { id });
      for (const id of dead) await this.#tellDead(id);
    } catch (error) {
      this.#wanted = true;
      throw error;
    }
  }

  /** A clock that was set back must not put it off. */
  #isTime(now: number): boolean {
    return now >= this.#lastAt + this.#setup.leaseMs || now < this.#lastAt;
  }

  #justWoke(now: number): boolean {
    return now >= this.#wokeLateAt && now < this.#wokeLateAt + this.#setup.leaseMs / 3;
  }

  async #tellDead(id: string): Promise<void> {
    const { run, emitter } = this.#setup;
    const job = await run(getting, { id });
    const error = job?.errors.at(-1);
    // Redriven since then, it lives.
    if (job?.state === 'dead' && error !== undefined) emitter.emit('job:dead', { job, error });
  }
}
