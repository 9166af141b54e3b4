import { leaveLane } from '../../core/logic/lane.ts';
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
import {
  type Claims,
  type Control,
  type FinalRow,
  type Found,
  type JobRow,
  type Place,
  type Rows,
  runAsync,
  type Stream,
} from '../../core/logic/rows.ts';
import { decodeFinal, decodeJob, encodeFinal, encodeJob, indexedDBCodec } from './codec.ts';
import { settled } from './request.ts';
import { CLAIMS, FINALS, JOBS, PARKED, QUARANTINE, QUEUES, type StoredJob } from './schema.ts';

export type OnStep = (kind: 'read' | 'written', rows: number) => void;
type StoredFinal = StoredJob & Omit<FinalRow, 'job'>;
type Live = Extract<Found, { at: 'jobs' | 'parked' }>;

/** From this many neighbours on, counting a range and deleting it at once is faster than deleting each (2–3 times in Chromium). */
const RANGE_DELETE = 4;

/** The rows of one queue inside one IndexedDB transaction. Nothing is awaited here but its own requests. */
export class IndexedDBRows implements Rows {
  readonly queue: string;
  readonly codec = indexedDBCodec;
  readonly #transaction: IDBTransaction;
  readonly #isProven: (workerId: string) => boolean;
  readonly #onStep: OnStep | undefined;
  /** Read once; from then on the drafts are the truth of this transaction. */
  #control: Promise<Control | undefined> | undefined;
  #claims: Promise<Claims[]> | undefined;

  constructor(
    queue: string,
    transaction: IDBTransaction,
    isProven: (workerId: string) => boolean,
    onStep?: OnStep,
  ) {
    this.queue = queue;
    this.#transaction = transaction;
    this.#isProven = isProven;
    this.#onStep = onStep;
  }

  control(): Promise<Control | undefined> {
    this.#control ??= settled<Control | undefined>(this.#store(QUEUES).get(this.queue));
    return this.#control;
  }

  putControl(control: Control): void {
    this.#control = Promise.resolve(control);
    this.#store(QUEUES).put(control, this.queue);
  }

  claims(): Promise<Claims[]> {
    this.#claims ??= settled<Claims[]>(this.#store(CLAIMS).getAll(this.#all()));
    return this.#claims;
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
    this.#onStep?.('read', 1);
    const stored = await settled<StoredJob | undefined>(this.#store(JOBS).get(this.#key(claimKey(place))));
    return stored && decodeJob(stored);
  }

  async find(id: string): Promise<Found | undefined> {
    this.#onStep?.('read', 1);
    const key = this.#key(id);
    const byId = (store: string) => settled<unknown>(this.#store(store).index('id').get(key));
    const [job, parked, final] = await Promise.all([byId(JOBS), byId(PARKED), byId(FINALS)]);
    return (
      foundLive('jobs', job as StoredJob | undefined) ??
      foundLive('parked', parked as StoredJob | undefined) ??
      foundFinal(final as StoredFinal | undefined)
    );
  }

  async keyHolders(name: string, key: string): Promise<Live[]> {
    const held = (store: string) =>
      settled<StoredJob[]>(this.#store(store).index('key').getAll(this.#key(name, key)));
    const [jobs, parked] = await Promise.all([held(JOBS), held(PARKED)]);
    this.#onStep?.('read', jobs.length + parked.length);
    return [
      ...jobs.map((job) => foundLive('jobs', job)),
      ...parked.map((job) => foundLive('parked', job)),
    ].filter((found) => found !== undefined);
  }

  async laneOccupied(lane: string): Promise<boolean> {
    return (await settled(this.#store(JOBS).index('lane').getKey(this.#key(lane)))) !== undefined;
  }

  async nextInLane(lane: string): Promise<JobRow | undefined> {
    this.#onStep?.('read', 1);
    const range = IDBKeyRange.bound(this.#key(lane, ''), endOf(this.queue, lane), false, true);
    for (;;) {
      const [stored] = await settled<StoredJob[]>(this.#store(PARKED).getAll(range, 1));
      const row = stored && decodeJob(stored);
      if (stored === undefined || row !== undefined) return row;
      const control = await this.control();
      if (control !== undefined) control.pending -= 1;
      await this.#quarantineFirst(PARKED, range);
    }
  }

  async scan(stream: Stream, through: number, limit: number): Promise<JobRow[]> {
    const prefix = this.#key(streamPrefix(stream));
    const last = { due: stream.timed ? through : 0, seq: Number.MAX_SAFE_INTEGER };
    if (last.due < stream.low.due) return [];
    const range = IDBKeyRange.bound(prefix + positionKey(stream.low), prefix + positionKey(last), true);
    const stored = await settled<StoredJob[]>(this.#store(JOBS).getAll(range, limit));
    this.#onStep?.('read', stored.length);
    const rows = stored.map(decodeJob);
    if (rows.includes(undefined)) await this.#quarantine(stream, range, limit);
    return rows.filter((row) => row !== undefined);
  }

  async jobsAfter(key: string, limit: number): Promise<JobRow[]> {
    return live(await settled<StoredJob[]>(this.#store(JOBS).getAll(this.#after(key), limit)));
  }

  async parkedAfter(key: string, limit: number): Promise<JobRow[]> {
    return live(await settled<StoredJob[]>(this.#store(PARKED).getAll(this.#after(key), limit)));
  }

  async finalsAfter(key: string, state: FinalRow['state'], limit: number): Promise<FinalRow[]> {
    const prefix = this.#key(state, '');
    const range = IDBKeyRange.bound(prefix + key, endOf(this.queue, state), true, true);
    const stored = await settled<StoredFinal[]>(this.#store(FINALS).getAll(range, limit));
    return stored.map(decodeFinal).filter((row) => row !== undefined);
  }

  firstForgotten(limit: number): Promise<FinalRow[]> {
    return this.finalsAfter('', 'completed', limit);
  }

  putJob(row: JobRow): void {
    this.#onStep?.('written', 1);
    // Not put: a row that is there already would be lost, this way the transaction is.
    this.#store(JOBS).add(encodeJob(this.queue, row), this.#key(claimKey(row)));
  }

  moveJob(from: Place, row: JobRow): void {
    const [was, is] = [this.#key(claimKey(from)), this.#key(claimKey(row))];
    if (was !== is) this.#store(JOBS).delete(was);
    this.#onStep?.('written', was === is ? 1 : 2);
    this.#store(JOBS).put(encodeJob(this.queue, row), is);
  }

  async dropJobs(places: readonly Place[]): Promise<void> {
    this.#onStep?.('written', places.length);
    const byStream = Map.groupBy(places, (place) => streamPrefix(place) + (place.due === 0));
    await Promise.all([...byStream.values()].map((neighbours) => this.#dropNeighbours(neighbours)));
  }

  /** One range delete where nothing else lies between them, which the keys in between prove. */
  async #dropNeighbours(places: readonly Place[]): Promise<void> {
    const store = this.#store(JOBS);
    const keys = places.map((place) => this.#key(claimKey(place))).sort();
    if (keys.length >= RANGE_DELETE) {
      const range = IDBKeyRange.bound(keys[0], keys.at(-1));
      const there = await settled(store.getAllKeys(range, keys.length + 1));
      if (there.length === keys.length && there.every((key, i) => key === keys[i])) {
        store.delete(range);
        return;
      }
    }
    for (const key of keys) store.delete(key);
  }

  park(row: JobRow): void {
    this.#onStep?.('written', 1);
    this.#store(PARKED).put(encodeJob(this.queue, row), this.#parkedKey(row));
  }

  unpark(row: JobRow): void {
    this.#onStep?.('written', 1);
    this.#store(PARKED).delete(this.#parkedKey(row));
  }

  putFinal(row: FinalRow): void {
    this.#onStep?.('written', 1);
    this.#store(FINALS).put(encodeFinal(this.queue, row), this.#finalKey(row));
  }

  dropFinal(row: FinalRow): void {
    this.#onStep?.('written', 1);
    this.#store(FINALS).delete(this.#finalKey(row));
  }

  /** Moves the first row of the range out of the way. */
  async #quarantineFirst(name: string, range: IDBKeyRange): Promise<void> {
    const store = this.#store(name);
    const [[key], [stored]] = await Promise.all([
      settled(store.getAllKeys(range, 1)),
      settled<unknown[]>(store.getAll(range, 1)),
    ]);
    if (key === undefined) return;
    this.#store(QUARANTINE).put(stored, key);
    store.delete(key);
  }

  /** Moves damaged rows out of the way, so that what lies behind them, and in their lanes, runs. */
  async #quarantine(stream: Stream, range: IDBKeyRange, limit: number): Promise<void> {
    const store = this.#store(JOBS);
    const [keys, stored] = await Promise.all([
      settled(store.getAllKeys(range, limit)),
      settled<StoredJob[]>(store.getAll(range, limit)),
    ]);
    const control = await this.control();
    for (const [i, row] of stored.entries()) {
      const key = keys[i];
      if (key === undefined || decodeJob(row) !== undefined) continue;
      this.#store(QUARANTINE).put(row, key);
      store.delete(key);
      stream.waiting -= 1;
      if (control === undefined) continue;
      control.pending -= 1;
      // At once: its time was told by nobody.
      await runAsync(leaveLane(this, control, row.lane?.slice(this.#key('').length), 0));
    }
    if (control !== undefined) this.putControl(control);
  }

  #store(name: string): IDBObjectStore {
    return this.#transaction.objectStore(name);
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

  #all(): IDBKeyRange {
    return this.#after('');
  }

  /** The rest of this queue's keys. */
  #after(key: string): IDBKeyRange {
    return IDBKeyRange.bound(this.#key(key), endOf(this.queue), true, true);
  }
}

function foundLive(at: 'jobs' | 'parked', stored: StoredJob | undefined): Live | undefined {
  const row = stored && decodeJob(stored);
  return row && { at, row };
}

function foundFinal(stored: StoredFinal | undefined): Found | undefined {
  const row = stored && decodeFinal(stored);
  return row && { at: 'finals', row };
}

function live(stored: readonly StoredJob[]): JobRow[] {
  return stored.map(decodeJob).filter((row) => row !== undefined);
}
