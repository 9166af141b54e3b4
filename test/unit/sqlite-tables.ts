import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { Deserializer, Serializer } from 'node:v8';
import { type Codec, type Entry, type Indexed, sealPayload, type Table, type Tables } from 'holdfast/store';

/** One table for all entries. The key is part of the primary key, so that a range is read where it lies. */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS holdfast_rows (
    queue TEXT, part TEXT, k TEXT, id TEXT, lane TEXT, holds TEXT, value BLOB NOT NULL, PRIMARY KEY (queue, part, k)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS holdfast_id ON holdfast_rows (queue, id) WHERE id IS NOT NULL;
  CREATE INDEX IF NOT EXISTS holdfast_lane ON holdfast_rows (queue, lane) WHERE lane IS NOT NULL;
  CREATE INDEX IF NOT EXISTS holdfast_holds ON holdfast_rows (queue, holds) WHERE holds IS NOT NULL;
`;

/** Not `serialize`: what that brings back of bytes lies in a buffer of others. */
function toClone(value: unknown): Uint8Array {
  const clone = new Serializer();
  clone.writeHeader();
  clone.writeValue(value);
  return clone.releaseBuffer();
}

export function fromClone(stored: unknown): unknown {
  const clone = new Deserializer(stored as Uint8Array);
  clone.readHeader();
  return clone.readValue();
}

/** Payloads are held as copies: rows are written as structured clones anyhow. */
export const sqliteCodec: Codec = {
  seal(payload) {
    const { value, size } = sealPayload(payload, { blobs: false });
    return { stored: value, size };
  },
  reveal: (stored) => stored,
};

type Stored = Readonly<Record<string, unknown>>;
export type OnStep = (kind: 'read' | 'written', rows: number) => void;
export type Run = (text: string, ...values: SQLInputValue[]) => Stored[];

/** Runs one statement, prepared once. */
export function statementsOf(database: DatabaseSync, onStep?: OnStep): Run {
  const prepared = new Map<string, StatementSync>();
  return (text, ...values) => {
    const statement = prepared.get(text) ?? database.prepare(text);
    prepared.set(text, statement);
    const found = statement.all(...values);
    if (text.startsWith('SELECT')) onStep?.('read', found.length);
    else onStep?.('written', 1);
    return found;
  };
}

/** Reads return at once, writes are done at once: the transaction around them is the store's. */
export class SqliteTables implements Tables {
  readonly #queue: string;
  readonly #run: Run;

  constructor(queue: string, run: Run) {
    this.#queue = queue;
    this.#run = run;
  }

  get(table: Table, key: string): Entry | undefined {
    return this.#select('WHERE queue = ? AND part = ? AND k = ?', table, key)[0];
  }

  range(table: Table, after: string, through: string | undefined, limit: number) {
    const until = through ?? END;
    return this.#select(
      'WHERE queue = ? AND part = ? AND k > ? AND k <= ? ORDER BY k LIMIT ?',
      ...[table, after, until, limit],
    );
  }

  find(index: keyof Indexed, value: string, limit: number) {
    return this.#select(
      `INDEXED BY holdfast_${index} WHERE queue = ? AND ${index} = ? LIMIT ?`,
      value,
      limit,
    );
  }

  put(table: Table, { key, value, id, lane, holds }: Entry, isNew: boolean): void {
    this.#run(
      `INSERT ${isNew ? '' : 'OR REPLACE '}INTO holdfast_rows VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...[this.#queue, table, key, id ?? null, lane ?? null, holds ?? null],
      toClone(value),
    );
  }

  drop(table: Table, key: string): void {
    this.#run('DELETE FROM holdfast_rows WHERE queue = ? AND part = ? AND k = ?', this.#queue, table, key);
  }

  clear(): number {
    this.#run('DELETE FROM holdfast_rows WHERE queue = ?', this.#queue);
    return 0;
  }

  /** Where SQLite cannot read one of many, each is read by itself. */
  #select(from: string, ...values: SQLInputValue[]): (Entry & { table: Table })[] {
    try {
      return this.#run(`SELECT * FROM holdfast_rows ${from}`, this.#queue, ...values).map(entryOf);
    } catch (thrown) {
      const keys = this.#run(
        `SELECT part, k, id, lane, holds FROM holdfast_rows ${from}`,
        this.#queue,
        ...values,
      );
      const entries = keys.map((row) => this.#read(row));
      const isLost = ({ lost }: Entry) => lost !== undefined;
      if (!entries.some(isLost)) throw thrown;
      // One that reads nothing at all has lost no row: this throws then.
      if (entries.every(isLost)) this.#run(ONE, this.#queue, 'queue', '');
      return entries;
    }
  }

  #read(row: Stored): Entry & { table: Table } {
    try {
      const [found] = this.#run(ONE, this.#queue, String(row.part), String(row.k));
      return entryOf(found as Stored);
    } catch (error) {
      return { ...entryOf(row), lost: `SQLite cannot read it (${(error as Error).message})` };
    }
  }
}

const ONE = 'SELECT * FROM holdfast_rows WHERE queue = ? AND part = ? AND k = ?';

/** In SQLite a blob sorts after every text. */
const END = new Uint8Array();

const text = (value: unknown): string | undefined => (value === null ? undefined : String(value));

const entryOf = ({ part, k, id, lane, holds, value }: Stored): Entry & { table: Table } => ({
  ...{ table: part as Table, key: String(k), id: text(id), lane: text(lane), holds: text(holds) },
  value: value === undefined ? undefined : fromClone(value),
});
