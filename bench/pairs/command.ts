/**
 * `npm run bench -- pairs --base <folder> [memory|indexeddb|durable-object …] [--runs 9] [--quick] [--json]`: this checkout against an older
 * one that is built, by the same work in turns. Exit code 1: a ratio is too low, something counted is more, or a part could not be measured.
 */
import { loadavg } from 'node:os';
import { endSteps } from '../harness/progress.ts';
import { bothBuilds } from './build.ts';
import { durableObjectPairs } from './durable-object.ts';
import { indexedDBPairs } from './indexeddb.ts';
import { memoryPairs } from './memory.ts';
import { holds, lineOfPairs, type Pairs, pairsTable, runPairs } from './pair.ts';
import type { Part } from './part.ts';

const PARTS = {
  memory: memoryPairs,
  indexeddb: indexedDBPairs,
  'durable-object': durableObjectPairs,
} satisfies Record<string, Part>;

export interface PairsOptions {
  readonly base: string;
  /** None: all. */
  readonly parts: readonly string[];
  /** Pairs of runs. */
  readonly runs: number;
  readonly quick: boolean;
  readonly json: boolean;
}

/** Returns the exit code. */
export async function comparePairs({ base, parts, runs, quick, json }: PairsOptions): Promise<number> {
  const builds = bothBuilds(base);
  let failed = false;
  for (const [name, part] of Object.entries(PARTS)) {
    if (parts.length > 0 && !parts.includes(name)) continue;
    const all: Pairs[] = [];
    try {
      await part(builds, { quick }, async (what, sides) => {
        all.push(...(await runPairs(what, sides, runs)));
      });
    } catch (error) {
      failed = true;
      console.error(`${name}: ${error instanceof Error ? error.message : error}`);
    }
    endSteps();
    if (json) for (const each of all) console.log(JSON.stringify(lineOfPairs(name, each)));
    else if (all.length > 0) console.log(`${headOf(name, runs, quick)}\n\n${pairsTable(all)}`);
    failed ||= !all.every(holds);
  }
  return failed ? 1 : 0;
}

function headOf(name: string, runs: number, quick: boolean): string {
  const load = process.platform === 'win32' ? '' : `, load ${loadavg()[0]?.toFixed(1)}`;
  const warning = quick ? ', QUICK: the figures mean nothing' : '';
  return `\n━━ ${name}: ratios of ${runs} pairs, over 1 where this build is better${load}${warning}`;
}
