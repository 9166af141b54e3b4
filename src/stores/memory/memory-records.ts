import { copySealed } from '../../core/kernel/payload.ts';
import type { Keyed, RecordKind, RecordOf } from '../../core/kernel/records.ts';
import { Ordered } from './ordered.ts';

/** The records of one kind: by key, and in order of their keys. */
interface OfKind {
  readonly values: Map<string, unknown>;
  readonly keys: Ordered<string>;
}

/** The records of a queue: see `Rows.record`. What is given and what is returned are copies. */
export class MemoryRecords {
  readonly #kinds = new Map<RecordKind, OfKind>();

  get<Kind extends RecordKind>(kind: Kind, key: string): RecordOf<Kind> | undefined {
    return copyOf(this.#kinds.get(kind)?.values.get(key)) as RecordOf<Kind> | undefined;
  }

  after<Kind extends RecordKind>(kind: Kind, key: string, limit: number): Keyed<Kind>[] {
    const page = this.#kinds.get(kind)?.keys.after(key, limit) ?? [];
    return page.map((at) => ({ key: at, value: this.get(kind, at) as RecordOf<Kind> }));
  }

  put(kind: RecordKind, key: string, value: unknown): void {
    let those = this.#kinds.get(kind);
    if (those === undefined) {
      those = { values: new Map(), keys: new Ordered() };
      this.#kinds.set(kind, those);
    }
    those.values.set(key, copyOf(value));
    those.keys.put(key, key);
  }

  drop(kind: RecordKind, key: string): void {
    const those = this.#kinds.get(kind);
    those?.values.delete(key);
    those?.keys.drop(key);
  }
}

/** Without a look at depth and size: what is in a record was checked when it was sealed, and nothing may fail once something is written. */
const copyOf = (value: unknown): unknown => (value === undefined ? value : copySealed(value));
