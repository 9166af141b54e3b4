/** How long what is claimed of a name with a rate may take to begin, at first and at least. A claim takes a few ms, also in IndexedDB. */
const LEAST_MS = 250;
/** On a page that is busier than this no rate can be kept and used up. */
const MOST_MS = 32_000;

/** Twice as long each time that an answer came too late for its jobs to begin, and half as long when they did: so each page finds its own. */
export class BeginWithin {
  #ms = LEAST_MS;

  get ms(): number {
    return this.#ms;
  }

  late(): void {
    this.#ms = Math.min(MOST_MS, this.#ms * 2);
  }

  inTime(): void {
    this.#ms = Math.max(LEAST_MS, this.#ms / 2);
  }
}
