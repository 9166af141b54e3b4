/**
 * `npm run bench -- [memory|indexeddb|durable-object|size …] [--runs 5] [--only part] [--quick] [--json] [--save]` measures
 * holdfast against what people would use instead; `npm run bench -- report` writes docs/benchmarks.md from what `--save` kept, and
 * `npm run bench -- pairs --base <folder>` compares this checkout with another that is built.
 */
import { parseArgs } from 'node:util';
import type { SuiteName } from './harness/measure.ts';
import { lineOf } from './harness/measure.ts';
import { installPeers } from './harness/peers.ts';
import { runSuite } from './harness/suite-run.ts';
import { asTable } from './harness/table.ts';

const SUITES: readonly SuiteName[] = ['memory', 'indexeddb', 'durable-object', 'size'];
const USAGE = `npm run bench -- [${SUITES.join('|')} …] [--runs 5] [--only part] [--quick] [--json] [--save]
npm run bench -- pairs --base <folder> [memory|indexeddb|durable-object …] [--runs 9] [--quick] [--json]
npm run bench -- report`;

interface Command {
  readonly suites: readonly SuiteName[];
  readonly report: boolean;
  readonly runs: number;
  readonly only: string | undefined;
  readonly quick: boolean;
  readonly json: boolean;
  readonly save: boolean;
  /** The parts that are compared with the checkout in `base`. */
  readonly pairs: { readonly base: string; readonly parts: readonly string[] } | undefined;
}

function parseCommand(args: string[]): Command {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      runs: { type: 'string' },
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      save: { type: 'boolean', default: false },
      base: { type: 'string' },
    },
  });
  const { only, quick, json, save } = values;
  const pairs = pairsOf(positionals, values.base);
  const runs = Number(values.runs ?? (quick ? '1' : pairs === undefined ? '5' : '9'));
  if (!Number.isSafeInteger(runs) || runs < 1)
    throw new RangeError(`--runs is ${JSON.stringify(values.runs)}: expected a whole number, 1 or more`);
  if (quick && save) throw new RangeError('--save with --quick: quick figures mean nothing and are not kept');
  if (pairs !== undefined && (save || only !== undefined))
    throw new RangeError('pairs are neither kept nor cut: name the suites instead');
  if (only !== undefined && save) throw new RangeError('--save with --only: a part is not a report');
  const report = positionals.length === 1 && positionals[0] === 'report';
  const suites = report || pairs !== undefined ? [] : suitesOf(positionals);
  return { suites, report, runs, only, quick, json, save, pairs };
}

function pairsOf([first, ...parts]: readonly string[], base: string | undefined): Command['pairs'] {
  if (first !== 'pairs') {
    if (base !== undefined)
      throw new RangeError('--base is for pairs: npm run bench -- pairs --base <folder>');
    return undefined;
  }
  if (base === undefined) throw new RangeError('pairs needs --base, the folder of a checkout that is built');
  suitesOf(parts);
  if (parts.includes('size')) throw new RangeError('size is not compared in pairs: npm run check:size');
  return { base, parts };
}

function suitesOf(names: readonly string[]): readonly SuiteName[] {
  const unknown = names.find((name) => !SUITES.some((suite) => suite === name));
  if (unknown !== undefined)
    throw new RangeError(
      `no suite is called ${JSON.stringify(unknown)}: expected ${SUITES.join(', ')} or report`,
    );
  return names.length === 0 ? SUITES : SUITES.filter((suite) => names.includes(suite));
}

async function measure({ suites, runs, only, quick, json, save }: Command): Promise<number> {
  let failed = 0;
  for (const suite of suites) {
    try {
      const run = await runSuite(suite, { runs, quick, ...(only === undefined ? {} : { only }) });
      if (json) for (const each of run.measures) console.log(JSON.stringify(lineOf(suite, each)));
      else console.log(asTable(run));
      for (const reason of run.missing) console.error(`${suite}: not measured: ${reason}`);
      if (save) await (await import('./report/figures.ts')).keepFigures(run);
    } catch (error) {
      failed += 1;
      console.error(`${suite}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return failed === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  if (process.argv.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  let command: Command;
  try {
    command = parseCommand(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return 2;
  }
  if (command.pairs !== undefined)
    return await (await import('./pairs/command.ts')).comparePairs({ ...command, ...command.pairs });
  const obstacle = installPeers();
  if (obstacle !== undefined) console.error(`${obstacle}\nWhat is not installed is left out.`);
  if (!command.report) return measure(command);
  await (await import('./report/report.ts')).writeReport();
  return 0;
}

process.exitCode = await main();
