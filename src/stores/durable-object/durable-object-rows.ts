import {
  claimKey,
  endOf,
  finalKey,
  join,
  laneKey,
  laneOf,
  positionKey,
  streamPrefix,
} from '../../core/logic/order.ts';
import type { Claims, Control, FinalRow, Found, JobRow, Place, Rows, Stream } from '../../core/logic/rows.ts';
import { durableObjectCodec } from './codec.ts';
import type { Sql, SqlValue } from './object-state.ts';

export type OnStep = (kind: 'read' | 'written', rows: number) => void;

type Live = Extract<Found, { at: 'jobs' | 'parked' }>;
type Stored = Record<string, SqlValue>;
/** One row a queue holds both: what is claimed is written with what every operation writes anyway. */
interface QueueRow {
  readonly control: Control | undefined;
  readonly claims: Claims[];
}

/** The rows of one queue in SQLite, inside one `transactionSync`. Reads answer at once; `flush` ends it. */
export class DurableObjectRows implements Rows {
  readonly queue: string;
  readonly codec = durableObjectCodec;
  readonly #sql: Sql;
  readonly #isProven: (workerId: string) => boolean;
  readonly #onStep: OnStep | undefined;
  #queueRow: QueueRow | undefined;
  #changed = false;

  constructor(queue: string, sql: Sql, isProven: (workerId: string) => boolean, onStep?: OnStep) {
    this.queue = queue;
    this.#sql = sql;
    this.#isProven = isProven;
    this.#onStep = onStep;
  }

  control(): Control | undefined {
    return this.#loaded().control;
  }

  putControl(control: Control): void {
    this.#queueRow = { ...this.#loaded(), control };
    this.#changed = true;
  }

  claims(): Claims[] {
    return this.#loaded().claims;
  }

  putClaims(claims: Claims): void {
    if (this.#isProven(claims.workerId)) claims.proven = true;
    const { control, claims: all } = this.#loaded();
    const others = all.filter(({ workerId }) => workerId !== claims.workerId);
    this.#queueRow = { control, claims: claims.leases.length === 0 ? others : [...others, claims] };
    this.#changed = true;
  }

  /** Writes the queue's row, if it changed. */
  flush(): void {
    if (!this.#changed) return;
    this.#changed = false;
    this.#exec(
      `INSERT INTO holdfast_queues (queue, control) VALUES (?, ?) ON CONFLICT (queue) DO UPDATE SET control = excluded.control`,
      this.queue,
      JSON.stringify(this.#loaded()),
    );
  }

  #loaded(): QueueRow {
    if (this.#queueRow === undefined) {
      const [found] = this.#exec(`SELECT control FROM holdfast_queues WHERE queue = ?`, this.queue);
      this.#queueRow = found
        ? (JSON.parse(String(found.control)) as QueueRow)
        : { control: undefined, claims: [] };
    }
    return this.#queueRow;
  }

  job(place: Place): JobRow | undefined {
    const [found] = this.#exec(
      `SELECT row, payload FROM holdfast_jobs WHERE k = ?`,
      this.#key(claimKey(place)),
    );
    return found && toJob(found);
  }

  find(id: string): Found | undefined {
    return this.#findLive('jobs', id) ?? this.#findLive('parked', id) ?? this.#findFinal(id);
  }

  #findLive(at: 'jobs' | 'parked', id: string): Live | undefined {
    const [found] = this.#exec(`SELECT row, payload FROM holdfast_${at} WHERE id = ?`, this.#key(id));
    return found && { at, row: toJob(found) };
  }

  #findFinal(id: string): Found | undefined {
    const [found] = this.#exec(`SELECT row, payload FROM holdfast_finals WHERE id = ?`, this.#key(id));
    return found && { at: 'finals', row: toFinal(found) };
  }

  keyHolders(name: string, key: string): Live[] {
    const holders = (at: 'jobs' | 'parked') =>
      this.#exec(`SELECT row, payload FROM holdfast_${at} WHERE key = ?`, this.#key(name, key)).map(
        (found): Live => ({ at, row: toJob(found) }),
      );
    return [...holders('jobs'), ...holders('parked')];
  }

  laneOccupied(lane: string): boolean {
    return this.#exec(`SELECT 1 FROM holdfast_jobs WHERE lane = ? LIMIT 1`, this.#key(lane)).length > 0;
  }

  nextInLane(lane: string): JobRow | undefined {
    const [next] = this.#page('parked', this.#key(lane, ''), endOf(this.queue, lane), 1);
    return next && toJob(next);
  }

  scan(stream: Stream, through: number, limit: number): JobRow[] {
    const prefix = this.#key(streamPrefix(stream));
    const last = { due: stream.timed ? through : 0, seq: Number.MAX_SAFE_INTEGER };
    return this.#page('jobs', prefix + positionKey(stream.low), prefix + positionKey(last), limit).map(toJob);
  }

  jobsAfter(key: string, limit: number): JobRow[] {
    return this.#page('jobs', this.#key(key), endOf(this.queue), limit).map(toJob);
  }

  parkedAfter(key: string, limit: number): JobRow[] {
    return this.#page('parked', this.#key(key), endOf(this.queue), limit).map(toJob);
  }

  finalsAfter(key: string, state: FinalRow['state'], limit: number): FinalRow[] {
    return this.#page('finals', this.#key(state, key), endOf(this.queue, state), limit).map(toFinal);
  }

  firstForgotten(limit: number): FinalRow[] {
    return this.finalsAfter('', 'completed', limit);
  }

  /** Rows with after < k ≤ through, in order. */
  #page(table: 'jobs' | 'parked' | 'finals', after: string, through: string, limit: number): Stored[] {
    return this.#exec(
      `SELECT row, payload FROM holdfast_${table} WHERE k > ? AND k <= ? ORDER BY k LIMIT ?`,
      after,
      through,
      limit,
    );
  }

  putJob(row: JobRow): void {
    this.#exec(
      `INSERT INTO holdfast_jobs (k, id, lane, key, row, payload) VALUES (?, ?, ?, ?, ?, ?)`,
      this.#key(claimKey(row)),
      this.#key(row.id),
      this.#laneColumn(row),
      this.#keyColumn(row),
      ...texts(row),
    );
  }

  moveJob(from: Place, row: JobRow): void {
    this.#exec(
      `UPDATE holdfast_jobs SET k = ?, row = ?, payload = ? WHERE k = ?`,
      this.#key(claimKey(row)),
      ...texts(row),
      this.#key(claimKey(from)),
    );
  }

  dropJobs(places: readonly Place[]): void {
    // One statement, as the platform binds at most 100 parameters.
    const keys = JSON.stringify(places.map((place) => this.#key(claimKey(place))));
    this.#exec(`DELETE FROM holdfast_jobs WHERE k IN (SELECT value FROM json_each(?))`, keys);
  }

  park(row: JobRow): void {
    this.#exec(
      `INSERT INTO holdfast_parked (k, id, key, row, payload) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (k) DO UPDATE SET row = excluded.row, payload = excluded.payload`,
      this.#parkedKey(row),
      this.#key(row.id),
      this.#keyColumn(row),
      ...texts(row),
    );
  }

  unpark(row: JobRow): void {
    this.#exec(`DELETE FROM holdfast_parked WHERE k = ?`, this.#parkedKey(row));
  }

  putFinal(final: FinalRow): void {
    const { job, state, finishedAt } = final;
    const [row, payload] = texts(job);
    this.#exec(
      `INSERT INTO holdfast_finals (k, id, row, payload) VALUES (?, ?, ?, ?)`,
      this.#key(state, finalKey(final)),
      this.#key(job.id),
      JSON.stringify({ state, finishedAt, job: row }),
      payload,
    );
  }

  dropFinal(final: FinalRow): void {
    this.#exec(`DELETE FROM holdfast_finals WHERE k = ?`, this.#key(final.state, finalKey(final)));
  }

  #laneColumn(row: JobRow): string | null {
    const lane = laneOf(row);
    return lane === undefined ? null : this.#key(lane);
  }

  #keyColumn({ name, idempotencyKey }: JobRow): string | null {
    return idempotencyKey === undefined ? null : this.#key(name, idempotencyKey);
  }

  #parkedKey(row: JobRow): string {
    return this.#key(laneKey(laneOf(row) ?? '', row.seq));
  }

  #key(...parts: readonly string[]): string {
    return join(this.queue, ...parts);
  }

  #exec(query: string, ...bindings: SqlValue[]): Stored[] {
    const cursor = this.#sql.exec(query, ...bindings);
    const found = cursor.toArray();
    this.#onStep?.('read', cursor.rowsRead);
    this.#onStep?.('written', cursor.rowsWritten);
    return found;
  }
}

function texts(row: JobRow): [string, string] {
  const { payload, ...rest } = row;
  return [JSON.stringify(rest), String(payload)];
}

function toJob({ row, payload }: Stored): JobRow {
  return { ...(JSON.parse(String(row)) as Omit<JobRow, 'payload'>), payload };
}

function toFinal({ row, payload }: Stored): FinalRow {
  const { job, state, finishedAt } = JSON.parse(String(row)) as { job: string } & Omit<FinalRow, 'job'>;
  return { job: { ...(JSON.parse(job) as Omit<JobRow, 'payload'>), payload }, state, finishedAt };
}
