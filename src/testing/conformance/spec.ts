import type { JobError } from '../../core/kernel/job.ts';
import type { Outcome } from '../../core/kernel/messages.ts';
import type { EverySpec } from '../every-feature.ts';

/** The instant at which every test begins. */
export const T = 1_750_000_000_000;

/** What a spec may say, by whatever feature. */
export type More = Partial<Omit<EverySpec, 'id'>>;

/** A job of the name `job` without delay, lane or key, unless `more` says otherwise. */
export function spec(id: string, more: More = {}): EverySpec {
  return { id, known: false, name: 'job', version: 1, priority: 0, payload: null, ...more };
}

/** `count` jobs with the ids `<prefix>0`, `<prefix>1` … */
export function specs(prefix: string, count: number, more: More = {}): EverySpec[] {
  return Array.from({ length: count }, (_, index) => spec(`${prefix}${index}`, more));
}

/** One that waits for these. */
export const after = (id: string, ids: readonly string[], more: More = {}): EverySpec =>
  spec(id, { dependsOn: Object.fromEntries(ids.map((other) => [other, other])), ...more });

export function failure(more: Partial<JobError> = {}): JobError {
  return { name: 'Error', message: 'the server answered 500', attempt: 1, at: T, ...more };
}

export function complete(...enqueue: EverySpec[]): Outcome {
  return enqueue.length === 0 ? { kind: 'complete' } : { kind: 'complete', enqueue };
}

export function retry(runAt: number, error: JobError = failure(), holdUntil?: number): Outcome {
  return { kind: 'retry', runAt, error, ...(holdUntil !== undefined && { holdUntil }) };
}

export function release(runAt: number): Outcome {
  return { kind: 'release', runAt };
}

export const unbegun: Outcome = { kind: 'unbegun' };

export function bury(error: JobError = failure()): Outcome {
  return { kind: 'bury', error };
}

export const cancelled: Outcome = { kind: 'cancelled' };
