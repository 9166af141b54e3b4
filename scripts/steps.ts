import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Progress } from './progress.ts';

/** An npm script to run, under a name for people. */
export interface Step {
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  /** Why it cannot run here; undefined: it can. */
  readonly obstacle?: string | undefined;
}

export interface Outcome {
  readonly step: string;
  readonly result: 'passed' | 'failed' | 'not run';
  readonly note: string;
}

/** Starts an npm script. `inherit`: it prints as it goes; `pipe`: whoever started it reads what it prints. */
export type Start = (script: string, args: readonly string[], output: 'inherit' | 'pipe') => ChildProcess;

const startNpm: Start = (script, args, output) =>
  spawn('npm', ['run', '--silent', script, '--', ...args], { stdio: ['ignore', output, output] });

export function heading(text: string): void {
  console.log(`\n━━ ${text} ${'━'.repeat(Math.max(0, 90 - text.length))}`);
}

/** Runs steps and says which of how many, every 15 seconds too. */
export class Steps {
  readonly #progress: Progress;
  readonly #start: Start;

  /** @param all every step that there is, in order: they are numbered by it */
  constructor(all: readonly Step[], progress = new Progress(all.map(({ name }) => name)), start = startNpm) {
    this.#progress = progress;
    this.#start = start;
  }

  /** Prints what the script prints as it comes. */
  async run(step: Step): Promise<Outcome> {
    if (step.obstacle !== undefined) return notRun(step, step.obstacle);
    heading(this.#progress.title(step.name));
    return this.#timed(step, async () => {
      const [code] = await once(this.#start(step.script, step.args ?? [], 'inherit'), 'close');
      return code === 0;
    });
  }

  /** Prints what the script printed when it has ended: others run meanwhile. */
  async runAside(step: Step): Promise<Outcome> {
    return this.#timed(step, async () => {
      const child = this.#start(step.script, step.args ?? [], 'pipe');
      const printed: Buffer[] = [];
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => printed.push(part));
      const [code] = await once(child, 'close');
      heading(this.#progress.title(step.name));
      process.stdout.write(Buffer.concat(printed));
      return code === 0;
    });
  }

  async #timed({ name }: Step, run: () => Promise<boolean>): Promise<Outcome> {
    const start = performance.now();
    const passed = await this.#progress.during(name, run);
    const result = passed ? 'passed' : 'failed';
    const note = `${((performance.now() - start) / 1000).toFixed(1)} s`;
    console.log(`── ${name}: ${result} in ${note}`);
    return { step: name, result, note };
  }
}

export const notRun = ({ name }: Step, note: string): Outcome => ({ step: name, result: 'not run', note });

/** Prints what became of each step. Answers the exit code. */
export function summarize(outcomes: readonly Outcome[], helps: readonly string[]): number {
  heading('summary');
  const width = Math.max(...outcomes.map(({ step }) => step.length));
  for (const { step, result, note } of outcomes)
    console.log(`  ${step.padEnd(width)}  ${result.padEnd(7)}  ${note}`);
  for (const help of helps) console.log(`\n${help}`);

  const missing = outcomes.some(({ result }) => result === 'not run');
  const failed = outcomes.some(({ result }) => result === 'failed');
  const isStrict = process.env.REQUIRE_ALL === '1';
  if (missing && isStrict) console.log('\nREQUIRE_ALL=1: what was not run counts as failed.');
  return failed || (missing && isStrict) ? 1 : 0;
}
