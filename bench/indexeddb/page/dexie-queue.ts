import { Dexie } from 'dexie';
import { CONCURRENCY, type Handler, type Payload, type PeerQueue } from './peer-queue.ts';

interface Row {
  readonly id?: number;
  readonly status: 'pending' | 'active';
  readonly runAt: number;
  readonly leaseUntil?: number;
  readonly payload: Payload;
}

const LEASE_MS = 30_000;

/** The same queue as the hand-written idb one, as an app writes it with Dexie; the same promises. */
export async function openDexie(name: string): Promise<PeerQueue> {
  const database = new Dexie(name);
  database.version(1).stores({ jobs: '++id, [status+runAt]' });
  const jobs = database.table<Row, number>('jobs');
  const row = (payload: Payload): Row => ({ status: 'pending', runAt: Date.now(), payload });

  const claim = (): Promise<Row | undefined> =>
    database.transaction('rw', jobs, async () => {
      const due = jobs.where('[status+runAt]').between(['pending', 0], ['pending', Date.now()], true, true);
      const job = await due.first();
      if (job?.id !== undefined)
        await jobs.update(job.id, { status: 'active', leaseUntil: Date.now() + LEASE_MS });
      return job;
    });

  const loop = async (handler: Handler): Promise<void> => {
    for (let job = await claim(); job !== undefined; job = await claim()) {
      await handler(job.payload);
      await jobs.delete(job.id as number);
    }
  };

  return {
    enqueue: async (payload) => {
      await jobs.add(row(payload));
    },
    enqueueMany: async (payloads) => {
      await jobs.bulkAdd(payloads.map(row));
    },
    drain: async (handler) => {
      await Promise.all(Array.from({ length: CONCURRENCY }, () => loop(handler)));
    },
    count: () => jobs.count(),
  };
}
