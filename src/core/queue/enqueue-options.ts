import { InvalidOptionError } from '../kernel/errors.ts';
import type { CarriedOptions, Durability, OnDuplicate, Priority } from '../kernel/job.ts';
import type { JobSpec } from '../kernel/messages.ts';
import { checkHeaders, checkTags } from './job-facts.ts';
import { type Checks, JOB_OPTIONS } from './job-options.ts';
import { checkInstant, checkMs, checkOneOf, checkPriority, checkText } from './options.ts';

/** Options of an enqueue. Those that the definition has as well default to the definition's. */
export interface EnqueueOptions extends CarriedOptions {
  /** Greater priorities run first: -100…100, or `high` 10, `normal` 0 (default), `low` -10. */
  readonly priority?: Priority;
  /** Not before this many ms from now. Default 0. Not together with `runAt`. */
  readonly delayMs?: number;
  /** Not before this instant: a Date or epoch ms. An instant in the past means at once. */
  readonly runAt?: Date | number;
  /**
   * What to do while a job with this `idempotencyKey` waits or runs. `keep` (default): the job stays as it is, and this payload is dropped. `replace`: the
   * job takes the new payload, and keeps its time, its priority and its failures; if it runs already, a follow-up with the options of this call runs
   * after it, so the last edit is never lost. `restart`: as `replace`, but the job starts anew: failures are forgotten, and time, priority and `rateKey` are
   * this call's. It stays in its lane. The feature `keys` adds `debounce` and `throttle`.
   */
  readonly onDuplicate?: OnDuplicate;
  /**
   * An id of your own: enqueueing it again stores nothing, also for `dedupeMs` (of the queue) after the job completed. If the first call returned
   * another job (`duplicate`, `replaced`), the id means that job from then on.
   */
  readonly id?: string;
  /**
   * `strict`: the enqueue resolves when the browser has handed the job to the disk. `relaxed`: when the operating system has it, which is sooner; a power cut
   * or a crash of the system may then lose the last second or so of what was accepted. A crash of the tab or of the browser loses nothing either way.
   * Enqueues of one tick are as strict as the strictest of them. Only for IndexedDB; default: the store's, which is `strict` unless it says otherwise. It does
   * not apply to what is stored along with something else (a handler's jobs, ticks of schedules, a transaction of the app).
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
