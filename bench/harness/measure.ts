/** What a suite is about, and the word for it on the command line. */
export type SuiteName = 'memory' | 'indexeddb' | 'durable-object' | 'size';

/** A bound that the project set itself, on the figure or on the ratio. Always shown beside what was measured. */
export interface Goal {
  readonly of: 'figure' | 'ratio';
  readonly at: 'least' | 'most';
  readonly value: number;
}

/** One thing measured of holdfast and of one peer, by the same work in the same run. */
export interface Measure {
  readonly measure: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  readonly holdfast: Sample;
  /** Missing: a figure that stands alone. */
  readonly peer?: Sample;
  /** Whom or what it is compared with; for a figure that stands alone what was not compared, and why. */
  readonly peerName: string;
  readonly goal?: Goal;
  /** What a reader must know to read the figure. */
  readonly note?: string;
}

/** The figures of all runs, in the order they ran. */
export type Sample = readonly number[];

/** One line of `--json`. `ratio` over 1: holdfast is better. */
export interface Line {
  readonly suite: SuiteName;
  readonly measure: string;
  readonly unit: string;
  readonly holdfast: number;
  readonly peer: number | null;
  readonly peerName: string;
  readonly ratio: number | null;
}

export function median(sample: Sample): number {
  if (sample.length === 0) throw new RangeError('a median of nothing');
  const sorted = sample.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * The median of the ratios run by run, where each run has both: what disturbed the machine during a run disturbed both sides of it.
 * Undefined: nothing to compare with, or nothing on one side.
 */
export function ratioOf({ better, holdfast, peer }: Measure): number | undefined {
  if (peer === undefined) return undefined;
  const ratio = (ours: number, theirs: number) => (better === 'more' ? ours / theirs : theirs / ours);
  const found =
    holdfast.length === peer.length
      ? median(holdfast.map((ours, run) => ratio(ours, peer[run]!)))
      : ratio(median(holdfast), median(peer));
  return Number.isFinite(found) ? found : undefined;
}

export function lineOf(suite: SuiteName, measure: Measure): Line {
  return {
    suite,
    measure: measure.measure,
    unit: measure.unit,
    holdfast: rounded(median(measure.holdfast)),
    peer: measure.peer === undefined ? null : rounded(median(measure.peer)),
    peerName: measure.peerName,
    ratio: roundedOr(ratioOf(measure)),
  };
}

/** Whether the goal is reached; undefined without one. */
export function isReached(measure: Measure): boolean | undefined {
  const { goal } = measure;
  if (goal === undefined) return undefined;
  const found = goal.of === 'figure' ? median(measure.holdfast) : ratioOf(measure);
  if (found === undefined) return undefined;
  return goal.at === 'least' ? found >= goal.value : found <= goal.value;
}

/** Four significant digits: more would claim a precision that no run has. */
export function rounded(figure: number): number {
  return Number(figure.toPrecision(4));
}

function roundedOr(figure: number | undefined): number | null {
  return figure === undefined ? null : rounded(figure);
}
