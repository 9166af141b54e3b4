import { readFile, writeFile } from 'node:fs/promises';
import { isReached, median, ratioOf } from '../harness/measure.ts';
import { asWords, grouped, rowOf } from '../harness/table.ts';
import { chartOf } from './chart.ts';
import { CHARTS } from './charts.ts';
import { type Figures, FOLDER, keptFigures } from './figures.ts';

const PAGE = new URL('../../docs/benchmarks.md', import.meta.url);

/**
 * Puts the kept figures and their charts into docs/benchmarks.md, between the marks of each suite. What stands around them, the method
 * and what the figures mean, is written by hand and left alone.
 */
export async function writeReport(): Promise<void> {
  let page = await readFile(PAGE, 'utf8');
  const kept = await keptFigures();
  for (const [suite, figures] of kept) {
    const charts = await writeCharts(figures);
    page = between(page, suite, [measuredOn(figures), ...charts, ...tablesOf(figures)].join('\n\n'));
    page = between(page, `${suite} losses`, lossesOf(figures));
    console.error(`${suite}: measured on ${figures.date}, ${charts.length} charts`);
  }
  await writeFile(PAGE, page);
}

function between(page: string, mark: string, text: string): string {
  const [begin, end] = [`<!-- ${mark} -->`, `<!-- /${mark} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`docs/benchmarks.md has no place for ${mark}: ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
}

async function writeCharts(figures: Figures): Promise<string[]> {
  const links: string[] = [];
  for (const chart of CHARTS[figures.suite]) {
    const svg = await chartOf(chart, figures);
    if (svg === undefined) continue;
    await writeFile(new URL(chart.file, FOLDER), `${svg}\n`);
    links.push(`![${chart.title}](benchmarks/${chart.file})`);
  }
  return links;
}

function measuredOn({ date, machine, options, seconds, versions }: Figures): string {
  const load = machine.loadBefore === undefined ? '' : `, load ${machine.loadBefore.toFixed(1)} before`;
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `Measured on ${date} in ${seconds} s: medians of ${options.runs} runs on ${machine.processors} × ${machine.processor}, ${machine.system}${load}. ${used.join(', ')}.`;
}

function tablesOf(figures: Figures): string[] {
  const head = ['measure', 'unit', 'holdfast', 'peer', 'peer is', 'ratio', 'goal', ''];
  const words = { none: '', reached: 'reached', missed: '**missed**' };
  const rows = figures.measures.map((measure) => rowOf(measure, words));
  const notes = [...new Set(figures.measures.flatMap(({ note }) => (note === undefined ? [] : [note])))];
  return [
    table(head, rows),
    ...dollarsOf(figures),
    ...notes,
    ...figures.missing.map((reason) => `Not measured: ${reason}.`),
  ];
}

/** Dollars for a million jobs: how they come, and who takes them. */
function dollarsOf({ tables }: Figures): string[] {
  const dollars = tables?.dollars as Readonly<Record<string, Readonly<Record<string, number>>>> | undefined;
  if (dollars === undefined) return [];
  const names = Object.keys(Object.values(dollars)[0] ?? {});
  const rows = Object.entries(dollars).map(([how, of]) => [
    how,
    ...names.map((name) => `$${grouped(of[name]!)}`),
  ]);
  return [table(['a million jobs', ...names], rows)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Everything that a peer does better, and each goal that is missed. */
function lossesOf(figures: Figures): string {
  const lost = figures.measures.filter(
    (measure) => (ratioOf(measure) ?? 1) < 1 || isReached(measure) === false,
  );
  if (lost.length === 0) return '- Nothing in this run.';
  return lost
    .map((measure) => {
      const { measure: what, unit, peer, peerName, holdfast, goal } = measure;
      const against = peer === undefined ? '' : ` against ${grouped(median(peer))} (${peerName})`;
      const missed =
        isReached(measure) === false && goal !== undefined ? `; the goal is ${asWords(goal)}` : '';
      return `- ${what}: ${grouped(median(holdfast))} ${unit}${against}${missed}.`;
    })
    .join('\n');
}
