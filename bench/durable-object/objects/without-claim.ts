import { CONCURRENCY, HandWritten, type Row } from './hand-written.ts';

export { default, Peer } from './workload.ts';

/** Jobs read, run and deleted together. */
const BATCH = 100;

/** As fast as it goes by hand: nothing is written before a job is done, so nobody knows what ran when the object died. */
export class Bench extends HandWritten {
  constructor(state: DurableObjectState, env: HandWritten['env']) {
    super(state, env);
    this.sql.exec('CREATE TABLE IF NOT EXISTS jobs (id INTEGER PRIMARY KEY, payload TEXT NOT NULL)');
  }

  protected async drain(): Promise<void> {
    for (;;) {
      const rows = this.sql.exec<Row>('SELECT id, payload FROM jobs ORDER BY id LIMIT ?', BATCH).toArray();
      if (rows.length === 0) return;
      let next = 0;
      const loop = async () => {
        while (next < rows.length) await this.perform(JSON.parse(rows[next++]!.payload));
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, loop));
      this.remove(rows.map(({ id }) => id));
    }
  }
}
