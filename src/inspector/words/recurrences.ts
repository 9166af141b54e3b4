import type { RecurrenceRule } from '../../core/index.ts';
import { duration } from './durations.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

/** Lengths that have a word of their own. */
const ONE: Readonly<Record<number, string>> = {
  1000: 'every second',
  60000: 'every minute',
  3600000: 'every hour',
  86400000: 'every day',
  604800000: 'every week',
};

/** When a schedule ticks, as one would say it; a pattern for which there are no simple words, as it is. */
export function recurrenceWords(rule: RecurrenceRule): string {
  if (rule.kind === 'every') return ONE[rule.ms] ?? `every ${duration(rule.ms)}`;
  const zone = rule.timeZone === 'UTC' ? 'UTC' : rule.timeZone.replaceAll('_', ' ');
  const words = patternWords(rule.pattern.trim());
  return `${words ?? `cron ${rule.pattern}`} (${zone})`;
}

function patternWords(pattern: string): string | undefined {
  const fields = pattern.split(/\s+/);
  const [minute = '', hour = '', day, month, weekday = ''] = fields.length === 6 ? fields.slice(1) : fields;
  if (fields.length === 6 && fields[0] !== '0') return undefined;
  if (day !== '*' || month !== '*') return undefined;
  const days = weekday === '*' ? 'every day' : daysWords(weekday);
  if (days === undefined) return undefined;
  const each = /^\*\/(\d+)$/.exec(minute)?.[1];
  if (each !== undefined && hour === '*') return `every ${each} min${weekday === '*' ? '' : `, ${days}`}`;
  if (!/^\d{1,2}$/.test(minute)) return undefined;
  if (hour === '*') return `every hour at :${minute.padStart(2, '0')}${weekday === '*' ? '' : `, ${days}`}`;
  return /^\d{1,2}$/.test(hour)
    ? `${days} at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`
    : undefined;
}

function daysWords(weekday: string): string | undefined {
  const range = /^(\d)-(\d)$/.exec(weekday);
  if (range !== null) return `${dayOf(range[1])} to ${dayOf(range[2])}`;
  if (!/^\d(,\d)*$/.test(weekday)) return undefined;
  return weekday.split(',').map(dayOf).join(', ');
}

const dayOf = (digit: string | undefined): string => DAYS[Number(digit) % 7] ?? '?';

/** Ticks to come, of which the queue says the next only: of a cron pattern no more can be told here. */
export function nextTicks(
  rule: RecurrenceRule,
  nextAt: number | undefined,
  limit: number,
): readonly number[] {
  if (nextAt === undefined) return [];
  if (rule.kind !== 'every') return [nextAt];
  return Array.from({ length: limit }, (_, n) => nextAt + n * rule.ms);
}
