import type { Environment } from './environment.ts';

/** A lease is extended this many times before it would end. */
const BEATS_PER_LEASE = 3;

/** Calls `beat` every third of a lease for as long as something is held; without that there is no timer. */
export class Heartbeat {
  readonly #environment: Environment;
  readonly #everyMs: number;
  readonly #isNeeded: () => boolean;
  readonly #beat: () => Promise<void>;
  #cancel: (() => void) | undefined;

  constructor(environment: Environment, leaseMs: number, isNeeded: () => boolean, beat: () => Promise<void>) {
    this.#environment = environment;
    this.#everyMs = leaseMs / BEATS_PER_LEASE;
    this.#isNeeded = isNeeded;
    this.#beat = beat;
  }

  /** Call when something was claimed. */
  arm(): void {
    if (this.#cancel !== undefined || !this.#isNeeded()) return;
    this.#cancel = this.#environment.setTimer(() => {
      this.#cancel = undefined;
      if (this.#isNeeded()) void this.#beat().finally(() => this.arm());
    }, this.#everyMs);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
