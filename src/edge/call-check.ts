import { InvalidOptionError, type JobState } from '../core/index.ts';
import { checkCount, checkCursor, checkMs, checkOneOf, checkText } from '../core/queue/options.ts';
import { checkSpec } from '../core/queue/sent-spec.ts';
import { checkAtMost, checkFields, type Given, optional } from './given.ts';
import { checkLayout } from './layout.ts';
import { checkSettlement } from './outcome-check.ts';
import type { CallKind, QueueCall, QueueCalls } from './queue-call.ts';

/** Of jobs, ids, leases and names in one call: what a store takes in one transaction. */
const MAX_ITEMS = 1_000;
const MIN_LEASE_MS = 1_000;
/** A lost answer must not keep a job from everybody for longer than a day. */
const MAX_LEASE_MS = 86_400_000;
/** As an alarm's: what is not done by then goes on in the next. */
const MAX_DRAIN_MS = 600_000;
const STATES: readonly JobState[] = ['pending', 'active', 'completed', 'dead', 'cancelled'];

function checkList<T>(what: string, given: unknown, check: (what: string, item: unknown) => T): readonly T[] {
  if (!Array.isArray(given)) throw new InvalidOptionError(what, given, 'an array');
  if (given.length > MAX_ITEMS)
    throw new InvalidOptionError(`${what}.length`, given.length, `at most ${MAX_ITEMS} a call`);
  return Array.from(given, (item: unknown, i) => check(`${what}[${i}]`, item));
}

/** What a drain takes that is asked for by a client. */
export const CALLED_DRAIN_OPTIONS = [
  'deadlineMs',
  'concurrency',
  'timeoutGraceMs',
  'overlapAfterMs',
  'maxJobs',
  'waitFor',
  'lift',
];

function checkBoolean(what: string, given: unknown): boolean {
  if (typeof given !== 'boolean') throw new InvalidOptionError(what, given, 'true or false');
  return given;
}

const checkLimit = (limit: unknown): number => checkAtMost('limit', checkCount('limit', limit), MAX_ITEMS);
const checkLease = (leaseMs: unknown): number =>
  checkAtMost('leaseMs', checkMs('leaseMs', leaseMs, MIN_LEASE_MS), MAX_LEASE_MS);

function checkLeased(what: string, item: unknown): QueueCalls['extend']['leases'][number] {
  const given = checkFields(what, item, ['id', 'fence', 'progress']);
  return {
    id: checkText('id', given.id),
    fence: checkCount('fence', given.fence),
    ...optional(given, 'progress', (_, value) => value),
  };
}

function checkName(what: string, item: unknown): { readonly name: string; readonly version: number } {
  const given = checkFields(what, item, ['name', 'version']);
  return { name: checkText('name', given.name), version: checkCount('version', given.version) };
}

type Check<Kind extends CallKind> = {
  readonly known: readonly string[];
  readonly check: (given: Given) => QueueCalls[Kind];
};

const ofId = { known: ['id'], check: ({ id }: Given) => ({ id: checkText('id', id) }) };
const bare = { known: [], check: () => ({}) };
const ofName = { known: ['name'], check: (given: Given) => optional(given, 'name', checkText) };

const CHECKS: { readonly [Kind in CallKind]: Check<Kind> } = {
  enqueue: { known: ['jobs'], check: ({ jobs }) => ({ jobs: checkList('jobs', jobs, checkSpec) }) },
  known: { known: ['ids'], check: ({ ids }) => ({ ids: checkList('ids', ids, checkText) }) },
  get: ofId,
  cancel: ofId,
  redrive: ofId,
  remove: ofId,
  list: {
    known: ['state', 'limit', 'name', 'tag', 'cursor'],
    check: (given) => ({
      state: checkOneOf('state', given.state, STATES),
      limit: checkLimit(given.limit),
      ...optional(given, 'name', checkText),
      ...optional(given, 'tag', checkText),
      ...optional(given, 'cursor', checkCursor),
    }),
  },
  count: bare,
  explain: ofId,
  pause: ofName,
  resume: ofName,
  hold: {
    known: ['name', 'delayMs'],
    check: ({ name, delayMs }) => ({ name: checkText('name', name), delayMs: checkMs('delayMs', delayMs) }),
  },
  drain: {
    known: CALLED_DRAIN_OPTIONS,
    check: (given) => ({
      ...optional(given, 'deadlineMs', (key, value) => checkAtMost(key, checkMs(key, value), MAX_DRAIN_MS)),
      ...optional(given, 'concurrency', (key, value) => checkAtMost(key, checkCount(key, value), MAX_ITEMS)),
      ...optional(given, 'timeoutGraceMs', (key, value) =>
        checkAtMost(key, checkMs(key, value), MAX_DRAIN_MS),
      ),
      ...optional(given, 'overlapAfterMs', (key, value) => checkMs(key, value)),
      ...optional(given, 'maxJobs', (key, value) => checkCount(key, value)),
      ...optional(given, 'waitFor', (key, value) => (value === 'empty' ? value : checkMs(key, value))),
      ...optional(given, 'lift', checkBoolean),
    }),
  },
  claim: {
    known: ['workerId', 'names', 'limit', 'leaseMs', 'idle'],
    check: (given) => ({
      workerId: checkText('workerId', given.workerId),
      names: checkList('names', given.names, checkName),
      limit: checkLimit(given.limit),
      leaseMs: checkLease(given.leaseMs),
      idle: checkBoolean('idle', given.idle),
    }),
  },
  settle: {
    known: ['workerId', 'settlements'],
    check: ({ workerId, settlements }) => ({
      workerId: checkText('workerId', workerId),
      settlements: checkList('settlements', settlements, checkSettlement),
    }),
  },
  extend: {
    known: ['workerId', 'leases', 'leaseMs'],
    check: ({ workerId, leases, leaseMs }) => ({
      workerId: checkText('workerId', workerId),
      leases: checkList('leases', leases, checkLeased),
      leaseMs: checkLease(leaseMs),
    }),
  },
  layout: bare,
};

/** What came over RPC, as a call with nothing in it but what it may have. Throws InvalidOptionError. */
export function checkCall(given: unknown): QueueCall {
  const kind = typeof given === 'object' && given !== null && 'kind' in given ? given.kind : undefined;
  if (typeof kind !== 'string' || !Object.hasOwn(CHECKS, kind))
    throw new InvalidOptionError('call.kind', kind, Object.keys(CHECKS).join(', '));
  const { known, check } = CHECKS[kind as CallKind];
  const fields = checkFields('call', given, ['kind', 'layout', ...known]);
  return { kind, ...optional(fields, 'layout', checkLayout), ...check(fields) } as QueueCall;
}
