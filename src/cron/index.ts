import { Cron } from 'croner';
import type { RecurrenceRule } from '../core/features/schedules/messages.ts';
import type { Recurrence } from '../core/features/schedules/recurrence.ts';
import { HoldfastError, messageOf, quote } from '../core/kernel/errors.ts';
import { checkKnown } from '../core/queue/options.ts';

/** An unknown cron pattern or time zone. The message quotes it. */
export class InvalidCronError extends HoldfastError {
  constructor(message: string, cause?: unknown) {
    super('InvalidCron', message, cause);
  }
}

export interface CronOptions {
  /** Of the IANA database, such as `Europe/Berlin`. Default `UTC`: a schedule is stored, and every context must read it alike. */
  readonly timeZone?: string;
}

/** Longer ones are refused before they are parsed. */
const MAX_PATTERN = 256;

/**
 * Ticks at the times of a cron pattern: minute, hour, day of month, month, day of week. With six fields **the seconds stand first** (in croniter, last). Names
 * (`MON`, `JAN`), lists, ranges, steps, `L` (last), `#` and `@daily` are known, as croner has them.
 *
 * When clocks change: a time of day that has one value for second, minute and hour comes once on each day, in the gap of spring at the first
 * instant after it, in the repeated hour of autumn at its first turn. Other patterns skip the times that are not there, and tick in both
 * turns of those that come twice.
 *
 * Throws InvalidCronError at once: for an unknown pattern or time zone, and for a pattern that no day ever matches.
 */
export function cron(pattern: string, options: CronOptions = {}): Recurrence {
  const { timeZone = 'UTC' } = checkKnown('cron options', options, ['timeZone']);
  checkZone(timeZone);
  const times = parse(pattern, timeZone);
  const recurrence: Recurrence = {
    rule: { kind: 'cron', pattern, timeZone },
    after: (at) => times.nextRun(new Date(at))?.getTime(),
    // Up to that instant, not before it.
    last: (count, at) =>
      times
        .previousRuns(count, new Date(at + 1))
        .map((run) => run.getTime())
        .reverse(),
    of: (rule) => ofRule(rule),
  };
  if (recurrence.after(0) === undefined)
    throw new InvalidCronError(`cron pattern ${quote(pattern)} never comes`);
  return recurrence;
}

function ofRule(rule: RecurrenceRule): Recurrence {
  if (rule.kind !== 'cron')
    throw new InvalidCronError(`a rule of the kind ${quote(rule.kind)} is no cron pattern`);
  return cron(rule.pattern, { timeZone: rule.timeZone });
}

function parse(pattern: string, timeZone: string): Cron {
  if (typeof pattern !== 'string' || pattern.length > MAX_PATTERN)
    throw new InvalidCronError(
      `cron pattern ${quote(pattern)} is no text of at most ${MAX_PATTERN} characters`,
    );
  let times: Cron;
  try {
    times = new Cron(pattern, { timezone: timeZone, mode: '5-or-6-parts' });
  } catch (error) {
    throw new InvalidCronError(`cron pattern ${quote(pattern)} cannot be read: ${messageOf(error)}`, error);
  }
  // It would take a date too, for a single run.
  if (times.getPattern() === undefined)
    throw new InvalidCronError(`cron pattern ${quote(pattern)} is a date`);
  return times;
}

function checkZone(timeZone: string): void {
  try {
    if (typeof timeZone !== 'string' || timeZone === '') throw new RangeError('it is no text');
    new Intl.DateTimeFormat('en', { timeZone });
  } catch (error) {
    throw new InvalidCronError(`time zone ${quote(timeZone)} is not known here`, error);
  }
}
