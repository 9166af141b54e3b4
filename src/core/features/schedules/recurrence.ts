import { checkInstant, checkKnown, checkMs } from '../../queue/options.ts';
import type { RecurrenceRule } from './messages.ts';
import { everyTicks, type Ticks } from './ticks.ts';

/** When a schedule ticks: made by `every`, and by `cron` of `holdfast/cron`. */
export interface Recurrence extends Ticks {
  /** As it is stored. */
  readonly rule: RecurrenceRule;
  /** Another recurrence of this kind, of a rule that was stored. Throws when it cannot be computed here. */
  of(rule: RecurrenceRule): Recurrence;
}

/** Makes a recurrence of a cron pattern: `cron` of `holdfast/cron`. */
export type CronFunction = (pattern: string, options?: { readonly timeZone?: string }) => Recurrence;

export interface EveryOptions {
  /** From tick to tick. Minimum 1,000. */
  readonly ms: number;
  /** An instant that is a tick: a Date or epoch ms. Default: when the schedule is put first, so that not all devices tick at once. */
  readonly anchor?: Date | number;
}

const MIN_MS = 1_000;

/**
 * Ticks at a fixed distance: `every(60_000)`, `every({ ms: 60_000, anchor })`. They lie on a grid through the anchor and do not drift, however
 * late each is fired. Throws InvalidOptionError.
 */
export function every(given: number | EveryOptions): Recurrence {
  const { ms, anchor } = checkKnown('every', typeof given === 'number' ? { ms: given } : given, [
    'ms',
    'anchor',
  ]);
  const whole = checkMs('every.ms', ms, MIN_MS);
  return everyOf(
    anchor === undefined
      ? { kind: 'every', ms: whole }
      : { kind: 'every', ms: whole, anchor: checkInstant('every.anchor', anchor) },
  );
}

export function everyOf(rule: RecurrenceRule): Recurrence {
  return { rule, of: everyOf, ...everyTicks(rule as Extract<RecurrenceRule, { kind: 'every' }>) };
}
