import type { Firing, RecurrenceRule, Schedule } from './messages.ts';

/** A tick that is fired later than this was missed: nobody was there when its time came. */
const MISSED_MS = 60_000;

/** Where the ticks of a schedule lie, epoch ms. */
export interface Ticks {
  /** The first after the instant; undefined: there is none any more. */
  after(at: number): number | undefined;
  /** The last ones at the instant or before, at most so many, in order. */
  last(count: number, at: number): readonly number[];
}

type Every = Extract<RecurrenceRule, { kind: 'every' }>;

/** Ticks at a distance of `ms`, on both sides of the anchor: they do not drift, however late each is fired. */
export function everyTicks({ ms, anchor = 0 }: Every): Ticks {
  const latest = (at: number): number => anchor + Math.floor((at - anchor) / ms) * ms;
  return {
    after: (at) => latest(at) + ms,
    last: (count, at) => Array.from({ length: count }, (_, i) => latest(at) - (count - 1 - i) * ms),
  };
}

type Due = Pick<Schedule, 'id' | 'missed' | 'nextAt'>;

/** What is to be fired of a schedule now, and what comes next. Undefined: nothing, and nothing changes. */
export function planFiring({ id, missed, nextAt }: Due, ticks: Ticks, now: number): Firing | undefined {
  if (nextAt === undefined) return undefined;
  const next = ticks.after(now);
  const after = next === undefined ? {} : { nextAt: next };
  if (nextAt <= now) {
    const most = typeof missed === 'object' ? missed.all : 1;
    const due = ticks.last(most, now).filter((tick) => tick >= nextAt);
    return { id, seenAt: nextAt, ticks: missed === 'skip' ? due.filter(isOnTime(now)) : due, ...after };
  }
  // The clock was set back past ticks that have been fired. One of them is not fired again; to wait for more would be a standstill.
  const second = next === undefined ? undefined : ticks.after(next);
  const stands = second !== undefined && second < nextAt;
  return stands ? { id, seenAt: nextAt, ticks: [], ...after } : undefined;
}

const isOnTime = (now: number) => (tick: number) => now - tick <= MISSED_MS;
