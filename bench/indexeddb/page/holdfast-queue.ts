import { count, createQueue, type Durability, defineJobs, drain, enqueueMany, job, work } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import type { Handler, Payload, PeerQueue } from './peer-queue.ts';

/** The most that one call takes. */
const BATCH = 1_000;

/** The public API with its defaults. Enqueues are strict unless it says otherwise, the rest is relaxed; at least once, leases, any number of tabs. */
export async function openHoldfast(database: string, durability: Durability = 'strict'): Promise<PeerQueue> {
  const jobs = defineJobs({ push: job<Payload>() });
  const queue = createQueue({ name: 'bench', jobs, store: indexedDBStore(database, { durability }) });
  return {
    enqueue: async (payload) => {
      await queue.enqueue('push', payload);
    },
    enqueueMany: async (payloads) => {
      const calls: Promise<unknown>[] = [];
      for (let from = 0; from < payloads.length; from += BATCH) {
        const items = payloads.slice(from, from + BATCH);
        calls.push(
          enqueueMany(
            queue,
            items.map((payload) => ({ name: 'push', payload })),
          ),
        );
      }
      await Promise.all(calls);
    },
    drain: async (handler: Handler) => {
      await drain(queue, { push: handler });
    },
    work: (handler: Handler) => {
      work(queue, { push: handler });
    },
    count: async () => {
      const { pending, active } = await count(queue);
      return pending + active;
    },
  };
}
