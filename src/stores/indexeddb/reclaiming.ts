import { type LeaseLook, lookAtLeases } from '../../core/kernel/leases.ts';
import type { ReclaimAnswer, ReclaimRequest } from '../../core/kernel/messages.ts';
import type { Rule } from '../../core/kernel/rows.ts';
import type { IndexedDBStore } from './indexeddb-store.ts';

/** Each tab that dies makes all others look: only who finds something to take back waits for a turn to write. */
export async function reclaimWithProof(
  store: IndexedDBStore,
  request: ReclaimRequest,
  now: number,
  run: (known: ReclaimRequest) => Promise<ReclaimAnswer>,
): Promise<ReclaimAnswer> {
  const { queue, goneWorkers = [], aliveWorkers = [] } = request;
  const look: Rule<LeaseLook> = (rows) => lookAtLeases(rows, now);
  const { owners, isNeeded } = await store.transact({ queue, kind: 'reader', run: look });
  const { gone, alive, release } = await store.signs.probe(owners);
  for (const workerId of alive) store.watch(workerId, queue);
  try {
    const known = {
      ...request,
      goneWorkers: [...goneWorkers, ...gone],
      aliveWorkers: [...aliveWorkers, ...alive],
    };
    return isNeeded(known) ? await run(known) : { reclaimed: [], dead: [], cancelled: [] };
  } finally {
    release();
  }
}
