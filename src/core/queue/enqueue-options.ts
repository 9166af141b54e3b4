import { InvalidOptionError } from '../kernel/errors.ts';
import type { Backoff, Draft, OnDependencyDeath, OnDuplicate, OnLaneDeath, Priority } from '../kernel/job.ts';
import type { JobSpec } from '../kernel/messages.ts';
import { sealPayload } from '../kernel/payload.ts';
import { type JobDefinition, ON_LANE_DEATH } from './definitions.ts';
import { checkDependsOn } from './flow.ts';
import { checkHeaders, checkTags } from './job-facts.ts';
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
  /** What becomes of the lane if this job dies as its head: the definition's by default. Only with `lane`. */
  readonly onLaneDeath?: OnLaneDeath;
  /**
   * The definition's `rate` counts for this key by itself (a customer, a host): jobs that it keeps waiting let those of other keys go before
   * them. Among those of one key, who was put off first goes first, whatever the priority. Without a `rate` it does nothing.
   */
  readonly rateKey?: string;
  /**
   * Whom the handler will call for this job, such as the origin of a request: see `target` of the definition, whose it is by default. A name keeps
   * 64 of them apart; jobs of further ones share 64 more.
   *
   * @example
   * await queue.enqueue('webhook', event, { target: new URL(event.url).origin });
   */
  readonly target?: string;
  /** Same key and job name: one live job. What a second one does is `onDuplicate`'s. */
  readonly idempotencyKey?: string;
  /**
   * `keep` (default): the live job stays as it is. `replace`: it takes the new payload, and keeps its time, its priority and the failures it
   * has; if it is running already, a follow-up with the options of this call runs after it, so the last edit is never lost. `restart`: as
   * replace, and it starts anew: what failed so far is forgotten, and time, priority and `rateKey` are this call's, as for a payload that was
   * corrected. It stays in its lane. `debounce`: as replace, and its time is moved to this one's. `throttle`: within
   * the `keyForMs` of the job that was accepted first, nothing is stored, whether that job is done or not; afterwards the next is
   * accepted, and runs behind the one before it.
   */
  readonly onDuplicate?: OnDuplicate;
  /**
   * The key is held until its job is done, and at least so long from this enqueue: within it a `keep` or `throttle` with the key is a
   * duplicate also of a job that has ended, died included. `replace`, `restart` and `debounce` bring what must not be lost: they are accepted
   * once the job has ended. Who cancels, removes or drops the job frees its key. Default: until it is done. Only with `idempotencyKey`;
   * `throttle` needs it. Minimum 1.
   */
  readonly keyForMs?: number;
  /** `debounce` does not move the job further than this from when it was enqueued. Default: no limit. Only with `debounce`. */
  readonly maxWaitMs?: number;
  /**
   * Ids of jobs that have to end first, at most 100: jobs that are there, or enqueued by the same `enqueueMany`. When all have completed, it is due, and
   * finds what they returned in `job.results`, up to 64 KB all together; of one that runs already only with its `keepResultMs`. Until then it is pending and parked, outside its lane. One that is not there (never was, or
   * completed and gone) refuses the enqueue with InvalidOptionError; from a handler it counts as dead. See `enqueueFlow` for many at once.
   */
  readonly dependsOn?: string | readonly string[];
  /**
   * When one of them dies: `bury` (default) puts this one to the dead letters too, `cancel` cancels it, `run` runs it all the same, without
   * that result. When one is cancelled, so is this one, unless it is to `run`. What then ends goes on to those that wait for it.
   */
  readonly onDependencyDeath?: OnDependencyDeath;
  /**
   * An id of your own: enqueueing it again stores nothing, also for `dedupeMs` (of the queue) after it completed. If its call was answered with
   * another job (`duplicate`, `replaced`), it means that one from then on.
   */
  readonly id?: string;
  /** The definition's by default. */
  readonly maxAttempts?: number;
  readonly maxCrashes?: number;
  readonly backoff?: Backoff;
  readonly timeoutMs?: number;
  readonly maxAgeMs?: number;
  readonly keepResultMs?: number;
  /**
   * Texts that go with the job, such as a trace's context: found in `job.headers`, and nothing is done by them. At most 32, a value of
   * at most 1,024 characters, all together at most 4,096. A job that is replaced has the newcomer's.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /** Words to find the job by, found in `job.tags`. At most 16. A job that is replaced has the newcomer's. */
  readonly tags?: readonly string[];
}

/** The names of all of them. */
export const ENQUEUE_OPTIONS = [
  'priority',
  'delayMs',
  'runAt',
  'lane',
  'onLaneDeath',
  'rateKey',
  'target',
  'idempotencyKey',
  'onDuplicate',
  'keyForMs',
  'maxWaitMs',
  'dependsOn',
  'onDependencyDeath',
  'id',
  'maxAttempts',
  'maxCrashes',
  'backoff',
  'timeoutMs',
  'maxAgeMs',
  'keepResultMs',
  'headers',
  'tags',
];

export const ON_DUPLICATE = ['keep', 'replace', 'restart', 'debounce', 'throttle'] as const;

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
  const given = options.checkKnown('enqueue options', unchecked, ENQUEUE_OPTIONS);
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
  const { target = definition.target } = given;
  if (target !== undefined) spec.target = options.checkText('target', target);
  addTime(spec, given);
  addLane(spec, given, definition);
  addIdentity(spec, given);
  addOverrides(spec, given, definition);
  addFacts(spec, given);
  addDependencies(spec, given);
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

function addLane(spec: Draft<JobSpec>, given: EnqueueOptions, definition: JobDefinition): void {
  const { lane, rateKey, onLaneDeath = definition.onLaneDeath } = given;
  if (rateKey !== undefined) spec.rateKey = options.checkText('rateKey', rateKey);
  if (given.onLaneDeath !== undefined) {
    options.checkOneOf('onLaneDeath', given.onLaneDeath, ON_LANE_DEATH);
    if (lane === undefined)
      throw new InvalidOptionError('onLaneDeath', given.onLaneDeath, 'nothing, as there is no lane');
  }
  if (lane === undefined) return;
  spec.lane = options.checkText('lane', lane);
  if (onLaneDeath === 'halt') spec.onLaneDeath = onLaneDeath;
}

function addIdentity(spec: Draft<JobSpec>, given: EnqueueOptions): void {
  const { idempotencyKey, onDuplicate } = given;
  if (onDuplicate !== undefined && idempotencyKey === undefined)
    throw new InvalidOptionError('onDuplicate', onDuplicate, 'nothing, as there is no idempotencyKey');
  if (idempotencyKey !== undefined) spec.idempotencyKey = options.checkText('idempotencyKey', idempotencyKey);
  if (onDuplicate !== undefined)
    spec.onDuplicate = options.checkOneOf('onDuplicate', onDuplicate, ON_DUPLICATE);
  addKeyTime(spec, given);
}

function addKeyTime(
  spec: Draft<JobSpec>,
  { idempotencyKey, onDuplicate, keyForMs, maxWaitMs }: EnqueueOptions,
): void {
  if (onDuplicate === 'throttle' && keyForMs === undefined)
    throw new InvalidOptionError(
      'keyForMs',
      keyForMs,
      'a number of ms, 1 or more, as onDuplicate is throttle',
    );
  if (keyForMs !== undefined && idempotencyKey === undefined)
    throw new InvalidOptionError('keyForMs', keyForMs, 'nothing, as there is no idempotencyKey');
  if (maxWaitMs !== undefined && onDuplicate !== 'debounce')
    throw new InvalidOptionError('maxWaitMs', maxWaitMs, 'nothing, as onDuplicate is not debounce');
  if (keyForMs !== undefined) spec.keyForMs = options.checkMs('keyForMs', keyForMs, 1);
  if (maxWaitMs !== undefined) spec.maxWaitMs = options.checkMs('maxWaitMs', maxWaitMs);
}

function addDependencies(spec: Draft<JobSpec>, given: EnqueueOptions): void {
  const { dependsOn, onDependencyDeath, onDuplicate } = given;
  if (onDependencyDeath !== undefined)
    spec.onDependencyDeath = options.checkOneOf('onDependencyDeath', onDependencyDeath, [
      'bury',
      'cancel',
      'run',
    ]);
  if (dependsOn === undefined) return;
  if (onDuplicate === 'replace' || onDuplicate === 'restart' || onDuplicate === 'debounce')
    throw new InvalidOptionError('onDuplicate', onDuplicate, 'keep or throttle, as dependsOn is given');
  const ids = checkDependsOn('dependsOn', dependsOn);
  if (ids.length > 0) spec.dependsOn = Object.fromEntries(ids.map((id) => [id, id]));
}

function addFacts(spec: Draft<JobSpec>, { headers, tags }: EnqueueOptions): void {
  if (headers !== undefined) spec.headers = checkHeaders('headers', headers);
  if (tags !== undefined) spec.tags = checkTags('tags', tags);
}

function addOverrides(spec: Draft<JobSpec>, given: EnqueueOptions, definition: JobDefinition): void {
  const { maxAttempts, maxCrashes = definition.maxCrashes, backoff, timeoutMs } = given;
  if (maxAttempts !== undefined) spec.maxAttempts = options.checkCount('maxAttempts', maxAttempts);
  if (maxCrashes !== undefined) spec.maxCrashes = options.checkCount('maxCrashes', maxCrashes);
  if (backoff !== undefined) spec.backoff = options.checkBackoff('backoff', backoff);
  if (timeoutMs !== undefined) spec.timeoutMs = options.checkMs('timeoutMs', timeoutMs, 1);
  const { maxAgeMs = definition.maxAgeMs } = given;
  if (maxAgeMs !== undefined) spec.maxAgeMs = options.checkMs('maxAgeMs', maxAgeMs, 1);
  const { keepResultMs = definition.keepResultMs } = given;
  if (keepResultMs !== undefined) spec.keepResultMs = options.checkMs('keepResultMs', keepResultMs, 1);
}
