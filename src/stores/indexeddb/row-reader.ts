import type { FinalRow, JobRow } from '../../core/kernel/job-row.ts';
import { damagedEnd, damagedJob, decodeFinal, decodeJob, type StoredFinal } from './codec.ts';
import type { Reads } from './reads.ts';
import { settled } from './request.ts';
import { JOBS, type PARKED, type StoredJob } from './schema.ts';

/** Reads rows of one queue, those that cannot be read among them. */
export class RowReader {
  readonly #queue: string;
  readonly #reads: Reads;

  constructor(queue: string, reads: Reads) {
    this.#queue = queue;
    this.#reads = reads;
  }

  jobs(
    name: typeof JOBS | typeof PARKED,
    source: IDBObjectStore | IDBIndex,
    query: IDBKeyRange | string,
    limit?: number,
    read = decodeJob,
  ): Promise<JobRow[]> {
    const at = name === JOBS ? 'jobs' : 'parked';
    const damaged = (key: string, stored: unknown) => damagedJob(this.#queue, at, key, stored);
    return this.#read<StoredJob, JobRow>(source, query, limit, read, damaged);
  }

  finals(source: IDBObjectStore | IDBIndex, query: IDBKeyRange | string, limit: number): Promise<FinalRow[]> {
    const damaged = (key: string, stored: unknown) => damagedEnd(this.#queue, key, stored);
    return this.#read<StoredFinal, FinalRow>(source, query, limit, decodeFinal, damaged);
  }

  /** The key of what cannot be read says where it is. What then has no place is left where it lies. */
  async #read<Stored, Row>(
    source: IDBObjectStore | IDBIndex,
    query: IDBKeyRange | string,
    limit: number | undefined,
    decode: (stored: Stored) => Row | undefined,
    damaged: (key: string, stored: Stored) => Row | undefined,
  ): Promise<Row[]> {
    const stored = (await this.#reads.getAll(source, query, limit)) as Stored[];
    const rows = stored.map(decode);
    if (!rows.includes(undefined)) return rows as Row[];
    const keys = await settled(source.getAllKeys(query, limit));
    const keyOf = (i: number) => String(keys[i]).slice(this.#queue.length + 1);
    return rows
      .map((row, i) => row ?? damaged(keyOf(i), stored[i] as Stored))
      .filter((row) => row !== undefined);
  }
}
