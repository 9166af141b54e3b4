import { readdirSync, readFileSync } from 'node:fs';
import { cron } from 'holdfast/cron';
import { describe, expect, it } from 'vitest';

const at = (text: string): number => new Date(text).getTime();
const shown = (instants: readonly number[]): string[] => instants.map((ms) => new Date(ms).toISOString());

/** The next `count` ticks after an instant, as UTC. */
function ticks(pattern: string, timeZone: string, after: string, count: number): string[] {
  const { after: next } = cron(pattern, { timeZone });
  const found: number[] = [];
  for (let last: number | undefined = at(after); found.length < count && last !== undefined; ) {
    last = next(last);
    if (last !== undefined) found.push(last);
  }
  return shown(found).map((text) => text.replace('.000Z', 'Z'));
}

/** Berlin 2026: on 29 March 02:00–03:00 is not there, on 25 October 02:00–03:00 comes twice. New York: 8 March, 1 November. */
const DST: readonly [
  what: string,
  pattern: string,
  zone: string,
  after: string,
  expected: readonly string[],
][] = [
  [
    'a time of day in the gap of spring comes at the first instant after it, once',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-03-27T12:00Z',
    ['2026-03-28T01:30:00Z', '2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z'],
  ],
  [
    'a time of day that comes twice in autumn comes at its first turn, once',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-10-23T12:00Z',
    ['2026-10-24T00:30:00Z', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'],
  ],
  [
    'a time of day outside of both stays where the clock on the wall has it',
    '0 9 * * *',
    'Europe/Berlin',
    '2026-03-28T00:00Z',
    ['2026-03-28T08:00:00Z', '2026-03-29T07:00:00Z'],
  ],
  [
    'every half hour skips what is not there in spring',
    '*/30 * * * *',
    'Europe/Berlin',
    '2026-03-29T00:15Z',
    ['2026-03-29T00:30:00Z', '2026-03-29T01:00:00Z', '2026-03-29T01:30:00Z'],
  ],
  [
    'every half hour comes in both turns in autumn',
    '*/30 * * * *',
    'Europe/Berlin',
    '2026-10-24T23:45Z',
    [
      '2026-10-25T00:00:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-25T01:00:00Z',
      '2026-10-25T01:30:00Z',
      '2026-10-25T02:00:00Z',
    ],
  ],
  [
    'New York in spring',
    '30 2 * * *',
    'America/New_York',
    '2026-03-07T12:00Z',
    ['2026-03-08T07:00:00Z', '2026-03-09T06:30:00Z'],
  ],
  [
    'New York in autumn',
    '30 1 * * *',
    'America/New_York',
    '2026-10-31T12:00Z',
    ['2026-11-01T05:30:00Z', '2026-11-02T06:30:00Z'],
  ],
  [
    'Lord Howe, where the clock moves by half an hour: spring',
    '15 2 * * *',
    'Australia/Lord_Howe',
    '2026-10-02T20:00Z',
    ['2026-10-03T15:30:00Z', '2026-10-04T15:15:00Z'],
  ],
  [
    'a zone without summer time',
    '30 2 * * *',
    'Asia/Kolkata',
    '2026-03-28T00:00Z',
    ['2026-03-28T21:00:00Z', '2026-03-29T21:00:00Z'],
  ],
  ['UTC', '30 2 * * *', 'UTC', '2026-03-29T00:00Z', ['2026-03-29T02:30:00Z', '2026-03-30T02:30:00Z']],
];

const CALENDAR: readonly [what: string, pattern: string, after: string, expected: readonly string[]][] = [
  [
    'working days at nine',
    '0 9 * * 1-5',
    '2026-11-20T10:00Z',
    ['2026-11-23T09:00:00Z', '2026-11-24T09:00:00Z'],
  ],
  [
    'the 31st, in months that have one',
    '0 0 31 * *',
    '2026-01-31T00:00Z',
    ['2026-03-31T00:00:00Z', '2026-05-31T00:00:00Z'],
  ],
  [
    'the last day of each month',
    '0 0 L * *',
    '2027-12-31T00:00Z',
    ['2028-01-31T00:00:00Z', '2028-02-29T00:00:00Z', '2028-03-31T00:00:00Z'],
  ],
  ['the leap day', '0 12 29 2 *', '2026-01-01T00:00Z', ['2028-02-29T12:00:00Z', '2032-02-29T12:00:00Z']],
  ['seconds', '*/20 * * * * *', '2026-01-01T00:00:05Z', ['2026-01-01T00:00:20Z', '2026-01-01T00:00:40Z']],
  ['names and nicknames', '@daily', '2026-12-31T05:00Z', ['2027-01-01T00:00:00Z']],
  [
    'the second Friday',
    '0 8 * * FRI#2',
    '2026-11-01T00:00Z',
    ['2026-11-13T08:00:00Z', '2026-12-11T08:00:00Z'],
  ],
];

describe('ticks of a cron pattern', () => {
  it.each(DST)('%s (%s in %s)', (_, pattern, zone, after, expected) => {
    expect(ticks(pattern, zone, after, expected.length)).toEqual(expected);
  });

  it.each(CALENDAR)('%s (%s)', (_, pattern, after, expected) => {
    expect(ticks(pattern, 'UTC', after, expected.length)).toEqual(expected);
  });

  it.each(DST)('are the same looked at from behind: %s', (_, pattern, timeZone, _after, expected) => {
    const { last } = cron(pattern, { timeZone });
    const end = at(expected.at(-1) as string);
    expect(shown(last(expected.length, end))).toEqual(shown(expected.map(at)));
    expect(last(1, end - 1)).toEqual(expected.slice(0, -1).map(at).slice(-1));
    expect(last(1, end + 999)).toEqual([end]);
  });

  it('lie in UTC unless a zone is named', () => {
    expect(cron('0 9 * * *').rule).toEqual({ kind: 'cron', pattern: '0 9 * * *', timeZone: 'UTC' });
  });

  it('can be computed from what is stored', () => {
    const { of, rule } = cron('30 2 * * *', { timeZone: 'Europe/Berlin' });
    const again = cron('* * * * *').of(JSON.parse(JSON.stringify(rule)));
    expect(again.after(at('2026-03-28T12:00Z'))).toBe(at('2026-03-29T01:00:00Z'));
    expect(() => of({ kind: 'every', ms: 1_000 })).toThrow(expect.objectContaining({ code: 'InvalidCron' }));
  });
});

describe('what is no cron pattern', () => {
  it.each([
    ['', /cron pattern ""/],
    ['* * * *', /cron pattern "\* \* \* \*"/],
    ['61 * * * *', /cron pattern "61 \* \* \* \*"/],
    ['0 9 * * MOO', /cron pattern "0 9 \* \* MOO"/],
    ['* * * * * * *', /cron pattern/],
    ['2026-11-22T09:00:00', /cron pattern "2026-11-22T09:00:00"/],
    ['0 0 30 2 *', /cron pattern "0 0 30 2 \*" never comes/],
    ['* '.repeat(200), /cron pattern/],
    [7, /cron pattern 7/],
    [null, /cron pattern null/],
  ])('%j is refused at once, and quoted', (pattern, message) => {
    const make = () => cron(pattern as never);
    expect(make).toThrow(message);
    expect(make).toThrow(expect.objectContaining({ code: 'InvalidCron', name: 'InvalidCronError' }));
  });

  it.each([['Mars/Olympus'], [''], [5], [null]])(
    'the time zone %j is refused at once, and quoted',
    (timeZone) => {
      const make = () => cron('* * * * *', { timeZone: timeZone as never });
      expect(make).toThrow(expect.objectContaining({ code: 'InvalidCron' }));
      expect(make).toThrow(JSON.stringify(timeZone));
    },
  );
});

it('croner is imported by the entry for cron patterns alone', () => {
  const src = new URL('../../src/', import.meta.url);
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const importing = files.filter((file) => /from 'croner'/.test(readFileSync(new URL(file, src), 'utf8')));
  expect(importing).toEqual(['cron/index.ts']);
});
