import type { ReclaimAnswer, ReclaimRequest } from '../kernel/messages.ts';
import { getting } from '../operations/get.ts';
import type { Context } from '../queue/context.ts';
import type { StoreLine } from '../queue/line.ts';
import { lookingAtLeases, reclaiming } from './lease-operations.ts';

const LIMIT = 1_000;
const NOTHING: ReclaimAnswer = { reclaimed: [], dead: [], cancelled: [] };

/**
 * Takes back leases that expired, or whose owner is proven gone. Where the store can prove who lives, each owner that dies makes all others
 * look: only who finds something to take back waits for a turn to write. `known`: what the caller knows of owners by itself.
 */
export async function reclaimLeases(
  line: StoreLine,
  known: ReclaimRequest = { limit: LIMIT },
): Promise<ReclaimAnswer> {
  const { store, queue } = line;
  // Awaited here, it takes two turns less: who took leases back claims before whoever it told.
  if (store.prove === undefined) return await line.execute(reclaiming, known);
  const { owners, isNeeded } = await line.execute(lookingAtLeases, {});
  const { gone, alive, release } = await store.prove(queue, owners);
  try {
    const { goneWorkers = [], aliveWorkers = [] } = known;
    const request = {
      ...known,
      goneWorkers: [...goneWorkers, ...gone],
      aliveWorkers: [...aliveWorkers, ...alive],
    };
    return isNeeded(request) ? await line.execute(reclaiming, request) : NOTHING;
  } finally {
    release();
  }
}

/** Emits what came of it. Not a promise where no job died: each turn more lets others claim first. */
export function reportReclaimed(
  { reclaimed, dead, cancelled }: ReclaimAnswer,
  host: Pick<Context, 'emitter' | 'run'>,
): Promise<void> | undefined {
  const { emitter } = host;
  if (reclaimed.length > 0) emitter.changed();
  for (const id of cancelled) emitter.emit('job:cancelled', { id });
  return dead.length === 0 ? undefined : reportDead(dead, host);
}

async function reportDead(ids: readonly string[], host: Pick<Context, 'emitter' | 'run'>): Promise<void> {
  for (const id of ids) {
    const job = await host.run(getting, { id });
    const error = job?.errors.at(-1);
    // Redriven since then, it lives.
    if (job?.state === 'dead' && error !== undefined) host.emitter.emit('job:dead', { job, error });
  }
}
