import type { JobError } from './job.ts';

/** Stable codes: check `error.code`, not `instanceof` (two copies of the package may meet in one page). */
export type HoldfastErrorCode =
  | 'InvalidOption'
  | 'InvalidCron'
  | 'Payload'
  | 'QueueFull'
  | 'Store'
  | 'StoreBlocked'
  | 'StoreUnavailable'
  | 'StoreOutdated'
  | 'StoreClosed'
  | 'UnknownJob'
  | 'NotPermitted'
  | 'Middleware'
  | 'DeadLetter'
  | 'RetryLater'
  | 'Unreachable'
  | 'Server'
  | 'LeaseLost'
  | 'JobCancelled'
  | 'JobReleased'
  | 'JobTimeout'
  | 'JobDead'
  | 'JobGone'
  | 'ResultNotKept'
  | 'WorkerStopped'
  | 'ThreadLost';

export class HoldfastError extends Error {
  readonly code: HoldfastErrorCode;
  constructor(code: HoldfastErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = `${code}Error`;
    this.code = code;
  }
}

/** An option has a value that it cannot have. The message names the option and quotes the value. */
export class InvalidOptionError extends HoldfastError {
  constructor(option: string, value: unknown, expected: string) {
    super('InvalidOption', `${option} is ${quote(value)}: expected ${expected}`);
  }
}

/** What a schema has against a payload, bounded: a text of at most 200 characters, and where. */
export interface PayloadIssue {
  readonly message: string;
  /** The keys that lead there from the payload; empty: the payload itself. */
  readonly path: readonly string[];
}

/** Characters of a path in a message: a payload's keys may be of any length. */
const MAX_PATH = 500;

/**
 * A payload (or progress value) that no store could give back as it was, or that its job's schema refuses: then `issues` has the first
 * 20 of what it has against it. Nothing was stored.
 */
export class PayloadError extends HoldfastError {
  readonly issues: readonly PayloadIssue[];
  constructor(path: string, problem: string, issues: readonly PayloadIssue[] = []) {
    super('Payload', `${path.length > MAX_PATH ? `${path.slice(0, MAX_PATH)}…` : path} ${problem}`);
    this.issues = issues;
  }
}

/** The queue is at one of its limits, and nothing may or can be dropped for what came. Nothing of the refused batch was stored. */
export class QueueFullError extends HoldfastError {
  constructor(queue: string, limit: 'maxDepth' | 'maxBytes' | 'maxDelayed', max: number, wanted: number) {
    super(
      'QueueFull',
      `queue ${quote(queue)} is full: this enqueue would make ${wanted}, ${limit} is ${max}; nothing was stored`,
    );
  }
}

/**
 * The store could not do what it was asked. `retryable`: the same call may succeed later; its answer may have been lost, so it may
 * have been done all the same.
 */
export class StoreError extends HoldfastError {
  readonly retryable: boolean;
  constructor(message: string, options: { retryable: boolean; cause?: unknown }) {
    super('Store', message, options.cause);
    this.retryable = options.retryable;
  }
}

/**
 * The database stood still for longer than the store waits (`blockedAfterMs`): most often another tab of the site is frozen in the middle of
 * a transaction, or holds an older version open. `retryable`: the same call may succeed later, and this one may have been done.
 */
export class StoreBlockedError extends HoldfastError {
  readonly retryable = true;
  constructor(database: string, problem: string) {
    super('StoreBlocked', `database ${quote(database)} ${problem}`);
  }
}

/**
 * This context has no database: IndexedDB is missing, switched off or forbidden here (server-side rendering, a sandboxed frame, blocked
 * cookies). Not `retryable`: nothing was stored, and nothing will be. An app can use the memory store instead.
 */
export class StoreUnavailableError extends HoldfastError {
  readonly retryable = false;
  constructor(what: string, cause?: unknown) {
    super('StoreUnavailable', what, cause);
  }
}

/**
 * The database has a newer version: another tab runs a newer version of the app. Not `retryable`: nothing was stored, and this page can do
 * nothing more until it is loaded anew.
 */
export class StoreOutdatedError extends HoldfastError {
  readonly retryable = false;
  constructor(database: string, cause?: unknown) {
    super(
      'StoreOutdated',
      `database ${quote(database)} was upgraded by a newer version of the app: load this page anew`,
      cause,
    );
  }
}

/** The queue or its store was closed. Nothing was stored. */
export class StoreClosedError extends HoldfastError {
  constructor(what: string) {
    super('StoreClosed', `${what} is closed`);
  }
}

/** A job name that the queue's definitions do not have. */
export class UnknownJobError extends HoldfastError {
  constructor(name: string, known: readonly string[]) {
    super(
      'UnknownJob',
      `job ${quote(name)} is not defined; this queue has ${known.map(quote).join(', ') || 'none'}`,
    );
  }
}

/**
 * A middleware threw, so that `cause` is what it threw; or it did not call `next` once. From `enqueue`: nothing was stored. As the error of
 * an attempt: the attempt failed.
 */
export class MiddlewareError extends HoldfastError {
  constructor(middleware: string, problem: string, cause?: unknown) {
    super('Middleware', `middleware ${quote(middleware)} ${problem}`, cause);
  }
}

/**
 * Thrown by a handler: never retry, the job goes to the dead letters at once. With `status` it says that the server answered, with this HTTP
 * status: the job's target can be reached. `throwForStatus` and `send` set it.
 *
 * @example
 * if (!note.title) throw new DeadLetterError('a note needs a title');
 */
export class DeadLetterError extends HoldfastError {
  readonly status?: number;
  constructor(message: string, options: { cause?: unknown; status?: number } = {}) {
    super('DeadLetter', message, options.cause);
    if (options.status !== undefined) this.status = options.status;
  }
}

/**
 * Why nobody could be reached. `network`: no connection, no answer. `timeout`: no answer in time. `server`: what stands before the server
 * answered for it (408, 425, 502 to 504, 52x). `portal`: somebody else answered, such as the sign-in page of a public network.
 * `signed-out`: the server wants a sign-in first (401). `busy`: the server asked for patience (429, or 503 with Retry-After).
 */
export type UnreachableReason = 'network' | 'timeout' | 'server' | 'portal' | 'signed-out' | 'busy';

/**
 * Thrown by a handler: the server could not be reached, so this attempt says nothing about the job. `send` and `throwForStatus` throw it.
 * It never kills a job by `maxAttempts`.
 *
 * @example
 * socket.onclose = () => reject(new UnreachableError('the socket closed'));
 */
export class UnreachableError extends HoldfastError {
  readonly reason: UnreachableReason;
  /** The server asked for so many ms of patience. More than a day counts as a day. */
  readonly retryAfterMs?: number;
  /**
   * @param options.reason default `network`
   * @param options.retryAfterMs what the server asked for, in ms; minimum 0
   * @throws InvalidOptionError for a `retryAfterMs` that is no number of ms
   */
  constructor(
    message: string,
    options: { reason?: UnreachableReason; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super('Unreachable', message, options.cause);
    const { reason = 'network', retryAfterMs } = options;
    this.reason = reason;
    if (retryAfterMs === undefined) return;
    if (!(retryAfterMs >= 0 && Number.isFinite(retryAfterMs)))
      throw new InvalidOptionError('retryAfterMs', retryAfterMs, 'a number of ms, 0 or more');
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Thrown by a handler: the server answered that it failed itself (500, 501, 505 and the like). The server may be broken, or this job may
 * break it: it counts as a failure of the job only while other jobs get through. `send` and `throwForStatus` throw it.
 *
 * @example
 * if (reply.status === 'internal-error') throw new ServerError('the server failed', { status: 500 });
 */
export class ServerError extends HoldfastError {
  readonly status: number;
  constructor(message: string, options: { status: number; cause?: unknown }) {
    super('Server', message, options.cause);
    this.status = options.status;
  }
}

/**
 * Thrown by a handler: this attempt failed, the next comes after `delayMs` instead of the backoff.
 * It counts as a failure. With `hold`, no job of this name is claimed by anybody until then.
 */
export class RetryLaterError extends HoldfastError {
  readonly delayMs: number;
  readonly hold: boolean;
  constructor(options: { delayMs: number; hold?: boolean; message?: string; cause?: unknown }) {
    super('RetryLater', options.message ?? `retry in ${options.delayMs} ms`, options.cause);
    if (!(options.delayMs >= 0 && Number.isFinite(options.delayMs)))
      throw new InvalidOptionError('delayMs', options.delayMs, 'a number of ms, 0 or more');
    this.delayMs = options.delayMs;
    this.hold = options.hold ?? false;
  }
}

/** Why a handler's signal was aborted: the lease is another worker's now. */
export class LeaseLostError extends HoldfastError {
  constructor(id: string) {
    super('LeaseLost', `the lease of job ${id} was lost: another worker may run it`);
  }
}

/** Why a handler's signal was aborted, or why there is no result: somebody cancelled the job. */
export class JobCancelledError extends HoldfastError {
  constructor(id: string) {
    super('JobCancelled', `job ${id} was cancelled`);
  }
}

/** Why there is no result: the job is dead. */
export class JobDeadError extends HoldfastError {
  /** The last error of the job, as it is stored. */
  readonly lastError: JobError | undefined;
  constructor(id: string, lastError: JobError | undefined) {
    const why = lastError === undefined ? '' : `: ${lastError.name}: ${lastError.message}`;
    super('JobDead', `job ${id} is dead${why}`);
    this.lastError = lastError;
  }
}

/** Why there is no result: the store has no such job. */
export class JobGoneError extends HoldfastError {
  constructor(id: string) {
    super(
      'JobGone',
      `job ${id} is not there: it completed without keepResultMs, or that is over, or it was cancelled, removed or never enqueued`,
    );
  }
}

/** Why there is no result: the job is done, and what its handler returned was not kept. */
export class ResultNotKeptError extends HoldfastError {
  constructor(id: string) {
    super(
      'ResultNotKept',
      `job ${id} is done, but its result is not kept: enqueue it with keepResultMs where the queue has use: [results()]; results that cannot be stored, or have over 64 KB, never are`,
    );
  }
}

/** What `context.release` ends a handler by. */
export class JobReleasedError extends HoldfastError {
  constructor(id: string) {
    super('JobReleased', `the handler of job ${id} released it`);
  }
}

/** Why a handler's signal was aborted: it ran longer than `timeoutMs`. */
export class JobTimeoutError extends HoldfastError {
  constructor(id: string, timeoutMs: number) {
    super('JobTimeout', `job ${id} ran longer than ${timeoutMs} ms`);
  }
}

/** Why a handler's signal was aborted: its worker stops and the grace is over. */
export class WorkerStoppedError extends HoldfastError {
  constructor() {
    super('WorkerStopped', 'the worker was stopped');
  }
}

/** What a thrown value says, whatever it is. Never throws. */
export function messageOf(thrown: unknown): string {
  try {
    return isError(thrown) ? String(thrown.message) : quote(thrown);
  } catch {
    return 'something that cannot be shown was thrown';
  }
}

/** Also one of another realm: a frame's, say. */
export const isError = (thrown: unknown): thrown is Error =>
  thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]';

/** A value as an error message shows it: short, on one line, never throwing. */
export function quote(value: unknown): string {
  try {
    return shown(value);
  } catch {
    return 'an object'; // A revoked proxy does not even say whether it is an array.
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  // The digits of a huge one take a time that grows with their square.
  if (typeof value === 'bigint') return BigInt.asIntN(256, value) === value ? `${value}n` : 'a huge bigint';
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'function' ? 'a function' : String(value).slice(0, 80);
}
