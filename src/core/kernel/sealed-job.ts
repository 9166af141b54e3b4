import type { JobSpec } from './messages.ts';

/** A spec as it was when the call came, its payload encoded: what the caller changes afterwards changes nothing. */
export interface SealedJob {
  readonly spec: JobSpec;
  readonly stored: unknown;
  readonly size: number;
}
