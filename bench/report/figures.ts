import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { type Line, lineOf, type Measure, type SuiteName } from '../harness/measure.ts';
import type { SuiteRun } from '../harness/suite-run.ts';

/** Where the figures of the report are kept, one file a suite. */
export const FOLDER = new URL('../../docs/benchmarks/', import.meta.url);

/** A suite's last kept run, with the lines that `--json` printed. */
export interface Figures extends Omit<SuiteRun, 'measures'> {
  readonly measures: readonly (Measure & { readonly line: Line })[];
}

export async function keepFigures(run: SuiteRun): Promise<void> {
  const figures: Figures = {
    ...run,
    measures: run.measures.map((measure) => ({ ...measure, line: lineOf(run.suite, measure) })),
  };
  await mkdir(FOLDER, { recursive: true });
  await writeFile(new URL(`${run.suite}.json`, FOLDER), `${JSON.stringify(figures, undefined, 2)}\n`);
}

/** What was kept, by suite. */
export async function keptFigures(): Promise<ReadonlyMap<SuiteName, Figures>> {
  const files = await readdir(FOLDER).catch(() => []);
  const kept = new Map<SuiteName, Figures>();
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    const figures = JSON.parse(await readFile(new URL(file, FOLDER), 'utf8')) as Figures;
    kept.set(figures.suite, figures);
  }
  return kept;
}
