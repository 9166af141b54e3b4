import type { FailedRead, LostRow, LostRows } from './lost-rows.ts';
import { settled } from './request.ts';

/** The values that a transaction reads, those that the browser cannot read among them. A read that fails is noted, for who looks into it. */
export class Reads {
  readonly #lost: LostRows;

  constructor(lost: LostRows) {
    this.#lost = lost;
  }

  get(rows: IDBObjectStore, key: string): Promise<unknown> {
    const lost = this.#lost.in(rows.name)?.get(key);
    if (lost !== undefined) return Promise.resolve(lost);
    return this.#noted(rows.get(key), { store: rows.name, query: key, limit: 1 });
  }

  /** In the order of `source`, which is the store itself or an index of it. */
  getAll(source: IDBObjectStore | IDBIndex, query: IDBKeyRange | string, limit?: number): Promise<unknown[]> {
    const rows = 'objectStore' in source ? source.objectStore : source;
    const lost = this.#lost.in(rows.name);
    if (lost !== undefined) return this.#getEach(rows, source, query, limit, lost);
    const index = source === rows ? {} : { index: source.name };
    return this.#noted<unknown[]>(source.getAll(query, limit), {
      store: rows.name,
      ...index,
      query,
      limit,
    });
  }

  /** One by one, around those that are lost. */
  async #getEach(
    rows: IDBObjectStore,
    source: IDBObjectStore | IDBIndex,
    query: IDBKeyRange | string,
    limit: number | undefined,
    lost: ReadonlyMap<string, LostRow>,
  ): Promise<unknown[]> {
    const keys = (await settled(source.getAllKeys(query, limit))) as string[];
    return Promise.all(keys.map((key) => lost.get(key) ?? this.get(rows, key)));
  }

  #noted<T>(request: IDBRequest<T>, read: FailedRead): Promise<T> {
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => {
        // What is aborted by another's failure has not failed itself.
        if (request.error?.name !== 'AbortError') this.#lost.failed ??= read;
        reject(request.error);
      };
    });
  }
}
