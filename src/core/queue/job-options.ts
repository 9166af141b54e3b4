import type { JobOverrides } from '../kernel/job.ts';
import { checkBackoff, checkCount, checkKnown, checkMs, checkOneOf, checkText } from './options.ts';

/** Returns what is kept of an option: a copy, so that what the caller changes afterwards changes nothing. Throws InvalidOptionError. */
export type Check<Value> = (option: string, given: unknown) => Value;

/** One check for each option: a forgotten one does not compile. `Kept`: what they are kept as, where that is another type. */
export type Checks<Options, Kept extends { readonly [Option in keyof Options]?: unknown } = Options> = {
  readonly [Option in keyof Options]-?: Check<Exclude<Kept[Option], undefined>>;
};

export const checkPositiveMs: Check<number> = (option, given) => checkMs(option, given, 1);

const checkLaneDeath: Check<'continue' | 'halt'> = (option, given) =>
  checkOneOf(option, given, ['continue', 'halt']);

/** What a definition says of all its jobs, and an enqueue of its own, with their checks. */
export const JOB_OPTIONS = {
  maxAttempts: checkCount,
  maxCrashes: checkCount,
  backoff: checkBackoff,
  timeoutMs: checkPositiveMs,
  maxAgeMs: checkPositiveMs,
  onLaneDeath: checkLaneDeath,
  target: checkText,
} satisfies Checks<JobOverrides> & Record<string, Check<unknown>>;

export type JobOption = keyof typeof JOB_OPTIONS;

/** These a worker looks up in the definition at each attempt. */
type LookedUp = 'maxAttempts' | 'backoff' | 'timeoutMs';

/** The others are stored with each job, as the store goes by them: it knows no definitions. */
export const STORED: { readonly [Option in Exclude<JobOption, LookedUp>]: true } = {
  maxCrashes: true,
  maxAgeMs: true,
  onLaneDeath: true,
  target: true,
};

/**
 * The options as a copy, each as its check keeps it. Throws InvalidOptionError for the first that is not right, and for one that there is not,
 * with what there is: `known`, the names in the table.
 */
export function checkAll<Options extends object>(
  what: string,
  options: unknown,
  checks: { readonly [Option in keyof Options]-?: Check<unknown> },
  known: readonly string[] = Object.keys(checks),
): Options {
  const given = checkKnown(what, options as Options, known);
  for (const option in given) given[option] = checks[option](option, given[option]) as never;
  return given;
}

/** Those of the options that are in the table, each as its check keeps it: the others are somebody else's. */
export function checkSome<Options extends object>(
  options: Options,
  checks: { readonly [Option in keyof Options]-?: Check<unknown> },
): Options {
  const some: Partial<Options> = {};
  for (const option in checks)
    if (options[option] !== undefined) some[option] = checks[option](option, options[option]) as never;
  return some as Options;
}
