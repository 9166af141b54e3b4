import { before } from '../../core/logic/order.ts';
import type { JobRow, Position } from '../../core/logic/rows.ts';
import { Heap } from './heap.ts';

/** Where a row stands in its line. A row that moves leaves its entry behind and gets another. */
export interface Entry extends Position {
  readonly line: Line;
  /** Undefined: it moved or went, and its payload with it. */
  row: JobRow | undefined;
  /** It is in no line any more: a row that comes back to this position needs another entry. */
  cut?: boolean;
}

/** Entries that are of no use any more are cleared away when there are this many and they are the greater part. */
const CUT = 1_024;

/**
 * The rows of one stream in claim order. Undelayed rows arrive in order and are only appended; timed ones wait in a heap
 * until they are near the head. Entries of rows that moved or went stay until they come up, or are too many.
 */
export class Line {
  #front: Entry[] = [];
  #head = 0;
  /** Entries without a row from the head on. */
  #left = 0;
  readonly #heap = new Heap<Entry>(before);

  /** Entries kept, those of rows that left included. */
  get size(): number {
    return this.#front.length - this.#head + this.#heap.size;
  }

  add(row: JobRow): Entry {
    const entry: Entry = { due: row.due, seq: row.seq, line: this, row };
    const last = this.#front.at(-1);
    if (entry.due === 0 && (last === undefined || before(last, entry))) this.#front.push(entry);
    else if (last !== undefined && before(entry, last)) this.#front.splice(this.#indexAfter(entry), 0, entry);
    else this.#heap.push(entry);
    return entry;
  }

  /** The row left. */
  leave(entry: Entry): void {
    entry.row = undefined;
    if (entry.cut) return;
    this.#left += 1;
    if (this.#left >= CUT && this.#left > this.size / 2) this.#clear();
  }

  /** Up to `limit` current rows above `after`, due at `through` or before. `lowWater`: nothing at or below is ever asked again. */
  read(after: Position, lowWater: Position, through: number, limit: number): JobRow[] {
    this.#cut(lowWater);
    const found: JobRow[] = [];
    for (let at = this.#indexAfter(after); found.length < limit; at++) {
      const entry = this.#front[at] ?? this.#nextFromHeap();
      if (entry === undefined || entry.due > through) break;
      if (before(after, entry) && entry.row !== undefined) found.push(entry.row);
    }
    return found;
  }

  #nextFromHeap(): Entry | undefined {
    const entry = this.#heap.pop();
    if (entry !== undefined) this.#front.push(entry);
    return entry;
  }

  #cut(lowWater: Position): void {
    const front = this.#front;
    while (this.#head < front.length) {
      const entry = front[this.#head] as Entry;
      if (before(lowWater, entry) && entry.row !== undefined) break;
      if (entry.row === undefined) this.#left -= 1;
      entry.cut = true;
      this.#head += 1;
    }
    if (this.#head < front.length && (this.#head < CUT || this.#head < front.length / 2)) return;
    this.#front = front.slice(this.#head);
    this.#head = 0;
  }

  #clear(): void {
    const isKept = ({ row }: Entry) => row !== undefined;
    this.#front = this.#front.slice(this.#head).filter(isKept);
    this.#head = 0;
    this.#heap.keep(isKept);
    this.#left = 0;
  }

  /** The index of the first entry after the position. */
  #indexAfter(position: Position): number {
    let low = this.#head;
    let high = this.#front.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(position, this.#front[middle] as Entry)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
