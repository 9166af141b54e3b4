import { InvalidOptionError } from '../../kernel/errors.ts';
import { checkCount, checkKnown, checkMs } from '../../queue/options.ts';

/** How often jobs may begin. */
export interface Rate {
  /** So many … Minimum 1. */
  readonly limit: number;
  /** … in so many ms, evenly spread. Minimum 1. */
  readonly perMs: number;
  /**
   * How many may begin together after a rest. Default `limit`, minimum 1. In any stretch of w ms at most burst + limit × w / perMs
   * begin: for a server that counts strictly, 1.
   */
  readonly burst?: number;
}

/** A rate with a longer interval would put jobs off for longer than a year each. */
const MAX_PER_MS = 366 * 24 * 3_600_000;

/** Answers a copy: what the caller changes afterwards changes nothing. */
export function checkRate(option: string, given: unknown): Rate {
  const { limit, perMs, burst } = checkKnown(option, given as Rate, ['limit', 'perMs', 'burst']);
  const rate = { limit: checkCount(`${option}.limit`, limit), perMs: checkMs(`${option}.perMs`, perMs, 1) };
  if (rate.perMs > MAX_PER_MS)
    throw new InvalidOptionError(`${option}.perMs`, perMs, `at most ${MAX_PER_MS}, a year`);
  return burst === undefined ? rate : { ...rate, burst: checkCount(`${option}.burst`, burst) };
}
