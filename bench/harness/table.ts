import { type Goal, isReached, type Measure, median, ratioOf, rounded, type Sample } from './measure.ts';
import type { SuiteRun } from './suite-run.ts';

const HEAD = ['measure', 'unit', 'holdfast', 'peer', 'peer is', 'ratio', 'goal', 'reached'];

/** For people: medians, how far the runs lay apart, the ratio (over 1: holdfast is better), and the goal beside it. */
export function asTable(run: SuiteRun): string {
  const words = { none: '-', reached: 'yes', missed: 'NO' };
  const rows = [HEAD, ...run.measures.map((measure) => rowOf(measure, words))];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  const { machine, options, seconds } = run;
  const load = machine.loadBefore === undefined ? '' : `, load before ${machine.loadBefore.toFixed(1)}`;
  const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `\n━━ ${run.suite}: medians of ${options.runs} runs in ${seconds} s${options.quick ? ', QUICK: the figures mean nothing' : ''}`,
    `   ${machine.processors} × ${machine.processor}, ${machine.system}${load}`,
    `   ${versions.join(', ')}`,
    '',
    ...lines,
    ...run.missing.map((reason) => `not measured: ${reason}`),
  ].join('\n');
}

/** How a table says what is not there, and whether a goal is reached. */
export interface RowWords {
  readonly none: string;
  readonly reached: string;
  readonly missed: string;
}

export function rowOf(measure: Measure, words: RowWords): string[] {
  const ratio = ratioOf(measure);
  const reached = isReached(measure);
  return [
    measure.measure,
    measure.unit,
    withSpread(measure.holdfast),
    measure.peer === undefined ? words.none : withSpread(measure.peer),
    measure.peerName,
    ratio === undefined ? words.none : ratio.toFixed(2),
    measure.goal === undefined ? '' : asWords(measure.goal),
    reached === undefined ? '' : reached ? words.reached : words.missed,
  ];
}

export function asWords({ of, at, value }: Goal): string {
  return `${of === 'ratio' ? 'ratio ' : ''}${at === 'least' ? '≥' : '≤'} ${value}`;
}

/** The median, and half of the distance between the extremes in per cent of it. */
export function withSpread(sample: Sample): string {
  const middle = median(sample);
  const figure = grouped(rounded(middle));
  if (sample.length < 2 || middle === 0) return figure;
  const spread = (Math.max(...sample) - Math.min(...sample)) / 2 / middle;
  return spread < 0.005 ? figure : `${figure} ±${Math.round(spread * 100)}%`;
}

export function grouped(figure: number): string {
  return figure.toLocaleString('en', { maximumSignificantDigits: 4 });
}
