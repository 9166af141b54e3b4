import type { Context } from '../queue/context.ts';
import { reclaiming } from '../work/lease-operations.ts';
import { reclaimLeases, reportReclaimed } from '../work/reclaim-leases.ts';

const LIMIT = 1_000;

/**
 * Workers elsewhere that are gone, by the names that their rows have: what they held comes back at once, as a crash. A store that fails leaves
 * it to the leases. Never rejects.
 */
export async function reclaimWorkers(context: Context, goneWorkers: readonly string[]): Promise<void> {
  const { line, emitter } = context;
  if (line.local === undefined) return;
  const request = { limit: LIMIT, goneWorkers };
  try {
    const answer = await reclaimLeases(line.local, request);
    context.told(reclaiming, request, answer);
    await reportReclaimed(answer, context);
  } catch (error) {
    emitter.emit('worker:error', { error });
  }
}
