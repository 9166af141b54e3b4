import type { FinalRow } from '../../core/kernel/job-row.ts';
import { jsonText } from '../../core/kernel/json-text.ts';
import { endOf, finalKey, join, positionKey } from '../../core/kernel/order.ts';
import { ForgetOrder } from './forget-order.ts';
import type { SqlValue } from './object-state.ts';
import { damagedEnd, type Exec, finalTexts, PAGE, readFinal, type Stored } from './row-text.ts';
import { selectJobs } from './select.ts';

/** Behind every `finalKey`. */
const LAST = '~';

/**
 * The ended jobs of a queue. A dead one moves to a table of its own. A completed one stays where it lies and only leaves the claim order: as a
 * row that leaves an index is billed once, while to move it would be one more for each table and index.
 */
export class FinalRows {
  readonly #queue: string;
  readonly #exec: Exec;
  readonly #forgetOrder: ForgetOrder;

  constructor(queue: string, exec: Exec) {
    this.#queue = queue;
    this.#exec = exec;
    this.#forgetOrder = new ForgetOrder(queue, exec);
  }

  findDead(id: string): FinalRow | undefined {
    return this.#dead('id = ?', this.#key(id))[0];
  }

  after(key: string, state: FinalRow['state'], limit: number): FinalRow[] {
    if (state === 'completed') return this.#completedAfter(key, LAST, limit);
    return this.#dead(PAGE, this.#key(state, key), endOf(this.#queue, state), limit);
  }

  firstForgotten(limit: number, through?: number): FinalRow[] {
    const last = through === undefined ? LAST : positionKey({ due: through, seq: Number.MAX_SAFE_INTEGER });
    return this.#completedAfter('', last, limit);
  }

  #completedAfter(after: string, through: string, limit: number): FinalRow[] {
    const ids = this.#forgetOrder.entries(after, through, limit).map(([, id]) => this.#key(id));
    if (ids.length === 0) return [];
    const inIds = 'id IN (SELECT value FROM json_each(?)) AND ended IS NOT NULL';
    const found = selectJobs(this.#exec, 'jobs', '*', inIds, [jsonText(ids)]);
    const byId = new Map(found.map((stored) => [stored.id, stored]));
    return ids
      .map((id) => byId.get(id))
      .map((stored) => stored && this.completed(stored))
      .filter((final) => final !== undefined);
  }

  /** `stored` is a row of `holdfast_jobs` with all its columns that has ended. */
  completed(stored: Stored): FinalRow | undefined {
    return readFinal(stored) ?? damagedEnd(this.#queue, { ...stored, k: stored.ended ?? null });
  }

  #dead(where: string, ...bindings: SqlValue[]): FinalRow[] {
    return selectJobs(this.#exec, 'finals', '*', where, bindings)
      .map((stored) => readFinal(stored) ?? damagedEnd(this.#queue, stored))
      .filter((final) => final !== undefined);
  }

  put(final: FinalRow): void {
    if (final.state === 'completed') this.#keep(final);
    else
      this.#exec(
        `INSERT INTO holdfast_finals (k, id, row, payload) VALUES (?, ?, ?, ?)`,
        this.#key(final.state, finalKey(final)),
        this.#key(final.job.id),
        ...finalTexts(final),
      );
  }

  #keep(final: FinalRow): void {
    const key = finalKey(final);
    this.#exec(
      `INSERT INTO holdfast_jobs (id, ended, row, payload) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE
       SET k = NULL, lane = NULL, key = NULL, ended = excluded.ended, row = excluded.row, payload = excluded.payload`,
      this.#key(final.job.id),
      this.#key(final.state, key),
      ...finalTexts(final),
    );
    this.#forgetOrder.add(key, final.job.id);
  }

  drop(final: FinalRow): void {
    const key = finalKey(final);
    if (final.state === 'dead') {
      this.#exec(`DELETE FROM holdfast_finals WHERE k = ?`, this.#key(final.state, key));
      return;
    }
    this.#exec(`DELETE FROM holdfast_jobs WHERE id = ? AND ended IS NOT NULL`, this.#key(final.job.id));
    this.#forgetOrder.drop(key);
  }

  flush(): void {
    this.#forgetOrder.flush();
  }

  #key(...parts: readonly string[]): string {
    return join(this.#queue, ...parts);
  }
}
