import type { JobRow } from '../../core/kernel/job-row.ts';

/** So many places before the first are cleared away at a time. */
const CUT = 64;

/** The parked rows of one lane by seq. They come at the end and go at the beginning, as a rule: both cost nothing, however many wait. */
export class LaneWait {
  #rows: (JobRow | undefined)[] = [];
  #head = 0;

  get first(): JobRow | undefined {
    return this.#rows[this.#head];
  }

  /** Takes the place of the row with its seq, if there is one. */
  put(row: JobRow): void {
    const at = this.#indexOf(row.seq);
    const again = this.#rows[at]?.seq === row.seq;
    if (at === this.#rows.length) this.#rows.push(row);
    else this.#rows.splice(at, again ? 1 : 0, row);
  }

  drop(seq: number): void {
    const at = this.#indexOf(seq);
    if (this.#rows[at]?.seq !== seq) return;
    if (at > this.#head) {
      this.#rows.splice(at, 1);
      return;
    }
    this.#rows[this.#head] = undefined; // Not held here until it is cleared away.
    this.#head += 1;
    if (this.#head < CUT || this.#head < this.#rows.length / 2) return;
    this.#rows = this.#rows.slice(this.#head);
    this.#head = 0;
  }

  /** Of the first with this seq or a higher one. */
  #indexOf(seq: number): number {
    let low = this.#head;
    let high = this.#rows.length;
    const last = this.#rows[high - 1];
    if (last === undefined || last.seq < seq) return high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#rows[middle] as JobRow).seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
