import type { Draft } from './job.ts';
import type { JobRow } from './job-row.ts';
import type { JobSpec } from './messages.ts';
import type { SealedJob } from './sealed-job.ts';
import type { TargetNames } from './target-names.ts';

const NO_ERRORS: readonly never[] = [];

/** What a spec is stored as, if it is a new job. */
export function newRow(job: SealedJob, seq: number, now: number, targets: TargetNames): JobRow {
  const { spec } = job;
  const runAt = Math.max(now, spec.runAt ?? now + (spec.delayMs ?? 0));
  const row: Draft<JobRow> = {
    id: spec.id,
    name: spec.name,
    version: spec.version,
    rank: -spec.priority,
    due: runAt > now ? runAt : 0,
    seq,
    enqueuedAt: now,
    runAt,
    failures: 0,
    crashes: 0,
    errors: NO_ERRORS,
    size: job.size,
    payload: job.stored,
  };
  if (row.due > 0 && spec.runAt !== undefined) row.named = true;
  else if (row.due > 0) row.waitMs = runAt - now;
  if (spec.lane !== undefined) row.lane = spec.lane;
  if (spec.onLaneDeath === 'halt') row.onLaneDeath = 'halt';
  if (spec.target !== undefined && spec.target !== spec.name)
    row.target = targets.nameOf(spec.name, spec.target);
  if (spec.rateKey !== undefined) row.rateKey = spec.rateKey;
  if (spec.idempotencyKey !== undefined) row.idempotencyKey = spec.idempotencyKey;
  if (spec.dedupeMs) row.dedupeMs = spec.dedupeMs;
  if (spec.maxAgeMs !== undefined) addAge(row, spec.maxAgeMs, now);
  addOverrides(row, spec);
  addFacts(row, spec);
  if (spec.tick !== undefined) row.tick = spec.tick;
  if (spec.batch !== undefined) row.batch = spec.batch;
  if (spec.results !== undefined) row.results = spec.results;
  return row;
}

/** The row without what its due was made of: it is given another. */
export function withoutTime({ waitMs: _length, named: _instant, ...row }: JobRow): JobRow {
  return row;
}

/** A job that is to wait is not too old for it. */
export function addAge(row: Draft<JobRow>, maxAgeMs: number, now: number): void {
  row.maxAgeMs = maxAgeMs;
  row.expiresAt = Math.max(now, row.runAt) + maxAgeMs;
}

export function addOverrides(row: Draft<JobRow>, spec: JobSpec): void {
  if (spec.maxAttempts !== undefined) row.maxAttempts = spec.maxAttempts;
  if (spec.maxCrashes !== undefined) row.maxCrashes = spec.maxCrashes;
  if (spec.backoff !== undefined) row.backoff = { ...spec.backoff };
  if (spec.timeoutMs !== undefined) row.timeoutMs = spec.timeoutMs;
  if (spec.keepResultMs !== undefined) row.keepResultMs = spec.keepResultMs;
}

export function addFacts(row: Draft<JobRow>, { headers, tags }: JobSpec): void {
  if (headers !== undefined) row.headers = { ...headers };
  if (tags !== undefined) row.tags = [...tags];
}
