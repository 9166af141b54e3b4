import { InvalidOptionError } from '../../kernel/errors.ts';
import type { Draft } from '../../kernel/job.ts';
import { checkCount, checkKnown, checkMs } from '../../queue/options.ts';

/** How many ended jobs stay, the last of them, and how long. Give one or both. */
export interface Keep {
  /** Minimum 1. */
  readonly count?: number;
  /** From its end. Minimum 1. */
  readonly ageMs?: number;
}

export interface KeepRules {
  /**
   * Completed jobs that stay, with payload (of up to 256 KB) and result (of up to 64 KB), to be listed and read. Ids that are remembered and
   * results that are kept stay for their own time all the same. A job is kept by the rule of the queue whose worker completed it; give each
   * context the same. Default: completed jobs are deleted.
   */
  readonly completed?: Keep;
  /**
   * Dead jobs that stay. One that halts its lane stays all the same, and is not counted. Default: all of them, until they are redriven or
   * removed.
   */
  readonly dead?: Keep;
}

/** A copy. Throws InvalidOptionError. */
export function checkKeep(option: string, given: Keep | undefined): Keep | undefined {
  if (given === undefined) return undefined;
  const keep = checkKnown(option, given, ['count', 'ageMs']);
  if (keep.count === undefined && keep.ageMs === undefined)
    throw new InvalidOptionError(option, given, 'an object with count, ageMs or both');
  const checked: Draft<Keep> = {};
  if (keep.count !== undefined) checked.count = checkCount(`${option}.count`, keep.count);
  if (keep.ageMs !== undefined) checked.ageMs = checkMs(`${option}.ageMs`, keep.ageMs, 1);
  return checked;
}
