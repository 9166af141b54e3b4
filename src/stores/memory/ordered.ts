/** What is gone is cleared away when there is so much of it and it is the greater part; what came out of order, when it is a quarter. */
const CUT = 1_024;

/**
 * Rows in order of their keys, for whoever reads through them page by page: a page costs what it holds, and so does a row that comes or
 * goes, however many there are. A key stays in its place when its row is gone, until many are.
 */
export class Ordered<Row> {
  #keys: string[] = [];
  /** One for each key; undefined: it is gone. */
  #rows: (Row | undefined)[] = [];
  /** Before it all are gone. */
  #head = 0;
  #gone = 0;
  /** What came out of order. */
  readonly #late = new Map<string, Row>();
  /** Its keys in order, and those of rows that left meanwhile; undefined: to be sorted. */
  #lateKeys: readonly string[] | undefined;

  /** Takes the place of the row with its key, if there is one. */
  put(key: string, row: Row): void {
    const last = this.#keys.at(-1);
    if (last === undefined || last < key) {
      this.#keys.push(key);
      this.#rows.push(row);
      return;
    }
    const at = this.#indexFrom(key);
    if (this.#keys[at] === key) {
      if (this.#rows[at] === undefined) this.#gone -= 1;
      this.#rows[at] = row;
      return;
    }
    if (!this.#late.has(key)) this.#lateKeys = undefined;
    this.#late.set(key, row);
  }

  drop(key: string): void {
    const at = this.#indexFrom(key);
    if (this.#keys[at] !== key) {
      this.#late.delete(key);
      return;
    }
    if (this.#rows[at] === undefined) return;
    this.#rows[at] = undefined;
    this.#gone += 1;
    if (this.#gone >= CUT && this.#gone > this.#rows.length / 2) this.#tidy();
  }

  /** Up to `limit` rows that are there, after that key. */
  after(key: string, limit: number): Row[] {
    if (this.#late.size >= CUT && this.#late.size > this.#keys.length / 4) this.#tidy();
    const [inTurn, late] = [this.#inTurn(key, limit), this.#lateAfter(key, limit)];
    const page = late.length === 0 ? inTurn : merged(inTurn, late);
    return page.slice(0, limit).map(([, row]) => row);
  }

  #inTurn(after: string, limit: number): [string, Row][] {
    while (this.#head < this.#rows.length && this.#rows[this.#head] === undefined) this.#head += 1;
    const page: [string, Row][] = [];
    let at = after === '' ? this.#head : this.#indexFrom(after);
    if (this.#keys[at] === after) at += 1;
    for (; at < this.#keys.length && page.length < limit; at++) {
      const row = this.#rows[at];
      if (row !== undefined) page.push([this.#keys[at] as string, row]);
    }
    return page;
  }

  #lateAfter(after: string, limit: number): [string, Row][] {
    if (this.#late.size === 0) return [];
    this.#lateKeys ??= [...this.#late.keys()].sort();
    const keys = this.#lateKeys;
    const page: [string, Row][] = [];
    for (let at = indexFrom(keys, 0, after); at < keys.length && page.length < limit; at++) {
      const key = keys[at] as string;
      const row = this.#late.get(key);
      if (row !== undefined && key !== after) page.push([key, row]);
    }
    return page;
  }

  #indexFrom(key: string): number {
    return indexFrom(this.#keys, this.#head, key);
  }

  #tidy(): void {
    const late = [...this.#late].sort(([a], [b]) => (a < b ? -1 : 1));
    const all = merged(this.#inTurn('', this.#keys.length), late);
    this.#keys = all.map(([key]) => key);
    this.#rows = all.map(([, row]) => row);
    this.#late.clear();
    this.#lateKeys = undefined;
    this.#head = 0;
    this.#gone = 0;
  }
}

/** Of rows that come in whatever order. */
export function ordered<Row>(rows: Iterable<Row>, keyOf: (row: Row) => string): Ordered<Row> {
  const made = new Ordered<Row>();
  const keyed = Array.from(rows, (row) => [keyOf(row), row] as const);
  for (const [key, row] of keyed.sort(([a], [b]) => (a < b ? -1 : 1))) made.put(key, row);
  return made;
}

/** Of the first key that is this one or greater. */
function indexFrom(keys: readonly string[], from: number, key: string): number {
  let low = from;
  let high = keys.length;
  if (low < high && (keys[low] as string) >= key) return low;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** No key is in both. */
function merged<Row>(one: readonly [string, Row][], other: readonly [string, Row][]): [string, Row][] {
  const all: [string, Row][] = [];
  let next = 0;
  for (const entry of one) {
    for (let late = other[next]; late !== undefined && late[0] < entry[0]; late = other[next]) {
      all.push(late);
      next += 1;
    }
    all.push(entry);
  }
  return [...all, ...other.slice(next)];
}
