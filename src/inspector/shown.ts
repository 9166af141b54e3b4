import type { Job, JobState, QueueStats, Schedule, WorkersAnswer } from '../core/index.ts';
import type { InspectorAction } from './actions.ts';
import type { AnyWait } from './words/waits.ts';

export type Section = 'overview' | 'jobs' | 'dead' | 'schedules';

/** A job as it is shown. What features add is read where it is there. */
export interface ShownJob extends Omit<Job, 'tick'> {
  readonly dependsOn?: readonly string[];
  readonly blockedBy?: readonly string[];
  readonly tick?: { readonly schedule: string; readonly at: number };
  readonly result?: unknown;
  /** Something was left out of it by `redact`. */
  readonly isRedacted: boolean;
}

/** Which jobs, and which page of them. */
export interface Filter {
  readonly state: JobState;
  readonly name?: string | undefined;
  /** A tag, or the id of one job. */
  readonly search?: string | undefined;
  /** Cursors of the pages before this one and of this one; none: the first. */
  readonly pages: readonly string[];
}

export interface JobPage {
  readonly jobs: readonly ShownJob[];
  readonly next?: string | undefined;
  /** It was looked for by its id. */
  readonly isOne: boolean;
}

/** A job with what is known around it. */
export interface Opened {
  readonly job: ShownJob;
  readonly waits: readonly AnyWait[];
  /** Those that it depends on; undefined: gone, as they completed or were removed. */
  readonly dependencies: readonly { readonly id: string; readonly job: ShownJob | undefined }[];
}

/** At one instant: what a line is drawn of. */
export interface Sample {
  readonly at: number;
  readonly waiting: number;
  readonly completed: number;
}

export interface Notice {
  readonly kind: 'done' | 'failed';
  readonly text: string;
}

/** All that is shown. */
export interface Shown {
  readonly queue: string;
  readonly now: number;
  readonly section: Section;
  readonly filter: Filter;
  readonly names: readonly string[];
  readonly stats: QueueStats | undefined;
  readonly workers: WorkersAnswer | undefined;
  /** Ids of the workers that this page itself runs. */
  readonly workersHere: readonly string[];
  readonly samples: readonly Sample[];
  readonly page: JobPage | undefined;
  readonly selected: ReadonlySet<string>;
  /** The id of the job that is opened, and the job; undefined while it is read, null: there is none. */
  readonly openId: string | undefined;
  readonly opened: Opened | null | undefined;
  readonly schedules: readonly Schedule[] | undefined;
  readonly actions: readonly InspectorAction[];
  readonly notice: Notice | undefined;
  /** Why the last read failed. */
  readonly failure: string | undefined;
  readonly isBusy: boolean;
}
