import { checkClaims, checkControl, damagedQueue, streamReader } from '../../core/logic/damage.ts';
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
import {
  damagedEnd,
  damagedJob,
  finalTexts,
  jobTexts,
  readFinal,
  readJob,
  type Stored,
  type Table,
} from './row-text.ts';

export type OnStep = (kind: 'read' | 'written', rows: number) => void;

type Live = Extract<Found, { at: 'jobs' | 'parked' }>;
/** One row a queue holds both: what is claimed is written with what every operation writes anyway. */
interface QueueRow {
  readonly control: Control | undefined;
  readonly claims: Claims[];
}

/** Rows with one key < k ≤ another, in order, so many. */
const PAGE = 'k > ? AND k <= ? ORDER BY k LIMIT ?';

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
      this.#queueRow = found ? readQueue(this.queue, found.control) : { control: undefined, claims: [] };
    }
    return this.#queueRow;
  }

  job(place: Place): JobRow | undefined {
    return this.#jobs('jobs', 'k = ?', this.#key(claimKey(place)))[0];
  }

  find(id: string): Found | undefined {
    return this.#findLive('jobs', id) ?? this.#findLive('parked', id) ?? this.#findFinal(id);
  }

  #findLive(at: 'jobs' | 'parked', id: string): Live | undefined {
    const [row] = this.#jobs(at, 'id = ?', this.#key(id));
    return row && { at, row };
  }

  #findFinal(id: string): Found | undefined {
    const [row] = this.#finals('id = ?', this.#key(id));
    return row && { at: 'finals', row };
  }

  keyHolders(name: string, key: string): Live[] {
    const holders = (at: 'jobs' | 'parked') =>
      this.#jobs(at, 'key = ?', this.#key(name, key)).map((row): Live => ({ at, row }));
    return [...holders('jobs'), ...holders('parked')];
  }

  laneOccupied(lane: string): boolean {
    return this.#exec(`SELECT 1 FROM holdfast_jobs WHERE lane = ? LIMIT 1`, this.#key(lane)).length > 0;
  }

  nextInLane(lane: string): JobRow | undefined {
    return this.#jobs('parked', PAGE, this.#key(lane, ''), endOf(this.queue, lane), 1)[0];
  }

  scan(stream: Stream, through: number, limit: number): JobRow[] {
    const prefix = this.#key(streamPrefix(stream));
    const last = { due: stream.timed ? through : 0, seq: Number.MAX_SAFE_INTEGER };
    const [after, to] = [prefix + positionKey(stream.low), prefix + positionKey(last)];
    const read = streamReader(stream, last.due, readJob);
    return this.#read('jobs', PAGE, [after, to, limit], read, (stored) => this.#damaged('jobs', stored));
  }

  jobsAfter(key: string, limit: number): JobRow[] {
    return this.#jobs('jobs', PAGE, this.#key(key), endOf(this.queue), limit);
  }

  parkedAfter(key: string, limit: number): JobRow[] {
    return this.#jobs('parked', PAGE, this.#key(key), endOf(this.queue), limit);
  }

  finalsAfter(key: string, state: FinalRow['state'], limit: number): FinalRow[] {
    return this.#finals(PAGE, this.#key(state, key), endOf(this.queue, state), limit);
  }

  firstForgotten(limit: number): FinalRow[] {
    return this.finalsAfter('', 'completed', limit);
  }

  #jobs(table: 'jobs' | 'parked', where: string, ...bindings: SqlValue[]): JobRow[] {
    return this.#read(table, where, bindings, readJob, (stored) => this.#damaged(table, stored));
  }

  #damaged(table: 'jobs' | 'parked', stored: Stored): JobRow | undefined {
    return damagedJob(this.queue, table, stored);
  }

  #finals(where: string, ...bindings: SqlValue[]): FinalRow[] {
    return this.#read('finals', where, bindings, readFinal, (stored) => damagedEnd(this.queue, stored));
  }

  /** What cannot be read is read again with all its columns, which say where it is. What then has no place is left where it lies. */
  #read<Row>(
    table: Table,
    where: string,
    bindings: readonly SqlValue[],
    decode: (stored: Stored) => Row | undefined,
    damaged: (stored: Stored) => Row | undefined,
  ): Row[] {
    const select = (columns: string) =>
      this.#exec(`SELECT ${columns} FROM holdfast_${table} WHERE ${where}`, ...bindings);
    const rows = select('row, payload').map(decode);
    if (!rows.includes(undefined)) return rows as Row[];
    const whole = select('*');
    return rows.map((row, i) => row ?? damaged(whole[i] as Stored)).filter((row) => row !== undefined);
  }

  putJob(row: JobRow): void {
    this.#exec(
      `INSERT INTO holdfast_jobs (k, id, lane, key, row, payload) VALUES (?, ?, ?, ?, ?, ?)`,
      this.#key(claimKey(row)),
      this.#key(row.id),
      this.#laneColumn(row),
      this.#keyColumn(row),
      ...jobTexts(row),
    );
  }

  moveJob(from: Place, row: JobRow): void {
    this.#exec(
      `UPDATE holdfast_jobs SET k = ?, row = ?, payload = ? WHERE k = ?`,
      this.#key(claimKey(row)),
      ...jobTexts(row),
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
      ...jobTexts(row),
    );
  }

  unpark(row: JobRow): void {
    this.#exec(`DELETE FROM holdfast_parked WHERE k = ?`, this.#parkedKey(row));
  }

  putFinal(final: FinalRow): void {
    this.#exec(
      `INSERT INTO holdfast_finals (k, id, row, payload) VALUES (?, ?, ?, ?)`,
      this.#key(final.state, finalKey(final)),
      this.#key(final.job.id),
      ...finalTexts(final),
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

function readQueue(queue: string, text: SqlValue | undefined): QueueRow {
  let stored: Partial<Record<keyof QueueRow, unknown>> | null;
  try {
    stored = JSON.parse(String(text));
  } catch (error) {
    throw damagedQueue(queue, (error as Error).message);
  }
  return {
    control: checkControl(queue, stored?.control ?? null),
    claims: checkClaims(queue, stored?.claims),
  };
}
