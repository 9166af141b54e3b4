/**
 * `npm test`: checks everything this machine can and says what it did. Arguments go to vitest.
 * A machine without a browser skips what needs one and says so; with REQUIRE_ALL=1 that is a failure.
 */
import { spawnSync } from 'node:child_process';
import { chromiumHelp, findChromium } from './chromium.ts';
import { installPackage } from './debian.ts';

interface Outcome {
  readonly step: string;
  readonly result: 'passed' | 'failed' | 'not run';
  readonly note: string;
}

const outcomes: Outcome[] = [];

function heading(text: string): void {
  console.log(`\n━━ ${text} ${'━'.repeat(Math.max(0, 90 - text.length))}`);
}

function run(step: string, script: string, ...args: string[]): void {
  heading(step);
  const start = performance.now();
  const { status } = spawnSync('npm', ['run', '--silent', script, '--', ...args], { stdio: 'inherit' });
  const note = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  outcomes.push({ step, result: status === 0 ? 'passed' : 'failed', note });
  console.log(`── ${step}: ${status === 0 ? 'passed' : 'failed'} in ${note}`);
}

function skip(step: string, note: string): void {
  outcomes.push({ step, result: 'not run', note });
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

run('lint', 'lint');
run('types', 'typecheck');
run('build', 'build');
if (outcomes.at(-1)?.result === 'passed') run('package', 'check:package');
else skip('package', 'there is no build to check');
run('size', 'check:size');
run('deploy, dry', 'check:edge');
run('promises', 'check:semantics');

if (vitestArgs.length > 0) {
  run(`vitest ${vitestArgs.join(' ')}`, 'vitest', ...vitestArgs);
} else {
  for (const project of ['unit', 'workerd', 'workerd-process'])
    run(`tests: ${project}`, 'vitest', '--project', project);
  run('simulator', 'sim', '--seeds', '2000');
  for (const project of ['chromium', 'chromium-pages']) {
    if (noChromium) skip(`tests: ${project}`, noChromium);
    else run(`tests: ${project}`, 'vitest', '--project', project);
  }
  if (noChromium) skip('real faults', noChromium);
  else run('real faults', 'test:faults', '--quick');
}

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
