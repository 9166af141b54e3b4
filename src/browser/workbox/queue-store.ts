import { count } from '../../core/index.ts';
import { splitHeaders } from '../replay/kept-headers.ts';
import { requestOf, type StoredRequest } from '../replay/stored-request.ts';
import { Entries } from './entries.ts';
import { dataOf, type EntryJob, timestampOf } from './entry.ts';
import { type EntryQueue, type OpenQueueOptions, requestQueue, retentionMs } from './open-queue.ts';
import { type RequestData, StorableRequest } from './storable-request.ts';

export interface UnidentifiedQueueStoreEntry {
  requestData: RequestData;
  timestamp: number;
  id?: number;
  queueName?: string;
  metadata?: object;
}

export interface QueueStoreEntry extends UnidentifiedQueueStoreEntry {
  id: number;
}

/**
 * The requests of a queue as plain data, without its syncs: the `QueueStore` of Workbox. It also works in pages. What it takes out is gone at
 * once.
 *
 * @example
 * const waiting = await new QueueStore('outbox').getAll();
 */
export class QueueStore {
  readonly #name: string;
  readonly #queue: EntryQueue;
  readonly #entries: Entries;

  /** @throws InvalidOptionError at once */
  constructor(queueName: string, options: OpenQueueOptions = {}) {
    this.#name = queueName;
    this.#queue = requestQueue(queueName, options);
    this.#entries = new Entries(this.#queue, retentionMs(options.maxRetentionTime));
  }

  async pushEntry(entry: UnidentifiedQueueStoreEntry): Promise<void> {
    await this.#add(entry, 'push');
  }

  async unshiftEntry(entry: UnidentifiedQueueStoreEntry): Promise<void> {
    await this.#add(entry, 'unshift');
  }

  async popEntry(): Promise<QueueStoreEntry | undefined> {
    return this.#shown(await this.#entries.take('last'));
  }

  async shiftEntry(): Promise<QueueStoreEntry | undefined> {
    return this.#shown(await this.#entries.take('first'));
  }

  async getAll(): Promise<QueueStoreEntry[]> {
    return (await this.#entries.list()).flatMap((job) => this.#shown(job) ?? []);
  }

  async size(): Promise<number> {
    const { pending, active } = await count(this.#queue);
    return pending + active;
  }

  /** @param id as entries have it */
  async deleteEntry(id: number): Promise<void> {
    const job = (await this.#entries.list()).find(({ seq }) => seq === id);
    if (job !== undefined) await this.#entries.remove(job.id);
  }

  async #add({ requestData, timestamp, metadata }: UnidentifiedQueueStoreEntry, where: 'push' | 'unshift') {
    const data = new StorableRequest(requestData).toObject();
    const { kept, omitted } = splitHeaders(Object.entries(data.headers));
    const stored = { method: 'GET', ...data, headers: kept } satisfies StoredRequest;
    requestOf(stored); // Throws for what no request can be made of.
    const entry = {
      ...stored,
      timestamp,
      ...(omitted.length > 0 && { omitted }),
      ...(metadata && { metadata }),
    };
    await this.#entries.add({ entry, where });
  }

  #shown(job: EntryJob | undefined): QueueStoreEntry | undefined {
    if (job === undefined) return undefined;
    const { metadata } = job.payload;
    return {
      id: job.seq,
      queueName: this.#name,
      requestData: dataOf(job.payload),
      timestamp: timestampOf(job),
      ...(metadata && { metadata }),
    };
  }
}
