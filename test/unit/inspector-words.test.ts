import { describe, expect, it } from 'vitest';
import { donePerMinute } from '../../src/inspector/rates.ts';
import { duration, relative } from '../../src/inspector/words/durations.ts';
import { nextTicks, recurrenceWords } from '../../src/inspector/words/recurrences.ts';
import { isJson, valueText } from '../../src/inspector/words/value-text.ts';
import { waitWords } from '../../src/inspector/words/waits.ts';

const T = 1_750_000_000_000;

it('lengths of time are told in few letters', () => {
  const lengths = [0, 900, 5_000, 65_000, 3_600_000, 7_500_000, 100_000_000];
  expect(lengths.map(duration)).toEqual(['0 ms', '900 ms', '5 s', '1 min', '1 h', '2 h 5 min', '1 d 3 h']);
  expect([T, T + 500, T + 61_000, T - 61_000].map((at) => relative(at, T))).toEqual([
    'now',
    'now',
    'in 1 min',
    '1 min ago',
  ]);
});

it.each([
  [{ kind: 'every', ms: 3_600_000 }, 'every hour'],
  [{ kind: 'every', ms: 300_000 }, 'every 5 min'],
  [
    { kind: 'cron', pattern: '0 9 * * 1-5', timeZone: 'Europe/Berlin' },
    'Monday to Friday at 09:00 (Europe/Berlin)',
  ],
  [{ kind: 'cron', pattern: '5 7 * * *', timeZone: 'UTC' }, 'every day at 07:05 (UTC)'],
  [{ kind: 'cron', pattern: '0 30 6 * * 0,6', timeZone: 'UTC' }, 'Sunday, Saturday at 06:30 (UTC)'],
  [{ kind: 'cron', pattern: '*/15 * * * *', timeZone: 'UTC' }, 'every 15 min (UTC)'],
  [{ kind: 'cron', pattern: '20 * * * *', timeZone: 'UTC' }, 'every hour at :20 (UTC)'],
  [{ kind: 'cron', pattern: '0 0 1 * *', timeZone: 'UTC' }, 'cron 0 0 1 * * (UTC)'],
  [{ kind: 'cron', pattern: '0 9 * * MON#1', timeZone: 'UTC' }, 'cron 0 9 * * MON#1 (UTC)'],
] as const)('the recurrence %j is %s', (rule, words) => expect(recurrenceWords(rule)).toBe(words));

it('ticks to come are told as far as they are known', () => {
  expect(nextTicks({ kind: 'every', ms: 10 }, T, 3)).toEqual([T, T + 10, T + 20]);
  expect(nextTicks({ kind: 'cron', pattern: '0 9 * * *', timeZone: 'UTC' }, T, 3)).toEqual([T]);
  expect(nextTicks({ kind: 'every', ms: 10 }, undefined, 3)).toEqual([]);
});

it.each([
  [{ why: 'paused' }, 'The queue is paused.'],
  [{ why: 'paused', name: 'push' }, 'Jobs named push are paused.'],
  [{ why: 'not-due', until: T + 5_000 }, 'It is due in 5 s.'],
  [{ why: 'held', until: T + 5_000 }, 'Its name is held for another 5 s.'],
  [{ why: 'lane', lane: 'doc' }, 'It waits behind another job in lane doc.'],
  [{ why: 'no-worker' }, 'Nobody is known to run jobs of this name. Is a worker started?'],
  [{ why: 'dependencies', ids: ['a'] }, 'It waits for 1 other job.'],
  [{ why: 'max-active', limit: 3 }, '3 jobs of the queue may run at once, and so many do.'],
  [{ why: 'of a newer version' }, 'It waits: of a newer version.'],
  [{ why: 'constructor' }, 'It waits: constructor.'],
])('the reason %j is said: %s', (wait, words) => expect(waitWords(wait, T)).toBe(words));

describe('a value as text', () => {
  it('is JSON where that says all of it, and words where not', () => {
    expect(valueText({ a: [1, 'x', null], b: {} })).toBe(
      '{\n  "a": [\n    1,\n    "x",\n    null\n  ],\n  "b": {}\n}',
    );
    expect(valueText(new Map([['k', new Set([1n])]]))).toBe('Map {\n  "k" => Set {\n    1n\n  }\n}');
    expect(valueText([new Date(0), new Uint8Array(3), new Blob(['ab'], { type: 'text/plain' })])).toBe(
      '[\n  1970-01-01T00:00:00.000Z,\n  Uint8Array (3 bytes),\n  Blob (text/plain, 2 bytes)\n]',
    );
    expect(valueText(undefined)).toBe('undefined');
  });

  it('ends, however long or deep the value is, and though it holds itself', () => {
    const round: unknown[] = [];
    round.push(round);
    expect(valueText(round)).toContain('…');
    expect(valueText('x'.repeat(100_000)).length).toBeLessThan(20_100);
  });

  it('can be edited as JSON where nothing of it would be lost', () => {
    expect([{ a: [1, null, 'x', true] }, 'x', null].map(isJson)).toEqual([true, true, true]);
    expect([new Date(), { a: undefined }, [1n], Number.NaN, -0, new Map()].map(isJson)).toEqual(
      Array(6).fill(false),
    );
  });
});

it('a rate is of the last minute, and of at least some seconds', () => {
  const samples = [0, 30, 70, 90].map((s) => ({ at: T + s * 1_000, waiting: 0, completed: s * 2 }));
  expect(donePerMinute(samples)).toBe(120);
  expect(donePerMinute(samples.slice(0, 1))).toBeUndefined();
  expect(donePerMinute([])).toBeUndefined();
});
