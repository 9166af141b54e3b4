import { messageOf } from '../../core/kernel/errors.ts';
import { type SplitHeaders, splitHeaders } from '../replay/kept-headers.ts';
import { MAX_BODY_BYTES, requestOf, type StoredRequest } from '../replay/stored-request.ts';
import type { Entries } from './entries.ts';
import type { StoredEntry } from './entry.ts';
import type { RequestData } from './storable-request.ts';

/** Where Workbox and Serwist store their requests. */
export type WorkboxDatabase = 'workbox-background-sync' | 'serwist-background-sync';

export interface TakeOverOptions {
  readonly from: WorkboxDatabase;
  readonly lane?: ((request: StoredRequest) => string | undefined) | undefined;
  readonly secretHeaders?: readonly string[] | undefined;
}

/** What a take-over came to. */
export interface TakenOver {
  readonly taken: number;
  /** What no request can be made of, or has more than 7 MiB: it stays where it is. */
  readonly left: readonly { readonly url: string; readonly reason: string }[];
}

/** A row of theirs. */
interface Row {
  readonly id: number;
  readonly requestData: RequestData;
  readonly timestamp: number;
  readonly metadata?: object;
}

const STORE = 'requests';
const INDEX = 'queueName';

/** Row by row, in order: what is stored here is deleted there, and not before. */
export async function takeOver(
  name: string,
  entries: Entries,
  { from, lane, secretHeaders }: TakeOverOptions,
): Promise<TakenOver> {
  const database = await openExisting(from);
  if (database === undefined) return { taken: 0, left: [] };
  try {
    const left: { url: string; reason: string }[] = [];
    let taken = 0;
    for (const key of await keysOf(database, name)) {
      const row = await readRow(database, key);
      // Another tab has taken it meanwhile, or their own replay has sent it.
      if (row === undefined) continue;
      try {
        const entry = await entryOfRow(row, secretHeaders);
        // An id of its own: cut off between the two, the next try stores nothing.
        await entries.add({
          entry,
          where: 'push',
          id: `${from} ${key} ${row.timestamp}`,
          ...(lane && { lane }),
        });
      } catch (error) {
        if (!isOfRow(error)) throw error;
        left.push({ url: String(row.requestData?.url).slice(0, 500), reason: messageOf(error) });
        continue;
      }
      await answer(database.transaction(STORE, 'readwrite').objectStore(STORE).delete(key));
      taken += 1;
    }
    return { taken, left };
  } finally {
    database.close();
  }
}

/** It is the row's fault, so the others may go on. */
const isOfRow = (error: unknown): boolean => {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return code === 'DeadLetter' || code === 'Payload' || code === 'InvalidOption';
};

async function entryOfRow(
  { requestData, timestamp, metadata }: Row,
  secretHeaders: readonly string[] | undefined,
): Promise<StoredEntry> {
  const { headers = {}, body: given, ...data } = requestData;
  // Before version 2 of theirs it was a Blob.
  const body: ArrayBuffer | undefined = given instanceof Blob ? await given.arrayBuffer() : given;
  if (body !== undefined && body.byteLength > MAX_BODY_BYTES) throw refused(`has ${body.byteLength} bytes`);
  const { kept, omitted }: SplitHeaders = splitHeaders(Object.entries(headers), secretHeaders);
  const {
    url,
    method = 'GET',
    mode,
    credentials,
    cache,
    redirect,
    referrer,
    referrerPolicy,
    integrity,
    keepalive,
  } = data;
  const known = { mode, credentials, cache, redirect, referrer, referrerPolicy, integrity, keepalive };
  const stored: StoredRequest = {
    url,
    method,
    headers: kept,
    ...(body && body.byteLength > 0 && { body }),
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
    ...(omitted.length > 0 && { omitted }),
  };
  requestOf(stored); // Throws for what no request can be made of.
  return { ...stored, timestamp: Number(timestamp) || 0, ...(metadata && { metadata }) };
}

const refused = (reason: string): Error => Object.assign(new Error(reason), { code: 'Payload' });

const answer = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

/** Undefined: there is none, and none is made. */
async function openExisting(name: string): Promise<IDBDatabase | undefined> {
  const { indexedDB } = globalThis as { readonly indexedDB?: IDBFactory };
  if (indexedDB === undefined) return undefined;
  const opening = indexedDB.open(name);
  let isNew = false;
  opening.onupgradeneeded = () => {
    isNew = true;
    opening.transaction?.abort();
  };
  const database = await answer(opening).catch((error) => {
    if (isNew) return undefined;
    throw error;
  });
  if (database === undefined) return undefined;
  // A newer version of theirs must not wait for this.
  database.onversionchange = () => database.close();
  const isTheirs = database.objectStoreNames.contains(STORE) && indexOf(database) !== undefined;
  if (isTheirs) return database;
  database.close();
  return undefined;
}

function indexOf(database: IDBDatabase): IDBIndex | undefined {
  const store = database.transaction(STORE).objectStore(STORE);
  return store.indexNames.contains(INDEX) ? store.index(INDEX) : undefined;
}

/** In order: what they had put in front has smaller ones. */
async function keysOf(database: IDBDatabase, name: string): Promise<readonly number[]> {
  const index = indexOf(database);
  return index === undefined ? [] : ((await answer(index.getAllKeys(name))) as number[]);
}

const readRow = (database: IDBDatabase, key: number): Promise<Row | undefined> =>
  answer(database.transaction(STORE).objectStore(STORE).get(key));
