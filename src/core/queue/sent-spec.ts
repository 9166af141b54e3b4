import { InvalidOptionError } from '../kernel/errors.ts';
import type { JobSpec } from '../kernel/messages.ts';
import { checkTogether, ENQUEUE_OPTIONS } from './enqueue-options.ts';
import { type Check, type Checks, checkAll } from './job-options.ts';
import { checkCount, checkMs, checkPlain, checkText } from './options.ts';

/** What does not cross a border: an instant (a delay does), ids of jobs that may lie elsewhere, and what only the store's side makes. */
type Stays = 'runAt' | 'dependsOn' | 'sealed' | 'tick' | 'results' | 'batch';

/** A job on its way over a border, with its options checked and its id given. */
export type SentSpec = Omit<JobSpec, Stays>;

const checkBoolean: Check<boolean> = (option, given) => {
  if (typeof given !== 'boolean') throw new InvalidOptionError(option, given, 'true or false');
  return given;
};

const { runAt: _instant, dependsOn: _others, ...options } = ENQUEUE_OPTIONS;

/** All that comes over a border with a job. The payload is the store's to check. */
const SENT: Checks<SentSpec> = {
  ...options,
  known: checkBoolean,
  name: checkText,
  version: checkCount,
  dedupeMs: checkMs,
  payload: (_, payload) => payload,
};

const NEEDED = ['id', 'known', 'name', 'version', 'priority'] as const satisfies readonly (keyof SentSpec)[];

/**
 * A job that came over a border, as what it may be: a copy with each field checked as an enqueue checks it, and no other field. Throws
 * InvalidOptionError.
 */
export function checkSpec(what: string, sent: unknown): SentSpec {
  const spec = checkAll<SentSpec>(what, checkPlain(what, sent), SENT);
  for (const field of NEEDED) if (spec[field] === undefined) SENT[field](field, undefined);
  checkTogether(spec);
  return spec;
}
