/**
 * `npm run test:engines`: all tests inside a page, whole, in Chromium, Firefox and WebKit. Names of projects (`webkit`) as
 * arguments run those.
 */
import { commandLine } from './command-line.ts';
import { chromium, type Engine, firefox, provide, webKit } from './engines.ts';
import { heading, type Outcome, type Step, Steps, summarize } from './steps.ts';

const ENGINES: Readonly<Record<string, Engine>> = { chromium, firefox, webkit: webKit };

const { positionals } = commandLine(import.meta.url, { allowPositionals: true });
const wanted = positionals.length > 0 ? positionals : Object.keys(ENGINES);
const unknown = wanted.find((name) => ENGINES[name] === undefined);
if (unknown !== undefined)
  throw new Error(`${JSON.stringify(unknown)} is none of ${Object.keys(ENGINES).join(', ')}`);

delete process.env.ENGINES_SEED; // Nothing is drawn.
const all: Step[] = [];
const helps: string[] = [];
for (const name of wanted) {
  const engine = ENGINES[name] as Engine;
  if (!engine.find()) heading(`install ${engine.name}`);
  const obstacle = await provide(engine);
  if (obstacle !== undefined) helps.push(`${obstacle}.\n${engine.help}`);
  all.push({ name: `tests: ${name}`, script: 'vitest', args: ['--project', name], obstacle });
}

const steps = new Steps(all);
const outcomes: Outcome[] = [];
for (const step of all) outcomes.push(await steps.run(step));
process.exitCode = summarize(outcomes, helps) || Number(helps.length > 0);
