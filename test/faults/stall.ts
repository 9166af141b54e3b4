/** Measures how long nothing happened while something should have. Instants in ms. */
export class Stall {
  longestMs = 0;
  #since: number | undefined;

  /** `due`: from now on something should happen. */
  look(due: boolean, now: number): void {
    if (this.#since !== undefined) this.longestMs = Math.max(this.longestMs, now - this.#since);
    this.#since = due ? (this.#since ?? now) : undefined;
  }

  /** It happened. */
  reset(now: number): void {
    this.look(false, now);
  }
}
