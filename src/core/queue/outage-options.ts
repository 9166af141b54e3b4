import { PROBE_MAX_MS } from '../kernel/outage.ts';
import { checkMs } from './options.ts';

/** How a queue bears with servers that are down. */
export interface OutageOptions {
  /**
   * How long failures of the target (see `EnqueueOptions.target`) are not held against a job: a server that answers that it failed itself, and
   * nobody else gets through, or one that others reach and this job does not. Then the job goes to the dead letters. A job whose target nobody
   * reaches waits for ever (`maxAgeMs` bounds it). Default 24 hours, minimum 1; a definition may have its own.
   *
   * @example
   * createQueue({ name: 'sync', jobs, store, outageMs: 7 * 86_400_000 });
   */
  readonly outageMs?: number;
  /**
   * The longest wait between two probes of a target that is down; they begin at 1 s and double. Longer costs less while it is down, and more time
   * once it is back. Default 5 minutes, in a Durable Object 15; minimum 1,000.
   *
   * @example
   * createQueue({ name: 'sync', jobs, store, probeMaxMs: 60_000 });
   */
  readonly probeMaxMs?: number;
}

export const OUTAGE_OPTIONS = ['outageMs', 'probeMaxMs'];

const DAY_MS = 86_400_000;
const MIN_PROBE_MS = 1_000;

/** Throws InvalidOptionError. */
export function checkOutage({
  outageMs = DAY_MS,
  probeMaxMs = PROBE_MAX_MS,
}: OutageOptions): Required<OutageOptions> {
  return {
    outageMs: checkMs('outageMs', outageMs, 1),
    probeMaxMs: checkMs('probeMaxMs', probeMaxMs, MIN_PROBE_MS),
  };
}
