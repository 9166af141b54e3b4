import { InvalidOptionError } from '../kernel/errors.ts';
import type { CarriedOptions, Durability, OnDuplicate, Priority } from '../kernel/job.ts';
import type { JobSpec } from '../kernel/messages.ts';
import { checkHeaders, checkTags } from './job-facts.ts';
import { type Checks, JOB_OPTIONS } from './job-options.ts';
import { checkInstant, checkMs, checkOneOf, checkPriority, checkText } from './options.ts';

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
   * corrected. It stays in its lane. See `keys` for more of them.
   */
  readonly onDuplicate?: OnDuplicate;
  /**
   * An id of your own: enqueueing it again stores nothing, also for `dedupeMs` (of the queue) after it completed. If its call was answered with
   * another job (`duplicate`, `replaced`), it means that one from then on.
   */
  readonly id?: string;
  /**
   * `strict`: it resolves when the browser has handed the job to the disk. `relaxed`: when the operating system has it, which is sooner; then a power cut, or
   * a crash of the system, may lose the last second or so of what was accepted. A crash of the tab or of the browser loses nothing either way. Enqueues of one tick that do not
   * all say `relaxed` are as strict as the strictest. IndexedDB alone, default: as its store says, which is `strict` by default. Other stores have one way, and
   * what is stored along with something else (a handler's jobs, ticks of schedules, a transaction of the app) goes with that.
   *
   * @example
   * await queue.enqueue('analytics.hit', hit, { durability: 'relaxed' });
   */
  readonly durability?: Durability;
}

/** What an enqueue takes where features are in use that take `Options`: these may say more of an option that is there without them. */
export type EnqueueOptionsWith<Options extends object> = Omit<EnqueueOptions, keyof Options> & Options;

export const DURABILITIES = ['strict', 'relaxed'] as const satisfies readonly Durability[];

export const ON_DUPLICATE = ['keep', 'replace', 'restart'] as const satisfies readonly OnDuplicate[];

/** Options as their checks keep them: as the spec has them, under the same names. */
export type CheckedOptions = Partial<Pick<JobSpec, keyof EnqueueOptions>>;

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
  id: checkText,
  durability: (option, given) => checkOneOf(option, given, DURABILITIES),
  ...JOB_OPTIONS,
  headers: checkHeaders,
  tags: checkTags,
};

/** Options that mean nothing without another. */
export const BESIDE: { readonly [Option in keyof EnqueueOptions]?: keyof EnqueueOptions } = {
  onLaneDeath: 'lane',
  onDuplicate: 'idempotencyKey',
};

/** Whether checked options go together. Throws InvalidOptionError. */
export function checkTogether(given: CheckedOptions): void {
  for (const name in given) {
    const option = name as keyof EnqueueOptions;
    const other = BESIDE[option];
    if (other !== undefined && given[other] === undefined)
      throw new InvalidOptionError(option, given[option], `nothing, as there is no ${other}`);
  }
  const { runAt, delayMs } = given;
  if (runAt !== undefined && delayMs !== undefined)
    throw new InvalidOptionError('delayMs', delayMs, 'nothing, as runAt is given too');
}
