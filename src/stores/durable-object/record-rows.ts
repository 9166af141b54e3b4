import { checkRecord } from '../../core/kernel/damage.ts';
import { jsonText } from '../../core/kernel/json-text.ts';
import type { Keyed, RecordKind, RecordOf } from '../../core/kernel/records.ts';
import type { SqlValue } from './object-state.ts';
import { type Exec, parsed } from './row-text.ts';

/** The records of a queue: see `Rows.record`. */
export class RecordRows {
  readonly #queue: string;
  readonly #exec: Exec;

  constructor(queue: string, exec: Exec) {
    this.#queue = queue;
    this.#exec = exec;
  }

  get<Kind extends RecordKind>(kind: Kind, key: string): RecordOf<Kind> | undefined {
    const [found] = this.#exec(
      `SELECT value FROM holdfast_records WHERE queue = ? AND kind = ? AND key = ?`,
      this.#queue,
      kind,
      key,
    );
    return found && this.#revealed(kind, key, found.value);
  }

  after<Kind extends RecordKind>(kind: Kind, key: string, limit: number): Keyed<Kind>[] {
    return this.#exec(
      `SELECT key, value FROM holdfast_records WHERE queue = ? AND kind = ? AND key > ? ORDER BY key LIMIT ?`,
      this.#queue,
      kind,
      key,
      limit,
    ).map((found) => {
      const own = String(found.key);
      return { key: own, value: this.#revealed(kind, own, found.value) };
    });
  }

  /** Drops those that cannot be read; answers which. */
  mend(): { readonly kind: RecordKind; readonly key: string }[] {
    const lost: { readonly kind: RecordKind; readonly key: string }[] = [];
    for (const stored of this.#exec(
      `SELECT kind, key, value FROM holdfast_records WHERE queue = ?`,
      this.#queue,
    )) {
      const value: unknown = parsed(stored.value);
      if (typeof value === 'object' && value !== null) continue;
      lost.push({ kind: String(stored.kind) as RecordKind, key: String(stored.key) });
    }
    for (const { kind, key } of lost) this.drop(kind, key);
    return lost;
  }

  #revealed<Kind extends RecordKind>(kind: Kind, key: string, text: SqlValue | undefined): RecordOf<Kind> {
    return checkRecord(this.#queue, kind, key, parsed(text));
  }

  put<Kind extends RecordKind>(kind: Kind, key: string, value: RecordOf<Kind>): void {
    this.#exec(
      `INSERT INTO holdfast_records (queue, kind, key, value) VALUES (?, ?, ?, ?)
       ON CONFLICT (queue, kind, key) DO UPDATE SET value = excluded.value`,
      this.#queue,
      kind,
      key,
      jsonText(value),
    );
  }

  drop(kind: RecordKind, key: string): void {
    this.#exec(
      `DELETE FROM holdfast_records WHERE queue = ? AND kind = ? AND key = ?`,
      this.#queue,
      kind,
      key,
    );
  }
}
