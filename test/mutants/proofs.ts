import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Proof, ProvenStore, TestFile } from './defect.ts';

/** Seeds that the simulator has for a defect; it stops at the first broken promise. */
const SEEDS = 300;
/** A proof that takes longer has no verdict, which catches nothing. */
const LIMIT_MS = 240_000;
/** Ten times what a test takes on a slow machine: one that takes longer hangs for the defect's sake, and is the one that caught it. */
const TEST_LIMIT_MS = 30_000;

const SUITES: Readonly<Record<ProvenStore, TestFile>> = {
  memory: 'test/unit/memory.test.ts',
  'fake-indexeddb': 'test/unit/fake-indexeddb.test.ts',
  'durable-object': 'test/workerd/durable-object.test.ts',
};

/** Runs one proof in a folder. Answers the first broken promise; undefined: none is. Rejects when the proof comes to no verdict. */
export function prove(proof: Proof, store: ProvenStore, folder: string): Promise<string | undefined> {
  switch (proof) {
    case 'simulator':
      return bySimulator(folder);
    case 'conformance':
      return byTests(SUITES[store], folder);
    case 'model':
      return byModel(folder);
    default:
      return byTests(proof, folder);
  }
}

async function bySimulator(folder: string): Promise<string | undefined> {
  const told = await run(folder, ['scripts/sim.ts', '--seeds', String(SEEDS), '--bail', '--json']);
  const { violations } = parsed<{ violations: { seed: string; rule: string }[] }>(told);
  const [first] = violations;
  return first && `${first.rule} (seed ${first.seed})`;
}

async function byTests(file: TestFile, folder: string): Promise<string | undefined> {
  const [, project = ''] = file.split('/');
  const report = join(folder, 'tests.json');
  await rm(report, { force: true });
  const told = await run(folder, [
    ...['node_modules/vitest/vitest.mjs', 'run', '--project', project, file],
    ...['--bail', '1', '--testTimeout', String(TEST_LIMIT_MS), '--reporter', 'json', '--outputFile', report],
  ]);
  const text = await readFile(report, 'utf8').catch(() => told);
  const { testResults } = parsed<{ testResults: { assertionResults: Assertion[] }[] }>(text);
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.find(({ status }) => status === 'failed');
  if (failed === undefined && !tests.some(({ status }) => status === 'passed')) throw new NoVerdict(told);
  return failed?.title;
}

interface Assertion {
  readonly status: string;
  readonly title: string;
}

async function byModel(folder: string): Promise<string | undefined> {
  const told = await run(folder, ['test/mutants/model-proof.ts']);
  return parsed<{ broken?: string }>(told).broken;
}

class NoVerdict extends Error {
  constructor(told: string) {
    super(`no verdict: ${told.trim().slice(-2_000)}`);
  }
}

function parsed<Report>(text: string): Report {
  try {
    return JSON.parse(text.slice(text.indexOf('{'))) as Report;
  } catch {
    throw new NoVerdict(text);
  }
}

/** Runs this Node with arguments and answers all that it prints on stdout, or else on stderr. */
function run(folder: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    // A group of its own: what it started ends with it.
    const child = spawn(process.execPath, args, {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const end = () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    };
    const late = setTimeout(end, LIMIT_MS);
    process.prependOnceListener('exit', end);
    const told = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (told.out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (told.err += text));
    child.on('error', reject);
    child.on('close', (_code, signal) => {
      clearTimeout(late);
      process.off('exit', end);
      if (signal === null) resolve(told.out || told.err);
      else reject(new NoVerdict(`ended by ${signal} after at most ${LIMIT_MS} ms; ${told.err}`));
    });
  });
}
