import { HoldfastError, type HoldfastErrorCode, StoreError } from '../core/index.ts';
import { messageOf } from '../core/kernel/errors.ts';
import type { SentError } from './queue-call.ts';

const MAX_MESSAGE = 2_048;

const CODES: ReadonlySet<unknown> = new Set<HoldfastErrorCode>([
  'InvalidOption',
  'Payload',
  'QueueFull',
  'Store',
  'StoreBlocked',
  'StoreUnavailable',
  'StoreOutdated',
  'StoreClosed',
  'UnknownJob',
  'Middleware',
  'DeadLetter',
  'RetryLater',
  'Unreachable',
  'Server',
  'LeaseLost',
  'JobCancelled',
  'JobReleased',
  'JobTimeout',
  'WorkerStopped',
] satisfies readonly HoldfastErrorCode[]);

const isCode = (code: unknown): code is HoldfastErrorCode => CODES.has(code);

/** Whatever was thrown, as it travels: never throws. What is not holdfast's own says `Store`, not to be repeated. */
export function toSentError(thrown: unknown): SentError {
  const message = messageOf(thrown).slice(0, MAX_MESSAGE);
  const { code, retryable } = readCode(thrown);
  return isCode(code)
    ? { code, message, retryable: retryable === true }
    : { code: 'Store', message: `the object failed: ${message}`, retryable: false };
}

/** By code, not by class: the error may be of another copy of the package. */
function readCode(thrown: unknown): { code?: unknown; retryable?: unknown } {
  try {
    if (!(thrown instanceof Error)) return {};
    const { code, retryable } = thrown as { code?: unknown; retryable?: unknown };
    return { code, retryable };
  } catch {
    return {};
  }
}

/** An error that came as data, as an error again: the same code, message and `retryable`. */
export function fromSentError(sent: SentError): HoldfastError {
  const message = String(sent.message);
  const retryable = sent.retryable === true;
  if (!isCode(sent.code) || sent.code === 'Store') return new StoreError(message, { retryable });
  const error = new HoldfastError(sent.code, message);
  return sent.code.startsWith('Store') ? Object.assign(error, { retryable }) : error;
}
