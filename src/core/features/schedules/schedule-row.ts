import type { FeatureKind } from '../../kernel/records.ts';
import type { MissedPolicy, RecurrenceRule, ScheduledSpec, Tick } from './messages.ts';

declare module '../../kernel/job.ts' {
  interface Job<Payload, Name extends string, Types extends JobTypes> {
    /** The tick that brought it, if a schedule did. */
    readonly tick?: Tick;
  }
}

/** A schedule as it is stored. */
export interface ScheduleRow {
  /** With its anchor, where it has one. */
  readonly rule: RecurrenceRule;
  readonly missed: MissedPolicy;
  readonly overlap: boolean;
  /** What every job of it is, but for the payload. */
  readonly job: Omit<ScheduledSpec, 'payload' | 'sealed'>;
  /** As the store holds it: see `Codec`. */
  readonly payload: unknown;
  readonly size: number;
  /** The tick to be fired next, epoch ms. Absent: there is none any more. */
  readonly nextAt?: number;
  /** The last tick that brought a job, and its id. */
  readonly lastAt?: number;
  readonly lastId?: string;
  /** Nobody fires it until it is resumed. */
  readonly paused?: true;
  /** The first tick of those that were fired together with `lastAt`; absent: it alone. */
  readonly lastFrom?: number;
  /** Ticks, from the first to the last, that were fired by a clock that was ahead: their time is to come, and they are not fired again. */
  readonly firedAhead?: readonly [first: number, last: number];
}

/** Stored by their ids. */
export const SCHEDULE = 'schedule' as FeatureKind<ScheduleRow>;
