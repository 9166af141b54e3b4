import { retryDelay } from '../kernel/backoff.ts';
import type { HoldfastError, HoldfastErrorCode, PayloadError } from '../kernel/errors.ts';
import type { Job, JobError } from '../kernel/job.ts';
import { toJobError } from '../kernel/job-error.ts';
import type { JobSpec, Outcome } from '../kernel/messages.ts';
import type { JobDefinition } from '../queue/definitions.ts';
import { MAX_INSTANT } from '../queue/options.ts';
import { defaultBackoff } from './backoffs.ts';
import { reachOf } from './reach.ts';

const DEFAULT_MAX_ATTEMPTS = 10;

const COMPLETE: Outcome = { kind: 'complete' };

/** How a handler ended. */
export type Ending =
  | { readonly how: 'returned'; readonly result: unknown; readonly enqueued: readonly JobSpec[] }
  | { readonly how: 'released'; readonly delayMs: number }
  /** Its worker stops: it keeps its place. */
  | { readonly how: 'stopped' }
  | { readonly how: 'cancelled' }
  | { readonly how: 'threw'; readonly thrown: unknown }
  /** Its schema refuses what is stored, so the handler was not called: another attempt would come to the same. */
  | { readonly how: 'refused'; readonly error: PayloadError };

/** What becomes of the job: pure policy, from the ending and the counters. Delays count from `now`, the end of the attempt. */
export function outcomeOf(ending: Ending, job: Job, definition: JobDefinition, now: number): Outcome {
  switch (ending.how) {
    case 'returned':
      return ending.enqueued.length === 0 ? COMPLETE : { kind: 'complete', enqueue: ending.enqueued };
    case 'released':
      return { kind: 'release', runAt: now + ending.delayMs, waitMs: ending.delayMs };
    case 'stopped':
      return giveBack(job, now);
    case 'cancelled':
      return { kind: 'cancelled' };
    case 'threw':
      return afterFailure(ending.thrown, job, definition, now);
    case 'refused':
      return { kind: 'bury', error: toJobError(ending.error, job.attempt, now) };
  }
}

/** Back to where it was before the claim: who was enqueued first still goes first. It was due, whatever the clock says since. */
const giveBack = ({ runAt }: Job, now: number): Outcome => ({
  kind: 'release',
  runAt: Math.min(runAt, now),
  waitMs: 0,
});

function afterFailure(thrown: unknown, job: Job, definition: JobDefinition, now: number): Outcome {
  const error: JobError = toJobError(thrown, job.attempt, now);
  const maxAttempts = job.maxAttempts ?? definition.maxAttempts ?? DEFAULT_MAX_ATTEMPTS;
  if (hasCode(thrown, 'DeadLetter') || job.attempt >= maxAttempts) return { kind: 'bury', error };
  const later = askedDelay(thrown);
  if (later !== undefined) {
    const runAt = Math.min(MAX_INSTANT, now + later.delayMs);
    return {
      kind: 'retry',
      runAt,
      waitMs: later.delayMs,
      error,
      ...(later.hold ? { holdUntil: runAt } : {}),
    };
  }
  const backoff = job.backoff ?? definition.backoff ?? defaultBackoff;
  const waitMs = retryDelay(backoff, job.id, job.attempt);
  return { kind: 'retry', runAt: now + waitMs, waitMs, error };
}

/** By code, not by class: the handler's copy of the package may be another. Never throws, whatever was thrown. */
function hasCode(thrown: unknown, code: HoldfastErrorCode): thrown is HoldfastError {
  try {
    return typeof thrown === 'object' && (thrown as Partial<HoldfastError> | null)?.code === code;
  } catch {
    return false;
  }
}

const STEERING: readonly HoldfastErrorCode[] = ['DeadLetter', 'RetryLater', 'Unreachable', 'Server'];

/** It says itself what becomes of the job. */
export const steers = (thrown: unknown): boolean => STEERING.some((code) => hasCode(thrown, code));

/** A session can only be renewed by the user or the app: until then asking again is of no use to anybody. */
const SIGNED_OUT_HOLD_MS = 60_000;

function askedDelay(thrown: unknown): { delayMs: number; hold: boolean } | undefined {
  const reach = reachOf(thrown);
  if (reach.kind === 'unreached' && reach.closes)
    return { delayMs: reach.retryAfterMs ?? SIGNED_OUT_HOLD_MS, hold: true };
  if (!hasCode(thrown, 'RetryLater')) return undefined;
  try {
    const { delayMs, hold } = thrown as Partial<{ delayMs: number; hold: boolean }>;
    return typeof delayMs === 'number' && delayMs >= 0
      ? { delayMs: Math.ceil(delayMs), hold: hold === true }
      : undefined;
  } catch {
    return undefined;
  }
}
