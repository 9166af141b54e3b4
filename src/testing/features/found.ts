import type { Claims } from '../../core/kernel/claims-row.ts';
import type { Control } from '../../core/kernel/control-row.ts';
import type { JobRow } from '../../core/kernel/job-row.ts';

/** The rows of a queue that an audit has read. */
export interface Found {
  readonly control: Control;
  readonly claims: readonly Claims[];
  readonly jobs: readonly JobRow[];
  readonly parked: readonly JobRow[];
}
