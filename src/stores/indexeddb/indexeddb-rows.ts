import type { Claims } from '../../core/kernel/claims-row.ts';
import type { Control, Stream } from '../../core/kernel/control-row.ts';
import {
  checkClaims,
  checkControl,
  checkRecord,
  DamagedQueueError,
  streamReader,
} from '../../core/kernel/damage.ts';
import { NO_FEATURES } from '../../core/kernel/features.ts';
import type { FinalRow, Found, JobRow, Live } from '../../core/kernel/job-row.ts';
import {
  claimKey,
  endOf,
  finalKey,
  join,
  laneKey,
  laneOf,
  positionKey,
  SEPARATOR,
  streamPrefix,
} from '../../core/kernel/order.ts';
import type { Place } from '../../core/kernel/place.ts';
import type { Keyed, RecordKind, RecordOf } from '../../core/kernel/records.ts';
import type { KeyedUnsorted, Mended, Rows } from '../../core/kernel/rows.ts';
import type { Unsorted } from '../../core/kernel/unsorted.ts';
import { BlobWrites } from './blob-writes.ts';
import { damagedJob, decodeJob, encodeFinal, encodeJob, indexedDBCodec } from './codec.ts';
import { JobWrites } from './job-writes.ts';
import { isLost, LostRows } from './lost-rows.ts';
import type { Proofs } from './proofs.ts';
import { Reads } from './reads.ts';
import { settled } from './request.ts';
import { RowReader } from './row-reader.ts';
import { CLAIMS, FINALS, JOBS, PARKED, QUEUES, RECORDS, type StoredJob, UNSORTED } from './schema.ts';
import { unsortedOf } from './unsorted.ts';

/** The rows of one queue inside one IndexedDB transaction. Nothing is awaited here but its own requests. */
export class IndexedDBRows implements Rows {
  readonly queue: string;
  readonly codec = indexedDBCodec;
  features: object = NO_FEATURES;
  readonly #transaction: IDBTransaction;
  readonly #isProven: (workerId: string) => boolean;
  /** Read once; from then on the drafts are the truth of this transaction. */
  #control: Promise<Control | undefined> | undefined;
  #claims: Promise<Claims[]> | undefined;
  readonly #blobs: BlobWrites;
  readonly #lost: LostRows;
  readonly #reads: Reads;
  readonly #reader: RowReader;
  readonly #writes: JobWrites;

  /**
   * @param proofs whoever gives them holds them before the commit; without them each key is looked at
   * @param blobs whoever gives them waits for them before the commit; without them no Blob is written
   * @param lost rows to be read around
   */
  constructor(
    queue: string,
    transaction: IDBTransaction,
    isProven: (workerId: string) => boolean,
    proofs?: Proofs,
    blobs = new BlobWrites(false),
    lost = new LostRows(),
  ) {
    this.queue = queue;
    this.#transaction = transaction;
    this.#isProven = isProven;
    this.#blobs = blobs;
    this.#lost = lost;
    this.#reads = new Reads(lost);
    this.#reader = new RowReader(queue, this.#reads);
    this.#writes = new JobWrites(queue, this.#store(JOBS), blobs, proofs);
  }

  control(): Promise<Control | undefined> {
    this.#control ??= this.#readControl();
    return this.#control;
  }

  async #readControl(): Promise<Control | undefined> {
    const stored = await this.#reads.get(this.#store(QUEUES), this.queue);
    return checkControl(this.queue, isLost(stored) ? null : stored);
  }

  putControl(control: Control): void {
    this.#control = Promise.resolve(control);
    this.#store(QUEUES).put(control, this.queue);
  }

  claims(): Promise<Claims[]> {
    this.#claims ??= this.#readClaims();
    return this.#claims;
  }

  async #readClaims(): Promise<Claims[]> {
    const stored = await this.#reads.getAll(this.#store(CLAIMS), this.#after(''));
    return checkClaims(this.queue, stored.some(isLost) ? null : stored);
  }

  putClaims(claims: Claims): void {
    const key = this.#key(claims.workerId);
    if (claims.leases.length === 0) {
      this.#store(CLAIMS).delete(key);
      return;
    }
    if (this.#isProven(claims.workerId)) claims.proven = true;
    this.#store(CLAIMS).put(claims, key);
  }

  async job(place: Place): Promise<JobRow | undefined> {
    const key = claimKey(place);
    const stored = (await this.#reads.get(this.#store(JOBS), this.#key(key))) as StoredJob | undefined;
    return stored === undefined
      ? undefined
      : (decodeJob(stored) ?? damagedJob(this.queue, 'jobs', key, stored));
  }

  async find(id: string): Promise<Found | undefined> {
    const key = this.#key(id);
    const [jobs, parkeds, finals] = this.#indexes('id', JOBS, PARKED, FINALS);
    const [[job], [parked], [final]] = await Promise.all([
      this.#reader.jobs(JOBS, jobs, key, 1),
      this.#reader.jobs(PARKED, parkeds, key, 1),
      this.#reader.finals(finals, key, 1),
    ]);
    const live = foundLive('jobs', job) ?? foundLive('parked', parked);
    return live ?? (final && { at: 'finals', row: final });
  }

  /** All of them before the first is asked: for one that the transaction has not, nothing is left under way. */
  #indexes<Names extends readonly string[]>(
    index: string,
    ...stores: Names
  ): { [I in keyof Names]: IDBIndex } {
    return stores.map((store) => this.#store(store).index(index)) as { [I in keyof Names]: IDBIndex };
  }

  async keyHolders(name: string, key: string): Promise<Live[]> {
    const held = this.#key(name, key);
    const [inJobs, inParked] = this.#indexes('key', JOBS, PARKED);
    const [jobs, parked] = await Promise.all([
      this.#reader.jobs(JOBS, inJobs, held),
      this.#reader.jobs(PARKED, inParked, held),
    ]);
    return [
      ...jobs.map((row): Live => ({ at: 'jobs', row })),
      ...parked.map((row): Live => ({ at: 'parked', row })),
    ];
  }

  async laneOccupied(lane: string): Promise<boolean> {
    return (await settled(this.#store(JOBS).index('lane').getKey(this.#key(lane)))) !== undefined;
  }

  async nextInLane(lane: string): Promise<JobRow | undefined> {
    const range = IDBKeyRange.bound(this.#key(lane, ''), endOf(this.queue, lane), false, true);
    return (await this.#reader.jobs(PARKED, this.#store(PARKED), range, 1))[0];
  }

  async scan(stream: Stream, through: number, limit: number): Promise<JobRow[]> {
    const prefix = this.#key(streamPrefix(stream));
    const last = { due: stream.timed ? through : 0, seq: Number.MAX_SAFE_INTEGER };
    if (last.due < stream.low.due) return [];
    const range = IDBKeyRange.bound(prefix + positionKey(stream.low), prefix + positionKey(last), true);
    const read = streamReader(stream, last.due, decodeJob);
    return this.#reader.jobs(JOBS, this.#store(JOBS), range, limit, read);
  }

  jobsAfter(key: string, limit: number): Promise<JobRow[]> {
    return this.#reader.jobs(JOBS, this.#store(JOBS), this.#after(key), limit);
  }

  parkedAfter(key: string, limit: number): Promise<JobRow[]> {
    return this.#reader.jobs(PARKED, this.#store(PARKED), this.#after(key), limit);
  }

  finalsAfter(key: string, state: FinalRow['state'], limit: number): Promise<FinalRow[]> {
    const range = IDBKeyRange.bound(this.#key(state, key), endOf(this.queue, state), true, true);
    return this.#reader.finals(this.#store(FINALS), range, limit);
  }

  firstForgotten(limit: number): Promise<FinalRow[]> {
    return this.finalsAfter('', 'completed', limit);
  }

  putJob(row: JobRow): void {
    this.#writes.put(row);
  }

  moveJob(from: Place, row: JobRow): void {
    const [was, is] = [this.#key(claimKey(from)), this.#key(claimKey(row))];
    if (was !== is) this.#store(JOBS).delete(was);
    this.#put(JOBS, encodeJob(this.queue, row), is);
  }

  dropJobs(places: readonly Place[]): Promise<void> {
    return this.#writes.drop(places, { control: () => this.control(), claims: () => this.claims() });
  }

  park(row: JobRow): void {
    this.#put(PARKED, encodeJob(this.queue, row), this.#parkedKey(row));
  }

  unpark(row: JobRow): void {
    this.#store(PARKED).delete(this.#parkedKey(row));
  }

  putFinal(row: FinalRow): void {
    this.#put(FINALS, encodeFinal(this.queue, row), this.#finalKey(row));
  }

  dropFinal(row: FinalRow): void {
    this.#store(FINALS).delete(this.#finalKey(row));
  }

  async record<Kind extends RecordKind>(kind: Kind, key: string): Promise<RecordOf<Kind> | undefined> {
    const stored = await this.#reads.get(this.#store(RECORDS), this.#key(kind, key));
    return stored === undefined
      ? undefined
      : checkRecord(this.queue, kind, key, isLost(stored) ? null : stored);
  }

  async recordsAfter<Kind extends RecordKind>(
    kind: Kind,
    key: string,
    limit: number,
  ): Promise<Keyed<Kind>[]> {
    const range = IDBKeyRange.bound(this.#key(kind, key), endOf(this.queue, kind), true, true);
    const [keys, values] = await this.#withKeys(RECORDS, range, limit);
    return keys.map((at, i) => {
      const own = at.slice(this.#key(kind, '').length);
      const value = isLost(values[i]) ? null : values[i];
      return { key: own, value: checkRecord(this.queue, kind, own, value) };
    });
  }

  putRecord<Kind extends RecordKind>(kind: Kind, key: string, value: RecordOf<Kind>): void {
    this.#put(RECORDS, value, this.#written(RECORDS, this.#key(kind, key)));
  }

  dropRecord(kind: RecordKind, key: string): void {
    this.#store(RECORDS).delete(this.#written(RECORDS, this.#key(kind, key)));
  }

  async unsorted(key: string, limit: number): Promise<KeyedUnsorted[]> {
    const [keys, values] = await this.#withKeys(UNSORTED, this.#after(key), limit);
    return keys.map((at, i) => unsortedOf(this.queue, at, values[i]));
  }

  isUnsorted(key?: string): Promise<boolean> {
    const asked = this.#store(UNSORTED).getKey(key === undefined ? this.#after('') : this.#key(key));
    const found = settled(asked).then((at) => at !== undefined);
    found.catch(() => undefined); // Whoever asks may fail before it looks at the answer.
    return found;
  }

  putUnsorted(key: string, value: Unsorted): void {
    this.#put(UNSORTED, value, this.#written(UNSORTED, this.#key(key)));
  }

  dropUnsorted(key: string): void {
    this.#store(UNSORTED).delete(this.#written(UNSORTED, this.#key(key)));
  }

  async wipe(limit: number): Promise<number> {
    let left = limit;
    for (const name of [JOBS, PARKED, FINALS, RECORDS, UNSORTED])
      if (left > 0) left -= await this.#wipeStore(this.#store(name), left);
    if (left === 0) return limit;
    this.#store(CLAIMS).delete(this.#after(''));
    this.#store(QUEUES).delete(this.queue);
    this.#control = undefined;
    this.#claims = undefined;
    return limit - left;
  }

  async mend(): Promise<Mended> {
    const claims = await this.#mendTable(CLAIMS, (stored) => checkClaims(this.queue, [stored]));
    const records = await this.#mendTable(RECORDS, (stored) => checkRecord(this.queue, 'id', '', stored));
    const control = await this.#readControl().catch((error: unknown) => {
      if (!(error instanceof DamagedQueueError)) throw error;
      return null;
    });
    this.#claims = undefined;
    this.#control = control === null ? Promise.resolve(undefined) : undefined;
    return {
      control: control === null,
      claims: claims.length > 0,
      records: records.map((at) => {
        const [, kind = '', ...key] = at.split(SEPARATOR);
        return { kind: kind as RecordKind, key: join(...key) };
      }),
    };
  }

  /** Deletes what cannot be read of a table; answers the keys. */
  async #mendTable(name: string, check: (stored: unknown) => void): Promise<string[]> {
    const lost: string[] = [];
    for (let after = this.#key(''); ; ) {
      const range = IDBKeyRange.bound(after, endOf(this.queue), true, true);
      const [keys, values] = await this.#withKeys(name, range, MENDED_AT_A_TIME);
      for (const [i, key] of keys.entries())
        if (isLost(values[i]) || !passes(check, values[i])) lost.push(key);
      const last = keys.at(-1);
      if (last === undefined || keys.length < MENDED_AT_A_TIME) break;
      after = last;
    }
    for (const key of lost) this.#store(name).delete(this.#written(name, key));
    return lost;
  }

  async #wipeStore(store: IDBObjectStore, limit: number): Promise<number> {
    const keys = await settled(store.getAllKeys(this.#after(''), limit));
    if (keys.length > 0) store.delete(IDBKeyRange.bound(keys[0], keys.at(-1)));
    return keys.length;
  }

  /** What lies there, those that cannot be read among them, and the keys of all. */
  #withKeys(name: string, range: IDBKeyRange, limit: number): Promise<[string[], unknown[]]> {
    const store = this.#store(name);
    return Promise.all([
      settled(store.getAllKeys(range, limit)) as Promise<string[]>,
      this.#reads.getAll(store, range, limit),
    ]);
  }

  #put(name: string, stored: object, key: string): void {
    this.#blobs.write(stored, () => this.#store(name).put(stored, key));
  }

  #store(name: string): IDBObjectStore {
    return this.#transaction.objectStore(name);
  }

  #written(store: string, key: string): string {
    this.#lost.written(store, key);
    return key;
  }

  #key(...parts: readonly string[]): string {
    return join(this.queue, ...parts);
  }

  #parkedKey(row: JobRow): string {
    return this.#key(laneKey(laneOf(row) ?? '', row.seq));
  }

  #finalKey(row: FinalRow): string {
    return this.#key(row.state, finalKey(row));
  }

  /** The rest of this queue's keys. */
  #after(key: string): IDBKeyRange {
    return IDBKeyRange.bound(this.#key(key), endOf(this.queue), true, true);
  }
}

const MENDED_AT_A_TIME = 1_000;

function passes(check: (stored: unknown) => void, stored: unknown): boolean {
  try {
    check(stored);
    return true;
  } catch {
    return false;
  }
}

function foundLive(at: 'jobs' | 'parked', row: JobRow | undefined): Live | undefined {
  return row && { at, row };
}
