/** Which object gave a lease. */
export class Leased {
  readonly #objects = new Map<string, string>();
  /** Claims begin at another object each time, so that none is always last. */
  #turn = 0;

  give(id: string, object: string): void {
    this.#objects.set(id, object);
  }

  /** Of one that is not known, any: nobody there has it. */
  objectOf(id: string, any: string): string {
    return this.#objects.get(id) ?? any;
  }

  forget(id: string): void {
    this.#objects.delete(id);
  }

  /** All of them, beginning with the next. */
  inTurn(objects: readonly string[]): readonly string[] {
    const first = this.#turn++ % objects.length;
    return [...objects.slice(first), ...objects.slice(0, first)];
  }
}
