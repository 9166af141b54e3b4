import { createCollection } from '@tanstack/db';
import { IndexedDBAdapter, startOfflineExecutor } from '@tanstack/offline-transactions';
import type { Handler, Payload, PeerQueue } from './peer-queue.ts';

/**
 * @tanstack/offline-transactions, one insert a transaction, without optimistic state, which would cost it more. Its enqueue
 * resolves when the mutation has run, and it runs them from memory, one at a time, from the first enqueue on. The browser's
 * default durability; at least once in one leading tab, the other tabs store nothing.
 */
export async function openTanstack(name: string): Promise<PeerQueue> {
  let handle: Handler = async () => undefined;
  let begun: () => void = () => undefined;
  const started = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const collection = createCollection<Payload>({
    id: name,
    getKey: ({ n }) => n,
    startSync: true,
    sync: { sync: ({ markReady }) => markReady() },
  });
  const storage = new IndexedDBAdapter(name, 'transactions');
  const executor = startOfflineExecutor({
    collections: { jobs: collection },
    storage,
    mutationFns: {
      push: async ({ transaction }) => {
        await started;
        for (const { modified } of transaction.mutations) await handle(modified as Payload);
      },
    },
  });
  await executor.waitForInit();
  const commits: Promise<unknown>[] = [];
  const push = (payload: Payload): Promise<unknown> => {
    const transaction = executor.createOfflineTransaction({ mutationFnName: 'push', autoCommit: false });
    transaction.mutate(() => collection.insert(payload, { optimistic: false }));
    return transaction.commit();
  };
  return {
    enqueue: async (payload) => {
      await push(payload);
    },
    enqueueMany: async (payloads) => {
      for (const payload of payloads) commits.push(push(payload));
    },
    begin: (handler) => {
      handle = handler;
      begun();
    },
    drain: async (handler) => {
      handle = handler;
      begun();
      await Promise.all(commits.splice(0));
    },
    count: async () => (await storage.keys()).length,
    // There is one leader an origin, and the next queue of this page wants to be it.
    close: () => executor.dispose(),
  };
}
