import type { ClaimedJob, Settlement } from '../../core/kernel/messages.ts';
import { everything } from './exchanging.ts';
import { liveJobs } from './state.ts';
import type { Walk } from './walk.ts';

/** Longer than any delay, hold, lease or memory of an id that a walk can ask for. */
const LONG_MS = 24 * 3_600_000;
const WORKER = 'the last';

/**
 * Whatever was done, the queue can be brought to its end: once no dead job halts its lane, with time enough and a worker for everything each live job ends,
 * and then nothing is left but what is dead or remembered, which can be removed.
 */
export async function endWalk(walk: Walk): Promise<void> {
  walk.move(LONG_MS, 0);
  await walk.ask('resume', {});
  for (const name of walk.state.counts.pausedNames ?? []) await walk.ask('resume', { name });
  await walk.ask('reclaim', { limit: 1_000 });
  await freeLanes(walk);
  let held: readonly ClaimedJob[] = [];
  let idle = 0;
  for (let left = liveJobs(walk.state).length; left > 0; left = liveJobs(walk.state).length) {
    walk.move(LONG_MS, left % 2);
    const before = idsOf(walk);
    const claim = { names: everything(100), limit: 100, leaseMs: 100 * LONG_MS, idle: true };
    // Every second one, so that what is settled has neighbours that stay.
    const settle = held.filter((_, i) => i % 2 === 0).map(completed);
    const answer = await walk.ask('exchange', { workerId: WORKER, settle, claim });
    held = [...held.filter((_, i) => i % 2 === 1), ...(answer?.jobs ?? [])];
    await freeLanes(walk);
    // Looks at which nothing ends or comes. What is too old by a clock that jumps at each of them goes with the third.
    idle = held.length === 0 && idsOf(walk) === before ? idle + 1 : 0;
    if (idle > 2 && liveJobs(walk.state).length > 0) walk.fail('jobs are left that nobody can claim');
  }
  const ended = [...walk.state.dead, ...walk.state.completed];
  if (ended.length > 0) await walk.ask('remove', { ids: ended.map(({ id }) => id) });
  await walk.ask('count', {});
}

const idsOf = (walk: Walk): string =>
  liveJobs(walk.state)
    .map(({ id, seq }) => `${id} ${seq}`)
    .join();

/** Some die while the others are brought to their end. */
async function freeLanes(walk: Walk): Promise<void> {
  const halting = walk.state.dead.filter(({ haltsLane }) => haltsLane);
  if (halting.length > 0) await walk.ask('remove', { ids: halting.map(({ id }) => id) });
}

const completed = ({ job, fence }: ClaimedJob): Settlement => ({
  id: job.id,
  fence,
  outcome: { kind: 'complete' },
});
