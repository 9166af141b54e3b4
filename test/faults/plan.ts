import { parseArgs } from 'node:util';
import { newSeed } from './random.ts';

const PLACES = ['chromium', 'firefox', 'workerd'] as const;

/** What is killed. */
export type Place = (typeof PLACES)[number];

/** How hard one run is. */
export interface Plan {
  /** Accepted in all, while the faults go on. */
  readonly jobs: number;
  /** Where there are tabs: open at a time. */
  readonly tabs: number;
  /** SIGKILLs of the whole process, spread over the work. */
  readonly kills: number;
  /** The whole run, ms: what is not finished by then counts as a failure. Far more than a quiet machine needs. */
  readonly boundMs: number;
  /** In so much of it, at its end, nothing is begun any more: what is on its way is to be done. */
  readonly drainMs: number;
}

export interface Command {
  readonly places: readonly Place[];
  readonly plans: Readonly<Record<Place, Plan>>;
  readonly json: boolean;
  readonly seed: number;
}

const FULL: Command['plans'] = {
  chromium: { jobs: 5_000, tabs: 8, kills: 10, boundMs: 900_000, drainMs: 120_000 },
  firefox: { jobs: 2_000, tabs: 6, kills: 5, boundMs: 900_000, drainMs: 120_000 },
  workerd: { jobs: 5_000, tabs: 0, kills: 20, boundMs: 300_000, drainMs: 60_000 },
};
const QUICK: Command['plans'] = {
  chromium: { jobs: 400, tabs: 4, kills: 2, boundMs: 300_000, drainMs: 60_000 },
  firefox: { jobs: 200, tabs: 3, kills: 1, boundMs: 300_000, drainMs: 60_000 },
  workerd: { jobs: 600, tabs: 0, kills: 3, boundMs: 180_000, drainMs: 60_000 },
};
const MAX_SEED = 2 ** 32 - 1;

export const USAGE = `npm run test:faults -- [options]
  --only <place>           one of ${PLACES.join(', ')}
  --quick                  fewer jobs and kills: a minute on a quiet machine
  --seed <number>          0 to ${MAX_SEED}: makes the same choices again
  --json                   the figures as JSON on stdout (npm run --silent)`;

/** Throws an Error that says what is wrong with the arguments. */
export function parseCommand(args: readonly string[]): Command {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      seed: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const { only, quick, json } = values;
  if (only !== undefined && !isPlace(only))
    throw new Error(`--only is ${JSON.stringify(only)}: expected one of ${PLACES.join(', ')}`);
  return {
    places: only === undefined ? PLACES : [only],
    plans: quick ? QUICK : FULL,
    json,
    seed: values.seed === undefined ? newSeed() : parseSeed(values.seed),
  };
}

const isPlace = (text: string): text is Place => PLACES.some((place) => place === text);

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || seed > MAX_SEED)
    throw new Error(`--seed is ${JSON.stringify(text)}: expected a whole number from 0 to ${MAX_SEED}`);
  return seed;
}
