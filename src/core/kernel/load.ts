import { QueueFullError } from './errors.ts';
import type { Live } from './job-row.ts';
import type { EnqueueRequest } from './messages.ts';
import type { Guest } from './plan.ts';
import type { Rows } from './rows.ts';
import { nameOf } from './stream-name.ts';

export type Limits = Omit<EnqueueRequest, 'jobs'>;

/** What a queue holds, or would. */
export interface Load {
  depth: number;
  bytes: number;
  delayed: number;
}

export type Measure = keyof Load;

const LIMITS = { depth: 'maxDepth', bytes: 'maxBytes', delayed: 'maxDelayed' } as const satisfies Record<
  Measure,
  keyof Limits
>;
export const MEASURES = Object.keys(LIMITS) as Measure[];

/** Jobs that come together, and do not all fit. */
export interface Crowd {
  readonly guests: readonly Guest[];
  readonly limits: Limits;
  /** What the queue holds without them. */
  readonly load: Load;
  /** Whether they may be refused still: what is let in already goes as far as there is room or not. */
  readonly refuses: boolean;
}

/** What was there before may be over a limit that was lowered since: only who makes it more is in its way. */
export function isOver(limits: Limits, measure: Measure, load: Load, before: Load): boolean {
  const max = limits[LIMITS[measure]];
  return max !== undefined && load[measure] > max && load[measure] > before[measure];
}

export const full = (rows: Rows, limits: Limits, measure: Measure, load: Load) =>
  new QueueFullError(nameOf(rows.queue), LIMITS[measure], limits[LIMITS[measure]] as number, load[measure]);

export function growthOf(guests: readonly Guest[], now: number): Load {
  const growth: Load = { depth: 0, bytes: 0, delayed: 0 };
  for (const { row, held } of guests) {
    if (row === undefined) continue;
    if (held === undefined) growth.depth += 1;
    growth.bytes += row.size - (held?.row.size ?? 0);
    if (row.due > now && held?.at !== 'parked') growth.delayed += 1;
    if (held !== undefined && isDelayed(held, now)) growth.delayed -= 1;
  }
  return growth;
}

export const isDelayed = ({ at, row }: Live, now: number): boolean => at === 'jobs' && row.due > now;

export const sum = (a: Load, b: Load): Load => ({
  depth: a.depth + b.depth,
  bytes: a.bytes + b.bytes,
  delayed: a.delayed + b.delayed,
});
