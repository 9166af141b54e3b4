import type { JobRow } from '../../core/kernel/job-row.ts';
import { before } from '../../core/kernel/order.ts';
import type { Position } from '../../core/kernel/place.ts';
import { Heap } from './heap.ts';

/** Where a row stood that left: the order around it stays. */
class Gap implements Position {
  readonly isGap = true;
  readonly due: number;
  readonly seq: number;

  constructor({ due, seq }: Position) {
    this.due = due;
    this.seq = seq;
  }
}

/** Of what is behind the head, and is of no use any more. */
const NOTHING = new Gap({ due: 0, seq: 0 });

/** What is of no use any more is cleared away when there is so much of it and it is the greater part. */
const CUT = 1_024;

/**
 * The rows of one stream in claim order, each found by its position. Undelayed rows arrive in order and are only appended; timed ones
 * wait in a heap until they are near the head. A gap stays where a row left until it comes up, or they are too many.
 */
export class Line {
  #front: (JobRow | Gap)[] = [];
  #head = 0;
  /** Gaps from the head on. */
  #gaps = 0;
  /** Where the rows of `late` stand, and those that left meanwhile: without the rows, as those would be held here. */
  readonly #heap = new Heap<Position>(before);
  /** Rows that are not near the head yet, by seq. */
  readonly #late = new Map<number, JobRow>();
  /** Rows at or below low water: claimed, and not yet ended. By seq. */
  readonly #passed = new Map<number, JobRow>();
  /** The low water by which those were set aside. */
  #cutAt: Position = NOTHING;

  /** Places kept, those of rows that left included. */
  get size(): number {
    return this.#front.length - this.#head + this.#heap.size;
  }

  /** Takes the place of the row at its position, if there is one. */
  put(row: JobRow): void {
    const front = this.#front;
    const last = front.at(-1);
    if (this.#passed.size > 0) this.#passed.delete(row.seq);
    if (last !== undefined && !before(last, row)) {
      const at = this.#indexAtOrAfter(row);
      if (isAt(front[at], row)) this.#replace(at, row);
      else front.splice(at, 0, row);
    } else if (row.due === 0) {
      front.push(row);
    } else {
      if (!isAt(this.#late.get(row.seq), row)) this.#heap.push({ due: row.due, seq: row.seq });
      this.#late.set(row.seq, row);
    }
  }

  #replace(at: number, row: JobRow): void {
    if (this.#front[at] instanceof Gap) this.#gaps -= 1;
    this.#front[at] = row;
  }

  find(position: Position): JobRow | undefined {
    const slot = this.#front[this.#indexAtOrAfter(position)];
    if (isAt(slot, position)) return slot instanceof Gap ? undefined : slot;
    return this.#aside(position);
  }

  #aside(position: Position): JobRow | undefined {
    const row = this.#passed.get(position.seq) ?? this.#late.get(position.seq);
    return isAt(row, position) ? row : undefined;
  }

  /** Answers the row that was there. */
  drop(position: Position): JobRow | undefined {
    const at = this.#indexAtOrAfter(position);
    const slot = this.#front[at];
    const row = isAt(slot, position) ? slot : this.#aside(position);
    if (row === undefined || row instanceof Gap) return undefined;
    if (row === slot) this.#leaveGap(at, row);
    else if (!this.#passed.delete(row.seq)) this.#late.delete(row.seq);
    const left = this.#gaps + this.#heap.size - this.#late.size;
    if (left >= CUT && left > this.size / 2) this.#clear();
    return row;
  }

  #leaveGap(at: number, row: JobRow): void {
    if (at === this.#head) {
      this.#passHead();
      this.#trim();
    } else {
      this.#front[at] = new Gap(row);
      this.#gaps += 1;
    }
  }

  #passHead(): void {
    this.#front[this.#head] = NOTHING;
    this.#head += 1;
  }

  *rows(): Iterable<JobRow> {
    for (let at = this.#head; at < this.#front.length; at++) {
      const slot = this.#front[at] as JobRow | Gap;
      if (!(slot instanceof Gap)) yield slot;
    }
    yield* this.#late.values();
    yield* this.#passed.values();
  }

  /** Up to `limit` rows above `after`, due at `through` or before. `lowWater`: at or below it nothing waits. */
  read(after: Position, lowWater: Position, through: number, limit: number): JobRow[] {
    if (before(lowWater, this.#cutAt)) this.#reopen(lowWater);
    this.#cut(lowWater);
    const found: JobRow[] = [];
    for (let at = this.#indexAfter(after); found.length < limit; at++) {
      const slot = this.#front[at] ?? this.#nextFromHeap();
      if (slot === undefined || slot.due > through) break;
      if (before(after, slot) && !(slot instanceof Gap)) found.push(slot);
    }
    return found;
  }

  #nextFromHeap(): JobRow | undefined {
    for (;;) {
      const position = this.#heap.pop();
      if (position === undefined) return undefined;
      const row = this.#late.get(position.seq);
      if (row === undefined || !isAt(row, position)) continue;
      this.#late.delete(row.seq);
      this.#front.push(row);
      return row;
    }
  }

  /** Low water has sunk: what was claimed above it may wait again. */
  #reopen(lowWater: Position): void {
    for (const row of this.#passed.values()) if (before(lowWater, row)) this.put(row);
  }

  #cut(lowWater: Position): void {
    this.#cutAt = lowWater;
    while (this.#head < this.#front.length) {
      const slot = this.#front[this.#head] as JobRow | Gap;
      if (slot instanceof Gap) this.#gaps -= 1;
      else if (before(lowWater, slot)) break;
      else this.#passed.set(slot.seq, slot);
      this.#passHead();
    }
    this.#trim();
  }

  #trim(): void {
    const { length } = this.#front;
    if (this.#head < length && (this.#head < CUT || this.#head < length / 2)) return;
    this.#front = this.#front.slice(this.#head);
    this.#head = 0;
  }

  #clear(): void {
    this.#front = this.#front.slice(this.#head).filter((slot) => !(slot instanceof Gap));
    this.#head = 0;
    this.#gaps = 0;
    this.#heap.keep((position) => isAt(this.#late.get(position.seq), position));
  }

  #indexAfter(position: Position): number {
    const at = this.#indexAtOrAfter(position);
    return isAt(this.#front[at], position) ? at + 1 : at;
  }

  /** Most often the head is asked for. */
  #indexAtOrAfter(position: Position): number {
    const front = this.#front;
    let low = this.#head;
    let high = front.length;
    if (low < high && !before(front[low] as Position, position)) return low;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(front[middle] as Position, position)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const isAt = (slot: Position | undefined, { due, seq }: Position): boolean =>
  slot !== undefined && slot.seq === seq && slot.due === due;
