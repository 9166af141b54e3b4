/** `npm run test:faults`: kills what works and says what became of the jobs. Exit code 1: something is lost, invented or late. */
import { chromium, type Engine, firefox } from '../../scripts/engines.ts';
import { breakBrowser } from './browser-faults.ts';
import { ChromiumProcess } from './chromium-process.ts';
import type { FaultRun } from './fault-run.ts';
import { FirefoxProcess } from './firefox-process.ts';
import { type Command, type Place, parseCommand, USAGE } from './plan.ts';
import { showProgress } from './progress.ts';
import { Random } from './random.ts';
import { asText, Complaints, isGood, type Result } from './report.ts';
import { Witness } from './witness.ts';
import { breakWorkerd } from './workerd-faults.ts';

const BREAK: Readonly<Record<Place, (run: FaultRun) => Promise<void>>> = {
  chromium: (run) => breakBrowser(ChromiumProcess.start, run),
  firefox: (run) => breakBrowser(FirefoxProcess.start, run),
  workerd: breakWorkerd,
};
const ENGINES: Readonly<Partial<Record<Place, Engine>>> = { chromium, firefox };

async function breakPlace(place: Place, command: Command, ended: AbortSignal): Promise<Result> {
  const plan = command.plans[place];
  const witness = new Witness(plan.jobs);
  const toll = { crashes: 0, kills: 0 };
  const complaints = new Complaints();
  const late = AbortSignal.timeout(plan.boundMs);
  const signal = AbortSignal.any([ended, late]);
  const run = { plan, random: new Random(command.seed), witness, toll, signal, onTold: complaints.add };
  const closing = setTimeout(() => witness.close(), plan.boundMs - plan.drainMs);
  const start = performance.now();
  const endProgress = showProgress(place, run);
  let broken: string | undefined;
  try {
    await BREAK[place](run);
  } catch (error) {
    if (!signal.aborted) broken = error instanceof Error ? (error.stack ?? error.message) : String(error);
  } finally {
    clearTimeout(closing);
    endProgress();
  }
  return {
    place,
    plan,
    toll,
    ...witness.figures(),
    durationMs: Math.round(performance.now() - start),
    told: complaints.counted,
    ...(broken === undefined ? {} : { broken }),
  };
}

function readCommand(): Command | undefined {
  try {
    const command = parseCommand(process.argv.slice(2));
    const missing = command.places.flatMap((place) => ENGINES[place] ?? []).filter(({ find }) => !find());
    if (missing.length === 0) return command;
    for (const { name, help } of missing)
      console.error(`No ${name} was found (--only takes another place).\n${help}`);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
  return undefined;
}

async function main(): Promise<number> {
  if (process.argv.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  const command = readCommand();
  if (command === undefined) return 2;
  const { seed, places, json } = command;
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      // The second one does not wait for the cleaning.
      if (ended.signal.aborted) process.exit(130);
      ended.abort();
    });
  console.error(`seed ${seed}`);
  const results: Result[] = [];
  for (const place of places) {
    results.push(await breakPlace(place, command, ended.signal));
    if (ended.signal.aborted) {
      console.error('Ended by a signal: everything is cleaned up.');
      return 130;
    }
  }
  const good = results.every(isGood);
  console.log(json ? JSON.stringify({ seed, good, results }, undefined, 2) : asText(results, seed));
  return good ? 0 : 1;
}

process.exitCode = await main();
