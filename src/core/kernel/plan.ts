import type { JobRow, Live } from './job-row.ts';
import type { EnqueueStatus, JobSpec, Kept } from './messages.ts';

/** One job of a call, as far as it takes room. */
export interface Guest {
  /** The job that is there afterwards, which others must not drop either. */
  readonly id: string;
  /** Absent: nothing is written. */
  row?: JobRow;
  /** What it takes the place of. */
  readonly held?: Live;
  /** Jobs that must not go for others either, as it needs them; absent: none. */
  spares?: readonly string[];
  /** What has to go for it. */
  drops?: Live[];
}

/** What a spec comes to: decided for the whole call before anything is written. `row` is absent where nothing is. */
export interface Plan extends Guest {
  readonly status: EnqueueStatus;
  /** `replaced`: the job as it was so far, whose payload nobody runs now. */
  before?: JobRow;
  /** What the job has of its own, and not as the spec asked for. */
  kept?: readonly Kept[];
  /** The call had an id of its own, and is answered with another job: what is to be remembered of it. */
  own?: Pick<JobSpec, 'id' | 'dedupeMs'>;
}
