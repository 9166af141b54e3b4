import { damagedFinal, damagedRow, isJobRow, type Remains } from '../../core/logic/damage.ts';
import { join, laneOf } from '../../core/logic/order.ts';
import type { Codec, FinalRow, JobRow } from '../../core/logic/rows.ts';
import { sealPayload } from '../../core/payload.ts';
import type { StoredJob } from './schema.ts';

/** What this store makes of a payload: JSON text holds plain ones, which is cheaper than a structured clone. */
export interface Payload {
  readonly value: unknown;
  readonly plain: boolean;
}

export const indexedDBCodec: Codec = {
  seal(payload, sealed) {
    const { value, plain, size } = sealed
      ? { value: payload, ...sealed }
      : sealPayload(payload, { blobs: true });
    return { stored: { value, plain } satisfies Payload, size };
  },
  // Fresh already: the browser or JSON.parse made it for this reading.
  reveal(stored) {
    const { value, plain } = stored as Payload;
    if (plain && value === undefined) throw new Error('it is missing'); // Undefined is not plain: it has a body.
    return value;
  },
};

export function encodeJob(queue: string, { payload, damage, ...row }: JobRow): StoredJob {
  const lane = laneOf(row);
  return {
    id: join(queue, row.id),
    ...(lane === undefined ? {} : { lane: join(queue, lane) }),
    ...(row.idempotencyKey === undefined ? {} : { key: join(queue, row.name, row.idempotencyKey) }),
    ...(damage === undefined ? encodeRow(row, payload as Payload) : { raw: damage.raw }),
  };
}

function encodeRow(row: Omit<JobRow, 'payload'>, { value, plain }: Payload) {
  return {
    row: JSON.stringify({ ...row, payload: plain ? value : undefined }),
    ...(plain ? {} : { body: value }),
  };
}

/** Undefined: the row is damaged. */
export function decodeJob(stored: StoredJob | null): JobRow | undefined {
  const row = parse<JobRow>(stored?.row);
  if (stored === null || !isJobRow(row)) return undefined;
  const plain = !('body' in stored);
  return { ...row, payload: { value: plain ? row.payload : stored.body, plain } satisfies Payload };
}

/** A row under a key without the queue. Undefined: that is no key of a job. */
export function damagedJob(queue: string, at: 'jobs' | 'parked', key: string, stored: unknown) {
  return damagedRow(at, remainsOf(queue, key, stored), NO_ROW);
}

export type StoredFinal = StoredJob & Omit<FinalRow, 'job'> & { readonly why?: string };

export function encodeFinal(queue: string, { job, state, finishedAt }: FinalRow): StoredFinal {
  const { payload, damage, ...row } = job;
  const { id } = encodeJob(queue, job);
  const end = { id, state, finishedAt };
  return damage === undefined
    ? { ...end, ...encodeRow(row, payload as Payload) }
    : { ...end, row: JSON.stringify(row), raw: damage.raw, why: damage.why };
}

/** Undefined: the row is damaged. */
export function decodeFinal(stored: StoredFinal | null): FinalRow | undefined {
  const job = decodeJob(stored);
  if (stored === null || job === undefined || typeof stored.finishedAt !== 'number') return undefined;
  const { state, finishedAt, why, raw } = stored;
  return { job: why === undefined ? job : { ...job, damage: { why, raw } }, state, finishedAt };
}

export function damagedEnd(queue: string, key: string, stored: unknown): FinalRow | undefined {
  return damagedFinal(remainsOf(queue, key, stored), NO_ROW);
}

const NO_ROW = 'its text is not that of a job';

function remainsOf(queue: string, key: string, stored: unknown): Remains {
  const { id, lane, key: holds, raw = stored } = Object(stored) as Partial<StoredJob>;
  const without = (text: unknown) =>
    typeof text === 'string' && text.startsWith(join(queue, '')) ? text.slice(queue.length + 1) : undefined;
  return { key, raw, id: without(id), lane: without(lane), holds: without(holds) };
}

function parse<T>(text: unknown): T | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
