import { fork } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { SuiteName } from './measure.ts';
import type { SuiteOptions, SuiteResult } from './suite.ts';

/** A suite's result with when and on what it was measured. */
export interface SuiteRun extends SuiteResult {
  readonly suite: SuiteName;
  readonly options: SuiteOptions;
  readonly date: string;
  readonly seconds: number;
  readonly machine: Machine;
}

export interface Machine {
  readonly processor: string;
  readonly processors: number;
  readonly system: string;
  /** Processes that wanted a processor in the minute before; undefined where the system does not count them. */
  readonly loadBefore: number | undefined;
}

const PROCESS = fileURLToPath(new URL('suite-process.ts', import.meta.url));

/** Runs the suite in a fresh process, so that no suite inherits the heap of another. */
export async function runSuite(suite: SuiteName, options: SuiteOptions): Promise<SuiteRun> {
  const start = performance.now();
  const machine = machineNow();
  const result = await new Promise<SuiteResult>((resolve, reject) => {
    const child = fork(PROCESS, [JSON.stringify({ name: suite, options })], {
      execArgv: ['--expose-gc', '--max-old-space-size=8192'],
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    let received: SuiteResult | undefined;
    child.once('message', (message) => {
      received = message as SuiteResult;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0 && received !== undefined) resolve(received);
      else reject(new Error(`the suite ${suite} ended with code ${code} and without a result`));
    });
  });
  const seconds = Math.round((performance.now() - start) / 1_000);
  return { suite, options, date: new Date().toISOString().slice(0, 10), seconds, machine, ...result };
}

function machineNow(): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? 'unknown',
    processors: processors.length,
    system: `${process.platform} ${process.arch}`,
    loadBefore: process.platform === 'win32' ? undefined : loadavg()[0],
  };
}
