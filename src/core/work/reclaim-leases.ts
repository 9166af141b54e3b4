import type { ReclaimAnswer } from '../kernel/messages.ts';
import type { StoreLine } from '../queue/line.ts';
import { lookingAtLeases, reclaiming } from './lease-operations.ts';

const LIMIT = 1_000;
const NOTHING: ReclaimAnswer = { reclaimed: [], dead: [], cancelled: [] };

/**
 * Takes back leases that expired, or whose owner is proven gone. Where the store can prove who lives, each owner that dies makes all others
 * look: only who finds something to take back waits for a turn to write.
 */
export async function reclaimLeases(line: StoreLine): Promise<ReclaimAnswer> {
  const { store, queue } = line;
  // Awaited here, it takes two turns less: who took leases back claims before whoever it told.
  if (store.prove === undefined) return await line.execute(reclaiming, { limit: LIMIT });
  const { owners, isNeeded } = await line.execute(lookingAtLeases, {});
  const { gone, alive, release } = await store.prove(queue, owners);
  try {
    const request = { limit: LIMIT, goneWorkers: gone, aliveWorkers: alive };
    return isNeeded(request) ? await line.execute(reclaiming, request) : NOTHING;
  } finally {
    release();
  }
}
