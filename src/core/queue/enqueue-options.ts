import { InvalidOptionError } from '../kernel/errors.ts';
import type { CarriedOptions, OnDuplicate, Priority } from '../kernel/job.ts';
import type { JobSpec } from '../kernel/messages.ts';
import { checkHeaders, checkTags } from './job-facts.ts';
import { type Checks, checkPositiveMs, JOB_OPTIONS } from './job-options.ts';
import { checkInstant, checkList, checkMs, checkOneOf, checkPriority, checkText } from './options.ts';

/** What an enqueue takes. What its definition has as well is the definition's by default. */
export interface EnqueueOptions extends CarriedOptions {
  /** Greater runs first; -100…100, or `high` 10, `normal` 0 (default), `low` -10. */
  readonly priority?: Priority;
  /** Not before this many ms from now. Default 0. Not together with `runAt`. */
  readonly delayMs?: number;
  /** Not before this instant: a Date or epoch ms; one that is past means at once. */
  readonly runAt?: Date | number;
  /**
   * `keep` (default): the live job stays as it is. `replace`: it takes the new payload, and keeps its time, its priority and the failures it
   * has; if it is running already, a follow-up with the options of this call runs after it, so the last edit is never lost. `restart`: as
   * replace, and it starts anew: what failed so far is forgotten, and time and priority (and its `rateKey`) are this call's, as for a payload that was
   * corrected. It stays in its lane. `debounce`: as replace, and its time is moved to this one's. `throttle`: within
   * the `keyForMs` of the job that was accepted first, nothing is stored, whether that job is done or not; afterwards the next is
   * accepted, and runs behind the one before it.
   */
  readonly onDuplicate?: OnDuplicate;
  /**
   * The key is held until its job is done, and at least so long from this enqueue: within it a `keep` or `throttle` with the key is a
   * duplicate also of a job that has ended, died included. `replace`, `restart` and `debounce` bring what must not be lost: they are accepted
   * once the job has ended. Who cancels, removes or drops the job frees its key. Default: until it is done. Only with `idempotencyKey`;
   * `throttle` needs it. Minimum 1.
   */
  readonly keyForMs?: number;
  /** `debounce` does not move the job further than this from when it was enqueued. Default: no limit. Only with `debounce`. */
  readonly maxWaitMs?: number;
  /**
   * Ids of jobs that have to end first, at most 100: jobs that are there, or enqueued by the same `enqueueMany`. When all have completed, it is due, and
   * finds what they returned in `job.results`, up to 64 KB all together; of one that runs already only with its `keepResultMs`. Until then it is pending and parked, outside its lane. One that is not there (never was, or
   * completed and gone) refuses the enqueue with InvalidOptionError; from a handler it counts as dead. See `enqueueFlow` for many at once.
   */
  readonly dependsOn?: string | readonly string[];
  /**
   * An id of your own: enqueueing it again stores nothing, also for `dedupeMs` (of the queue) after it completed. If its call was answered with
   * another job (`duplicate`, `replaced`), it means that one from then on.
   */
  readonly id?: string;
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

const ON_DUPLICATE = ['keep', 'replace', 'restart', 'debounce', 'throttle'] as const;
const ON_DEPENDENCY_DEATH = ['bury', 'cancel', 'run'] as const;

/** Options as their checks keep them: as the spec has them, under the same names. */
export interface CheckedOptions extends Partial<Pick<JobSpec, Exclude<keyof EnqueueOptions, 'dependsOn'>>> {
  readonly dependsOn?: readonly string[];
}

/**
 * All that an enqueue takes, with their checks: who adds an option adds a line here, and one to the type. It is then known, checked and carried
 * by every border.
 */
export const ENQUEUE_OPTIONS: Checks<EnqueueOptions, CheckedOptions> = {
  priority: checkPriority,
  delayMs: checkMs,
  runAt: checkInstant,
  lane: checkText,
  idempotencyKey: checkText,
  onDuplicate: (option, given) => checkOneOf(option, given, ON_DUPLICATE),
  keyForMs: checkPositiveMs,
  maxWaitMs: checkMs,
  dependsOn: checkDependsOn,
  onDependencyDeath: (option, given) => checkOneOf(option, given, ON_DEPENDENCY_DEATH),
  id: checkText,
  ...JOB_OPTIONS,
  headers: checkHeaders,
  tags: checkTags,
};

/** Options that mean nothing without another. */
export const BESIDE: { readonly [Option in keyof EnqueueOptions]?: keyof EnqueueOptions } = {
  onLaneDeath: 'lane',
  onDuplicate: 'idempotencyKey',
  keyForMs: 'idempotencyKey',
};

/** Whether checked options go together. Throws InvalidOptionError. */
export function checkTogether(given: CheckedOptions): void {
  for (const name in given) {
    const option = name as keyof EnqueueOptions;
    const other = BESIDE[option];
    if (other !== undefined && given[other] === undefined)
      throw new InvalidOptionError(option, given[option], `nothing, as there is no ${other}`);
  }
  const { runAt, delayMs, onDuplicate, keyForMs, maxWaitMs, dependsOn } = given;
  if (runAt !== undefined && delayMs !== undefined)
    throw new InvalidOptionError('delayMs', delayMs, 'nothing, as runAt is given too');
  if (onDuplicate === 'throttle' && keyForMs === undefined)
    throw new InvalidOptionError(
      'keyForMs',
      keyForMs,
      'a number of ms, 1 or more, as onDuplicate is throttle',
    );
  if (maxWaitMs !== undefined && onDuplicate !== 'debounce')
    throw new InvalidOptionError('maxWaitMs', maxWaitMs, 'nothing, as onDuplicate is not debounce');
  if (dependsOn !== undefined && onDuplicate !== undefined && !/^(keep|throttle)$/.test(onDuplicate))
    throw new InvalidOptionError('onDuplicate', onDuplicate, 'keep or throttle, as dependsOn is given');
}
