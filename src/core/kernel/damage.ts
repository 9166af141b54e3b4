import type { Claims } from './claims-row.ts';
import type { Control, Stream } from './control-row.ts';
import { quote, StoreError } from './errors.ts';
import { dying, toJobError } from './job-error.ts';
import type { FinalRow, JobRow } from './job-row.ts';
import {
  before,
  isSameNeeds,
  type KeyPlace,
  laneFields,
  placeOfClaimKey,
  placeOfFinalKey,
  placeOfLaneKey,
  SEPARATOR,
} from './order.ts';
import type { Position } from './place.ts';
import { present } from './present.ts';
import type { RecordKind, RecordOf } from './records.ts';
import type { Rows } from './rows.ts';

/** The payload as it was sealed. Throws what tells why it cannot be read. */
export function revealPayload(rows: Rows, row: JobRow): unknown {
  if (row.damage !== undefined) throw new Error(`the row itself is damaged: ${row.damage.why}`);
  return rows.codec.reveal(row.payload);
}

/** Undefined when it cannot be read: looking never fails for one job. */
export function revealed(reveal: () => unknown): unknown {
  try {
    return reveal();
  } catch {
    return undefined;
  }
}

/** The row with the error that it dies of: no attempt failed, and none would do better. */
export function unreadable(row: JobRow, thrown: unknown, now: number): JobRow {
  const { message } = toJobError(thrown, 1, now);
  return dying(row, 'PayloadError', `the stored payload cannot be read: ${message}`, now);
}

/** All that is needed of a row is there. What lies deeper is believed: a store writes its rows whole. */
export function isJobRow(value: unknown): value is JobRow {
  const row = value as Partial<Record<keyof JobRow, unknown>> | null | undefined;
  return (
    typeof row === 'object' &&
    row !== null &&
    typeof row.id === 'string' &&
    typeof row.name === 'string' &&
    typeof row.version === 'number' &&
    typeof row.rank === 'number' &&
    typeof row.due === 'number' &&
    typeof row.seq === 'number' &&
    typeof row.enqueuedAt === 'number' &&
    typeof row.runAt === 'number' &&
    typeof row.failures === 'number' &&
    typeof row.crashes === 'number' &&
    typeof row.size === 'number' &&
    Array.isArray(row.errors) &&
    isText(row.target) &&
    isText(row.lane) &&
    isText(row.idempotencyKey) &&
    isList(row.needs) &&
    isList(row.owes) &&
    isList(row.tags)
  );
}

const isNumber = (value: unknown): boolean => value === undefined || Number.isFinite(value);
const isList = (value: unknown): boolean => value === undefined || Array.isArray(value);
const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';

/**
 * Reads rows of a stream one after the other, and none that says it lies elsewhere: it was not written under the key that it has, and a
 * claim that believed it would not get past it.
 */
export function streamReader<Stored>(
  stream: Stream,
  through: number,
  read: (stored: Stored) => JobRow | undefined,
): (stored: Stored) => JobRow | undefined {
  let previous: Position = stream.low;
  return (stored) => {
    const row = read(stored);
    const inPlace =
      row !== undefined &&
      row.name === stream.name &&
      row.version === stream.version &&
      row.rank === stream.rank &&
      row.target === stream.target &&
      isSameNeeds(row.needs, stream.needs) &&
      row.due <= through &&
      before(previous, row);
    if (!inPlace) return undefined;
    previous = row;
    return row;
  };
}

/** What is left of a damaged row: its key in the store, and what the store's indexes say of it. Each without the queue. */
export interface Remains {
  readonly key: string;
  readonly id: string | undefined;
  readonly lane: string | undefined;
  /** Name and idempotency key. */
  readonly holds: string | undefined;
  /** The row as the store has it. */
  readonly raw: unknown;
}

/** A row to be told and buried by, with the place that its key says. Undefined: that is no key of a job either. */
export function damagedRow(at: 'jobs' | 'parked', remains: Remains, why: string): JobRow | undefined {
  const place = at === 'jobs' ? placeOfClaimKey(remains.key) : placeOfLaneKey(remains.key);
  if (place === undefined) return undefined;
  const { lane = place.lane, holds } = remains;
  return {
    ...bare(remains, place, why),
    ...(lane !== undefined && laneFields(lane)),
    ...(holds !== undefined && laneFields(`key ${holds}`)),
  };
}

/** Its key is `finalKey`'s, behind the state. */
export function damagedFinal(remains: Remains, why: string): FinalRow | undefined {
  const [state, key = ''] = remains.key.split(SEPARATOR);
  if (state !== 'dead' && state !== 'completed') return undefined;
  const place = placeOfFinalKey(key);
  return place && { job: bare(remains, { ...place, due: 0 }, why), state, finishedAt: place.due };
}

function bare({ id, raw }: Remains, place: KeyPlace, why: string): JobRow {
  const { name = 'unknown', version = 1, rank = 0, target, needs, due, seq } = place;
  return present<JobRow>({
    id: id ?? `damaged ${seq}`,
    name,
    version,
    rank,
    due,
    seq,
    enqueuedAt: 0,
    runAt: due,
    failures: 0,
    crashes: 0,
    errors: [],
    size: 0,
    payload: undefined,
    damage: { why, raw },
    needs,
    target,
  });
}

const COUNTERS = [
  'seq',
  'fence',
  'lastNow',
  'pending',
  'active',
  'dead',
  'remembered',
  'completed',
  'cancelled',
  'bytes',
] as const satisfies readonly (keyof Control)[];

/** The queue's row as it was stored; throws DamagedQueueError for one that is none. */
export function checkControl(queue: string, stored: unknown): Control | undefined {
  if (stored === undefined) return undefined;
  const control = stored as Control | null;
  const isControl =
    typeof control === 'object' &&
    control !== null &&
    COUNTERS.every((counter) => Number.isFinite(control[counter])) &&
    Array.isArray(control.streams) &&
    isRecord(control.holds) &&
    isList(control.pausedNames) &&
    isNumber(control.dropped) &&
    isNumber(control.aged) &&
    isNumber(control.halted) &&
    (control.targets === undefined || isRecord(control.targets)) &&
    (control.worked === undefined || isRecord(control.worked)) &&
    (control.marks === undefined || isRecord(control.marks)) &&
    isNumber(control.expiryAt) &&
    isText(control.keysSwept) &&
    isText(control.idsSwept) &&
    isList(control.owing) &&
    isList(control.owed) &&
    isNumber(control.buriedKeys);
  if (!isControl) throw damagedQueue(queue, 'its row is not whole');
  return control;
}

/** What is claimed in a queue, as it was stored; throws DamagedQueueError. */
export function checkClaims(queue: string, stored: unknown): Claims[] {
  const claims = stored as Claims[];
  const isWhole =
    Array.isArray(claims) &&
    claims.every(
      (claim) =>
        typeof claim?.workerId === 'string' &&
        Array.isArray(claim.leases) &&
        claim.leases.every((lease) => typeof lease?.id === 'string'),
    );
  if (!isWhole) throw damagedQueue(queue, 'what its workers have claimed is not whole');
  return claims;
}

/** A record as it was stored; throws DamagedQueueError for what is none. */
export function checkRecord<Kind extends RecordKind>(
  queue: string,
  kind: Kind,
  key: string,
  stored: unknown,
): RecordOf<Kind> {
  if (!isRecord(stored)) throw damagedQueue(queue, `its ${kind} ${quote(key)} cannot be read`);
  return stored as RecordOf<Kind>;
}

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** Its jobs are still there: see `mendQueue`. */
export class DamagedQueueError extends StoreError {}

function damagedQueue(queue: string, why: string): DamagedQueueError {
  return new DamagedQueueError(`queue ${quote(queue)} is damaged: ${why}; nothing was changed`, {
    retryable: false,
  });
}
