import type { Job, JobState } from '../job.ts';
import type { FinalRow, JobRow, Lease, Rows } from './rows.ts';

export function pendingJob(rows: Rows, row: JobRow, parked: boolean): Job {
  return { ...view(rows, row, 'pending'), parked };
}

export function activeJob(rows: Rows, row: JobRow, workerId: string, lease: Lease): Job {
  const { fence, until, progress } = lease;
  const job: Job = { ...view(rows, row, 'active'), lease: { workerId, fence, until } };
  return progress === undefined ? job : { ...job, progress: rows.codec.reveal(progress) };
}

export function finalJob(rows: Rows, { job, state, finishedAt }: FinalRow): Job {
  return { ...view(rows, job, state), finishedAt };
}

/** A copy for the outside: nothing in it is the store's own. */
function view(rows: Rows, row: JobRow, state: JobState): Job {
  const { rank, due: _due, size: _size, dedupeMs: _dedupe, payload, errors, backoff, ...rest } = row;
  return {
    ...rest,
    queue: rows.queue,
    state,
    priority: rank === 0 ? 0 : -rank,
    attempt: row.failures + 1,
    errors: errors.map((error) => ({ ...error })),
    parked: false,
    payload: rows.codec.reveal(payload),
    ...(backoff === undefined ? {} : { backoff: { ...backoff } }),
  };
}
