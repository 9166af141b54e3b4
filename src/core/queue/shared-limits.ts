import { InvalidOptionError } from '../kernel/errors.ts';
import type { Rate } from '../kernel/job.ts';
import type { ClaimRequest, KnownName } from '../kernel/messages.ts';
import type { JobDefinition } from './definitions.ts';
import { checkCount, checkKnown, checkMs } from './options.ts';

/** What each claim of a queue says beside its names. */
export type SharedLimits = Pick<ClaimRequest, 'maxActive' | 'ageing'>;

export function checkShared({ maxActive, ageing }: SharedLimits): SharedLimits {
  return {
    ...(maxActive === undefined ? {} : { maxActive: checkCount('maxActive', maxActive) }),
    ...(ageing === undefined ? {} : { ageing: checkCount('ageing', ageing, 2) }),
  };
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

/** What a claim says of a name: what holds over all workers is enforced by the store. */
export function knownName({ version = 1, maxActive, rate, outage }: JobDefinition): KnownName {
  return {
    version,
    ...(maxActive === undefined ? {} : { maxActive }),
    ...(rate === undefined ? {} : { rate }),
    ...(outage === undefined ? {} : { outage }),
  };
}

/** Whether a job that is claimed takes a place or a token from other workers: claimed ahead, it would keep it without running. */
export const isShared = ({ maxActive, rate }: JobDefinition): boolean =>
  maxActive !== undefined || rate !== undefined;
