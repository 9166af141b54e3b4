/** Chooses alike for the same seed. What the processes do with their time is theirs, and differs. */
export class Random {
  #state: number;

  /** Whole, 0 to 2^32-1. */
  constructor(seed: number) {
    this.#state = seed;
  }

  /**
   * From 0, below 1. Steps of 2^32 over the golden ratio, mixed with shifts and multipliers of the hash prospector
   * (C. Wellons, "Prospecting for Hash Functions", 2018).
   */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x2c1b3c6d);
    mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** Whole, from `least` to `most`. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** Undefined: there is nothing to choose from. */
  one<T>(of: readonly T[]): T | undefined {
    return of[this.whole(0, of.length - 1)];
  }
}

export function newSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}
