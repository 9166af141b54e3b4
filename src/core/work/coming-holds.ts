/** A clock that is further back than this was set back: then nobody knows how long is left, and the store is asked. */
const CLOCK_STEP_MS = 2_000;

interface ComingHold {
  readonly name: string;
  readonly at: number;
  readonly until: number;
}

/**
 * Holds that outcomes of this context bring and the store does not have yet. They are in force at once for all of its workers: no job of the
 * name begins here, and none is asked for.
 */
export class ComingHolds {
  readonly #holds = new Set<ComingHold>();

  /** Answers what ends it: the store has answered, and says from then on who is held. */
  add(name: string, now: number, until: number): () => void {
    const hold = { name, at: now, until };
    this.#holds.add(hold);
    return () => this.#holds.delete(hold);
  }

  isHeld(name: string, now: number): boolean {
    for (const hold of this.#holds)
      if (hold.name === name && now < hold.until && now >= hold.at - CLOCK_STEP_MS) return true;
    return false;
  }
}
