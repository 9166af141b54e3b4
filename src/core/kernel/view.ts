import type { Lease } from './claims-row.ts';
import { revealed, revealPayload } from './damage.ts';
import type { Draft, Job, JobState } from './job.ts';
import type { FinalRow, JobRow } from './job-row.ts';
import { nameOf } from './owner.ts';
import type { Rows } from './rows.ts';

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

export function finalJob(rows: Rows, { job, state, finishedAt, result }: FinalRow): Job {
  const ended = { ...view(rows, job, look(rows, job), state), finishedAt };
  return result === undefined
    ? ended
    : { ...ended, result: revealed(() => rows.codec.reveal(result.stored)) };
}

const look = (rows: Rows, row: JobRow): unknown => revealed(() => revealPayload(rows, row));

/** A copy for the outside: nothing in it is the store's own. Made field by field, as every claimed job comes by here. */
function view(rows: Rows, row: JobRow, payload: unknown, state: JobState): Draft<Job> {
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
    errors: row.errors.map((error) => ({ ...error })),
    parked: false,
  };
  if (row.lane !== undefined) job.lane = row.lane;
  if (row.onLaneDeath !== undefined) job.onLaneDeath = row.onLaneDeath;
  if (row.haltsLane !== undefined) job.haltsLane = true;
  if (row.target !== undefined) job.target = row.target;
  if (row.tries !== undefined) job.tries = row.tries + 1;
  if (row.rateKey !== undefined) job.rateKey = row.rateKey;
  if (row.idempotencyKey !== undefined) job.idempotencyKey = row.idempotencyKey;
  if (row.expiresAt !== undefined) job.expiresAt = row.expiresAt;
  if (row.maxAttempts !== undefined) job.maxAttempts = row.maxAttempts;
  if (row.maxCrashes !== undefined) job.maxCrashes = row.maxCrashes;
  if (row.timeoutMs !== undefined) job.timeoutMs = row.timeoutMs;
  if (row.backoff !== undefined) job.backoff = { ...row.backoff };
  if (row.keepResultMs !== undefined) job.keepResultMs = row.keepResultMs;
  if (row.checkpoint !== undefined) job.checkpoint = revealed(() => rows.codec.reveal(row.checkpoint));
  if (row.dependsOn !== undefined) addDependencies(job, row);
  if (row.results !== undefined) job.results = revealedAll(rows, row.results);
  if (row.batch !== undefined) job.batch = row.batch;
  if (row.headers !== undefined) job.headers = { ...row.headers };
  if (row.tags !== undefined) job.tags = [...row.tags];
  if (row.tick !== undefined) job.tick = { ...row.tick };
  return job;
}

function addDependencies(job: Draft<Job>, { dependsOn, blockedBy, onDependencyDeath }: JobRow): void {
  job.dependsOn = Object.keys(dependsOn ?? {});
  if (blockedBy !== undefined) job.blockedBy = [...blockedBy];
  if (onDependencyDeath !== undefined) job.onDependencyDeath = onDependencyDeath;
}

function revealedAll(rows: Rows, stored: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(stored).map(([name, value]) => [name, revealed(() => rows.codec.reveal(value))]),
  );
}
