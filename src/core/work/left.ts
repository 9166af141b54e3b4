import type { Outcome } from '../kernel/messages.ts';
import type { Attempt } from './attempt.ts';

/** A job that is kept back comes back after as long again as its last handler has run on, within these bounds. */
const MIN_MS = 1_000;
const MAX_MS = 30_000;

interface One {
  readonly attempt: Attempt;
  at: number;
  readonly limitMs: number;
  told: boolean;
}

/**
 * Handlers that still run although their attempt is over, by the job's id: known to all workers of a queue in this context, as a worker
 * may be over before them. Each keeps its job from beginning here beside it, but for no longer than its limit.
 */
export class Left {
  readonly #those = new Map<string, One>();
  readonly #tell: (attempt: Attempt, until: number) => void;

  /** `tell`: once a handler. */
  constructor(tell: (attempt: Attempt, until: number) => void) {
    this.#tell = tell;
  }

  /** Its attempt is over now. `heeds`: it has only just been told, and is stuck when its job is to begin again. */
  leave(attempt: Attempt, at: number, limitMs: number, heeds: boolean): void {
    // Those that are over by now are kept for nobody: some never end.
    for (const id of this.#those.keys()) this.#find(id, at);
    const one = { attempt, at, limitMs, told: false };
    this.#those.set(attempt.id, one);
    if (!heeds) this.#tellOnce(one);
  }

  forget(attempt: Attempt): void {
    if (this.#those.get(attempt.id)?.attempt === attempt) this.#those.delete(attempt.id);
  }

  /** Since when a handler keeps this job from beginning here; undefined: none does. */
  since(id: string, now: number): number | undefined {
    return this.#find(id, now)?.at;
  }

  /** What becomes of a job that must not begin here yet; undefined: it may. */
  keepBack(id: string, now: number): Outcome | undefined {
    const one = this.#find(id, now);
    if (one === undefined) return undefined;
    this.#tellOnce(one);
    const again = Math.min(MAX_MS, Math.max(MIN_MS, now - one.at));
    const delayMs = Math.min(again, one.at + one.limitMs - now);
    return { kind: 'release', runAt: now + delayMs, waitMs: delayMs };
  }

  #find(id: string, now: number): One | undefined {
    const one = this.#those.get(id);
    if (one === undefined) return undefined;
    // The clock was set back: the limit counts anew, and is not longer by that.
    one.at = Math.min(one.at, now);
    if (now < one.at + one.limitMs) return one;
    this.#those.delete(id);
    return undefined;
  }

  #tellOnce(one: One): void {
    if (one.told) return;
    one.told = true;
    this.#tell(one.attempt, one.at + one.limitMs);
  }
}
