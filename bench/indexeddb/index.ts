/**
 * `node bench/indexeddb/index.ts [--json] [--runs N] [--quick] [--only text]`: the IndexedDB suite alone, or the parts of it whose
 * name contains the text. Exit code 1: something could not be measured.
 */
import { parseArgs } from 'node:util';
import { isReached, lineOf } from '../harness/measure.ts';
import { endSteps } from '../harness/progress.ts';
import { measure } from './suite.ts';

export { indexedDBSuite, measure } from './suite.ts';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      runs: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
    },
  });
  const runs = Number(values.runs);
  if (!Number.isSafeInteger(runs) || runs < 1)
    throw new RangeError(`--runs is ${JSON.stringify(values.runs)}: expected a whole number, 1 or more`);
  const { measures, versions, missing } = await measure({ ...values, runs });
  endSteps();
  const lines = measures.map((one) => ({ ...lineOf('indexeddb', one), reached: isReached(one) ?? null }));
  if (values.json) console.log(JSON.stringify({ lines, versions, missing }, undefined, 2));
  else console.table(lines.map(({ suite: _, ...line }) => line));
  for (const reason of missing) console.error(`not measured: ${reason}`);
  if (missing.length > 0) process.exitCode = 1;
}

if (import.meta.main) await main();
