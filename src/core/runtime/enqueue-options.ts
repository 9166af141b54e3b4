import { InvalidOptionError } from '../errors.ts';
import type { Backoff, Draft, OnDuplicate, Priority } from '../job.ts';
import type { JobSpec } from '../messages.ts';
import { sealPayload } from '../payload.ts';
import type { JobDefinition } from './definitions.ts';
import * as options from './options.ts';
import { checkPayload } from './schema.ts';

export interface EnqueueOptions {
  /** Greater runs first; -100…100, or `high` 10, `normal` 0 (default), `low` -10. */
  readonly priority?: Priority;
  /** Not before this many ms from now. Default 0. Not together with `runAt`. */
  readonly delayMs?: number;
  /** Not before this instant: a Date or epoch ms; one that is past means at once. */
  readonly runAt?: Date | number;
  /** Jobs with the same lane run one at a time, in the order they were enqueued, across job names. */
  readonly lane?: string;
  /** Same key and job name: one live job. What a second one does is `onDuplicate`'s. */
  readonly idempotencyKey?: string;
  /**
   * `keep` (default): the live job stays as it is. `replace`: it takes the new payload; if it is running already, a follow-up
   * runs after it, so the last edit is never lost. `debounce`: as replace, and its time is moved to this one's.
   */
  readonly onDuplicate?: OnDuplicate;
  /** An id of your own: enqueueing it again stores nothing, also for `dedupeMs` (of the queue) after it completed. */
  readonly id?: string;
  /** The definition's by default. */
  readonly maxAttempts?: number;
  readonly maxCrashes?: number;
  readonly backoff?: Backoff;
  readonly timeoutMs?: number;
}

const KNOWN = [
  'priority',
  'delayMs',
  'runAt',
  'lane',
  'idempotencyKey',
  'onDuplicate',
  'id',
  'maxAttempts',
  'maxCrashes',
  'backoff',
  'timeoutMs',
];

/** A job as it goes to the store, and the estimated bytes of its payload. */
export interface CheckedJob {
  readonly spec: JobSpec;
  readonly bytes: number;
  /** There when the definition's schema answers later: the job must not be stored before this resolves. */
  readonly checking?: Promise<void>;
}

/** Checks everything and copies the payload: what the caller changes afterwards changes no job. */
export function toSpec(
  name: string,
  definition: JobDefinition,
  payload: unknown,
  unchecked: EnqueueOptions,
  queue: { readonly id: () => string; readonly dedupeMs: number },
): CheckedJob {
  const given = options.checkKnown('enqueue options', unchecked, KNOWN);
  const { value, size, plain } = sealPayload(payload, { blobs: true });
  const known = given.id !== undefined;
  const spec: Draft<JobSpec> = {
    id: known ? options.checkText('id', given.id) : queue.id(),
    known,
    name,
    version: definition.version ?? 1,
    priority: given.priority === undefined ? 0 : options.checkPriority('priority', given.priority),
    payload: value,
    sealed: { size, plain },
  };
  addTime(spec, given);
  addIdentity(spec, given);
  addOverrides(spec, given, definition);
  if (known && queue.dedupeMs > 0) spec.dedupeMs = queue.dedupeMs;
  const checking = definition.payload && checkPayload(name, definition.payload, value);
  if (checking === undefined) return { spec, bytes: size };
  checking.catch(() => undefined); // Another job of the batch may be refused first: then nobody waits for this one.
  return { spec, bytes: size, checking };
}

function addTime(spec: Draft<JobSpec>, { runAt, delayMs }: EnqueueOptions): void {
  if (runAt !== undefined && delayMs !== undefined)
    throw new InvalidOptionError('delayMs', delayMs, 'nothing, as runAt is given too');
  if (runAt !== undefined) spec.runAt = options.checkInstant('runAt', runAt);
  if (delayMs !== undefined) spec.delayMs = options.checkMs('delayMs', delayMs);
}

function addIdentity(spec: Draft<JobSpec>, { lane, idempotencyKey, onDuplicate }: EnqueueOptions): void {
  if (onDuplicate !== undefined && idempotencyKey === undefined)
    throw new InvalidOptionError('onDuplicate', onDuplicate, 'nothing, as there is no idempotencyKey');
  if (lane !== undefined) spec.lane = options.checkText('lane', lane);
  if (idempotencyKey !== undefined) spec.idempotencyKey = options.checkText('idempotencyKey', idempotencyKey);
  if (onDuplicate !== undefined)
    spec.onDuplicate = options.checkOneOf('onDuplicate', onDuplicate, ['keep', 'replace', 'debounce']);
}

function addOverrides(spec: Draft<JobSpec>, given: EnqueueOptions, definition: JobDefinition): void {
  const { maxAttempts, maxCrashes = definition.maxCrashes, backoff, timeoutMs } = given;
  if (maxAttempts !== undefined) spec.maxAttempts = options.checkCount('maxAttempts', maxAttempts);
  if (maxCrashes !== undefined) spec.maxCrashes = options.checkCount('maxCrashes', maxCrashes);
  if (backoff !== undefined) spec.backoff = options.checkBackoff('backoff', backoff);
  if (timeoutMs !== undefined) spec.timeoutMs = options.checkMs('timeoutMs', timeoutMs, 1);
}
