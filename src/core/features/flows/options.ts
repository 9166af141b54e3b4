import { InvalidOptionError } from '../../kernel/errors.ts';
import type { JobSpec } from '../../kernel/messages.ts';
import type { Context } from '../../queue/context.ts';
import type { Check } from '../../queue/job-options.ts';
import type { OptionTable } from '../../queue/option-table.ts';
import { checkList, checkOneOf, checkPlain, checkText, reading } from '../../queue/options.ts';

/** What becomes of a job when one that it depends on dies; one that is cancelled takes it along, unless it is to `run`. */
export type OnDependencyDeath = 'bury' | 'cancel' | 'run';

/** What an enqueue may say where `flows()` is in use. */
export interface FlowOptions {
  /**
   * Ids of jobs that have to end first, at most 100: jobs that are there, or enqueued by the same `enqueueMany`. When all have completed, it is due, and
   * finds what they returned in `job.results`, up to 64 KB all together; of one that runs already only with its `keepResultMs`. Until then it is pending and parked, outside its lane. One that is not there (never was, or
   * completed and gone) refuses the enqueue with InvalidOptionError; from a handler it counts as dead. See `enqueueFlow` for many at once.
   */
  readonly dependsOn?: string | readonly string[];
  /**
   * When a job dies that this one waits for: `bury` (default) puts this one to the dead letters too, `cancel` cancels it, `run` runs it all the
   * same, without that result. When one is cancelled, so is this one, unless it is to `run`. What then ends goes on to those that wait for it.
   */
  readonly onDependencyDeath?: OnDependencyDeath;
}

/** A job on its way into a store. */
export interface FlowSpec extends JobSpec {
  /** Ids of jobs that have to end first, each with the name of its result. */
  readonly dependsOn?: Readonly<Record<string, string>>;
  readonly onDependencyDeath?: OnDependencyDeath;
  /** The batch that it counts in: one that is there, and open. */
  readonly batch?: string;
}

/** The most that one job can wait for. */
const MAX_DEPENDENCIES = 100;

/** Ids or names of steps, each once. */
export function checkDependsOn(option: string, given: unknown): readonly string[] {
  const list =
    typeof given === 'string' ? [given] : checkList(option, given as readonly unknown[], MAX_DEPENDENCIES);
  return [
    ...new Set(
      list.map((each, i) => checkText(typeof given === 'string' ? option : `${option}[${i}]`, each)),
    ),
  ];
}

const checkDependencyDeath: Check<OnDependencyDeath> = (option, given) =>
  checkOneOf(option, given, ['bury', 'cancel', 'run']);

export const FLOW_OPTIONS = { dependsOn: checkDependsOn, onDependencyDeath: checkDependencyDeath };

const checkWaitsFor: Check<Readonly<Record<string, string>>> = (option, given) => {
  const entries = reading(option, given, () => Object.entries(checkPlain(option, given)));
  if (entries.length > MAX_DEPENDENCIES)
    throw new InvalidOptionError(`${option}.length`, entries.length, `at most ${MAX_DEPENDENCIES}`);
  return Object.fromEntries(entries.map(([id, label]) => [checkText(option, id), checkText(option, label)]));
};

export const SENT_WITH = { dependsOn: checkWaitsFor, batch: checkText };

/** Throws InvalidOptionError. */
export function checkFlowOptions(given: object): void {
  const { dependsOn, onDuplicate } = given as Pick<FlowSpec, 'dependsOn' | 'onDuplicate'>;
  if (dependsOn !== undefined && onDuplicate !== undefined && !/^(keep|throttle)$/.test(onDuplicate))
    throw new InvalidOptionError('onDuplicate', onDuplicate, 'keep or throttle, as dependsOn is given');
}

/** Throws InvalidOptionError where the feature is not in use. */
export function checkUse(what: string, { checks }: Pick<OptionTable, 'checks'>): void {
  if (!('dependsOn' in checks)) throw new InvalidOptionError('use', undefined, `flows() in it, for ${what}`);
}

/** The same of a queue that is here, or lies in several objects: any other that is elsewhere says so itself. */
export function checkUsed(what: string, { accepts, line }: Pick<Context, 'accepts' | 'line'>): void {
  if (line.local !== undefined || line.far?.isSpread) checkUse(what, accepts);
}

/** Each dependency with the name of its result: its id. */
export function nameResults(spec: Record<string, unknown>): void {
  const { dependsOn } = spec;
  if (!Array.isArray(dependsOn)) return;
  if (dependsOn.length === 0) delete spec.dependsOn;
  else spec.dependsOn = Object.fromEntries(dependsOn.map((other) => [other, other]));
}
