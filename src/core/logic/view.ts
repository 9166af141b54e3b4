import type { Job, JobState } from '../job.ts';
import { revealed, revealPayload } from './damage.ts';
import type { FinalRow, JobRow, Lease, Rows } from './rows.ts';

export function pendingJob(rows: Rows, row: JobRow, parked: boolean): Job {
  return { ...view(rows, row, look(rows, row), 'pending'), parked };
}

export function activeJob(rows: Rows, row: JobRow, workerId: string, lease: Lease): Job {
  const job = claimedJob(rows, row, look(rows, row), workerId, lease);
  const { progress } = lease;
  return progress === undefined ? job : { ...job, progress: revealed(() => rows.codec.reveal(progress)) };
}

/** As it is claimed, its payload read already. */
export function claimedJob(rows: Rows, row: JobRow, payload: unknown, workerId: string, lease: Lease): Job {
  const { fence, until } = lease;
  return { ...view(rows, row, payload, 'active'), lease: { workerId, fence, until } };
}

export function finalJob(rows: Rows, { job, state, finishedAt }: FinalRow): Job {
  return { ...view(rows, job, look(rows, job), state), finishedAt };
}

const look = (rows: Rows, row: JobRow): unknown => revealed(() => revealPayload(rows, row));

/** A copy for the outside: nothing in it is the store's own. */
function view(rows: Rows, row: JobRow, payload: unknown, state: JobState): Job {
  const { rank, due: _due, size: _size, dedupeMs: _dedupe, damage: _, errors, backoff, ...rest } = row;
  return {
    ...rest,
    queue: rows.queue,
    state,
    priority: rank === 0 ? 0 : -rank,
    attempt: row.failures + 1,
    errors: errors.map((error) => ({ ...error })),
    parked: false,
    payload,
    ...(backoff === undefined ? {} : { backoff: { ...backoff } }),
  };
}
