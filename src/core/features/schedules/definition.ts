import { InvalidOptionError } from '../../kernel/errors.ts';
import type { CheckedJob } from '../../queue/checked-job.ts';
import type { Definitions, PayloadOf } from '../../queue/definitions.ts';
import type { EnqueueOptions, EnqueueOptionsWith } from '../../queue/enqueue-options.ts';
import { type OptionTable, unscheduledOf } from '../../queue/option-table.ts';
import { checkBoolean, checkCount, checkKnown, checkText, hasMethods, reading } from '../../queue/options.ts';
import type { MissedPolicy, ScheduleSpec } from './messages.ts';
import type { Recurrence } from './recurrence.ts';

const TIMES = 'nothing: ids and times are the schedule’s';
const OTHERS = 'nothing: ids are of jobs, not of ticks';

/** What is not to be said of a schedule's jobs. */
const UNSCHEDULED = {
  id: TIMES,
  runAt: TIMES,
  delayMs: TIMES,
} as const satisfies { readonly [Option in keyof EnqueueOptions]?: string };

/** What enqueue's options may say of a schedule's jobs: ids and times are the schedule's. */
export type ScheduledOptions<Options extends object = object> = Omit<
  EnqueueOptionsWith<Options>,
  keyof typeof UNSCHEDULED
>;

export interface ScheduleDefinition<
  Name extends string = string,
  Payload = unknown,
  Options extends object = object,
> {
  /** `every(60_000)`, or `cron('0 9 * * 1-5', { timeZone: 'Europe/Berlin' })` of `holdfast/cron`. */
  readonly recurrence: Recurrence;
  /** The job that each tick brings, and its payload. */
  readonly name: Name;
  readonly payload: Payload;
  readonly options?: ScheduledOptions<Options>;
  /**
   * What becomes of ticks for which nobody was there: offline, a closed laptop, a closed gate, a pause. `once` (default): the latest of
   * them brings one job. `skip`: none. `{ all: n }`: the latest n bring one each, 1…1,000. Up to a minute late is not missed.
   */
  readonly missed?: MissedPolicy;
  /** `false`: a tick brings no job while the last job of the schedule is live. Default true. */
  readonly overlap?: boolean;
}

/** A schedule of one of the queue's jobs. */
export type ScheduleOf<Jobs extends Definitions, Options extends object = object> = {
  [Name in keyof Jobs & string]: ScheduleDefinition<Name, PayloadOf<Jobs[Name]>, Options>;
}[keyof Jobs & string];

const KNOWN = ['recurrence', 'name', 'payload', 'options', 'missed', 'overlap'];
const MAX_ID = 256;
const MAX_ALL = 1_000;

/** Checks a schedule and answers it: for one that is written apart from its queue. Throws InvalidOptionError. */
export function schedule<const Name extends string, Payload>(
  definition: ScheduleDefinition<Name, Payload>,
): ScheduleDefinition<Name, Payload> {
  return checkDefinition('schedule', definition) as ScheduleDefinition<Name, Payload>;
}

/** Throws InvalidOptionError. */
export function checkDefinition(what: string, definition: ScheduleDefinition): ScheduleDefinition {
  const given = checkKnown(what, definition, KNOWN);
  const { recurrence, missed, overlap } = given;
  if (!hasMethods(recurrence, 'after', 'last', 'of'))
    throw new InvalidOptionError('recurrence', recurrence, 'every(…), or cron(…) of holdfast/cron');
  checkText('name', given.name);
  if (overlap !== undefined) checkBoolean('overlap', overlap);
  for (const [key, why] of Object.entries(UNSCHEDULED))
    if (Object.hasOwn(Object(given.options), key))
      throw new InvalidOptionError(`${what}.options.${key}`, key, why);
  return missed === undefined ? given : { ...given, missed: checkMissed(missed) };
}

/** Throws InvalidOptionError. */
export function checkMissed(missed: MissedPolicy): MissedPolicy {
  if (missed === 'skip' || missed === 'once') return missed;
  const all = reading('missed', missed, () => (typeof missed === 'object' ? missed?.all : undefined));
  if (all === undefined) throw new InvalidOptionError('missed', missed, 'skip, once or { all: n }');
  if (checkCount('missed.all', all) > MAX_ALL)
    throw new InvalidOptionError('missed.all', all, `at most ${MAX_ALL}`);
  return { all };
}

/** Ids of its jobs begin with it. */
export function checkScheduleId(id: unknown): string {
  if (checkText('schedule id', id).length > MAX_ID)
    throw new InvalidOptionError('schedule id', id, `a text of at most ${MAX_ID} characters`);
  return id as string;
}

/** A schedule as it goes to the store, but for its first tick. */
export interface CheckedSchedule {
  readonly spec: ScheduleSpec;
  readonly recurrence: Recurrence;
  /** There when the job's schema answers later: the schedule must not be stored before this resolves. */
  readonly checking: Promise<void> | undefined;
}

/** Throws for what could not be enqueued either: the payload is checked now, and copied. */
export function checkSchedule(
  id: string,
  definition: ScheduleDefinition,
  toSpec: (name: string, payload: unknown, options: EnqueueOptions) => CheckedJob,
  accepts: Pick<OptionTable, 'use'>,
): CheckedSchedule {
  const what = `schedules[${JSON.stringify(checkScheduleId(id))}]`;
  const {
    recurrence,
    name,
    payload,
    options = {},
    missed = 'once',
    overlap = true,
  } = checkDefinition(what, definition);
  for (const option of unscheduledOf(accepts))
    if (Object.hasOwn(options, option))
      throw new InvalidOptionError(`${what}.options.${option}`, option, OTHERS);
  const { spec, checking } = toSpec(name, payload, { ...options, id });
  const { id: _id, known: _known, dedupeMs: _dedupe, ...job } = spec;
  return { spec: { id, rule: recurrence.rule, missed, overlap, job }, recurrence, checking };
}
