import type { Enqueued } from '../deed.ts';
import { Workload } from './workload.ts';

/** Handlers that run at a time, as in every contender. */
export const CONCURRENCY = 16;

/** What both hand-written queues share: a table in the order of its rowid, and an alarm that is set once a burst. */
export abstract class HandWritten extends Workload {
  protected readonly sql = this.ctx.storage.sql;
  #armed = false;

  protected async push(jobs: readonly Enqueued[]): Promise<void> {
    const payloads = JSON.stringify(jobs.map(({ work }) => JSON.stringify(work)));
    this.sql.exec('INSERT INTO jobs (payload) SELECT value FROM json_each(?)', payloads);
    if (this.#armed) return;
    this.#armed = true;
    // Not waited for: it is stored together with the jobs.
    void this.ctx.storage.setAlarm(Date.now());
  }

  protected isEmpty(): boolean {
    return this.sql.exec('SELECT 1 FROM jobs LIMIT 1').toArray().length === 0;
  }

  protected remove(ids: readonly number[]): void {
    this.sql.exec('DELETE FROM jobs WHERE id IN (SELECT value FROM json_each(?))', JSON.stringify(ids));
  }

  override async alarm(): Promise<void> {
    this.meter.ran();
    this.#armed = true;
    await this.drain();
    this.#armed = false;
  }

  /** Works until nothing is left. */
  protected abstract drain(): Promise<void>;
}

export interface Row extends Record<string, SqlStorageValue> {
  readonly id: number;
  readonly payload: string;
}
