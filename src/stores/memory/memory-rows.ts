import type { Claims } from '../../core/kernel/claims-row.ts';
import type { Codec } from '../../core/kernel/codec.ts';
import { findStream } from '../../core/kernel/control.ts';
import type { Control, Stream } from '../../core/kernel/control-row.ts';
import { NO_FEATURES } from '../../core/kernel/features.ts';
import type { FinalRow, Found, JobRow, Live } from '../../core/kernel/job-row.ts';
import { before, claimKey, finalKey, isSameNeeds, join, laneKey, laneOf } from '../../core/kernel/order.ts';
import { copySealed, sealPayload } from '../../core/kernel/payload.ts';
import type { Place, Position } from '../../core/kernel/place.ts';
import type { Keyed, RecordKind, RecordOf } from '../../core/kernel/records.ts';
import type { Rows } from '../../core/kernel/rows.ts';
import { LaneWait } from './lane-wait.ts';
import type { Line } from './line.ts';
import { Lines } from './lines.ts';
import { MemoryRecords } from './memory-records.ts';
import { Ordered, ordered } from './ordered.ts';

/** Payloads are kept as copies, and copied again for whoever reads them. */
export const memoryCodec: Codec = {
  seal(payload, sealed) {
    if (sealed !== undefined) return { stored: payload, size: sealed.size };
    const { value, size } = sealPayload(payload, { blobs: true });
    return { stored: value, size };
  },
  reveal: copySealed,
};

/** The rows of one queue in maps. Nothing is taken back: operations decide everything that can fail before they write. */
export class MemoryRows implements Rows {
  readonly queue: string;
  readonly codec = memoryCodec;
  features: object = NO_FEATURES;
  readonly #parked = new Map<string, JobRow>();
  readonly #finals = new Map<string, FinalRow>();
  /** The same by state, in order of `finalKey`. */
  readonly #ended: Readonly<Record<FinalRow['state'], Ordered<FinalRow>>> = {
    dead: new Ordered(),
    completed: new Ordered(),
  };
  readonly #lines = new Lines();
  /** The same by id; absent until somebody asks for one by its id, as most lives need none. */
  #byId: Map<string, JobRow> | undefined;
  /** Lane → its head's id. */
  readonly #heads = new Map<string, string>();
  /** Lane → its parked rows by seq. */
  readonly #waiting = new Map<string, LaneWait>();
  /** Name and key → ids of the live jobs that hold it. */
  readonly #holders = new Map<string, Set<string>>();
  readonly #claims = new Map<string, Claims>();
  readonly #records = new MemoryRecords();
  /** While somebody reads through them. */
  #jobOrder: Ordered<JobRow> | undefined;
  #parkedOrder: Ordered<JobRow> | undefined;
  #control: Control | undefined;
  readonly #onWipe: () => void;

  /** @param onWipe forgets these rows */
  constructor(queue: string, onWipe: () => void) {
    this.queue = queue;
    this.#onWipe = onWipe;
  }

  control(): Control | undefined {
    return this.#control && draftOf(this.#control);
  }

  putControl(control: Control): void {
    this.#control = control;
  }

  claims(): Claims[] {
    return [...this.#claims.values()];
  }

  putClaims(claims: Claims): void {
    if (claims.leases.length === 0) this.#claims.delete(claims.workerId);
    else this.#claims.set(claims.workerId, claims);
  }

  job(place: Place): JobRow | undefined {
    return this.#lineOf(place)?.find(place);
  }

  find(id: string): Found | undefined {
    const final = this.#finals.get(id);
    return this.#live(id) ?? (final && { at: 'finals', row: final });
  }

  #live(id: string): Live | undefined {
    const row = this.#jobsById().get(id);
    if (row !== undefined) return { at: 'jobs', row };
    const parked = this.#parked.get(id);
    return parked && { at: 'parked', row: parked };
  }

  #jobsById(): Map<string, JobRow> {
    if (this.#byId === undefined) {
      this.#byId = new Map();
      for (const row of this.#jobs()) this.#byId.set(row.id, row);
    }
    return this.#byId;
  }

  *#jobs(): Iterable<JobRow> {
    for (const line of this.#lines) yield* line.rows();
  }

  keyHolders(name: string, key: string): Live[] {
    const found = [];
    for (const id of this.#holders.get(join(name, key)) ?? []) {
      const live = this.#live(id);
      if (live !== undefined) found.push(live);
    }
    return found;
  }

  laneOccupied(lane: string): boolean {
    return this.#heads.has(lane);
  }

  nextInLane(lane: string): JobRow | undefined {
    return this.#waiting.get(lane)?.first;
  }

  scan(stream: Stream, through: number, limit: number): JobRow[] {
    const kept = this.#control && findStream(this.#control, stream, stream.timed);
    const lowWater: Position = kept?.low ?? stream.low;
    const floor = before(lowWater, stream.low) ? lowWater : stream.low;
    return this.#lines.get(stream, stream.timed)?.read(stream.low, floor, through, limit) ?? [];
  }

  jobsAfter(key: string, limit: number): JobRow[] {
    this.#jobOrder ??= ordered(this.#jobs(), claimKey);
    const page = this.#jobOrder.after(key, limit);
    if (page.length < limit) this.#jobOrder = undefined;
    return page;
  }

  parkedAfter(key: string, limit: number): JobRow[] {
    this.#parkedOrder ??= ordered(this.#parked.values(), keyOfParked);
    const page = this.#parkedOrder.after(key, limit);
    if (page.length < limit) this.#parkedOrder = undefined;
    return page;
  }

  finalsAfter(key: string, state: FinalRow['state'], limit: number): FinalRow[] {
    return this.#ended[state].after(key, limit);
  }

  firstForgotten(limit: number): FinalRow[] {
    return this.finalsAfter('', 'completed', limit);
  }

  putJob(row: JobRow): void {
    this.#lines.make(row, row.due !== 0).put(row);
    this.#jobOrder?.put(claimKey(row), row);
    this.#byId?.set(row.id, row);
    this.#hold(row);
    const lane = laneOf(row);
    if (lane !== undefined) this.#heads.set(lane, row.id);
  }

  moveJob(from: Place, row: JobRow): void {
    const stays = from.due === row.due && from.version === row.version && from.target === row.target;
    if (!stays || !isSameNeeds(from.needs, row.needs)) this.dropJobs([from]);
    this.putJob(row);
  }

  #lineOf(place: Place): Line | undefined {
    return this.#lines.get(place, place.due !== 0);
  }

  dropJobs(places: readonly Place[]): void {
    for (const place of places) {
      const row = this.#lineOf(place)?.drop(place);
      if (row === undefined) continue;
      this.#jobOrder?.drop(claimKey(row));
      this.#byId?.delete(row.id);
      this.#letGo(row);
      const lane = laneOf(row);
      if (lane !== undefined) this.#heads.delete(lane);
    }
  }

  park(row: JobRow): void {
    const lane = laneOf(row) ?? '';
    let waiting = this.#waiting.get(lane);
    if (waiting === undefined) {
      waiting = new LaneWait();
      this.#waiting.set(lane, waiting);
    }
    waiting.put(row);
    this.#parked.set(row.id, row);
    this.#parkedOrder?.put(keyOfParked(row), row);
    this.#hold(row);
  }

  unpark(row: JobRow): void {
    const lane = laneOf(row) ?? '';
    const waiting = this.#waiting.get(lane);
    waiting?.drop(row.seq);
    if (waiting?.first === undefined) this.#waiting.delete(lane);
    this.#parked.delete(row.id);
    this.#parkedOrder?.drop(keyOfParked(row));
    this.#letGo(row);
  }

  putFinal(row: FinalRow): void {
    this.#finals.set(row.job.id, row);
    this.#ended[row.state].put(finalKey(row), row);
  }

  dropFinal(row: FinalRow): void {
    this.#finals.delete(row.job.id);
    this.#ended[row.state].drop(finalKey(row));
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

  /** All at once: in memory nothing is gained by parts. */
  wipe(): number {
    this.#onWipe();
    return 0;
  }

  #hold({ id, name, idempotencyKey }: JobRow): void {
    if (idempotencyKey === undefined) return;
    const key = join(name, idempotencyKey);
    const ids = this.#holders.get(key);
    if (ids === undefined) this.#holders.set(key, new Set([id]));
    else ids.add(id);
  }

  #letGo({ id, name, idempotencyKey }: JobRow): void {
    if (idempotencyKey === undefined) return;
    const key = join(name, idempotencyKey);
    const ids = this.#holders.get(key);
    ids?.delete(id);
    if (ids?.size === 0) this.#holders.delete(key);
  }
}

/** What an operation does not keep, it has not done: a look at the clock must not be seen by the next. */
function draftOf(control: Control): Control {
  const streams = control.streams.map((stream) => ({ ...stream }));
  return { ...control, streams, holds: { ...control.holds } };
}

const keyOfParked = (row: JobRow): string => laneKey(laneOf(row) ?? '', row.seq);
