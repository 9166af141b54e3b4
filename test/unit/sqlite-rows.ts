import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { Deserializer, Serializer } from 'node:v8';
import {
  type Claims,
  type Codec,
  type Control,
  claimKey,
  damagedFinal,
  damagedRow,
  type FinalRow,
  type Found,
  finalKey,
  type JobRow,
  join,
  jsonText,
  type Keyed,
  laneKey,
  laneOf,
  NO_FEATURES,
  type Place,
  positionKey,
  type RecordKind,
  type RecordOf,
  type Remains,
  type Rows,
  type Stream,
  sealPayload,
  streamPrefix,
} from 'holdfast/store';

/** One table for all rows: `at` says which they are of. The claim order is the primary key, so that a claim reads what it takes. */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS holdfast_queues (queue TEXT PRIMARY KEY, control TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS holdfast_claims (
    queue TEXT, worker TEXT, claims BLOB NOT NULL, PRIMARY KEY (queue, worker)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS holdfast_records (
    queue TEXT, kind TEXT, key TEXT, value BLOB NOT NULL, PRIMARY KEY (queue, kind, key)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS holdfast_rows (
    queue TEXT, at TEXT, k TEXT, id TEXT NOT NULL, lane TEXT, name TEXT, key TEXT,
    ended, row TEXT NOT NULL CHECK (json_valid(row)), payload, sealed BLOB,
    PRIMARY KEY (queue, at, k)
  ) WITHOUT ROWID;
  CREATE UNIQUE INDEX IF NOT EXISTS holdfast_ids ON holdfast_rows (queue, id, at);
  CREATE INDEX IF NOT EXISTS holdfast_lanes ON holdfast_rows (queue, lane) WHERE lane IS NOT NULL;
  CREATE INDEX IF NOT EXISTS holdfast_keys ON holdfast_rows (queue, name, key) WHERE key IS NOT NULL;
`;

function toClone(value: unknown): Uint8Array {
  const clone = new Serializer();
  clone.writeHeader();
  clone.writeValue(value);
  return clone.releaseBuffer();
}

function fromClone(stored: unknown): unknown {
  const clone = new Deserializer(stored as Uint8Array);
  clone.readHeader();
  return clone.readValue();
}

/** JSON text for plain payloads, which SQLite's own functions can read; structured clones for the others. */
export const sqliteCodec: Codec = {
  seal(payload) {
    const { value, plain, size } = sealPayload(payload, { blobs: false });
    return { stored: plain ? jsonText(value) : toClone(value), size };
  },
  reveal: (stored) => (typeof stored === 'string' ? JSON.parse(stored) : fromClone(stored)),
};

type At = 'jobs' | 'parked' | FinalRow['state'];
type Live = Extract<Found, { at: 'jobs' | 'parked' }>;
type Stored = Readonly<Record<string, unknown>>;
export type OnStep = (kind: 'read' | 'written', rows: number) => void;
export type Run = (text: string, ...values: SQLInputValue[]) => Stored[];

/** Runs one statement, prepared once. */
export function statementsOf(database: DatabaseSync, onStep?: OnStep): Run {
  const prepared = new Map<string, StatementSync>();
  return (text, ...values) => {
    const statement = prepared.get(text) ?? database.prepare(text);
    prepared.set(text, statement);
    const found = statement.all(...values);
    if (text.startsWith('SELECT')) onStep?.('read', found.length);
    else onStep?.('written', 1);
    return found;
  };
}

/**
 * The rows of one queue. Reads answer at once, writes are done at once: the transaction around them is the store's. Statements name their
 * index, as SQLite without statistics prefers to walk over all rows of the queue.
 */
export class SqliteRows implements Rows {
  readonly queue: string;
  readonly codec = sqliteCodec;
  features: object = NO_FEATURES;
  readonly #run: Run;
  #claims: Map<string, Claims> | undefined;

  constructor(queue: string, run: Run) {
    this.queue = queue;
    this.#run = run;
  }

  control(): Control | undefined {
    const [found] = this.#run('SELECT control FROM holdfast_queues WHERE queue = ?', this.queue);
    return found && (JSON.parse(String(found.control)) as Control);
  }

  putControl(control: Control): void {
    this.#run('INSERT OR REPLACE INTO holdfast_queues VALUES (?, ?)', this.queue, jsonText(control));
  }

  claims(): Claims[] {
    return [...this.#drafts().values()];
  }

  #drafts(): Map<string, Claims> {
    this.#claims ??= new Map(
      this.#run('SELECT worker, claims FROM holdfast_claims WHERE queue = ?', this.queue).map((found) => [
        String(found.worker),
        fromClone(found.claims) as Claims,
      ]),
    );
    return this.#claims;
  }

  putClaims(claims: Claims): void {
    const { workerId, leases } = claims;
    if (leases.length === 0) {
      this.#drafts().delete(workerId);
      this.#run('DELETE FROM holdfast_claims WHERE queue = ? AND worker = ?', this.queue, workerId);
    } else {
      this.#drafts().set(workerId, claims);
      this.#run(
        'INSERT OR REPLACE INTO holdfast_claims VALUES (?, ?, ?)',
        this.queue,
        workerId,
        toClone(claims),
      );
    }
  }

  job(place: Place): JobRow | undefined {
    const [found] = this.#select(`WHERE queue = ? AND at = 'jobs' AND k = ?`, this.queue, claimKey(place));
    return found && toJob(found);
  }

  find(id: string): Found | undefined {
    const [found] = this.#select('INDEXED BY holdfast_ids WHERE queue = ? AND id = ?', this.queue, id);
    if (found === undefined) return undefined;
    return found.ended === null ? toLive(found) : { at: 'finals', row: toFinal(found) };
  }

  keyHolders(name: string, key: string): Live[] {
    const byKey = 'INDEXED BY holdfast_keys WHERE queue = ? AND name = ? AND key = ?';
    return this.#select(byKey, this.queue, name, key).map(toLive);
  }

  laneOccupied(lane: string): boolean {
    const byLane =
      'SELECT 1 FROM holdfast_rows INDEXED BY holdfast_lanes WHERE queue = ? AND lane = ? LIMIT 1';
    return this.#run(byLane, this.queue, lane).length > 0;
  }

  nextInLane(lane: string): JobRow | undefined {
    const [next] = this.#page('parked', laneKey(lane, 0), laneKey(lane, Number.MAX_SAFE_INTEGER), 1);
    return next && toJob(next);
  }

  scan(stream: Stream, through: number, limit: number): JobRow[] {
    const prefix = streamPrefix(stream);
    const last = { due: stream.timed ? through : 0, seq: Number.MAX_SAFE_INTEGER };
    return this.#page('jobs', prefix + positionKey(stream.low), prefix + positionKey(last), limit).map(toJob);
  }

  jobsAfter(key: string, limit: number): JobRow[] {
    return this.#page('jobs', key, END, limit).map(toJob);
  }

  parkedAfter(key: string, limit: number): JobRow[] {
    return this.#page('parked', key, END, limit).map(toJob);
  }

  finalsAfter(key: string, state: FinalRow['state'], limit: number): FinalRow[] {
    return this.#page(state, key, END, limit).map(toFinal);
  }

  firstForgotten(limit: number): FinalRow[] {
    return this.finalsAfter('', 'completed', limit);
  }

  /** Rows with after < k ≤ through, in order. */
  #page(at: At, after: string, through: string | Uint8Array, limit: number): Stored[] {
    return this.#select(
      'WHERE queue = ? AND at = ? AND k > ? AND k <= ? ORDER BY k LIMIT ?',
      this.queue,
      at,
      after,
      through,
      limit,
    );
  }

  /** Where SQLite cannot read one of many, each is read by itself; of one that is lost its place is there, and why. */
  #select(from: string, ...values: SQLInputValue[]): Stored[] {
    try {
      return this.#run(`SELECT * FROM holdfast_rows ${from}`, ...values);
    } catch (thrown) {
      return this.#selectEach(from, values, thrown);
    }
  }

  #selectEach(from: string, values: SQLInputValue[], thrown: unknown): Stored[] {
    const places = this.#run(
      `SELECT at, k, id, lane, name, key, ended FROM holdfast_rows ${from}`,
      ...values,
    );
    const byPlace = 'SELECT * FROM holdfast_rows WHERE queue = ? AND at = ? AND k = ?';
    const rows = places.map((place): Stored => {
      try {
        const [row] = this.#run(byPlace, this.queue, place.at as At, place.k as string);
        return row as Stored;
      } catch (error) {
        return { ...place, lost: (error as Error).message };
      }
    });
    // One that reads nothing at all has lost no row: `control` throws then.
    const isLost = ({ lost }: Stored) => lost !== undefined;
    if (!rows.some(isLost) || (rows.every(isLost) && this.control() === undefined)) throw thrown;
    return rows;
  }

  putJob(row: JobRow): void {
    this.#put('jobs', claimKey(row), row);
  }

  moveJob(from: Place, row: JobRow): void {
    this.dropJobs([from]);
    this.putJob(row);
  }

  dropJobs(places: readonly Place[]): void {
    for (const place of places) this.#drop('jobs', claimKey(place));
  }

  park(row: JobRow): void {
    this.unpark(row); // Parked again with another payload, it keeps its place.
    this.#put('parked', parkedKey(row), row);
  }

  unpark(row: JobRow): void {
    this.#drop('parked', parkedKey(row));
  }

  putFinal(final: FinalRow): void {
    this.#put(final.state, finalKey(final), final.job, final);
  }

  dropFinal(final: FinalRow): void {
    this.#drop(final.state, finalKey(final));
  }

  record<Kind extends RecordKind>(kind: Kind, key: string): RecordOf<Kind> | undefined {
    const byKey = 'SELECT value FROM holdfast_records WHERE queue = ? AND kind = ? AND key = ?';
    const [found] = this.#run(byKey, this.queue, kind, key);
    return found && (fromClone(found.value) as RecordOf<Kind>);
  }

  recordsAfter<Kind extends RecordKind>(kind: Kind, key: string, limit: number): Keyed<Kind>[] {
    const after =
      'SELECT key, value FROM holdfast_records WHERE queue = ? AND kind = ? AND key > ? ORDER BY key LIMIT ?';
    return this.#run(after, this.queue, kind, key, limit).map((found) => ({
      key: String(found.key),
      value: fromClone(found.value) as RecordOf<Kind>,
    }));
  }

  putRecord<Kind extends RecordKind>(kind: Kind, key: string, value: RecordOf<Kind>): void {
    const put = 'INSERT OR REPLACE INTO holdfast_records VALUES (?, ?, ?, ?)';
    this.#run(put, this.queue, kind, key, toClone(value));
  }

  dropRecord(kind: RecordKind, key: string): void {
    const drop = 'DELETE FROM holdfast_records WHERE queue = ? AND kind = ? AND key = ?';
    this.#run(drop, this.queue, kind, key);
  }

  wipe(): number {
    for (const table of ['rows', 'records', 'claims', 'queues'])
      this.#run(`DELETE FROM holdfast_${table} WHERE queue = ?`, this.queue);
    this.#claims = undefined;
    return 0;
  }

  /** Never replaces: a row that is there already would be lost, this way the transaction is. */
  #put(at: At, k: string, { payload, attached, extras, ...row }: JobRow, final?: FinalRow): void {
    const { job: _j, state: _s, finishedAt, ...end } = final ?? {};
    // Only the head occupies its lane, and jobs that ended hold no key.
    const lane = at === 'jobs' ? (laneOf(row) ?? null) : null;
    const key = final === undefined ? (row.idempotencyKey ?? null) : null;
    const isSealed = attached !== undefined || extras !== undefined || Object.keys(end).length > 0;
    const sealed: Sealed | null = isSealed ? { attached, extras, end } : null;
    this.#run(
      'INSERT INTO holdfast_rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...[this.queue, at, k, row.id, lane, row.name, key, finishedAt ?? null],
      jsonText(row),
      (payload ?? null) as SQLInputValue,
      sealed && toClone(sealed),
    );
  }

  #drop(at: At, k: string): void {
    this.#run('DELETE FROM holdfast_rows WHERE queue = ? AND at = ? AND k = ?', this.queue, at, k);
  }
}

/** In SQLite a blob sorts after every text. */
const END = new Uint8Array();

const parkedKey = (row: JobRow): string => laneKey(laneOf(row) ?? '', row.seq);

interface Sealed {
  readonly attached?: JobRow['attached'] | undefined;
  readonly extras?: JobRow['extras'] | undefined;
  /** What else there is of a final row, whatever that is. */
  readonly end?: Omit<FinalRow, 'job' | 'state' | 'finishedAt'>;
}

const sealedIn = ({ sealed }: Stored): Sealed => (sealed === null ? {} : (fromClone(sealed) as Sealed));

/** What is left of a row that SQLite cannot read. */
function remainsOf({ k, id, lane, name, key }: Stored): Remains {
  const holds = key === null ? undefined : join(String(name), String(key));
  return { key: String(k), id: String(id), lane: lane === null ? undefined : String(lane), holds, raw: null };
}

const whyLost = ({ lost }: Stored): string => `SQLite cannot read it (${lost})`;

function toJob(found: Stored): JobRow {
  const { lost, at } = found;
  // Its key is one of a job: it was found by it.
  if (lost !== undefined) return damagedRow(at as Live['at'], remainsOf(found), whyLost(found)) as JobRow;
  const { attached, extras } = sealedIn(found);
  const job = { ...(JSON.parse(String(found.row)) as JobRow), payload: found.payload };
  return {
    ...job,
    ...(attached !== undefined && { attached }),
    ...(extras !== undefined && { extras }),
  };
}

function toLive(found: Stored): Live {
  return { at: found.at as Live['at'], row: toJob(found) };
}

function toFinal(found: Stored): FinalRow {
  const { lost, at, k } = found;
  if (lost !== undefined)
    return damagedFinal(
      { ...remainsOf(found), key: join(String(at), String(k)) },
      whyLost(found),
    ) as FinalRow;
  const { end } = sealedIn(found);
  return {
    ...end,
    job: toJob(found),
    state: found.at as FinalRow['state'],
    finishedAt: Number(found.ended),
  };
}
