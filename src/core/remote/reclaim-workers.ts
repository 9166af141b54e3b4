import { getting } from '../operations/get.ts';
import type { Context } from '../queue/context.ts';
import { reclaiming } from '../work/lease-operations.ts';
import { reclaimLeases } from '../work/reclaim-leases.ts';

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
    for (const id of answer.cancelled) emitter.emit('job:cancelled', { id });
    for (const id of answer.dead) {
      const job = await context.run(getting, { id });
      const error = job?.errors.at(-1);
      if (job?.state === 'dead' && error !== undefined) emitter.emit('job:dead', { job, error });
    }
  } catch (error) {
    emitter.emit('worker:error', { error });
  }
}
