import type { SqlValue } from './object-state.ts';
import type { Exec } from './row-text.ts';

/** Most jobs have the first four, and so many more fit into a statement. */
const COLUMNS = ['id', 'k', 'row', 'payload', 'lane', 'key'];

/** The columns of a row of `holdfast_jobs`: those of a lane or key only where it has one. */
export type JobColumns = readonly [
  id: string,
  k: string,
  row: SqlValue,
  payload: SqlValue,
  ...lane: [] | [lane: string, key: string | null],
];

/** Values of one statement, by the platform's limit. */
const MAX_VALUES = 100;

/** Rows of jobs on their way into the table, many to a statement. */
export class JobInserts {
  readonly #exec: Exec;
  #values: SqlValue[] = [];
  #width = 0;

  constructor(exec: Exec) {
    this.#exec = exec;
  }

  add(columns: JobColumns): void {
    const width = columns.length;
    if (width !== this.#width || this.#values.length + width > MAX_VALUES) this.flush();
    this.#width = width;
    this.#values.push(...columns);
  }

  flush(): void {
    const values = this.#values;
    if (values.length === 0) return;
    this.#values = [];
    const names = COLUMNS.slice(0, this.#width);
    const row = `(${names.map(() => '?').join(', ')})`;
    const rows = new Array(values.length / names.length).fill(row).join(', ');
    // Whatever fails ends the whole transaction: SQLite need not be able to take back the statement alone.
    this.#exec(`INSERT OR FAIL INTO holdfast_jobs (${names.join(', ')}) VALUES ${rows}`, ...values);
  }
}
