/**
 * What a worker heard and has not made sure of: somebody held, paused or cancelled something. Until a call of the store that began later
 * has come through, nothing that was claimed may begin.
 */
export class Hearsay {
  #heard = 0;
  #checked = 0;

  hear(): void {
    this.#heard += 1;
  }

  /** Taken when a call begins, and given to `checked` when it has come through. */
  get mark(): number {
    return this.#heard;
  }

  checked(mark: number): void {
    this.#checked = Math.max(this.#checked, mark);
  }

  get isOpen(): boolean {
    return this.#checked < this.#heard;
  }
}
