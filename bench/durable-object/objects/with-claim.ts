import { CONCURRENCY, HandWritten, type Row } from './hand-written.ts';

export { default, Peer } from './workload.ts';

/** Jobs claimed together. */
const BATCH = 100;

/**
 * What a careful hand writes: a job says in its row in which life of the object it was begun, before its handler runs. A batch is claimed
 * as soon as a handler is free and none is left, and what was finished meanwhile is deleted in the same transaction.
 */
export class Bench extends HandWritten {
  readonly #life = crypto.randomUUID();

  constructor(state: DurableObjectState, env: HandWritten['env']) {
    super(state, env);
    this.sql.exec(
      'CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY, payload TEXT NOT NULL, life TEXT)',
    );
  }

  protected async drain(): Promise<void> {
    // Claims go in the order of the ids, so nothing that waits lies before the last one; a new life begins anew.
    let last = 0;
    let claimed: Row[] = [];
    let finished: number[] = [];
    const next = (): Row | undefined => {
      if (claimed.length === 0) {
        claimed = this.#exchange(finished, last);
        finished = [];
        last = claimed.reduce((max, { id }) => Math.max(max, id), last);
      }
      return claimed.pop();
    };
    const loop = async () => {
      for (let row = next(); row !== undefined; row = next()) {
        await this.perform(JSON.parse(row.payload));
        finished.push(row.id);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, loop));
  }

  #exchange(finished: readonly number[], last: number): Row[] {
    return this.ctx.storage.transactionSync(() => {
      if (finished.length > 0) this.remove(finished);
      const claim = `UPDATE jobs SET life = ? WHERE id IN (SELECT id FROM jobs WHERE id > ? ORDER BY id LIMIT ?)
        RETURNING id, payload`;
      const rows = this.sql.exec<Row>(claim, this.#life, last, BATCH).toArray();
      // Returned in any order, taken from the end.
      return rows.sort((a, b) => b.id - a.id);
    });
  }
}
