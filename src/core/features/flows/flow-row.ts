import type { Lease } from '../../kernel/claims-row.ts';
import type { Control } from '../../kernel/control-row.ts';
import type { Draft } from '../../kernel/job.ts';
import type { FinalRow, JobRow } from '../../kernel/job-row.ts';
import { union } from '../../kernel/names.ts';
import type { End, FeatureKind } from '../../kernel/records.ts';
import type { SealedJob } from '../../kernel/sealed-job.ts';
import type { BatchCounts } from './messages.ts';
import type { OnDependencyDeath } from './options.ts';

declare module '../../kernel/reading-messages.ts' {
  interface Waits {
    /** Jobs that it depends on have not ended. */
    dependencies: { readonly why: 'dependencies'; readonly ids: readonly string[] };
  }
}

declare module '../../kernel/job.ts' {
  interface JobTypes {
    /** What the jobs return that it depends on, by the names of their steps: `{ photo: Photo }`. */
    readonly results: Readonly<Record<string, unknown>>;
  }
  interface Job<Payload, Name extends string, Types extends JobTypes> {
    /** The ids of the jobs that it depends on, and of those that have not ended yet. */
    readonly dependsOn?: readonly string[];
    readonly blockedBy?: readonly string[];
    readonly onDependencyDeath?: OnDependencyDeath;
    /**
     * What the jobs returned that it depends on: by their ids, in a flow by the names of their steps. Results of more than 64 KB, and such as
     * cannot be stored, are absent. The last job of a batch has the batch's counts, by `batch`.
     */
    readonly results?: Readonly<Partial<Types['results']>>;
    /** The batch that it counts in. */
    readonly batch?: string;
  }
}

/** As rows name the feature. */
export const FLOWS = 'flows';

/** A job's row, with what flows and batches keep in it. As long as it has a `blockedBy`, this feature keeps it parked. Its `extras` are what others returned. */
export interface FlowRow extends JobRow {
  /** The jobs that it waited for from its enqueue on, each with the names of its result; and those that it waits for still. */
  readonly dependsOn?: Readonly<Record<string, string | readonly string[]>>;
  readonly blockedBy?: readonly string[];
  readonly onDependencyDeath?: OnDependencyDeath;
  /** Others wait for it. */
  readonly awaited?: boolean;
  /** The batch that it counts in. */
  readonly batch?: string;
}

/** A lease says the same of its row, so that its end is told without reading that. Neither: ask the row. */
export type FlowLease = Lease & Pick<FlowRow, 'awaited' | 'batch'>;

export function copyToLease(lease: Draft<FlowLease>, { awaited, batch }: FlowRow): void {
  if (awaited) lease.awaited = true;
  if (batch !== undefined) lease.batch = batch;
}

export interface FlowControl extends Control {
  /** Something has ended that others wait for, and not all have heard of it; absent: nothing has. */
  ended?: boolean;
  /** The batch behind which the next sweep begins; absent: before the first. */
  batchesSwept?: string;
}

/** A batch as it is stored, by its id. */
export interface BatchRow {
  readonly counts: BatchCounts;
  /** The job that is enqueued when it is over. */
  readonly whenDone?: SealedJob;
  readonly createdAt: number;
}

/** That a job waits for another. Stored by the other's id, and its own seq. */
export interface DependentRow {
  readonly id: string;
  /** The other's seq: its id may be another's later. Absent: it was not there. */
  readonly of?: number;
}

/** A job, or a batch, has ended, and those that wait for that have not all heard of it. Stored by its id and `seq`. */
export interface EndedRow {
  readonly id: string;
  /** Of the last job accepted by then: whoever came later with that dependency waits for another job that has taken the id. */
  readonly seq: number;
  /** Its own; absent: it was never there. */
  readonly of?: number;
  /** The last of those that have heard of it. */
  readonly after?: string;
  readonly end: End;
  /** What its handler returned, where it can be kept. */
  readonly result?: NonNullable<FinalRow['result']>;
  /** It is a batch: every job of it has ended. */
  readonly isBatch?: true;
  /** It is a job whose row could not be read: perhaps a batch had it. */
  readonly isLost?: true;
}

/** A job that was dead lives again, and those that died of it have not all heard of that. Stored by its id. */
export interface RevivalRow {
  readonly seq: number;
  /** The last dependent that was looked at. */
  readonly after?: string;
}

export const BATCH = 'batch' as FeatureKind<BatchRow>;
export const DEPENDENT = 'dependent' as FeatureKind<DependentRow>;
export const ENDED = 'ended' as FeatureKind<EndedRow>;
export const REVIVAL = 'revival' as FeatureKind<RevivalRow>;

/** The row of a job of whose end this feature must hear. */
export const owing = (row: FlowRow): FlowRow => ({ ...row, owes: union(row.owes, [FLOWS]) });

/** The row of a job for which something was brought: where the feature is not, its handler would not find that. */
export const needing = (row: FlowRow): FlowRow => ({ ...row, needs: union(row.needs, [FLOWS]) });

/** The row as it waits for these, or for nobody. */
export function waitingFor(
  { blockedBy: _ids, parkedBy: _name, ...row }: FlowRow,
  ids: readonly string[],
): FlowRow {
  return ids.length === 0 ? row : { ...row, blockedBy: ids, parkedBy: FLOWS };
}
