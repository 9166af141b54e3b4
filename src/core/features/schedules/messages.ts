import type { EnqueueAnswer, JobSpec } from '../../kernel/messages.ts';

/** When a schedule ticks, as it is stored. */
export type RecurrenceRule =
  | {
      readonly kind: 'every';
      /** From tick to tick. */
      readonly ms: number;
      /** An instant that is a tick; the others lie at its distance on both sides. Absent when it is put first: then. */
      readonly anchor?: number;
    }
  | { readonly kind: 'cron'; readonly pattern: string; readonly timeZone: string };

/**
 * What becomes of ticks that passed while nobody was there to fire them: `skip`: they bring no job. `once`: the latest of them brings
 * one. `all`: each brings one, the latest so many. A tick that is fired at most a minute late, and before the next, was not missed.
 */
export type MissedPolicy = 'skip' | 'once' | { readonly all: number };

/** The tick of a schedule. */
export interface Tick {
  /** The schedule's id. */
  readonly schedule: string;
  /** Epoch ms: the instant that was meant, however late it was fired. */
  readonly at: number;
}

/** What every job of a schedule is. */
export type ScheduledSpec = Omit<JobSpec, 'id' | 'known' | 'runAt' | 'delayMs' | 'dedupeMs'>;

export interface ScheduleSpec {
  readonly id: string;
  readonly rule: RecurrenceRule;
  /** The first tick of a rule that no store can compute (`cron`). Absent: there is none. */
  readonly nextAt?: number;
  readonly missed: MissedPolicy;
  /** `false`: a tick brings no job while the last job of the schedule is live. */
  readonly overlap: boolean;
  readonly job: ScheduledSpec;
}

export interface PutSchedulesRequest {
  readonly schedules: readonly ScheduleSpec[];
}

/** What a schedule was to fire when its rule was changed: the ticks of that rule from `at` until now. Nobody fires them any more. */
export interface DroppedTicks {
  readonly id: string;
  readonly rule: RecurrenceRule;
  readonly at: number;
}

export interface PutSchedulesAnswer {
  /** Whether anything did. */
  readonly changed: boolean;
  readonly dropped: readonly DroppedTicks[];
}

/** A schedule as reading answers it. */
export interface Schedule {
  readonly id: string;
  readonly rule: RecurrenceRule;
  readonly missed: MissedPolicy;
  readonly overlap: boolean;
  /** Of its jobs. */
  readonly name: string;
  readonly version: number;
  readonly payload: unknown;
  /** The tick to be fired next, epoch ms. Absent: there is none any more. */
  readonly nextAt?: number;
  /**
   * The next ticks, at most three, `nextAt` first. Absent where the queue that answers has started no worker yet or cannot compute the rule,
   * and beyond the first 100 schedules.
   */
  readonly nextTicks?: readonly number[];
  /** The last tick that brought a job, and the id of that. */
  readonly lastAt?: number;
  readonly lastId?: string;
  /** It is paused: nobody fires its ticks. */
  readonly paused?: true;
}

export interface PauseScheduleRequest {
  readonly id: string;
  readonly paused: boolean;
}

export interface TriggerRequest {
  readonly id: string;
  /** A text of the caller's own: with the same one it is one job, however often it is asked. */
  readonly run: string;
}

/**
 * `enqueued`: the job of this id is in the queue. `duplicate`: it was there. `overlap`: the schedule forbids it, as its last job is live. `unknown`: there is
 * no such schedule.
 */
export type TriggerAnswer =
  | { readonly status: 'enqueued' | 'duplicate'; readonly id: string }
  | { readonly status: 'overlap' | 'unknown' };

/** What a worker wants to be woken for. */
export interface TickWatch {
  /** The kinds of rules that it can compute. */
  readonly kinds: readonly RecurrenceRule['kind'][];
  /** Job names with the newest payload version understood. */
  readonly names: Readonly<Record<string, number>>;
}

export interface Firing {
  readonly id: string;
  /** `nextAt` of the schedule, as whoever fires it has seen it. */
  readonly seenAt: number;
  /** The ticks that bring a job each, in order. */
  readonly ticks: readonly number[];
  /** The tick after them. Absent: there is none. */
  readonly nextAt?: number;
}

export interface FireRequest {
  readonly firings: readonly Firing[];
}

/**
 * `fired`: its jobs are in the queue and its next tick is set. `overlap`: only the latter, as the last job is live. `stale`: nothing was
 * written: somebody else fired it, it is another by now, or the queue is paused.
 */
export interface FireAnswer {
  readonly status: 'fired' | 'overlap' | 'stale';
  readonly jobs: readonly EnqueueAnswer[];
}
