import type { JobSpec } from '../kernel/messages.ts';
import type { CheckedOptions, EnqueueOptions } from './enqueue-options.ts';
import { type Checks, checkAll } from './job-options.ts';
import { type OptionTable, unscheduledOf } from './option-table.ts';
import { checkBoolean, checkCount, checkMs, checkPlain, checkText } from './options.ts';
import type { Host } from './queue-operation.ts';

/** What does not cross a border: what only the store's side makes. */
type Stays = 'sealed' | 'extras' | 'owes' | 'needs';

/** A job on its way over a border, with its options checked and its id given. */
export type SentSpec = Omit<JobSpec, Stays>;

/** What comes over a border with a job, beside the options of enqueues. The payload is the store's to check. */
const SENT: Checks<Omit<SentSpec, keyof EnqueueOptions>> = {
  known: checkBoolean,
  name: checkText,
  version: checkCount,
  dedupeMs: checkMs,
  payload: (_, payload) => payload,
};

const NEEDED = ['id', 'known', 'name', 'version', 'priority'] as const satisfies readonly (keyof SentSpec)[];

/** Not of a schedule's job: ids and times are those of its ticks. */
const UNSCHEDULED = [
  'id',
  'known',
  'runAt',
  'delayMs',
  'dedupeMs',
] as const satisfies readonly (keyof SentSpec)[];

type ScheduledSpec = Omit<SentSpec, (typeof UNSCHEDULED)[number]>;

const sentTo = ({ checks, use }: OptionTable): Checks<SentSpec> =>
  Object.assign({}, checks, ...use.map(({ sent }) => sent), SENT);

const without = <Table extends object, Key extends keyof Table & string>(
  table: Table,
  keys: readonly Key[],
): Omit<Table, Key> =>
  Object.fromEntries(Object.entries(table).filter(([key]) => !keys.includes(key as Key))) as Omit<Table, Key>;

/**
 * A job that came over a border, as what it may be where it goes: a copy with each field checked as an enqueue checks it, and no other field.
 * Throws InvalidOptionError.
 */
export function checkSpec(what: string, sent: unknown, accepts: OptionTable): SentSpec {
  return check<SentSpec>(what, sent, sentTo(accepts), NEEDED, accepts);
}

/** The same for the job of a schedule. */
export const checkScheduled = (what: string, sent: unknown, accepts: OptionTable) =>
  check<ScheduledSpec>(
    what,
    sent,
    without(sentTo(accepts), [...UNSCHEDULED, ...(unscheduledOf(accepts) as [])]),
    ['name', 'version', 'priority'],
    accepts,
  );

function check<Sent extends object>(
  what: string,
  sent: unknown,
  checks: Checks<Sent>,
  needed: readonly (keyof Sent & string)[],
  accepts: OptionTable,
): Sent {
  const spec = checkAll<Sent>(what, checkPlain(what, sent), checks);
  for (const field of needed) if (spec[field] === undefined) checks[field](field, undefined);
  accepts.together(spec as unknown as CheckedOptions);
  return spec;
}

/**
 * A caller that skipped its own check is not believed. Another version's payload is of a shape that is not known here. Rejects with
 * PayloadError.
 */
export async function admitPayloads(
  { jobs, accepts }: Pick<Host, 'jobs' | 'accepts'>,
  specs: Iterable<Pick<JobSpec, 'name' | 'version' | 'payload'>>,
): Promise<void> {
  for (const { name, version, payload } of specs) {
    const definition = Object.hasOwn(jobs, name) ? jobs[name] : undefined;
    if (definition === undefined || (definition.version ?? 1) !== version) continue;
    const checking = accepts.admit(name, definition, payload);
    if (checking !== undefined) await checking;
  }
}
