/**
 * `npm test`: checks everything this machine can and says what it did. Arguments go to vitest.
 * A machine without a browser skips what needs one and says so; with REQUIRE_ALL=1 that is a failure.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chromiumHelp, findChromium } from './chromium.ts';
import { installPackage } from './debian.ts';

interface Outcome {
  readonly step: string;
  readonly result: 'passed' | 'failed' | 'not run';
  readonly note: string;
}

function heading(text: string): void {
  console.log(`\n━━ ${text} ${'━'.repeat(Math.max(0, 90 - text.length))}`);
}

/** Prints what the script prints as it comes. */
async function run(step: string, script: string, ...args: string[]): Promise<Outcome> {
  heading(step);
  const start = performance.now();
  const [code] = await once(spawn('npm', npmRun(script, args), { stdio: 'inherit' }), 'close');
  return tell(step, code === 0, start);
}

/** Prints what the script printed when it has ended: others run meanwhile. */
async function runAside(step: string, script: string): Promise<Outcome> {
  const start = performance.now();
  const child = spawn('npm', npmRun(script), { stdio: ['ignore', 'pipe', 'pipe'] });
  const printed: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => printed.push(part));
  const [code] = await once(child, 'close');
  heading(step);
  process.stdout.write(Buffer.concat(printed));
  return tell(step, code === 0, start);
}

const npmRun = (script: string, args: readonly string[] = []) => ['run', '--silent', script, '--', ...args];

function tell(step: string, passed: boolean, start: number): Outcome {
  const result = passed ? 'passed' : 'failed';
  const note = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  console.log(`── ${step}: ${result} in ${note}`);
  return { step, result, note };
}

const skip = (step: string, note: string): Outcome => ({ step, result: 'not run', note });

async function buildAndPackage(): Promise<Outcome[]> {
  const built = await runAside('build', 'build');
  const packaged =
    built.result === 'passed'
      ? await runAside('package', 'check:package')
      : skip('package', 'there is no build to check');
  return [built, packaged];
}

async function check(): Promise<Outcome[]> {
  return [
    await runAside('lint', 'lint'),
    await runAside('types', 'typecheck'),
    await runAside('size', 'check:size'),
    await runAside('deploy, dry', 'check:edge'),
    await runAside('promises', 'check:semantics'),
  ];
}

async function test(noChromium: string | undefined): Promise<Outcome[]> {
  const inChromium: typeof run = async (step, ...script) =>
    noChromium ? skip(step, noChromium) : await run(step, ...script);
  return [
    await run('tests: unit', 'vitest', '--project', 'unit'),
    await run('tests: workerd', 'vitest', '--project', 'workerd'),
    await run('tests: workerd-process', 'vitest', '--project', 'workerd-process'),
    await run('simulator', 'sim', '--seeds', '2000'),
    await inChromium('tests: chromium', 'vitest', '--project', 'chromium'),
    await inChromium('tests: chromium-pages', 'vitest', '--project', 'chromium-pages'),
    await inChromium('real faults', 'test:faults', '--quick'),
  ];
}

/** Hands a Chromium to vitest, installing one where that is possible. Answers why there is none. */
function provideChromium(): string | undefined {
  let path = findChromium();
  if (!path) {
    heading('install Chromium');
    const obstacle = installPackage('chromium');
    path = findChromium();
    if (!path) return `no Chromium was found, and ${obstacle ?? 'the package brought none'}`;
  }
  process.env.CHROMIUM_PATH = path;
  return undefined;
}

const vitestArgs = process.argv.slice(2);
const noChromium = provideChromium();

const outcomes = (await Promise.all([check(), buildAndPackage()])).flat();
outcomes.push(
  ...(vitestArgs.length > 0
    ? [await run(`vitest ${vitestArgs.join(' ')}`, 'vitest', ...vitestArgs)]
    : await test(noChromium)),
);

heading('summary');
const width = Math.max(...outcomes.map(({ step }) => step.length));
for (const { step, result, note } of outcomes) {
  console.log(`  ${step.padEnd(width)}  ${result.padEnd(7)}  ${note}`);
}
if (noChromium) console.log(`\nNot everything was run: ${noChromium}.\n${chromiumHelp}`);

const missing = outcomes.some(({ result }) => result === 'not run');
const failed = outcomes.some(({ result }) => result === 'failed');
if (missing && process.env.REQUIRE_ALL === '1')
  console.log('\nREQUIRE_ALL=1: what was not run counts as failed.');
process.exitCode = failed || (missing && process.env.REQUIRE_ALL === '1') ? 1 : 0;
