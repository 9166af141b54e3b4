import type { Environment } from '../queue/environment.ts';
import { pauseMs } from '../queue/pause.ts';
import type { Ended, Holdings } from './holdings.ts';

/** Outcomes for which the store had no room: each tried again alone, less and less often; what else is held is settled and claimed meanwhile. */
export class Retries {
  readonly #holdings: Holdings;
  readonly #environment: Environment;
  readonly #wake: () => void;
  /** By the id of a job that is put off. */
  readonly #cancelRetries = new Map<string, () => void>();

  /** @param wake there is something to settle */
  constructor(holdings: Holdings, environment: Environment, wake: () => void) {
    this.#holdings = holdings;
    this.#environment = environment;
    this.#wake = wake;
  }

  putOff(ended: Ended): void {
    const { id } = ended.claimed.job;
    const { refusals = 0 } = ended;
    this.#holdings.putOff.set(id, { ...ended, suspected: true, refusals: refusals + 1 });
    // An attempt before, whose lease this worker lost, may be put off as well.
    this.#cancelRetries.get(id)?.();
    this.#cancelRetries.set(
      id,
      this.#environment.setTimer(() => this.#tryAgain(id), pauseMs(refusals)),
    );
  }

  #tryAgain(id: string): void {
    this.#cancelRetries.delete(id);
    const ended = this.#holdings.putOff.get(id);
    if (ended !== undefined) this.#holdings.ended.push(ended);
    this.#wake();
  }

  /** The worker stops: each has its last tries, the first of them now. */
  hurry(): void {
    for (const [id, cancel] of this.#cancelRetries) {
      cancel();
      const ended = this.#holdings.putOff.get(id);
      if (ended !== undefined) this.#holdings.putOff.set(id, { ...ended, refusals: 0 });
      this.#tryAgain(id);
    }
  }

  /** The store has answered: nothing more becomes of these. */
  settled(ended: readonly Ended[]): void {
    if (this.#holdings.putOff.size === 0) return;
    for (const { claimed } of ended) this.#holdings.putOff.delete(claimed.job.id);
  }

  close(): void {
    for (const cancel of this.#cancelRetries.values()) cancel();
  }
}
