import { jsonText } from '../../core/kernel/json-text.ts';
import { endOf, join } from '../../core/kernel/order.ts';
import type { SqlValue } from './object-state.ts';
import { type Exec, parsed } from './row-text.ts';

/** A completed job in its order: its `finalKey` and its id. */
type Entry = readonly [key: string, id: string];

/** Entries a page: so many that a settled batch is in one or two, so few that to rewrite one costs less than a statement. */
const MAX_ENTRIES = 256;

/**
 * The completed jobs of a queue in the order in which they are forgotten, many to a row: an index would be billed a row for each of them.
 * A page holds the entries from its own key up to the next page's.
 */
export class ForgetOrder {
  readonly #queue: string;
  readonly #exec: Exec;
  /** What `flush` has to write: an id to be added, or undefined for what is to be dropped. By `finalKey`. */
  #changes = new Map<string, string | undefined>();

  constructor(queue: string, exec: Exec) {
    this.#queue = queue;
    this.#exec = exec;
  }

  add(key: string, id: string): void {
    this.#changes.set(key, id);
  }

  drop(key: string): void {
    this.#changes.set(key, undefined);
  }

  /** The entries after one key and up to another, in order, so many. */
  entries(after: string, through: string, limit: number): Entry[] {
    this.flush();
    const found: Entry[] = [];
    let page = this.#pageOf(after) ?? this.#pageAfter(after);
    while (page !== undefined && page.key <= through && found.length < limit) {
      found.push(...page.entries.filter(([key]) => key > after && key <= through));
      page = this.#pageAfter(page.key);
    }
    return found.slice(0, limit);
  }

  /** Writes what changed, each page once. */
  flush(): void {
    const changes = [...this.#changes].sort(([a], [b]) => (a < b ? -1 : 1));
    this.#changes = new Map();
    for (let from = 0; from < changes.length; ) {
      const [first] = changes[from] as [string, string | undefined];
      const page = this.#pageOf(first);
      const next = this.#pageAfter(first)?.key;
      const end = next === undefined ? -1 : changes.findIndex(([key], i) => i > from && key >= next);
      const here = changes.slice(from, end === -1 ? changes.length : end);
      this.#write(page?.key, merged(page?.entries ?? [], here));
      from += here.length;
    }
  }

  /** `old` is the key of the page that held them, if one did. */
  #write(old: string | undefined, entries: readonly Entry[]): void {
    if (entries.length === 0 && old !== undefined)
      this.#exec(`DELETE FROM holdfast_forget_order WHERE k = ?`, join(this.#queue, old));
    for (let from = 0; from < entries.length; from += MAX_ENTRIES) {
      const page = entries.slice(from, from + MAX_ENTRIES);
      const key = from === 0 && old !== undefined ? old : (page[0] as Entry)[0];
      this.#exec(
        `INSERT INTO holdfast_forget_order (k, page) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET page = excluded.page`,
        join(this.#queue, key),
        jsonText(page),
      );
    }
  }

  /** The page in which the key has its place. */
  #pageOf(key: string) {
    return this.#page(`k > ? AND k <= ? ORDER BY k DESC`, join(this.#queue, ''), join(this.#queue, key));
  }

  #pageAfter(key: string) {
    return this.#page(`k > ? AND k <= ? ORDER BY k`, join(this.#queue, key), endOf(this.#queue));
  }

  #page(where: string, ...bindings: SqlValue[]) {
    const [found] = this.#exec(
      `SELECT k, page FROM holdfast_forget_order WHERE ${where} LIMIT 1`,
      ...bindings,
    );
    if (found === undefined) return undefined;
    const key = String(found.k).slice(this.#queue.length + 1);
    // A damaged page forgets nobody: whoever stood in it is still found by id.
    return { key, entries: parsed<Entry[]>(found.page) ?? [] };
  }
}

function merged(
  entries: readonly Entry[],
  changes: readonly (readonly [string, string | undefined])[],
): Entry[] {
  const all = new Map<string, string | undefined>([...entries, ...changes]);
  const kept = [...all].filter((entry): entry is [string, string] => entry[1] !== undefined);
  return kept.sort(([a], [b]) => (a < b ? -1 : 1));
}
