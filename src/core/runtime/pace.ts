/** Claimed ahead: about this much work, so that little is held by a worker that is closed or slower than it was. */
const AHEAD_MS = 20;
/** A batch of 256 drains IndexedDB 4 times as fast as one of 16; larger ones win nothing. */
const MAX_AHEAD = 256;

/**
 * How many jobs to claim beyond the free slots. Follows from how long the last handlers took, and at most doubles each turn:
 * quick jobs travel in large batches, slow ones stay for other workers.
 */
export class Pace {
  readonly #slots: number;
  #ahead = 0;

  constructor(slots: number) {
    this.#slots = slots;
  }

  get ahead(): number {
    return this.#ahead;
  }

  /** `done` handlers ended since the last call and took so long together; none: nothing is claimed ahead. */
  observe(done: number, tookMs: number): void {
    const perMs = (done * this.#slots) / Math.max(1, tookMs);
    this.#ahead = Math.min(MAX_AHEAD, Math.floor(perMs * AHEAD_MS), 2 * this.#ahead + done);
  }
}
