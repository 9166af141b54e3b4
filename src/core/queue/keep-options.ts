import { InvalidOptionError } from '../kernel/errors.ts';
import type { Draft } from '../kernel/job.ts';
import type { Keep, KeepRules } from '../kernel/messages.ts';
import { checkCount, checkKnown, checkMs } from './options.ts';

export interface KeepOptions {
  /**
   * Completed jobs that stay, with payload (of up to 256 KB) and result (of up to 64 KB), to be listed and read: the last `count`
   * (minimum 1) of them, and each at most `ageMs` (minimum 1) from its end. Give one or both. Ids that are remembered and results
   * that are kept stay for their own time all the same. A job is kept by the rule of the queue whose worker completed it; give each
   * context the same. Default: completed jobs are deleted.
   */
  readonly keepCompleted?: Keep;
  /**
   * Dead jobs that stay: the last `count` (minimum 1) of them, and each at most `ageMs` (minimum 1) from its death. Give one or both.
   * One that halts its lane stays all the same, and is not counted.
   * Default: all of them, until they are redriven or removed.
   */
  readonly keepDead?: Keep;
}

export const KEEP_OPTIONS = ['keepCompleted', 'keepDead'];

/** Undefined: there is no rule. */
export function checkKeepRules({ keepCompleted, keepDead }: KeepOptions): KeepRules | undefined {
  if (keepCompleted === undefined && keepDead === undefined) return undefined;
  const rules: Draft<KeepRules> = {};
  if (keepCompleted !== undefined) rules.completed = checkKeep('keepCompleted', keepCompleted);
  if (keepDead !== undefined) rules.dead = checkKeep('keepDead', keepDead);
  return rules;
}

function checkKeep(option: string, given: Keep): Keep {
  const keep = checkKnown(option, given, ['count', 'ageMs']);
  if (keep.count === undefined && keep.ageMs === undefined)
    throw new InvalidOptionError(option, given, 'an object with count, ageMs or both');
  const checked: Draft<Keep> = {};
  if (keep.count !== undefined) checked.count = checkCount(`${option}.count`, keep.count);
  if (keep.ageMs !== undefined) checked.ageMs = checkMs(`${option}.ageMs`, keep.ageMs, 1);
  return checked;
}
