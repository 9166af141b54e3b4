import type { Attempt } from './attempt.ts';
import { isUnreached } from './meeting.ts';

/** Claimed ahead: about this much work, so that little is held by a worker that is closed or slower than it was. */
const AHEAD_MS = 20;
/** A drain in a Durable Object, where every claim is an fsync, is a quarter faster with this than with half of it. */
const DRAIN_AHEAD_MS = 40;
/** A batch of 256 drains IndexedDB 4 times as fast as one of 16; larger ones win nothing. */
const MAX_AHEAD = 256;

/**
 * How many jobs to claim beyond the free slots. Follows from how long the last handlers took, and at most doubles each turn:
 * quick jobs travel in large batches, slow ones stay for other workers.
 */
export class Pace {
  readonly #slots: number;
  readonly #aheadMs: number;
  #ahead = 0;

  constructor(slots: number, mode: 'work' | 'drain') {
    this.#slots = slots;
    this.#aheadMs = mode === 'drain' ? DRAIN_AHEAD_MS : AHEAD_MS;
  }

  get ahead(): number {
    return this.#ahead;
  }

  /** What ended since the last call: where no handler did, or none that reached its target, nothing is claimed ahead. */
  observe(ended: readonly Pick<Attempt, 'tookMs' | 'meets'>[]): void {
    if (ended.length === 0) return;
    let done = 0;
    let tookMs = 0;
    for (const one of ended) {
      // A refused connection is quick, and more of them are of no use.
      if (one.tookMs === undefined || isUnreached(one.meets)) continue;
      done += 1;
      tookMs += one.tookMs;
    }
    const perMs = (done * this.#slots) / Math.max(1, tookMs);
    this.#ahead = Math.min(MAX_AHEAD, Math.floor(perMs * this.#aheadMs), 2 * this.#ahead + done);
  }
}
