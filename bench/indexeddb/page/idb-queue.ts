import { type DBSchema, openDB } from 'idb';
import { CONCURRENCY, type Handler, type Payload, type PeerQueue } from './peer-queue.ts';

interface Row {
  readonly id?: number;
  readonly status: 'pending' | 'active';
  readonly runAt: number;
  readonly leaseUntil?: number;
  readonly payload: Payload;
}

interface Schema extends DBSchema {
  jobs: { key: number; value: Row; indexes: { due: [string, number] } };
}

const LEASE_MS = 30_000;

/**
 * A queue as an app writes it with idb: an index on status and time, one transaction to claim a job and one to delete it. At least
 * once, with leases, any number of tabs. Durability of enqueues: the browser's default (relaxed in Chromium since 121) or strict.
 */
export async function openIdb(
  name: string,
  durability: IDBTransactionDurability = 'default',
): Promise<PeerQueue> {
  const database = await openDB<Schema>(name, 1, {
    upgrade: (fresh) => {
      const store = fresh.createObjectStore('jobs', { keyPath: 'id', autoIncrement: true });
      store.createIndex('due', ['status', 'runAt']);
    },
  });
  const row = (payload: Payload): Row => ({ status: 'pending', runAt: Date.now(), payload });

  const claim = async (): Promise<Row | undefined> => {
    const transaction = database.transaction('jobs', 'readwrite');
    const due = IDBKeyRange.bound(['pending', 0], ['pending', Date.now()]);
    const cursor = await transaction.store.index('due').openCursor(due);
    const claimed = cursor?.value;
    if (cursor && claimed)
      await cursor.update({ ...claimed, status: 'active', leaseUntil: Date.now() + LEASE_MS });
    await transaction.done;
    return claimed;
  };

  const loop = async (handler: Handler): Promise<void> => {
    for (let job = await claim(); job !== undefined; job = await claim()) {
      await handler(job.payload);
      await database.delete('jobs', job.id as number);
    }
  };

  return {
    enqueue: async (payload) => {
      const transaction = database.transaction('jobs', 'readwrite', { durability });
      await Promise.all([transaction.store.add(row(payload)), transaction.done]);
    },
    enqueueMany: async (payloads) => {
      const transaction = database.transaction('jobs', 'readwrite', { durability });
      const added = payloads.map((payload) => transaction.store.add(row(payload)));
      await Promise.all([...added, transaction.done]);
    },
    drain: async (handler) => {
      await Promise.all(Array.from({ length: CONCURRENCY }, () => loop(handler)));
    },
    count: () => database.count('jobs'),
  };
}
