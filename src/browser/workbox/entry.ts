import type { Job } from '../../core/index.ts';
import { requestOf, type StoredRequest } from '../replay/stored-request.ts';
import { StorableRequest } from './storable-request.ts';

/** What `shiftRequest` returns, and `pushRequest` takes. */
export interface QueueEntry {
  request: Request;
  /** When it was added, epoch ms: `maxRetentionTime` counts from it. Default: now. */
  timestamp?: number;
  /** Anything of yours that a payload may hold. */
  metadata?: Record<string, unknown>;
}

/** A request as a job of such a queue keeps it. */
export interface StoredEntry extends StoredRequest {
  readonly timestamp?: number;
  readonly metadata?: object;
}

export type EntryJob = Job<StoredEntry>;

export const timestampOf = ({ payload, enqueuedAt }: EntryJob): number => payload?.timestamp ?? enqueuedAt;

export function entryOf(job: EntryJob): QueueEntry {
  const { metadata } = job.payload;
  const entry: QueueEntry = { request: requestOf(job.payload), timestamp: timestampOf(job) };
  if (metadata !== undefined) entry.metadata = metadata as Record<string, unknown>;
  return entry;
}

/** As `QueueStore` shows it: its data can be changed. */
export const dataOf = ({ metadata: _, timestamp: __, clientId: ___, ...stored }: StoredEntry) =>
  new StorableRequest({ ...stored, headers: { ...stored.headers } }).toObject();
