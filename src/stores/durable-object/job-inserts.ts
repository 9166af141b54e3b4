import type { SqlValue } from './object-state.ts';
import type { Exec } from './row-text.ts';

/** The columns id, k, lane, key, row and payload of `holdfast_jobs`. */
export type JobColumns = readonly [
  id: string,
  k: string,
  lane: string | null,
  key: string | null,
  row: SqlValue,
  payload: SqlValue,
];

/** Rows of one statement: the platform binds at most 100 values. */
const MAX_ROWS = 16;

/** Rows of jobs on their way into the table, many to a statement. */
export class JobInserts {
  readonly #exec: Exec;
  #waiting: JobColumns[] = [];

  constructor(exec: Exec) {
    this.#exec = exec;
  }

  add(columns: JobColumns): void {
    this.#waiting.push(columns);
    if (this.#waiting.length === MAX_ROWS) this.flush();
  }

  flush(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    const values = waiting.map(() => '(?, ?, ?, ?, ?, ?)').join(', ');
    this.#exec(
      `INSERT INTO holdfast_jobs (id, k, lane, key, row, payload) VALUES ${values}`,
      ...waiting.flat(),
    );
  }
}
