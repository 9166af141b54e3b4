import type { Claims } from '../../core/kernel/claims-row.ts';
import type { Control, Stream } from '../../core/kernel/control-row.ts';
import { checkClaims, checkControl, streamReader } from '../../core/kernel/damage.ts';
import { NO_FEATURES } from '../../core/kernel/features.ts';
import type { FinalRow, Found, JobRow, Live } from '../../core/kernel/job-row.ts';
import { jsonText } from '../../core/kernel/json-text.ts';
import {
  claimKey,
  endOf,
  join,
  laneKey,
  laneOf,
  positionKey,
  streamPrefix,
} from '../../core/kernel/order.ts';
import type { Place } from '../../core/kernel/place.ts';
import type { Keyed, RecordKind, RecordOf } from '../../core/kernel/records.ts';
import type { Mended, Rows } from '../../core/kernel/rows.ts';
import { durableObjectCodec } from './codec.ts';
import { FinalRows } from './final-rows.ts';
import { JobInserts } from './job-inserts.ts';
import type { Sql, SqlValue } from './object-state.ts';
import { RecordRows } from './record-rows.ts';
import {
  damagedJob,
  type Exec,
  jobTexts,
  PAGE,
  parsed,
  readJob,
  type Stored,
  type Table,
} from './row-text.ts';
import { selectJobs } from './select.ts';

export type OnStep = (kind: 'read' | 'written', rows: number) => void;

/** One row a queue holds both: what is claimed is written with what every operation writes anyway. */
interface QueueRow {
  readonly control: Control | undefined;
  readonly claims: Claims[];
}

/** The rows of one queue in SQLite, inside one `transactionSync`. Reads answer at once; `flush` ends it. */
export class DurableObjectRows implements Rows {
  readonly queue: string;
  readonly codec = durableObjectCodec;
  features: object = NO_FEATURES;
  /** Of all keys. */
  readonly #prefix: string;
  readonly #sql: Sql;
  readonly #isProven: (workerId: string) => boolean;
  readonly #onStep: OnStep | undefined;
  readonly #inserts: JobInserts;
  readonly #finals: FinalRows;
  readonly #records: RecordRows;
  /** Claim keys of those that completed and stay: their rows have left the claim order already. */
  readonly #kept = new Set<string>();
  #queueRow: QueueRow | undefined;
  #changed = false;

  constructor(queue: string, sql: Sql, isProven: (workerId: string) => boolean, onStep?: OnStep) {
    this.queue = queue;
    this.#prefix = join(queue, '');
    const exec: Exec = (statement, ...bindings) => this.#exec(statement, ...bindings);
    this.#inserts = new JobInserts(exec);
    this.#finals = new FinalRows(queue, exec);
    this.#records = new RecordRows(queue, exec);
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
    const row = this.#loaded();
    const others = row.claims.filter(({ workerId }) => workerId !== claims.workerId);
    this.#queueRow = { ...row, claims: claims.leases.length === 0 ? others : [...others, claims] };
    this.#changed = true;
  }

  /** Writes what is not written yet: new jobs, the order of the completed, the queue's row. */
  flush(): void {
    this.#inserts.flush();
    this.#finals.flush();
    if (!this.#changed) return;
    this.#changed = false;
    this.#exec(
      `INSERT INTO holdfast_queues (queue, control) VALUES (?, ?) ON CONFLICT (queue) DO UPDATE SET control = excluded.control`,
      this.queue,
      jsonText(this.#loaded()),
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
    const [stored] = this.#select('jobs', '*', 'id = ?', [this.#key(id)]);
    if (stored === undefined) return this.#findParked(id) ?? foundFinal(this.#finals.findDead(id));
    if (stored.ended !== null) return foundFinal(this.#finals.completed(stored));
    const row = readJob(stored) ?? damagedJob(this.queue, 'jobs', stored);
    return row && { at: 'jobs', row };
  }

  #findParked(id: string): Found | undefined {
    const [row] = this.#jobs('parked', 'id = ?', this.#key(id));
    return row && { at: 'parked', row };
  }

  keyHolders(name: string, key: string): Live[] {
    const holders = (at: 'jobs' | 'parked') =>
      this.#jobs(at, 'key = ?', this.#key(join(name, key))).map((row): Live => ({ at, row }));
    return [...holders('jobs'), ...holders('parked')];
  }

  laneOccupied(lane: string): boolean {
    return this.#exec(`SELECT 1 FROM holdfast_jobs WHERE lane = ? LIMIT 1`, this.#key(lane)).length > 0;
  }

  nextInLane(lane: string): JobRow | undefined {
    return this.#jobs('parked', PAGE, this.#key(join(lane, '')), endOf(this.queue, lane), 1)[0];
  }

  scan(stream: Stream, through: number, limit: number): JobRow[] {
    const prefix = this.#key(streamPrefix(stream));
    const last = { due: stream.timed ? through : 0, seq: Number.MAX_SAFE_INTEGER };
    const [after, to] = [prefix + positionKey(stream.low), prefix + positionKey(last)];
    return this.#read('jobs', PAGE, [after, to, limit], streamReader(stream, last.due, readJob));
  }

  jobsAfter(key: string, limit: number): JobRow[] {
    return this.#jobs('jobs', PAGE, this.#key(key), endOf(this.queue), limit);
  }

  parkedAfter(key: string, limit: number): JobRow[] {
    return this.#jobs('parked', PAGE, this.#key(key), endOf(this.queue), limit);
  }

  finalsAfter(key: string, state: FinalRow['state'], limit: number): FinalRow[] {
    return this.#finals.after(key, state, limit);
  }

  firstForgotten(limit: number, through?: number): FinalRow[] {
    return this.#finals.firstForgotten(limit, through);
  }

  #jobs(table: Table, where: string, ...bindings: SqlValue[]): JobRow[] {
    return this.#read(table, where, bindings, readJob);
  }

  /** What cannot be read is read again with all its columns, which say where it is. What then has no place is left where it lies. */
  #read(
    table: Table,
    where: string,
    bindings: readonly SqlValue[],
    decode: (stored: Stored) => JobRow | undefined,
  ): JobRow[] {
    const rows = this.#select(table, 'row, payload', where, bindings).map(decode);
    if (!rows.includes(undefined)) return rows as JobRow[];
    const whole = this.#select(table, '*', where, bindings);
    return rows
      .map((row, i) => row ?? damagedJob(this.queue, table, whole[i] as Stored))
      .filter((row) => row !== undefined);
  }

  #select(table: Table, columns: string, where: string, bindings: readonly SqlValue[]): Stored[] {
    const exec: Exec = (statement, ...values) => this.#exec(statement, ...values);
    return selectJobs(exec, table, columns, where, bindings);
  }

  putJob(row: JobRow): void {
    const lane = laneOf(row);
    const columns = [this.#key(row.id), this.#key(claimKey(row)), ...jobTexts(row)] as const;
    this.#inserts.add(lane === undefined ? columns : [...columns, this.#key(lane), this.#keyColumn(row)]);
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
    const keys = places.map((place) => this.#key(claimKey(place))).filter((key) => !this.#kept.has(key));
    if (keys.length === 0) return;
    // One statement, as the platform binds at most 100 parameters.
    this.#exec(`DELETE FROM holdfast_jobs WHERE k IN (SELECT value FROM json_each(?))`, jsonText(keys));
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
    this.#finals.put(final);
    if (final.state === 'completed') this.#kept.add(this.#key(claimKey(final.job)));
  }

  dropFinal(final: FinalRow): void {
    this.#finals.drop(final);
  }

  record<Kind extends RecordKind>(kind: Kind, key: string): RecordOf<Kind> | undefined {
    return this.#records.get(kind, key);
  }

  recordsAfter<Kind extends RecordKind>(kind: Kind, key: string, limit: number): Keyed<Kind>[] {
    return this.#records.after(kind, key, limit);
  }

  putRecord<Kind extends RecordKind>(kind: Kind, key: string, value: RecordOf<Kind>): void {
    this.#records.put(kind, key, value);
  }

  dropRecord(kind: RecordKind, key: string): void {
    this.#records.drop(kind, key);
  }

  wipe(limit: number): number {
    let left = limit;
    const tables = { jobs: 'id', parked: 'k', finals: 'k', forget_order: 'k' };
    for (const [table, column] of Object.entries(tables)) {
      const page = `${column} > ? AND ${column} <= ? ORDER BY ${column} LIMIT ?`;
      const [after, to] = [this.#key(''), endOf(this.queue)];
      if (left > 0) left -= this.#wipeKeys(`holdfast_${table}`, column, page, after, to, left);
    }
    if (left > 0)
      left -= this.#wipeKeys('holdfast_records', 'queue, kind, key', 'queue = ? LIMIT ?', this.queue, left);
    if (left === 0) return limit;
    this.#exec(`DELETE FROM holdfast_queues WHERE queue = ?`, this.queue);
    this.#queueRow = undefined;
    this.#changed = false;
    return limit - left;
  }

  mend(): Mended {
    const [found] = this.#exec(`SELECT control FROM holdfast_queues WHERE queue = ?`, this.queue);
    const stored = parsed<{ control?: unknown; claims?: unknown } | null>(found?.control);
    const control = readable(() => checkControl(this.queue, stored?.control ?? null));
    const claims = readable(() => checkClaims(this.queue, stored?.claims));
    if (found !== undefined) this.#queueRow = { ...stored, control, claims: claims ?? [] };
    const isThere = found !== undefined;
    return {
      control: isThere && control === undefined,
      claims: isThere && claims === undefined,
      records: this.#records.mend(),
    };
  }

  /** Answers how many there were. */
  #wipeKeys(table: string, key: string, where: string, ...bindings: SqlValue[]): number {
    const keys = `SELECT ${key} FROM ${table} WHERE ${where}`;
    return this.#exec(`DELETE FROM ${table} WHERE (${key}) IN (${keys}) RETURNING 1`, ...bindings).length;
  }

  #keyColumn({ name, idempotencyKey }: JobRow): string | null {
    return idempotencyKey === undefined ? null : this.#key(join(name, idempotencyKey));
  }

  #parkedKey(row: JobRow): string {
    return this.#key(laneKey(laneOf(row) ?? '', row.seq));
  }

  #key(key: string): string {
    return this.#prefix + key;
  }

  #exec(query: string, ...bindings: SqlValue[]): Stored[] {
    this.#inserts.flush(); // Every other statement finds what was put before it.
    const cursor = this.#sql.exec(query, ...bindings);
    const found = cursor.toArray();
    this.#onStep?.('read', cursor.rowsRead);
    this.#onStep?.('written', cursor.rowsWritten);
    return found;
  }
}

/** Undefined: it is damaged. */
function readable<T>(check: () => T): T | undefined {
  try {
    return check();
  } catch {
    return undefined;
  }
}

const foundFinal = (row: FinalRow | undefined): Found | undefined => row && { at: 'finals', row };

function readQueue(queue: string, text: SqlValue | undefined): QueueRow {
  const stored = parsed<Partial<Record<keyof QueueRow, unknown>> | null>(text);
  return {
    ...stored,
    control: checkControl(queue, stored?.control ?? null),
    claims: checkClaims(queue, stored?.claims),
  };
}
