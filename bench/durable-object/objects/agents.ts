import { Lifecycle } from 'agents/lifecycle';
import { Queue } from 'agents/queue';
import type { Enqueued, Work } from '../deed.ts';
import { Workload } from './workload.ts';

export { default, Peer } from './workload.ts';

/** Rows added by one statement when the object is filled unmeasured. */
const COPIES = 'WITH RECURSIVE n(i) AS (VALUES (?1) UNION ALL SELECT i + 1 FROM n WHERE i < ?2)';

/** The queue of the Agents SDK as its documentation shows it for a plain object. */
export class Bench extends Workload {
  readonly #queue = new Queue<Work>({ callbacks: { work: (work) => this.perform(work) } });
  readonly lifecycle = Lifecycle.install(this).use(this.#queue);

  /** Called once an alarm. */
  onAlarm(): void {
    this.meter.ran();
  }

  protected async push(jobs: readonly Enqueued[]): Promise<void> {
    await Promise.all(
      jobs.map(({ id, work }) => this.#queue.push('work', work, id === undefined ? {} : { id })),
    );
  }

  protected override async prepare(): Promise<void> {
    await this.#queue.get('none');
  }

  /** Each push looks at all rows, so a hundred thousand would take hours: the first is pushed, and its row copied. */
  protected override async fill(jobs: readonly Enqueued[]): Promise<void> {
    const [first, ...rest] = jobs;
    if (first === undefined) return;
    await this.push([{ id: `job ${first.work.n}`, work: first.work }]);
    if (rest.length === 0) return;
    this.ctx.storage.sql.exec(
      `INSERT INTO cf_agents_jobs (id, capability, fn, time, payload, retry_options, singleflight,
         hung_timeout_seconds, exclusive, recovery_loop, running, execution_started_at)
       ${COPIES} SELECT 'job ' || n.i, capability, fn, time, json_set(payload, '$.payload.n', n.i), retry_options, singleflight,
         hung_timeout_seconds, exclusive, recovery_loop, running, execution_started_at
       FROM cf_agents_jobs, n WHERE id = ?3`,
      rest[0]!.work.n,
      rest.at(-1)!.work.n,
      `job ${first.work.n}`,
    );
  }

  protected isEmpty(): boolean {
    return this.ctx.storage.sql.exec('SELECT 1 FROM cf_agents_jobs LIMIT 1').toArray().length === 0;
  }
}
