import { describe, expect, it } from 'vitest';
import { interleave } from '../../bench/harness/interleave.ts';
import { isReached, lineOf, type Measure, median, ratioOf } from '../../bench/harness/measure.ts';

const rate: Measure = {
  measure: 'whole life',
  unit: 'jobs/s',
  better: 'more',
  holdfast: [300, 100, 200],
  peer: [100, 100, 100],
  peerName: 'peer',
};
const rows: Measure = { ...rate, unit: 'rows', better: 'less', holdfast: [3], peer: [9] };

describe('a benchmark', () => {
  it('tells the middle run, and the mean of the two in the middle of an even number', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 9, 2])).toBe(3);
    expect(() => median([])).toThrow(RangeError);
  });

  it('says by a ratio over 1 that holdfast is better, whether more or less is', () => {
    expect(ratioOf(rate)).toBe(2);
    expect(ratioOf(rows)).toBe(3);
  });

  it('compares runs of the same round before it takes the median', () => {
    expect(ratioOf({ ...rate, holdfast: [10, 100, 1_000], peer: [10, 50, 1_000] })).toBe(1);
  });

  it('has no ratio without a peer, nor where the peer had nothing', () => {
    const { peer, ...alone } = rate;
    expect(peer).toBeDefined();
    expect(ratioOf(alone)).toBeUndefined();
    expect(ratioOf({ ...rate, peer: [0, 0, 0] })).toBeUndefined();
    expect(lineOf('memory', alone)).toMatchObject({ peer: null, ratio: null });
  });

  it('prints a line with these seven fields', () => {
    expect(lineOf('memory', rate)).toEqual({
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
    expect(isReached(rate)).toBeUndefined();
    expect(isReached({ ...rate, goal: { of: 'ratio', at: 'least', value: 2 } })).toBe(true);
    expect(isReached({ ...rate, goal: { of: 'ratio', at: 'least', value: 2.1 } })).toBe(false);
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
