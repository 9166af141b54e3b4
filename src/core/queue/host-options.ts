import { checkOutage, OUTAGE_OPTIONS, type OutageOptions } from './outage-options.ts';
import { checkLimits, LIMIT_OPTIONS, type Limits, type QueueLimits } from './queue-limits.ts';
import { checkShared, SHARED_OPTIONS, type SharedLimits } from './shared-limits.ts';

/** What a queue says to each operation. */
export interface HostOptions {
  readonly limits: Limits;
  readonly shared: SharedLimits;
  readonly outage: Required<OutageOptions>;
}

export const HOST_OPTIONS = [...LIMIT_OPTIONS, ...SHARED_OPTIONS, ...OUTAGE_OPTIONS];

/** Throws InvalidOptionError. */
export function checkHostOptions(given: QueueLimits & SharedLimits & OutageOptions): HostOptions {
  return {
    limits: checkLimits(given),
    shared: checkShared(given),
    outage: checkOutage(given),
  };
}
