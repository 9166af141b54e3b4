import type { Claims } from '../core/kernel/claims-row.ts';
import type { Codec } from '../core/kernel/codec.ts';
import type { Control, Stream } from '../core/kernel/control-row.ts';
import { damagedFinal, damagedRow } from '../core/kernel/damage.ts';
import { StoreError } from '../core/kernel/errors.ts';
import { NO_FEATURES } from '../core/kernel/features.ts';
import type { FinalRow, Found, JobRow, Live } from '../core/kernel/job-row.ts';
import {
  claimKey,
  endOf,
  finalKey,
  join,
  laneKey,
  laneOf,
  positionKey,
  streamPrefix,
} from '../core/kernel/order.ts';
import type { Place } from '../core/kernel/place.ts';
import type { Keyed, RecordKind, RecordOf } from '../core/kernel/records.ts';
import type { Rows } from '../core/kernel/rows.ts';
import { isPromise, type Maybe } from '../core/kernel/step.ts';
import type { Entry, Table, Tables } from './tables.ts';

type At = Live['at'];

/** Enough for the workers of a queue, and for the holders of a key. */
const MANY = 10_000;

/**
 * The rows of one queue over six primitives: all that a store of one's own needs beside a way to run a transaction. A store that can do better
 * (holdfast's own do) implements `Rows` itself.
 *
 * @example
 * const rows = new TableRows('sync', codec, tables); // `tables`: get, range, find, put, drop, clear
 * return runSync(transaction.run(rows));
 *
 * One instance is for one transaction. It throws, or its reads reject, with StoreError for an entry of the queue's own that cannot be read; for a job's it
 * returns a row with `damage`.
 */
export class TableRows implements Rows {
  readonly queue: string;
  readonly codec: Codec;
  features: object = NO_FEATURES;
  readonly #tables: Tables;
  #claims: Map<string, Claims> | undefined;

  constructor(queue: string, codec: Codec, tables: Tables) {
    this.queue = queue;
    this.codec = codec;
    this.#tables = tables;
  }

  control(): Maybe<Control | undefined> {
    return after(this.#tables.get('queue', ''), (entry) => entry && own<Control>(entry));
  }

  putControl(control: Control): void {
    this.#tables.put('queue', { key: '', value: control }, false);
  }

  claims(): Maybe<Claims[]> {
    return after(this.#drafts(), (drafts) => [...drafts.values()]);
  }

  #drafts(): Maybe<Map<string, Claims>> {
    if (this.#claims !== undefined) return this.#claims;
    return after(this.#tables.range('claims', '', undefined, MANY), (entries) => {
      this.#claims ??= new Map(entries.map((entry) => [entry.key, own<Claims>(entry)]));
      return this.#claims;
    });
  }

  putClaims(claims: Claims): void {
    const { workerId: key, leases } = claims;
    if (leases.length === 0) {
      this.#claims?.delete(key);
      this.#tables.drop('claims', key);
    } else {
      this.#claims?.set(key, claims);
      this.#tables.put('claims', { key, value: claims }, false);
    }
  }

  job(place: Place): Maybe<JobRow | undefined> {
    return after(this.#tables.get('jobs', claimKey(place)), (entry) => entry && jobOf('jobs', entry));
  }

  find(id: string): Maybe<Found | undefined> {
    return after(this.#tables.find('id', id, 1), ([entry]) => {
      if (entry === undefined) return undefined;
      const { table } = entry;
      return isFinal(table) ? { at: 'finals', row: finalOf(table, entry) } : liveOf(table as At, entry);
    });
  }

  keyHolders(name: string, key: string): Maybe<readonly Live[]> {
    return after(this.#tables.find('holds', join(name, key), MANY), (entries) =>
      entries.map((entry) => liveOf(entry.table as At, entry)),
    );
  }

  laneOccupied(lane: string): Maybe<boolean> {
    return after(this.#tables.find('lane', lane, 1), (entries) => entries.length > 0);
  }

  nextInLane(lane: string): Maybe<JobRow | undefined> {
    const through = laneKey(lane, Number.MAX_SAFE_INTEGER);
    return after(
      this.#tables.range('parked', laneKey(lane, 0), through, 1),
      ([entry]) => entry && jobOf('parked', entry),
    );
  }

  scan(stream: Stream, through: number, limit: number): Maybe<readonly JobRow[]> {
    const prefix = streamPrefix(stream);
    const last = { due: stream.timed ? through : 0, seq: Number.MAX_SAFE_INTEGER };
    return this.#jobs('jobs', prefix + positionKey(stream.low), prefix + positionKey(last), limit);
  }

  jobsAfter(key: string, limit: number): Maybe<readonly JobRow[]> {
    return this.#jobs('jobs', key, undefined, limit);
  }

  parkedAfter(key: string, limit: number): Maybe<readonly JobRow[]> {
    return this.#jobs('parked', key, undefined, limit);
  }

  #jobs(at: At, from: string, through: string | undefined, limit: number): Maybe<readonly JobRow[]> {
    return after(this.#tables.range(at, from, through, limit), (all) => all.map((entry) => jobOf(at, entry)));
  }

  finalsAfter(key: string, state: FinalRow['state'], limit: number): Maybe<readonly FinalRow[]> {
    return after(this.#tables.range(state, key, undefined, limit), (entries) =>
      entries.map((entry) => finalOf(state, entry)),
    );
  }

  firstForgotten(limit: number): Maybe<readonly FinalRow[]> {
    return this.finalsAfter('', 'completed', limit);
  }

  putJob(row: JobRow): void {
    this.#put('jobs', claimKey(row), row);
  }

  moveJob(from: Place, row: JobRow): void {
    this.#tables.drop('jobs', claimKey(from));
    this.putJob(row);
  }

  dropJobs(places: readonly Place[]): void {
    for (const place of places) this.#tables.drop('jobs', claimKey(place));
  }

  park(row: JobRow): void {
    this.unpark(row); // Parked again with another payload, it keeps its place.
    this.#put('parked', parkedKey(row), row);
  }

  unpark(row: JobRow): void {
    this.#tables.drop('parked', parkedKey(row));
  }

  /** Only the head occupies its lane. Never replaces: a row that is there already would be lost, this way the transaction is. */
  #put(at: At, key: string, row: JobRow): void {
    const { id, name, idempotencyKey } = row;
    const holds = idempotencyKey === undefined ? undefined : join(name, idempotencyKey);
    this.#tables.put(at, { key, value: row, id, lane: at === 'jobs' ? laneOf(row) : undefined, holds }, true);
  }

  putFinal(final: FinalRow): void {
    this.#tables.put(final.state, { key: finalKey(final), value: final, id: final.job.id }, true);
  }

  dropFinal(final: FinalRow): void {
    this.#tables.drop(final.state, finalKey(final));
  }

  record<Kind extends RecordKind>(kind: Kind, key: string): Maybe<RecordOf<Kind> | undefined> {
    return after(
      this.#tables.get('records', join(kind, key)),
      (entry) => entry && own<RecordOf<Kind>>(entry),
    );
  }

  recordsAfter<Kind extends RecordKind>(
    kind: Kind,
    key: string,
    limit: number,
  ): Maybe<readonly Keyed<Kind>[]> {
    const prefix = join(kind, '');
    return after(this.#tables.range('records', prefix + key, endOf(kind), limit), (entries) =>
      entries.map((entry) => ({ key: entry.key.slice(prefix.length), value: own<RecordOf<Kind>>(entry) })),
    );
  }

  putRecord<Kind extends RecordKind>(kind: Kind, key: string, value: RecordOf<Kind>): void {
    this.#tables.put('records', { key: join(kind, key), value }, false);
  }

  dropRecord(kind: RecordKind, key: string): void {
    this.#tables.drop('records', join(kind, key));
  }

  wipe(limit: number): Maybe<number> {
    this.#claims = undefined;
    return this.#tables.clear(limit);
  }
}

const after = <T, U>(value: Maybe<T>, then: (value: T) => U): Maybe<U> =>
  isPromise(value) ? value.then(then) : then(value);

const isFinal = (table: Table): table is FinalRow['state'] => table === 'dead' || table === 'completed';

const parkedKey = (row: JobRow): string => laneKey(laneOf(row) ?? '', row.seq);

/** One of the queue's own. */
function own<T>({ value, lost }: Entry): T {
  if (lost !== undefined)
    throw new StoreError(`an entry of the queue cannot be read: ${lost}`, { retryable: true });
  return value as T;
}

const remains = ({ key, id, lane, holds }: Entry) => ({ key, id, lane, holds, raw: null });

/** Its key is one of a job: it was found by it. */
const jobOf = (at: At, entry: Entry): JobRow =>
  entry.lost === undefined ? (entry.value as JobRow) : (damagedRow(at, remains(entry), entry.lost) as JobRow);

const liveOf = (at: At, entry: Entry): Live => ({ at, row: jobOf(at, entry) });

const finalOf = (state: FinalRow['state'], entry: Entry): FinalRow =>
  entry.lost === undefined
    ? (entry.value as FinalRow)
    : (damagedFinal({ ...remains(entry), key: join(state, entry.key) }, entry.lost) as FinalRow);
