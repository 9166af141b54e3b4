import { median, rounded } from '../harness/measure.ts';
import { tellStep } from '../harness/progress.ts';
import type { Side } from './build.ts';

/** What one run of one build measured. `more` and `less`: which is better; `count`: what is the same on every machine. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  readonly value: number;
  /** Rows, transactions, bytes: the same on every machine, and this build's must not be more. */
  readonly counted?: boolean;
}

export type Run = () => Promise<readonly Figure[]>;

/** One thing measured of both builds, pair by pair. */
export interface Pairs {
  readonly name: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  readonly counted: boolean;
  readonly this: readonly number[];
  readonly base: readonly number[];
}

/** The least that the lower quartile of the ratios may be. */
export const LEAST_QUARTILE = 0.9;
/** By so much what is counted differs from run to run. */
const REPEATS_WITHIN = 0.02;

/** Runs both builds so many times, in the order A B B A …: a machine that slows down hits both alike. */
export async function runPairs(
  what: string,
  sides: Readonly<Record<Side, Run>>,
  pairs: number,
): Promise<Pairs[]> {
  const found = new Map<string, Omit<Pairs, Side> & Record<Side, number[]>>();
  for (let pair = 0; pair < pairs; pair++) {
    const order: readonly Side[] = pair % 2 === 0 ? ['this', 'base'] : ['base', 'this'];
    for (const side of order) {
      tellStep(`${what}: pair ${pair + 1} of ${pairs}, ${side}`);
      for (const { value, counted = false, ...about } of await sides[side]()) {
        const key = `${about.name}, ${about.unit}`;
        const entry = found.get(key) ?? { ...about, counted, this: [], base: [] };
        entry[side].push(value);
        found.set(key, entry);
      }
    }
  }
  return [...found.values()];
}

/** Pair by pair, over 1: this build is better. Where neither has any, it is as good. */
export function ratiosOf({ better, this: ours, base }: Pairs): number[] {
  return ours.map((own, pair) => {
    const other = base[pair]!;
    if (own === other) return 1;
    return better === 'more' ? own / other : other / own;
  });
}

/** Of so many that a share of them is smaller, between two of them by how near it lies to each. */
export function quantile(sample: readonly number[], share: number): number {
  if (sample.length === 0) throw new RangeError('a quantile of nothing');
  const sorted = sample.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)]!;
  return below + (sorted[Math.ceil(place)]! - below) * (place - Math.floor(place));
}

/** A speed by its lower quartile; what is counted must not be more than how far it repeats. */
export function holds(pairs: Pairs): boolean {
  const ratios = ratiosOf(pairs);
  return pairs.counted
    ? median(ratios) >= 1 / (1 + REPEATS_WITHIN)
    : quantile(ratios, 0.25) >= LEAST_QUARTILE;
}

/** One line of `--json`. */
export function lineOfPairs(suite: string, pairs: Pairs): object {
  const ratios = ratiosOf(pairs);
  const { name, unit, counted } = pairs;
  return {
    suite,
    measure: name,
    unit,
    counted,
    this: rounded(median(pairs.this)),
    base: rounded(median(pairs.base)),
    pairs: ratios.length,
    least: rounded(quantile(ratios, 0)),
    lowerQuartile: rounded(quantile(ratios, 0.25)),
    median: rounded(median(ratios)),
    holds: holds(pairs),
  };
}

const HEAD = ['measure', 'unit', 'this', 'base', 'least', 'lower quartile', 'median', 'holds'];

export function pairsTable(all: readonly Pairs[]): string {
  const rows = [
    HEAD,
    ...all.map((pairs) => {
      const ratios = ratiosOf(pairs);
      const figure = (sample: readonly number[]) => String(rounded(median(sample)));
      const ratio = (share: number) => quantile(ratios, share).toFixed(3);
      const verdict = holds(pairs) ? 'yes' : 'NO';
      return [
        pairs.name,
        pairs.unit,
        figure(pairs.this),
        figure(pairs.base),
        ratio(0),
        ratio(0.25),
        ratio(0.5),
        verdict,
      ];
    }),
  ];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
