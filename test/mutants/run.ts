/**
 * `npm run test:mutants [-- --only <text>] [-- --list]`: plants each defect in a copy of the repository and runs the proofs that have to
 * catch it. Exit code 1: one survives, a proof complains about the healthy source, or a defect no longer applies.
 */
import { availableParallelism } from 'node:os';
import { commandLine } from '../../scripts/command-line.ts';
import { Copy, obstacle } from './copy.ts';
import { type Defect, type Proof, type ProvenStore, provenStore } from './defect.ts';
import { defects } from './defects.ts';
import { prove } from './proofs.ts';

const COPIES = Math.min(2, availableParallelism());

/** One proof to be run: with a defect, or without any to see that the proof itself is sound. */
interface Trial {
  readonly defect: Defect | undefined;
  readonly proof: Proof;
  readonly store: ProvenStore;
}

interface Result extends Trial {
  /** The first broken promise; absent: none. */
  readonly found?: string | undefined;
  /** Why there is no verdict. */
  readonly failed?: string;
}

const isGood = ({ defect, found, failed }: Result): boolean =>
  failed === undefined && (defect === undefined) === (found === undefined);

/** Each proof without a defect, then each defect by each proof that has to catch it. */
function trialsOf(chosen: readonly Defect[]): Trial[] {
  const planted = chosen.flatMap((defect) =>
    defect.caughtBy.map((proof) => ({ defect, proof, store: provenStore(defect) })),
  );
  const healthy = new Map<string, Trial>();
  for (const { proof, store } of planted)
    healthy.set(proof === 'conformance' ? store : proof, { defect: undefined, proof, store });
  return [...healthy.values(), ...planted];
}

async function attempt(trial: Trial, copy: Copy): Promise<Result> {
  const { defect, proof, store } = trial;
  const restore = defect && (await copy.plant(defect));
  try {
    return { ...trial, found: await prove(proof, store, copy.folder) };
  } catch (error) {
    return { ...trial, failed: error instanceof Error ? error.message : String(error) };
  } finally {
    await restore?.();
  }
}

/** Several copies take the trials in turn. */
async function runAll(trials: readonly Trial[], copies: readonly Copy[]): Promise<Result[]> {
  const results: Result[] = [];
  const left = trials.values();
  const work = async (copy: Copy) => {
    for (const trial of left) {
      const result = await attempt(trial, copy);
      results.push(result);
      console.log(`${String(results.length).padStart(3)} of ${trials.length}  ${lineOf(result)}`);
    }
  };
  await Promise.all(copies.map(work));
  return results;
}

function lineOf(result: Result): string {
  const { defect, proof, store, found, failed } = result;
  const verdict =
    defect === undefined ? (isGood(result) ? 'sound' : 'UNSOUND') : isGood(result) ? 'caught' : 'SURVIVES';
  const by = proof === 'conformance' ? `conformance of ${store}` : proof;
  return `${verdict.padEnd(8)}  ${defect?.name ?? 'nothing is wrong'}  [${by}: ${failed ?? found ?? 'no complaint'}]`;
}

async function main(): Promise<number> {
  const { values } = commandLine(import.meta.url, {
    options: { only: { type: 'string', default: '' }, list: { type: 'boolean' } },
  });
  const chosen = defects.filter(({ name, file }) => `${name} ${file}`.includes(values.only));
  const obstacles = (await Promise.all(chosen.map(obstacle))).filter((text) => text !== undefined);
  for (const text of obstacles) console.error(text);
  if (chosen.length === 0) console.error(`no defect has ${JSON.stringify(values.only)} in its name or file`);
  if (obstacles.length > 0 || chosen.length === 0) return 1;
  if (values.list) {
    for (const { name, file, caughtBy } of chosen) console.log(`${name}  [${file}; ${caughtBy.join(', ')}]`);
    return 0;
  }
  const began = performance.now();
  const copies = await Promise.all(Array.from({ length: COPIES }, () => Copy.make()));
  const results = await runAll(trialsOf(chosen), copies);
  const bad = results.filter((result) => !isGood(result));
  const surviving = new Set(bad.map(({ defect }) => defect));
  const caught = chosen.filter((defect) => !surviving.has(defect)).length;
  const seconds = Math.round((performance.now() - began) / 1_000);
  console.log(`\n${caught} of ${chosen.length} caught in ${seconds} s`);
  for (const result of bad) console.log(lineOf(result));
  return bad.length === 0 ? 0 : 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main();
