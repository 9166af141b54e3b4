import { duration, relative, since } from './durations.ts';
import { counted } from './numbers.ts';

/** A reason why a job waits, of whatever feature: those of a newer one are shown by their name. */
export interface AnyWait {
  readonly why: string;
  readonly [field: string]: unknown;
}

/** The fields of all reasons: each has its own. */
interface Said {
  readonly name?: string;
  readonly until: number;
  readonly lane: string;
  readonly idempotencyKey: string;
  readonly target: string;
  readonly since: number;
  readonly nextProbeAt: number;
  readonly reason: string;
  readonly features: readonly string[];
  readonly crashes: number;
  readonly version: number;
  readonly understood: number;
  readonly ids: readonly string[];
  readonly limit: number;
}

type Words = (wait: Said, now: number) => string;

/** By `why`. Not by the union of all reasons: features add theirs. */
const WORDS: Readonly<Record<string, Words>> = {
  paused: ({ name }) => (name === undefined ? 'The queue is paused.' : `Jobs named ${name} are paused.`),
  'not-due': ({ until }, now) => `It is due ${relative(until, now)}.`,
  held: ({ until }, now) => `Its name is held for another ${duration(until - now)}.`,
  lane: ({ lane }) => `It waits behind another job in lane ${lane}.`,
  key: ({ idempotencyKey }) => `It follows the running job with the key ${idempotencyKey}.`,
  outage: ({ target, since: began, nextProbeAt, reason }, now) =>
    `${target} has been unreachable for ${since(began, now)}${reason ? ` (${reason})` : ''}. The next try comes ${relative(nextProbeAt, now)}.`,
  'needs-feature': ({ features }) => `It needs ${features.join(', ')}, which this page does not use.`,
  suspect: ({ crashes }) =>
    `Its worker vanished ${counted(crashes, 'time')} in the middle of it. It runs alone, when a worker has nothing else to do.`,
  'unknown-name': () => 'This queue has no definition of its name.',
  'no-worker': () => 'Nobody is known to run jobs of this name. Is a worker started?',
  'newer-version': ({ version, understood }) =>
    `Its payload is of version ${version}; this page understands up to ${understood}.`,
  'still-running': ({ since: began }, now) =>
    `A handler of its last attempt, which ended ${since(began, now)} ago, still runs.`,
  gate: () => 'Its gate is closed (offline, say).',
  dependencies: ({ ids }) => `It waits for ${counted(ids.length, 'other job')}.`,
  rate: ({ until }, now) => `Its rate is spent; there is room ${relative(until, now)}.`,
  'max-active': ({ limit, name }) =>
    `${counted(limit, 'job')} ${name === undefined ? 'of the queue' : `named ${name}`} may run at once, and so many do.`,
};

/** The reason as a sentence. */
export function waitWords(wait: AnyWait, now: number): string {
  const words = Object.hasOwn(WORDS, wait.why) ? WORDS[wait.why] : undefined;
  return words === undefined ? `It waits: ${wait.why}.` : words(wait as unknown as Said, now);
}

/** A job that is due and that nothing keeps. */
export const NOTHING_KEEPS =
  'Nothing keeps it: the next worker with a free slot takes it, when its turn comes.';
