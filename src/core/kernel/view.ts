import type { Lease } from './claims-row.ts';
import { revealed, revealPayload } from './damage.ts';
import { hooksOf } from './features.ts';
import type { Draft, Job, JobState } from './job.ts';
import type { FinalRow, JobRow } from './job-row.ts';
import { hasMore } from './new-row.ts';
import { owned } from './owned.ts';
import type { Rows } from './rows.ts';
import { nameOf } from './stream-name.ts';

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

export function finalJob(rows: Rows, final: FinalRow): Job {
  const { job, state, finishedAt } = final;
  return { ...view(rows, job, look(rows, job), state, final), finishedAt };
}

const look = (rows: Rows, row: JobRow): unknown => revealed(() => revealPayload(rows, row));

/** What reading does not show of a row, or shows as something else. All else is shown as it is there. */
const INTERNAL: {
  readonly [Field in Exclude<keyof JobRow, keyof Job> | 'tries']: true;
} = {
  rank: true,
  due: true,
  waitMs: true,
  named: true,
  since: true,
  against: true,
  setBacks: true,
  tries: true,
  spared: true,
  putOff: true,
  dedupeMs: true,
  size: true,
  parkedBy: true,
  owes: true,
  needs: true,
  extras: true,
  extraBytes: true,
  attached: true,
  keptMs: true,
  damage: true,
};

/** Fields that each row has, beside its payload. */
const PLAIN_FIELDS = 12;

/** A copy for the outside: nothing in it is the store's own. Every claimed job comes by here. */
function view(rows: Rows, row: JobRow, payload: unknown, state: JobState, final?: FinalRow): Draft<Job> {
  const job: Draft<Job> = {
    id: row.id,
    queue: nameOf(rows.queue),
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
    errors: row.errors.length === 0 ? [] : row.errors.map((error) => ({ ...error })),
    parked: false,
  };
  if (hasMore(row, PLAIN_FIELDS)) viewMore(row, job);
  const features = hooksOf(rows).view;
  for (let i = 0; i < features.length; i++) features[i]?.view(rows, job, row, final);
  return job;
}

/** What few rows have. */
function viewMore(row: JobRow, job: Draft<Job>): void {
  for (const field in row)
    if (!(field in job || field in INTERNAL))
      (job as unknown as Record<string, unknown>)[field] = owned(row[field as keyof JobRow]);
  if (row.tries !== undefined) job.tries = row.tries + 1;
}
