/**
 * `npm test [-- <vitest arguments>]`: checks everything this machine can and says what it did. Arguments go to vitest.
 * A machine without a browser skips what needs one and says so; with REQUIRE_ALL=1 that is a failure.
 * ENGINES_SEED=<number> draws the same part of the suites in pages again, and the same feature to delete.
 */
import { usageOf } from './command-line.ts';
import { chromium, type Engine, firefox, provide, webKit } from './engines.ts';
import { Progress } from './progress.ts';
import { heading, notRun, type Outcome, type Step, Steps, summarize } from './steps.ts';

const checks: readonly Step[] = [
  { name: 'lint', script: 'lint' },
  { name: 'types', script: 'typecheck' },
  { name: 'size', script: 'check:size' },
  { name: 'deploy, dry', script: 'check:edge' },
  { name: 'promises', script: 'check:semantics' },
  { name: 'unused code', script: 'check:unused' },
  { name: 'site', script: 'docs:build' },
];
const build: Step = { name: 'build', script: 'build' };
const ofTheBuild: readonly Step[] = [
  { name: 'package', script: 'check:package' },
  { name: 'types of the package', script: 'check:types', args: ['--quick'] },
];

const project = (name: string, obstacle?: string): Step => ({
  name: `tests: ${name}`,
  script: 'vitest',
  args: ['--project', name],
  obstacle,
});

const faults = (place: string, obstacle?: string): Step => ({
  name: `real faults: ${place}`,
  script: 'test:faults',
  args: ['--quick', '--only', place],
  obstacle,
});

async function runChecks(steps: Steps): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of checks) outcomes.push(await steps.runAside(step));
  return outcomes;
}

async function buildAndPackage(steps: Steps): Promise<Outcome[]> {
  const outcomes = [await steps.runAside(build)];
  const isBuilt = outcomes[0]?.result === 'passed';
  for (const step of ofTheBuild)
    outcomes.push(isBuilt ? await steps.runAside(step) : notRun(step, 'there is no build to check'));
  return outcomes;
}

/** Why an engine is not there, by engine; those that are there are left out. */
async function provideAll(engines: readonly Engine[]): Promise<ReadonlyMap<Engine, string>> {
  const obstacles = new Map<Engine, string>();
  if (engines.every(({ find }) => find())) return obstacles;
  const step = 'install browsers';
  heading(step);
  await new Progress([step]).during(step, async () => {
    for (const engine of engines) {
      const obstacle = await provide(engine);
      if (obstacle !== undefined) obstacles.set(engine, obstacle);
    }
  });
  return obstacles;
}

function allTests(obstacles: ReadonlyMap<Engine, string>, seed: string): Step[] {
  const noChromium = obstacles.get(chromium);
  const noFirefox = obstacles.get(firefox);
  const noWebKit = obstacles.get(webKit);
  const drawn = (name: string, obstacle: string | undefined): Step => ({
    ...project(name, obstacle),
    name: `tests: ${name}, a part drawn by ENGINES_SEED=${seed}`,
  });
  return [
    project('unit'),
    project('adapters'),
    project('workerd'),
    project('workerd-process'),
    {
      name: `without features: all of them, and one drawn by ENGINES_SEED=${seed}`,
      script: 'check:features',
      args: ['--quick', '--all-at-once', '--seed', seed],
    },
    { name: 'apps of the tarball and of docs alone', script: 'check:newcomer', obstacle: noChromium },
    { name: 'simulator, seeds 1 to 800', script: 'sim', args: ['--seeds', '800'] },
    drawn('chromium', noChromium),
    project('chromium-pages', noChromium),
    drawn('firefox', noFirefox),
    drawn('webkit', noWebKit),
    project('chromium-service-workers', noChromium),
    project('firefox-service-workers', noFirefox),
    project('webkit-service-workers', noWebKit),
    faults('chromium', noChromium),
    faults('firefox', noFirefox),
    faults('workerd'),
  ];
}

/** Those that arguments ask for, or all of them. */
function testsFor(vitestArgs: readonly string[], obstacles: ReadonlyMap<Engine, string>): readonly Step[] {
  if (vitestArgs.length > 0)
    return [{ name: `vitest ${vitestArgs.join(' ')}`, script: 'vitest', args: vitestArgs }];
  process.env.ENGINES_SEED ||= String(Math.floor(Math.random() * 1_000_000));
  return allTests(obstacles, process.env.ENGINES_SEED);
}

const vitestArgs = process.argv.slice(2);
if (vitestArgs.includes('--help')) {
  console.log(usageOf(import.meta.url));
  process.exit(0);
}
const obstacles = await provideAll(vitestArgs.length > 0 ? [chromium] : [chromium, firefox, webKit]);
const tests = testsFor(vitestArgs, obstacles);
const steps = new Steps([...checks, build, ...ofTheBuild, ...tests]);
const outcomes = (await Promise.all([runChecks(steps), buildAndPackage(steps)])).flat();
for (const step of tests) outcomes.push(await steps.run(step));

process.exitCode = summarize(
  outcomes,
  [...obstacles].map(([{ help }, obstacle]) => `Not everything was run: ${obstacle}.\n${help}`),
);
