import { InvalidOptionError, type Meeting, type UnreachableReason } from '../core/index.ts';
import { checkCount, checkMs, checkOneOf, checkText } from '../core/queue/options.ts';
import { checkFields, type Given, optional } from './given.ts';
import type { SentJobError, SentMeeting, SentOutcome, SentSettlement } from './queue-call.ts';

const KINDS = ['complete', 'cancelled', 'unbegun', 'retry', 'release', 'bury'] as const;
const MAX_ERROR_NAME = 100;
/** As much as a job keeps of an error. */
const MAX_ERROR_TEXT = 2_048;
const MEETINGS = ['through', 'answered', 'unreached'] as const;
const REASONS: readonly UnreachableReason[] = [
  'network',
  'timeout',
  'server',
  'portal',
  'signed-out',
  'busy',
];
const MAX_REASON = 100;
/** No word from elsewhere closes a target, or makes an attempt older, by more: a day. */
const MAX_MEETING_MS = 86_400_000;

/** One settlement of a call. Throws InvalidOptionError. */
export function checkSettlement(what: string, item: unknown): SentSettlement {
  const given = checkFields(what, item, ['id', 'fence', 'outcome', 'met']);
  return {
    id: checkText('id', given.id),
    fence: checkCount('fence', given.fence),
    outcome: checkOutcome(`${what}.outcome`, given.outcome),
    ...optional(given, 'met', (_, met) => checkMet(`${what}.met`, met)),
  };
}

function checkMet(what: string, item: unknown): SentMeeting {
  const given = checkFields(what, item, ['how', 'ageMs', 'outageMs']);
  return {
    how: checkMeeting(`${what}.how`, given.how),
    ageMs: checkLengthOfTime('ageMs', given.ageMs),
    ...optional(given, 'outageMs', (key, value) => checkMs(key, value, 1)),
  };
}

function checkMeeting(what: string, item: unknown): Meeting {
  const given = checkFields(what, item, ['kind', 'reason', 'retryAfterMs', 'closes']);
  const kind = checkOneOf(`${what}.kind`, given.kind, MEETINGS);
  const only = (...known: string[]) => checkFields(`${what} of kind ${kind}`, item, ['kind', ...known]);
  switch (kind) {
    case 'through':
      only();
      return { kind };
    case 'answered':
      only('reason');
      return { kind, reason: checkLength(`${what}.reason`, given.reason, MAX_REASON) };
    case 'unreached':
      return {
        kind,
        reason: checkOneOf(`${what}.reason`, given.reason, REASONS),
        ...optional(given, 'retryAfterMs', checkLengthOfTime),
        ...optional(given, 'closes', checkTrue),
      };
  }
}

function checkTrue(what: string, value: unknown): true {
  if (value !== true) throw new InvalidOptionError(what, value, 'true, or absent');
  return true;
}

const checkLengthOfTime = (what: string, value: unknown): number =>
  Math.min(MAX_MEETING_MS, checkMs(what, value));

function checkOutcome(what: string, item: unknown): SentOutcome {
  const given = checkFields(what, item, ['kind', 'delayMs', 'error', 'holdMs']);
  const kind = checkOneOf(`${what}.kind`, given.kind, KINDS);
  const only = (...known: string[]) => checkFields(`${what} of kind ${kind}`, item, ['kind', ...known]);
  const delayMs = () => checkMs('delayMs', given.delayMs);
  switch (kind) {
    case 'complete':
    case 'cancelled':
    case 'unbegun':
      only();
      return { kind };
    case 'release':
      only('delayMs');
      return { kind, delayMs: delayMs() };
    case 'bury':
      only('error');
      return { kind, error: checkError(`${what}.error`, given.error) };
    case 'retry':
      return {
        kind,
        delayMs: delayMs(),
        error: checkError(`${what}.error`, given.error),
        ...optional(given, 'holdMs', checkMs),
      };
  }
}

function checkError(what: string, item: unknown): SentJobError {
  const given: Given = checkFields(what, item, ['name', 'message', 'stack', 'attempt']);
  return {
    name: checkLength(`${what}.name`, given.name, MAX_ERROR_NAME),
    message: checkLength(`${what}.message`, given.message, MAX_ERROR_TEXT),
    attempt: checkCount(`${what}.attempt`, given.attempt),
    ...optional(given, 'stack', (_, stack) => checkLength(`${what}.stack`, stack, MAX_ERROR_TEXT)),
  };
}

/** Not a name or key: lines and control characters are fine. */
function checkLength(what: string, value: unknown, most: number): string {
  if (typeof value !== 'string' || value.length > most)
    throw new InvalidOptionError(what, value, `a text of at most ${most} characters`);
  return value;
}
