import type { Codec } from '../../core/kernel/codec.ts';
import { damagedFinal, damagedRow, isJobRow, type Remains } from '../../core/kernel/damage.ts';
import type { Draft } from '../../core/kernel/job.ts';
import type { FinalRow, JobRow } from '../../core/kernel/job-row.ts';
import { jsonText } from '../../core/kernel/json-text.ts';
import { join, laneOf } from '../../core/kernel/order.ts';
import { sealPayload } from '../../core/kernel/payload.ts';
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

/** What a plain job pays at each enqueue: field by field, and one copy of the row. */
export function encodeJob(queue: string, job: JobRow): StoredJob {
  const stored: Draft<StoredJob> = { id: join(queue, job.id) };
  const lane = laneOf(job);
  if (lane !== undefined) stored.lane = join(queue, lane);
  if (job.idempotencyKey !== undefined) stored.key = join(queue, job.name, job.idempotencyKey);
  if (job.damage === undefined) addRow(stored, job);
  else stored.raw = job.damage.raw;
  return stored;
}

/** JSON leaves out what is undefined. */
function addRow(stored: Draft<StoredJob>, job: JobRow): void {
  const { value, plain } = job.payload as Payload;
  const row = { ...job, payload: plain ? value : undefined, attached: undefined };
  const hasApart = job.extras !== undefined && !Object.values(job.extras).every(isPlain);
  stored.row = jsonText(hasApart ? { ...row, extras: undefined } : row);
  if (!plain) stored.body = value;
  if (job.attached !== undefined) stored.attached = job.attached;
  if (hasApart) stored.extras = job.extras;
}

const isPlain = (extra: unknown): boolean => (extra as Payload).plain;

/** Undefined: the row is damaged. */
export function decodeJob(stored: StoredJob | null): JobRow | undefined {
  const row = parse<JobRow>(stored?.row);
  if (stored === null || !isJobRow(row)) return undefined;
  const plain = !('body' in stored);
  const job = { ...row, payload: { value: plain ? row.payload : stored.body, plain } satisfies Payload };
  const { attached, extras } = stored;
  if (attached === undefined && extras === undefined) return job;
  return {
    ...job,
    ...(attached !== undefined && { attached }),
    ...(extras !== undefined && { extras }),
  };
}

/** A row under a key without the queue. Undefined: that is no key of a job. */
export function damagedJob(queue: string, at: 'jobs' | 'parked', key: string, stored: unknown) {
  return damagedRow(at, remainsOf(queue, key, stored), whyNone(stored));
}

export type StoredFinal = StoredJob & Omit<FinalRow, 'job'> & { readonly why?: string };

export function encodeFinal(queue: string, { job, ...end }: FinalRow): StoredFinal {
  const { damage } = job;
  const final: Draft<StoredFinal> = { ...end, id: join(queue, job.id) };
  if (damage === undefined) {
    addRow(final, job);
    return final;
  }
  const row = jsonText({ ...job, payload: undefined, damage: undefined });
  return { ...final, row, raw: damage.raw, why: damage.why };
}

/** Undefined: the row is damaged. */
export function decodeFinal(stored: StoredFinal | null): FinalRow | undefined {
  const job = decodeJob(stored);
  if (stored === null || job === undefined || typeof stored.finishedAt !== 'number') return undefined;
  const { id: _i, lane: _l, key: _k, row: _r, body: _b, attached: _c, extras: _s, why, raw, ...end } = stored;
  return { ...end, job: why === undefined ? job : { ...job, damage: { why, raw } } };
}

export function damagedEnd(queue: string, key: string, stored: unknown): FinalRow | undefined {
  return damagedFinal(remainsOf(queue, key, stored), whyNone(stored));
}

const NO_ROW = 'its text is not that of a job';

/** Also of a row that was lost elsewhere, and moved since: then what stands for it lies in `raw`. */
function whyNone(stored: unknown): string {
  const { lost, raw } = Object(stored) as { readonly lost?: unknown; readonly raw?: unknown };
  const why = lost ?? (Object(raw) as { readonly lost?: unknown }).lost;
  return typeof why === 'string' ? `the browser cannot read it (${why})` : NO_ROW;
}

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
