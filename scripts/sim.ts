/**
 * `npm run sim -- --seeds 2000 [--seed 1] [--steps 500] [--store memory|fake-indexeddb] [--without e3,c1#7] [--bail] [--json]`
 * Runs the simulator over seeds, on all cores. A broken promise is shortened and shown with the command that replays it.
 * `--bail` stops at the first that is broken, whichever seed that is.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type SimulationReport, shorten } from '../src/testing/simulator/simulate.ts';
import { commandLine } from './command-line.ts';
import { type SimulationStore, stores } from './sim-stores.ts';

/** What a thread runs, and what it tells after each seed. */
export interface Share {
  readonly seeds: readonly number[];
  readonly steps: number;
  readonly store: SimulationStore;
  readonly without: readonly string[];
}
export type Told = Omit<SimulationReport, 'trace' | 'ids'>;

const TRACE_LINES = 60;

const { values } = commandLine(import.meta.url, {
  options: {
    seeds: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '500' },
    store: { type: 'string', default: 'memory' },
    without: { type: 'string', default: '' },
    bail: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const count = wholeNumber('seeds', values.seeds);
const first = wholeNumber('seed', values.seed);
const share = {
  steps: wholeNumber('steps', values.steps),
  store: storeOf(values.store),
  without: values.without.split(',').filter((id) => id !== ''),
};

const began = performance.now();
const reports = await runAll(Array.from({ length: count }, (_, i) => first + i));
const broken = reports.filter(({ violation }) => violation !== undefined);
if (values.json) console.log(JSON.stringify(summaryOf(reports)));
else tellSummary();
if (broken[0] !== undefined && !values.json) await explain(broken[0]);
process.exitCode = broken.length === 0 ? 0 : 1;

function wholeNumber(option: string, given: string): number {
  const value = Number(given);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`--${option} is ${JSON.stringify(given)}: expected a whole number, 1 or more`);
  return value;
}

function storeOf(given: string): SimulationStore {
  if (given in stores) return given as SimulationStore;
  throw new RangeError(
    `--store is ${JSON.stringify(given)}: expected one of ${Object.keys(stores).join(', ')}`,
  );
}

async function runAll(seeds: readonly number[]): Promise<Told[]> {
  const threads = Math.min(availableParallelism(), seeds.length);
  const told: Told[] = [];
  const workers = new Set<Worker>();
  const run = (seedsOfThread: readonly number[]) =>
    new Promise<void>((resolve, reject) => {
      const worker = new Worker(new URL('./sim-worker.ts', import.meta.url), {
        workerData: { ...share, seeds: seedsOfThread } satisfies Share,
      });
      workers.add(worker);
      worker.on('message', (report: Told) => {
        told.push(report);
        tellProgress(told.length, seeds.length);
        if (values.bail && report.violation !== undefined) for (const each of workers) void each.terminate();
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve());
    });
  const shares = Array.from({ length: threads }, (_, thread) =>
    seeds.filter((_seed, i) => i % threads === thread),
  );
  await Promise.all(shares.map(run));
  return told.sort((a, b) => Number(a.seed) - Number(b.seed));
}

/** On a terminal a line that moves, else one for each tenth. */
function tellProgress(done: number, all: number): void {
  if (values.json) return;
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${all} seeds${done === all ? '\n' : ''}`);
  else if (Math.floor((10 * done) / all) > Math.floor((10 * (done - 1)) / all))
    process.stderr.write(`${done} of ${all} seeds\n`);
}

function summaryOf(all: readonly Told[]) {
  const sum = (of: (report: Told) => number) => all.reduce((total, report) => total + of(report), 0);
  const faults: Record<string, number> = {};
  for (const report of all)
    for (const [kind, times] of Object.entries(report.faults)) faults[kind] = (faults[kind] ?? 0) + times;
  return {
    store: share.store,
    seeds: all.length,
    steps: sum(({ steps }) => steps),
    virtualSeconds: Math.round(sum(({ elapsedMs }) => elapsedMs) / 1000),
    seconds: Math.round((performance.now() - began) / 100) / 10,
    jobs: {
      accepted: sum(({ jobs }) => jobs.accepted),
      completed: sum(({ jobs }) => jobs.completed),
      cancelled: sum(({ jobs }) => jobs.cancelled),
      dead: sum(({ jobs }) => jobs.dead),
      dropped: sum(({ jobs }) => jobs.dropped),
      removed: sum(({ jobs }) => jobs.removed),
      lost: sum(({ jobs }) => jobs.lost),
    },
    faults,
    violations: broken.map(({ seed, violation }) => ({ seed, ...violation })),
  };
}

function tellSummary(): void {
  const { faults, jobs, violations, ...rest } = summaryOf(reports);
  console.log(
    `${rest.seeds} seeds, ${rest.steps} steps, ${rest.virtualSeconds} virtual seconds in ${rest.seconds} s over ${rest.store}`,
  );
  console.log(
    `jobs        ${Object.entries(jobs)
      .map(([state, number]) => `${number} ${state}`)
      .join(', ')}`,
  );
  const kinds = Object.entries(faults).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [kind, times] of kinds) console.log(`${kind.padEnd(14)} ${String(times).padStart(7)}`);
  console.log(`violations  ${violations.length}`);
  for (const { seed, rule, text, step } of violations)
    console.log(`  seed ${seed}, step ${step}: ${rule}: ${text}`);
}

async function explain({ seed }: Told): Promise<void> {
  const options = { seed, steps: share.steps, store: stores[share.store], without: share.without };
  const { simulate } = await import('../src/testing/simulator/simulate.ts');
  const { without, report } = await shorten(options, await simulate(options));
  console.log(
    `\nseed ${seed}, shortened to ${report.ids.length} faults and commands; its last ${TRACE_LINES} lines:\n`,
  );
  console.log(report.trace.slice(-TRACE_LINES).join('\n'));
  const steps = share.steps === 500 ? '' : ` --steps ${share.steps}`;
  const store = share.store === 'memory' ? '' : ` --store ${share.store}`;
  console.log(
    `\nreplay: npm run sim -- --seeds 1 --seed ${seed}${steps}${store} --without ${without.join(',')}`,
  );
}
