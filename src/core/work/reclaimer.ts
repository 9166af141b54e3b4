import { reclaimLeases, reportReclaimed } from './reclaim-leases.ts';
import type { WorkerSetup } from './worker-setup.ts';

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
      // Elsewhere the host takes back what is due to be, with each claim.
      const answer = line.local && (await reclaimLeases(line.local));
      this.#lastAt = now;
      const reporting = answer && reportReclaimed(answer, this.#setup);
      if (reporting !== undefined) await reporting;
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
}
