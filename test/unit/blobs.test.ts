import 'fake-indexeddb/auto';
import { count, createQueue, defineJobs, get, job, prepare } from 'holdfast';
import { createHoldfastStores, indexedDBStore } from 'holdfast/indexeddb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { answer, ended, freshName, openDatabase } from '../chromium/database.ts';

const jobs = defineJobs({ send: job<unknown>() });

afterEach(() => {
  vi.restoreAllMocks();
});

/** What fake-indexeddb keeps of a transaction. */
interface Inner extends IDBTransaction {
  readonly _state: string;
  readonly _requests: readonly unknown[];
  _execRequestAsync(given: { readonly source: IDBObjectStore; readonly operation: () => void }): IDBRequest;
}

/**
 * From now on a Blob cannot be written, as seen in WebKit: the write fails, and a transaction that began to commit meanwhile completes
 * without it. Answers the failures that overtook the answer of another request: there WebKit's transaction never ends.
 */
function loseBlobs(): readonly string[] {
  const overtaking: string[] = [];
  for (const how of ['put', 'add'] as const) {
    const write = IDBObjectStore.prototype[how];
    vi.spyOn(IDBObjectStore.prototype, how).mockImplementation(function (this: IDBObjectStore, value, key) {
      if (!(value instanceof Blob) && !(value?.body instanceof Blob))
        return Reflect.apply(write, this, [value, key]);
      const transaction = this.transaction as Inner;
      if (transaction._requests.length > 0) overtaking.push(this.name);
      const request = transaction._execRequestAsync({
        source: this,
        operation: () => {
          throw new DOMException('Error preparing Blob/File data', 'UnknownError');
        },
      });
      const complete = (event: Event) => {
        if (event.target === request && transaction._state === 'committing') event.preventDefault();
      };
      transaction.db.addEventListener('error', complete);
      return request;
    });
  }
  return overtaking;
}

const newQueue = () => createQueue({ name: 'q', jobs, store: indexedDBStore(freshName()) });
const nothing = { pending: 0, bytes: 0 };

describe('where the browser holds no Blobs', () => {
  it('a payload with one is refused for good, with its place, and nothing is stored or counted', async () => {
    loseBlobs();
    const queue = newQueue();
    const refusal = {
      code: 'Payload',
      message: expect.stringMatching(/^payload is a Blob.*arrayBuffer\(\)/),
    };
    await expect(queue.enqueue('send', new Blob(['x']))).rejects.toMatchObject(refusal);
    expect(await count(queue)).toMatchObject(nothing);
    await expect(prepare(queue, 'send', new Blob(['x']))).rejects.toMatchObject(refusal);
    await queue.close();
  });

  it('no write of one is sent while another request has no answer', async () => {
    const overtaking = loseBlobs();
    const queue = newQueue();
    await queue.enqueue('send', 1);
    await Promise.allSettled([
      queue.enqueue('send', new Blob(['x']), { lane: 'a', idempotencyKey: 'k' }),
      queue.enqueue('send', new Blob(['x'])),
    ]);
    expect(overtaking).toEqual([]);
    await queue.close();
  });
});

it('a Blob that a browser holds and then cannot write is refused for now, and not counted', async () => {
  const queue = newQueue();
  await queue.enqueue('send', new Blob(['x']));
  loseBlobs();
  const refusal = { code: 'Store', retryable: true };
  await expect(queue.enqueue('send', new Blob(['y']))).rejects.toMatchObject(refusal);
  expect(await count(queue)).toMatchObject({ pending: 1 });
  await queue.close();
});

it('what a transaction could not write is refused, though it completes', async () => {
  const name = freshName();
  const open = async () => {
    const database = await openDatabase(name, createHoldfastStores);
    // An app that takes all errors of its database upon itself.
    database.addEventListener('error', (event) => event.preventDefault());
    return database;
  };
  const queue = createQueue({ name: 'q', jobs, store: indexedDBStore({ name, open }) });
  await queue.enqueue('send', 1);
  const database = await open();
  const planting = database.transaction('holdfast.jobs', 'readwrite');
  const rows = planting.objectStore('holdfast.jobs');
  const [first] = await answer(rows.getAllKeys());
  // The keys of the next rows, taken.
  for (const seq of [2, 3]) rows.put({ id: 'other' }, String(first).replace(/1$/, String(seq)));
  expect(await ended(planting)).toBe('complete');
  await expect(queue.enqueue('send', 2, { id: 'refused' })).rejects.toMatchObject({ code: 'Store' });
  expect(await get(queue, 'refused')).toBeUndefined();
  database.close();
  await queue.close();
});
