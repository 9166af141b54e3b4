import { InvalidOptionError } from '../kernel/errors.ts';
import type { JobError } from '../kernel/job.ts';
import type {
  ClaimRequest,
  ExchangeRequest,
  ExtendRequest,
  Meeting,
  Met,
  Outcome,
  Settlement,
} from '../kernel/messages.ts';
import type { Feature } from '../queue/feature.ts';
import type { OptionTable } from '../queue/option-table.ts';
import {
  checkBoolean,
  checkCount,
  checkInstant,
  checkKnown,
  checkList,
  checkMs,
  checkOneOf,
  checkPlain,
  checkText,
  isStorable,
  reading,
} from '../queue/options.ts';
import type { Host } from '../queue/queue-operation.ts';
import { checkSpec } from '../queue/sent-spec.ts';
import { checkAttached, pickAttached } from './attached-check.ts';
import type { ServedFeature } from './served-feature.ts';

type Given = Readonly<Record<string, unknown>>;

/** Of jobs, leases and names in one call: what a store takes in one transaction. */
const MAX_ITEMS = 1_000;
const MIN_LEASE_MS = 1_000;
/** A lost answer must not keep a job from everybody for longer than a day; nor closes a word from elsewhere a target for longer. */
const DAY_MS = 86_400_000;
const MAX_ERROR_NAME = 100;
const MAX_MARK = 530;
/** As much as a job keeps of an error. */
const MAX_ERROR_TEXT = 2_048;
const REASONS = ['network', 'timeout', 'server', 'portal', 'signed-out', 'busy'];

export const fields = (what: string, given: unknown, known: readonly string[]): Given =>
  checkKnown(what, checkPlain(what, given), known);

export function optional<Key extends string, T>(
  given: Given,
  key: Key,
  check: (what: string, value: unknown) => T,
): { [K in Key]?: T } {
  return given[key] === undefined ? {} : ({ [key]: check(key, given[key]) } as { [K in Key]?: T });
}

export const each = <T>(
  what: string,
  given: unknown,
  check: (what: string, item: unknown) => T,
): readonly T[] =>
  checkList(what, given as readonly unknown[], MAX_ITEMS).map((item, i) => check(`${what}[${i}]`, item));

const listOf =
  <T>(check: (what: string, item: unknown) => T) =>
  (what: string, given: unknown): readonly T[] =>
    each(what, given, check);

export function recordOf<T>(what: string, given: unknown, check: (what: string, item: unknown) => T) {
  const entries = reading(what, given, () => Object.entries(checkPlain(what, given)));
  if (entries.length > MAX_ITEMS)
    throw new InvalidOptionError(`${what}.length`, entries.length, `at most ${MAX_ITEMS}`);
  return Object.fromEntries(
    entries.map(([key, item]) => [checkText(what, key), check(`${what}[${JSON.stringify(key)}]`, item)]),
  );
}

function atMost(what: string, value: number, most: number): number {
  if (value > most) throw new InvalidOptionError(what, value, `at most ${most}`);
  return value;
}

const checkLimit = (what: string, value: unknown) => atMost(what, checkCount(what, value), MAX_ITEMS);
const checkLease = (what: string, value: unknown) => atMost(what, checkMs(what, value, MIN_LEASE_MS), DAY_MS);
const checkLength = (what: string, value: unknown) => Math.min(DAY_MS, checkMs(what, value));
const asItIs = (_: string, value: unknown): unknown => value;

function checkTrue(what: string, value: unknown): true {
  if (value !== true) throw new InvalidOptionError(what, value, 'true, or absent');
  return true;
}

/** Not a name or key: lines and control characters are fine. */
function checkWords(what: string, value: unknown, most: number): string {
  if (typeof value !== 'string' || value.length > most)
    throw new InvalidOptionError(what, value, `a text of at most ${most} characters`);
  return value;
}

/** What a worker elsewhere asks of an exchange. Limits are the host's to say: they are not taken from it. */
export function checkExchange(given: unknown, { accepts }: Pick<Host, 'accepts'>): ExchangeRequest {
  const asked = fields('arguments', given, [
    'workerId',
    'settle',
    'held',
    'unbegun',
    'claim',
    'evictable',
    'runs',
  ]);
  return {
    workerId: checkText('workerId', asked.workerId),
    settle: each('settle', asked.settle, (what, item) => checkSettlement(what, item, accepts)),
    ...optional(asked, 'held', listOf(checkText)),
    ...optional(asked, 'unbegun', listOf(checkText)),
    ...optional(asked, 'claim', (claim, value) => checkClaim(claim, value, accepts.use)),
    ...optional(asked, 'evictable', checkTrue),
    ...optional(asked, 'runs', listOf(checkMark)),
  };
}

function checkClaim(what: string, given: unknown, use: readonly Feature[]): ClaimRequest {
  const asked = fields(what, given, [
    ...['names', 'limit', 'leaseMs', 'idle', 'uses', 'asks', 'asksLeft', 'slots', 'few', 'lift'],
  ]);
  return {
    names: recordOf('names', asked.names, checkName),
    limit: checkLimit('limit', asked.limit),
    leaseMs: checkLease('leaseMs', asked.leaseMs),
    idle: checkBoolean('idle', asked.idle),
    uses: listOf(checkText)('uses', asked.uses ?? []),
    ...optional(asked, 'asks', (asks, value) => checkAsks(asks, value, use)),
    ...optional(asked, 'asksLeft', checkBoolean),
    ...optional(asked, 'slots', checkLimit),
    ...optional(asked, 'few', (few, value) =>
      recordOf(few, value, (key, count) => atMost(key, checkCount(key, count, 0), MAX_ITEMS)),
    ),
    ...optional(asked, 'lift', checkTrue),
  };
}

/** Of features that this host does not have nobody is told. */
function checkAsks(what: string, given: unknown, features: readonly ServedFeature[]) {
  const asks: Record<string, unknown> = checkPlain(what, given);
  const known = features.filter(({ name, checkAsk }) => checkAsk !== undefined && Object.hasOwn(asks, name));
  return Object.fromEntries(
    known.map(({ name, checkAsk }) => [name, checkAsk?.(`${what}.${name}`, asks[name])]),
  );
}

/** As `markOf` makes it: a version and a name. */
function checkMark(what: string, given: unknown): string {
  if (typeof given !== 'string' || given.length > MAX_MARK || !isStorable(given))
    throw new InvalidOptionError(what, given, 'a version and a name');
  return given;
}

/** What the caller's definition says beside it, the host's says instead. */
function checkName(what: string, given: unknown): ClaimRequest['names'][string] {
  const { version, slots } = fields(what, given, ['version', 'slots', 'outage']);
  return { version: checkCount(`${what}.version`, version), slots: checkLimit(`${what}.slots`, slots) };
}

function checkSettlement(what: string, given: unknown, accepts: OptionTable): Settlement {
  const settled = fields(what, given, ['id', 'fence', 'outcome', 'met', 'attach']);
  return {
    id: checkText('id', settled.id),
    fence: checkCount('fence', settled.fence),
    outcome: checkOutcome(`${what}.outcome`, settled.outcome, accepts),
    ...optional(settled, 'met', checkMet),
    ...optional(settled, 'attach', (key, value) => pickAttached(key, value, accepts.use)),
  };
}

/** Without `outageMs` the host's own holds. */
function checkMet(what: string, given: unknown): Met {
  const { how, ageMs, outageMs } = fields(what, given, ['how', 'ageMs', 'outageMs']);
  return {
    how: checkMeeting(`${what}.how`, how),
    ageMs: checkLength('ageMs', ageMs),
    ...optional({ outageMs }, 'outageMs', (key, value) => checkMs(key, value, 1)),
  } as Met;
}

function checkMeeting(what: string, given: unknown): Meeting {
  const met = fields(what, given, ['kind', 'reason', 'retryAfterMs', 'closes']);
  const kind = checkOneOf(`${what}.kind`, met.kind, ['through', 'answered', 'unreached']);
  const only = (...known: string[]) => fields(`${what} of kind ${kind}`, given, ['kind', ...known]);
  switch (kind) {
    case 'through':
      only();
      return { kind };
    case 'answered':
      only('reason');
      return { kind, reason: checkWords(`${what}.reason`, met.reason, MAX_ERROR_NAME) };
    case 'unreached':
      return {
        kind,
        reason: checkOneOf(`${what}.reason`, met.reason, REASONS),
        ...optional(met, 'retryAfterMs', checkLength),
        ...optional(met, 'closes', checkTrue),
      };
  }
}

const OUTCOMES = {
  complete: ['enqueue', 'result'],
  retry: ['runAt', 'waitMs', 'error', 'holdUntil'],
  release: ['runAt', 'waitMs'],
  unbegun: [],
  bury: ['error'],
  cancelled: [],
} satisfies { readonly [Kind in Outcome['kind']]: readonly string[] };

function checkOutcome(what: string, given: unknown, accepts: OptionTable): Outcome {
  const kind = checkOneOf(
    `${what}.kind`,
    Object(given).kind,
    Object.keys(OUTCOMES) as (keyof typeof OUTCOMES)[],
  );
  const outcome = fields(`${what} of kind ${kind}`, given, ['kind', ...OUTCOMES[kind]]);
  const wait = () => ({
    runAt: checkInstant('runAt', outcome.runAt),
    ...optional(outcome, 'waitMs', checkMs),
  });
  switch (kind) {
    case 'complete':
      return {
        kind,
        ...optional(
          outcome,
          'enqueue',
          listOf((key, spec) => checkSpec(key, spec, accepts)),
        ),
        ...optional(outcome, 'result', checkResult),
      };
    case 'retry':
      return {
        kind,
        ...wait(),
        error: checkError(`${what}.error`, outcome.error),
        ...optional(outcome, 'holdUntil', checkInstant),
      };
    case 'release':
      return { kind, ...wait() };
    case 'bury':
      return { kind, error: checkError(`${what}.error`, outcome.error) };
    case 'unbegun':
    case 'cancelled':
      return { kind };
  }
}

function checkResult(what: string, given: unknown): { value: unknown; lost?: true } {
  const { value, lost } = fields(what, given, ['value', 'lost']);
  return { value, ...optional({ lost }, 'lost', checkTrue) };
}

function checkError(what: string, given: unknown): JobError {
  const error = fields(what, given, ['name', 'message', 'stack', 'attempt', 'at']);
  return {
    name: checkWords(`${what}.name`, error.name, MAX_ERROR_NAME),
    message: checkWords(`${what}.message`, error.message, MAX_ERROR_TEXT),
    attempt: checkCount(`${what}.attempt`, error.attempt),
    at: checkInstant(`${what}.at`, error.at),
    ...optional(error, 'stack', (_, stack) => checkWords(`${what}.stack`, stack, MAX_ERROR_TEXT)),
  };
}

export function checkExtend(given: unknown, { accepts }: Pick<Host, 'accepts'>): ExtendRequest {
  const { workerId, leases, leaseMs } = fields('arguments', given, ['workerId', 'leases', 'leaseMs']);
  return {
    workerId: checkText('workerId', workerId),
    leases: each('leases', leases, (what, item) => checkLeased(what, item, accepts.use)),
    leaseMs: checkLease('leaseMs', leaseMs),
  };
}

function checkLeased(what: string, given: unknown, use: readonly Feature[]): ExtendRequest['leases'][number] {
  const lease = fields(what, given, ['id', 'fence', 'progress', 'attach', 'unbegun']);
  return {
    id: checkText('id', lease.id),
    fence: checkCount('fence', lease.fence),
    ...optional(lease, 'progress', asItIs),
    ...optional(lease, 'attach', (key, value) => checkAttached(key, value, use)),
    ...optional(lease, 'unbegun', checkTrue),
  };
}
