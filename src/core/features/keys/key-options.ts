import { InvalidOptionError } from '../../kernel/errors.ts';
import type { OnDuplicate } from '../../kernel/job.ts';
import type { JobSpec } from '../../kernel/messages.ts';
import { ON_DUPLICATE } from '../../queue/enqueue-options.ts';
import { checkPositiveMs } from '../../queue/job-options.ts';
import { checkMs, checkOneOf } from '../../queue/options.ts';

/** How long an enqueue's key is held, and its job may wait. */
export interface KeyTimes {
  /**
   * The key is held until its job is done, and at least so long from this enqueue: within it a `keep` or `throttle` with the key is a
   * duplicate also of a job that has ended, died included. `replace`, `restart` and `debounce` bring what must not be lost: they are accepted
   * once the job has ended. Who cancels, removes or drops the job frees its key. Default: until it is done. Only with `idempotencyKey`;
   * `throttle` needs it. Minimum 1.
   */
  readonly keyForMs?: number;
  /** `debounce` does not move the job further than this from when it was enqueued. Default: no limit. Only with `debounce`. */
  readonly maxWaitMs?: number;
}

/** What an enqueue may say of its key and of time. */
export interface KeyOptions extends KeyTimes {
  /**
   * As without the feature, and beyond that: `debounce`: as `replace`, and the job's time is moved to this one's. `throttle`: within the
   * `keyForMs` of the job that was accepted first, nothing is stored, whether that job is done or not; afterwards the next is accepted, and
   * runs behind the one before it.
   *
   * @example
   * await queue.enqueue('save', note, { idempotencyKey: note.id, onDuplicate: 'debounce', delayMs: 2_000, maxWaitMs: 30_000 });
   */
  readonly onDuplicate?: OnDuplicate | 'debounce' | 'throttle';
}

/** A spec that may say so. */
export type KeySpec = JobSpec & KeyTimes;

export const KEY_OPTIONS = {
  onDuplicate: (option: string, given: unknown) =>
    checkOneOf(option, given, [...ON_DUPLICATE, 'debounce', 'throttle'] as const),
  keyForMs: checkPositiveMs,
  maxWaitMs: checkMs,
};

/** Throws InvalidOptionError. */
export function checkKeyOptions({
  idempotencyKey,
  onDuplicate,
  keyForMs,
  maxWaitMs,
}: Partial<KeySpec>): void {
  if (keyForMs !== undefined && idempotencyKey === undefined)
    throw new InvalidOptionError('keyForMs', keyForMs, 'nothing, as there is no idempotencyKey');
  if (onDuplicate === 'throttle' && keyForMs === undefined)
    throw new InvalidOptionError(
      'keyForMs',
      keyForMs,
      'a number of ms, 1 or more, as onDuplicate is throttle',
    );
  if (maxWaitMs !== undefined && onDuplicate !== 'debounce')
    throw new InvalidOptionError('maxWaitMs', maxWaitMs, 'nothing, as onDuplicate is not debounce');
}
