import type { Draft, Job, JobState } from '../job.ts';
import { revealed, revealPayload } from './damage.ts';
import type { FinalRow, JobRow, Lease, Rows } from './rows.ts';

export function pendingJob(rows: Rows, row: JobRow, parked: boolean): Job {
  const job = view(rows, row, look(rows, row), 'pending');
  job.parked = parked;
  return job;
}

export function activeJob(rows: Rows, row: JobRow, workerId: string, lease: Lease): Job {
  const job = claimedJob(rows, row, look(rows, row), workerId, lease);
  const { progress } = lease;
  return progress === undefined ? job : { ...job, progress: revealed(() => rows.codec.reveal(progress)) };
}

/** As it is claimed, its payload read already. */
export function claimedJob(rows: Rows, row: JobRow, payload: unknown, workerId: string, lease: Lease): Job {
  const job = view(rows, row, payload, 'active');
  job.lease = { workerId, fence: lease.fence, until: lease.until };
  return job;
}

export function finalJob(rows: Rows, { job, state, finishedAt }: FinalRow): Job {
  return { ...view(rows, job, look(rows, job), state), finishedAt };
}

const look = (rows: Rows, row: JobRow): unknown => revealed(() => revealPayload(rows, row));

/** A copy for the outside: nothing in it is the store's own. Made field by field, as every claimed job comes by here. */
function view(rows: Rows, row: JobRow, payload: unknown, state: JobState): Draft<Job> {
  const job: Draft<Job> = {
    id: row.id,
    queue: rows.queue,
    name: row.name,
    version: row.version,
    state,
    payload,
    priority: row.rank === 0 ? 0 : -row.rank,
    seq: row.seq,
    enqueuedAt: row.enqueuedAt,
    runAt: row.runAt,
    attempt: row.failures + 1,
    failures: row.failures,
    crashes: row.crashes,
    errors: row.errors.map((error) => ({ ...error })),
    parked: false,
  };
  if (row.lane !== undefined) job.lane = row.lane;
  if (row.idempotencyKey !== undefined) job.idempotencyKey = row.idempotencyKey;
  if (row.maxAttempts !== undefined) job.maxAttempts = row.maxAttempts;
  if (row.maxCrashes !== undefined) job.maxCrashes = row.maxCrashes;
  if (row.timeoutMs !== undefined) job.timeoutMs = row.timeoutMs;
  if (row.backoff !== undefined) job.backoff = { ...row.backoff };
  return job;
}
