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
  seal(payload) {
    const { value, plain, size } = sealPayload(payload, { blobs: true });
    return { stored: { value, plain } satisfies Payload, size };
  },
  // Fresh already: the browser or JSON.parse made it for this reading.
  reveal: (stored) => (stored as Payload).value,
};

export function encodeJob(queue: string, row: JobRow): StoredJob {
  const { value, plain } = row.payload as Payload;
  const lane = laneOf(row);
  return {
    id: join(queue, row.id),
    ...(lane === undefined ? {} : { lane: join(queue, lane) }),
    ...(row.idempotencyKey === undefined ? {} : { key: join(queue, row.name, row.idempotencyKey) }),
    row: JSON.stringify({ ...row, payload: plain ? value : undefined }),
    ...(plain ? {} : { body: value }),
  };
}

/** Undefined: the row is damaged. */
export function decodeJob(stored: StoredJob): JobRow | undefined {
  const row = parse<JobRow>(stored.row);
  if (typeof row?.id !== 'string' || typeof row.seq !== 'number') return undefined;
  const plain = !('body' in stored);
  return { ...row, payload: { value: plain ? row.payload : stored.body, plain } satisfies Payload };
}

export function encodeFinal(
  queue: string,
  { job, state, finishedAt }: FinalRow,
): StoredJob & Omit<FinalRow, 'job'> {
  const { id, row, body } = encodeJob(queue, job);
  return {
    id,
    row,
    state,
    finishedAt,
    ...(body === undefined && (job.payload as Payload).plain ? {} : { body }),
  };
}

export function decodeFinal(stored: StoredJob & Omit<FinalRow, 'job'>): FinalRow | undefined {
  const job = decodeJob(stored);
  return job && { job, state: stored.state, finishedAt: stored.finishedAt };
}

function parse<T>(text: unknown): T | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
