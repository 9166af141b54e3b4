import { PayloadError } from '../../core/kernel/errors.ts';
import type { Until } from './open-transactions.ts';
import { isNamed, settled } from './request.ts';
import { SPARE } from './schema.ts';

const PROBE = 'probe';

/** Failures that are about the Blob; others are about the connection or the room on the disk. */
const UNWRITABLE: readonly string[] = ['UnknownError', 'DataError', 'NotReadableError'];

/**
 * The writes of one transaction that carry a Blob. All others fail, if they do, where the transaction is kept, which then aborts. These can
 * fail before they get there, as WebKit writes the Blob to a file first; so they follow two rules of their own:
 *
 * 1. No `commit()` before they have answered: WebKit then completes the transaction without them.
 * 2. None is sent before the browser is known to hold Blobs: a failure that overtakes the answer of an earlier request leaves WebKit with a
 *    transaction that never ends, and nobody else gets at its stores.
 */
export class BlobWrites {
  readonly #areHeld: boolean | undefined;
  readonly #sent: Promise<unknown>[] = [];

  /** @param areHeld the browser is known to hold Blobs */
  constructor(areHeld: boolean | undefined) {
    this.#areHeld = areHeld;
  }

  /** Throws UntriedBlobError. */
  write(stored: object, send: () => IDBRequest): void {
    const path = Object.values(stored).some(isObject) ? pathOfBlob(stored) : undefined;
    if (path !== undefined && !this.#areHeld) throw new UntriedBlobError(path);
    const request = send();
    if (path === undefined) return;
    const written = settled(request);
    written.catch(() => undefined); // Looked at in `answered`; another failure may come first.
    this.#sent.push(written);
  }

  /** Rejects when one failed. */
  async answered(): Promise<void> {
    await Promise.all(this.#sent);
  }
}

/** A Blob was to be written, and whether the browser can hold one is not known yet. Nothing was written. */
export class UntriedBlobError extends Error {
  readonly path: string;
  constructor(path: string) {
    super(`${path} is a Blob, and whether this browser holds any was not known yet: nothing was stored`);
    this.name = 'UntriedBlobError';
    this.path = path;
  }
}

/** Finds out whether the database holds Blobs, and leaves nothing there. Throws PayloadError, or why it cannot be found out. */
export async function tryBlob(database: IDBDatabase, path: string, until: Until): Promise<void> {
  const transaction = database.transaction(SPARE, 'readwrite');
  await until(transaction, putBlob(transaction, path));
}

async function putBlob(transaction: IDBTransaction, path: string): Promise<void> {
  const store = transaction.objectStore(SPARE);
  await settled(store.put('text', PROBE)); // What fails here too is not about Blobs.
  try {
    await settled(store.put(new Blob(['text']), PROBE));
  } catch (error) {
    if (isNamed(error, ...UNWRITABLE)) throw refusal(path, error);
    throw error;
  }
  transaction.abort();
}

const refusal = (path: string, { message }: DOMException): PayloadError =>
  new PayloadError(
    path,
    `is a Blob or File, and this browser stores none here, as in a private window of WebKit (${message}): store its arrayBuffer() instead`,
  );

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** Where the first Blob lies in a payload, a row or a record. Nothing in it may be trusted to be a tree: rows may be damaged. */
export function pathOfBlob(stored: unknown): string | undefined {
  const seen = new Set<object>();
  const found: (readonly [string, unknown])[] = [['payload', stored]];
  for (const [path, value] of found) {
    if (!isObject(value) || seen.has(value)) continue;
    seen.add(value);
    const tag = Object.prototype.toString.call(value);
    if (tag === '[object Blob]' || tag === '[object File]') return path;
    for (const [key, item] of partsOf(value))
      found.push([isPayload(value, key) ? 'payload' : path + key, item]);
  }
  return undefined;
}

/** In a row the payload is its body, in a record the value of what was sealed. */
const isPayload = (value: object, key: string): boolean =>
  (key === '.body' && 'row' in value) || (key === '.value' && 'plain' in value);

function partsOf(value: object): (readonly [string, unknown])[] {
  // Not by its length: it may have holes, and be as long as it likes.
  if (Array.isArray(value)) return Object.entries(value).map(([i, item]) => [`[${i}]`, item]);
  if (value instanceof Set) return [...value].map((item) => [' item', item]);
  if (value instanceof Map)
    return [...value].flatMap(([key, item]) => [
      [' key', key],
      ['.get(…)', item],
    ]);
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return [];
  return Object.entries(value).map(([key, item]) => [`.${key}`, item]);
}
