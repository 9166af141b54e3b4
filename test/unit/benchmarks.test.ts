import { describe, expect, it } from 'vitest';
import { faceOf } from '../../bench/harness/face.ts';
import { interleave } from '../../bench/harness/interleave.ts';
import { isReached, lineOf, type Measure, median, ratioOf } from '../../bench/harness/measure.ts';
import {
  holds,
  lineOfPairs,
  type Pairs,
  pairsTable,
  quantile,
  ratiosOf,
  runPairs,
} from '../../bench/pairs/pair.ts';

const life: Measure = {
  measure: 'whole life',
  unit: 'jobs/s',
  better: 'more',
  holdfast: [300, 100, 200],
  peer: [100, 100, 100],
  peerName: 'peer',
};
const rows: Measure = { ...life, unit: 'rows', better: 'less', holdfast: [3], peer: [9] };

describe('a benchmark', () => {
  it('tells the middle run, and the mean of the two in the middle of an even number', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 9, 2])).toBe(3);
    expect(() => median([])).toThrow(RangeError);
  });

  it('says by a ratio over 1 that holdfast is better, whether more or less is', () => {
    expect(ratioOf(life)).toBe(2);
    expect(ratioOf(rows)).toBe(3);
  });

  it('compares runs of the same round before it takes the median', () => {
    expect(ratioOf({ ...life, holdfast: [10, 100, 1_000], peer: [10, 50, 1_000] })).toBe(1);
  });

  it('has no ratio without a peer, nor where the peer had nothing', () => {
    const { peer, ...alone } = life;
    expect(peer).toBeDefined();
    expect(ratioOf(alone)).toBeUndefined();
    expect(ratioOf({ ...life, peer: [0, 0, 0] })).toBeUndefined();
    expect(lineOf('memory', alone)).toMatchObject({ peer: null, ratio: null });
  });

  it('prints a line with these seven fields', () => {
    expect(lineOf('memory', life)).toEqual({
      suite: 'memory',
      measure: 'whole life',
      unit: 'jobs/s',
      holdfast: 200,
      peer: 100,
      peerName: 'peer',
      ratio: 2,
    });
  });

  it('holds a goal against the figure or the ratio, from the side that it names', () => {
    expect(isReached(life)).toBeUndefined();
    expect(isReached({ ...life, goal: { of: 'ratio', at: 'least', value: 2 } })).toBe(true);
    expect(isReached({ ...life, goal: { of: 'ratio', at: 'least', value: 2.1 } })).toBe(false);
    expect(isReached({ ...rows, goal: { of: 'figure', at: 'most', value: 3.1 } })).toBe(true);
    expect(isReached({ ...rows, goal: { of: 'figure', at: 'most', value: 2.9 } })).toBe(false);
  });

  it('runs its contenders in turns, each round beginning with another one, and counts no warm-up', async () => {
    const ran: string[] = [];
    const contender = (name: string) => async () => ran.push(name);
    const figures = await interleave('test', { a: contender('a'), b: contender('b') }, { runs: 2 });
    expect(ran).toEqual(['a', 'b', 'a', 'b', 'b', 'a']);
    expect(figures).toEqual({ a: [3, 6], b: [4, 5] });
  });
});

describe('two builds in pairs', () => {
  const speed: Pairs = {
    name: 'whole life',
    unit: 'jobs/s',
    better: 'more',
    counted: false,
    this: [90, 100, 120],
    base: [100, 100, 100],
  };
  const bytes: Pairs = { ...speed, unit: 'bytes/job', better: 'less', counted: true };

  it('run in turns, A B B A', async () => {
    const ran: string[] = [];
    const side = (name: string) => async () => {
      ran.push(name);
      return [{ name: 'life', unit: 'jobs/s', better: 'more', value: ran.length } as const];
    };
    const [found] = await runPairs('test', { this: side('this'), base: side('base') }, 3);
    expect(ran).toEqual(['this', 'base', 'base', 'this', 'this', 'base']);
    expect(found).toMatchObject({ counted: false, this: [1, 4, 5], base: [2, 3, 6] });
  });

  it('are compared pair by pair: over 1 this build is better, whether more or less is', () => {
    expect(ratiosOf(speed)).toEqual([0.9, 1, 1.2]);
    expect(ratiosOf({ ...bytes, this: [50, 0], base: [100, 0] })).toEqual([2, 1]);
  });

  it('tell the quartile between two of an even number', () => {
    expect(quantile([3, 1, 2], 0)).toBe(1);
    expect(quantile([1, 2, 3, 4], 0.25)).toBe(1.75);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });

  it('hold when the lower quartile of a speed is 0.9 or more, and when no more is counted, within 2 %', () => {
    expect(holds(speed)).toBe(true);
    expect(holds({ ...speed, this: [80, 90, 120] })).toBe(false);
    expect(holds({ ...bytes, this: [101, 102, 90] })).toBe(true);
    expect(holds({ ...bytes, this: [103, 103, 90] })).toBe(false);
  });

  it('print least, lower quartile and median of the ratios', () => {
    expect(lineOfPairs('memory', speed)).toMatchObject({
      least: 0.9,
      lowerQuartile: 0.95,
      median: 1,
      holds: true,
    });
    expect(pairsTable([speed]).split('\n')[1]).toMatch(
      /^whole life +jobs\/s +100 +100 +0\.900 +0\.950 +1\.000 +yes$/,
    );
  });

  it('speak both faces: a function that the build exports, else a method of the queue', async () => {
    const older = { count: async () => ({ pending: 1, active: 0 }) };
    const newer = { count: async (queue: object) => ({ pending: Object.keys(queue).length, active: 2 }) };
    expect(await faceOf({}).count(older)).toEqual({ pending: 1, active: 0 });
    expect(await faceOf(newer).count({})).toEqual({ pending: 0, active: 2 });
  });
});
