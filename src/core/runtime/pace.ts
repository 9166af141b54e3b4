/** Claimed ahead: about this much work, so that little is held by a worker that is closed or slower than it was. */
const AHEAD_MS = 20;
/** A batch of 256 drains IndexedDB 4 times as fast as one of 16; larger ones win nothing. */
const MAX_AHEAD = 256;

/**
 * How many jobs to claim beyond the free slots. Grows with what is observed to be done per ms, at most doubling each turn:
 * quick jobs travel in large batches, slow ones stay for other workers.
 */
export class Pace {
  #ahead = 0;
  #since: number;

  constructor(now: number) {
    this.#since = now;
  }

  get ahead(): number {
    return this.#ahead;
  }

  /** `done` jobs ended since the last call. */
  observe(done: number, now: number): void {
    const rate = done / Math.max(1, now - this.#since);
    this.#since = now;
    this.#ahead = Math.min(MAX_AHEAD, Math.floor(rate * AHEAD_MS), 2 * this.#ahead + done);
  }
}
