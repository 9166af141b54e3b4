import type { Job } from '../../core/index.ts';
import type { Complain } from './journal.ts';
import type { Snapshot } from './snapshot.ts';

/** A lane with live jobs has one that is not parked, and who is promoted was the first of them. */
export function checkLanes(before: Snapshot, after: Snapshot, complain: Complain): void {
  const jobs = [...after.jobs.values()];
  const halted = new Set(jobs.filter(({ haltsLane }) => haltsLane).map(laneOf));
  for (const [lane, live] of liveByLane(jobs)) {
    const heads = live.filter(({ parked }) => !parked);
    const [head] = heads;
    if (halted.has(lane)) {
      if (head !== undefined) complain('a dead head halts its lane', `${head.id} heads ${lane}`);
    } else if (head === undefined || heads.length > 1)
      complain('one job a lane', `${lane} has ${heads.length} heads of ${live.length}`);
    else if (
      waitedIn(before, head) &&
      live.some((job) => waitedIn(before, job) && job.parked && job.seq < head.seq)
    )
      complain('lane order', `${head.id} left the wait of ${lane} before its turn`);
  }
}

function liveByLane(jobs: readonly Job[]): Map<string, Job[]> {
  const lanes = new Map<string, Job[]>();
  for (const job of jobs) {
    const lane = laneOf(job);
    if (lane === undefined || (job.state !== 'pending' && job.state !== 'active')) continue;
    const same = lanes.get(lane);
    if (same === undefined) lanes.set(lane, [job]);
    else same.push(job);
  }
  return lanes;
}

/** It was parked in its lane: not only until others have ended. */
const waitedIn = (before: Snapshot, { id }: Job): boolean => {
  const was = before.jobs.get(id);
  return was?.parked === true && was.blockedBy === undefined;
};

/** Who waits for others to end is in no lane yet. */
function laneOf({ lane, name, idempotencyKey, blockedBy }: Job): string | undefined {
  if (blockedBy !== undefined) return undefined;
  if (lane !== undefined) return `lane ${lane}`;
  return idempotencyKey === undefined ? undefined : `key ${idempotencyKey} of ${name}`;
}
