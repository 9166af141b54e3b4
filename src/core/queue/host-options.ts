import type { KeepRules } from '../kernel/messages.ts';
import { checkKeepRules, KEEP_OPTIONS, type KeepOptions } from './keep-options.ts';
import { checkOutage, OUTAGE_OPTIONS, type OutageOptions } from './outage-options.ts';
import { checkLimits, LIMIT_OPTIONS, type Limits, type QueueLimits } from './queue-limits.ts';
import { checkShared, SHARED_OPTIONS, type SharedLimits } from './shared-limits.ts';

/** What a queue says to each operation. */
export interface HostOptions {
  readonly limits: Limits;
  readonly shared: SharedLimits;
  readonly keep: KeepRules | undefined;
  readonly outage: Required<OutageOptions>;
}

export const HOST_OPTIONS = [...LIMIT_OPTIONS, ...SHARED_OPTIONS, ...KEEP_OPTIONS, ...OUTAGE_OPTIONS];

/** Throws InvalidOptionError. */
export function checkHostOptions(
  given: QueueLimits & SharedLimits & KeepOptions & OutageOptions,
): HostOptions {
  return {
    limits: checkLimits(given),
    shared: checkShared(given),
    keep: checkKeepRules(given),
    outage: checkOutage(given),
  };
}
