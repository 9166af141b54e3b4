/**
 * Pairs the numbers that two stores gave to the same things. How far a number grows each time is a store's own affair; that
 * later things have greater ones is not.
 */
export class Numbering {
  readonly #tested = new Map<number, number>();

  /** The tested store's number for this one of the reference; a number that no store gave is the same in both. */
  tested(reference: number): number {
    return this.#tested.get(reference) ?? reference;
  }

  /** Pairs two numbers; says why they cannot be those of one thing, if so. */
  contradiction(reference: number, tested: number, path: string): string | undefined {
    const known = this.#tested.get(reference);
    if (known === tested) return undefined;
    if (known !== undefined) return `${path} is ${tested}, and was ${known}`;
    for (const [other, theirs] of this.#tested)
      if (other < reference !== theirs < tested || theirs === tested)
        return `${path} is ${tested} (${reference} in the reference), another was ${theirs} (${other})`;
    this.#tested.set(reference, tested);
    return undefined;
  }
}
