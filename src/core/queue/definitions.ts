import { InvalidOptionError, quote, UnknownJobError } from '../kernel/errors.ts';
import type { Backoff, OnLaneDeath } from '../kernel/job.ts';
import { type Check, type Checks, checkAll, checkPositiveMs, JOB_OPTIONS } from './job-options.ts';
import { checkCount, checkPlain, checkText, reading } from './options.ts';
import { checkSchema, type StandardSchema } from './schema.ts';
import { checkUpcast, type Upcast } from './upcast.ts';

export interface JobOptions {
  /** Failures after which the job is dead, the first run included. Default 10, minimum 1. */
  readonly maxAttempts?: number;
  /** Vanished owners after which the job is dead. Default 10, minimum 1. */
  readonly maxCrashes?: number;
  /** Default: exponential from 1 s, doubling, at most 5 min, full jitter. */
  readonly backoff?: Backoff;
  /** How long one attempt may take before its signal is aborted. Default: no limit. Minimum 1. */
  readonly timeoutMs?: number;
  /**
   * How old a job may be when an attempt begins, counted from when it may first run (its enqueue, or the instant it was delayed to). One
   * that is older goes to the dead letters (`ExpiredError`) instead of being run, also when nothing here would run it, as long as some
   * worker of the queue is at work; an attempt that has begun goes on. Redriven, its age begins anew. Default: no limit. Minimum 1.
   */
  readonly maxAgeMs?: number;
  /** How many may run at a time in one worker. Default: the worker's. Minimum 1. */
  readonly concurrency?: number;
  /**
   * What becomes of the lane of a job that dies: `continue` (default) lets the next one go; `halt` keeps the dead job at the lane's
   * head until it is redriven (it then runs first) or removed. Nothing in the lane runs meanwhile, and what is enqueued into it waits.
   */
  readonly onLaneDeath?: OnLaneDeath;
  /**
   * Whom the handler calls. When nobody gets through to it, its jobs wait and no attempt is counted, while one of them at a time finds out
   * whether it is back; those of other targets go on. Names may share a target, and an enqueue may name its own. Default: the job's name.
   *
   * @example
   * defineJobs({ 'note.push': job({ target: 'api' }), 'photo.push': job({ target: 'api' }) });
   */
  readonly target?: string;
  /**
   * `false`: every failure counts as an attempt, whatever its reason, and jobs run whether their target is down or not. Default: an outage is no
   * failure.
   *
   * @example
   * job({ outage: false, maxAttempts: 3 })
   */
  readonly outage?: false;
  /**
   * How long failures of the target are not held against a job of this name: see `outageMs` of the queue. Default: the queue's. Minimum 1.
   *
   * @example
   * job({ outageMs: 3_600_000 })
   */
  readonly outageMs?: number;
  /** Of the payload's shape: a worker leaves jobs of a greater version alone. Default 1. */
  readonly version?: number;
  /**
   * What makes payloads of older versions today's, one function for each version before `version`, from it to the next:
   * `job({ version: 3, upcast: { 1: (v1) => v2, 2: (v2) => v3 } })`. Before each attempt a stored payload of an older version is lifted
   * step by step, then the schema parses it; what is stored stays as it is, and so does `job.version`. A step is pure and answers at once.
   * One that throws (or answers a promise) makes the attempt a failed one, which is tried again like a handler's, so that a mended release
   * finds the job; by throwing DeadLetterError it says that there is no use. A missing step is refused with InvalidOptionError. Default:
   * none; handlers get older payloads as they are. Consumers that pull do so always.
   */
  readonly upcast?: Upcast;
}

/** A kind of job. `Payload` is what enqueue takes and the store keeps, `Parsed` what the handler gets: the same without a schema. */
export interface JobDefinition<Payload = unknown, Parsed = Payload> extends JobOptions {
  /**
   * Any Standard Schema. Enqueue checks the payload with it and stores it as it was given: its input. For one that it refuses, enqueue
   * rejects with PayloadError, and nothing is stored. Before each attempt it parses what is stored, so that the handler gets its output.
   * If it refuses that (the schema is another by now), the job is dead at once, without its handler having been called; redriven, it is
   * parsed again. Jobs of older versions are parsed too. A schema that answers promises is fine, except in a handler's
   * `context.enqueue`. One that throws is not the payload's fault: enqueue rejects with InvalidOptionError, a worker retries. Consumers
   * that pull get jobs as they are stored. Default: none; any payload that can be stored is taken.
   */
  readonly payload?: StandardSchema<Payload, Parsed>;
  /** Never there: it carries the payload's types. */
  readonly '~payload'?: readonly [Payload, Parsed];
}

export type Definitions = Readonly<Record<string, JobDefinition>>;
/** What enqueue takes: the input of the definition's schema. */
export type PayloadOf<Definition> =
  Definition extends JobDefinition<infer Payload, infer _> ? Payload : never;
/** What the handler gets: the output of the definition's schema. */
export type ParsedOf<Definition> = Definition extends JobDefinition<infer _, infer Parsed> ? Parsed : never;

const checkOutage: Check<false> = (option, outage) => {
  if (outage !== false) throw new InvalidOptionError(option, outage, 'false, or nothing');
  return outage;
};

/** All that a definition takes, with their checks. */
export const DEFINITION_OPTIONS: Checks<Omit<JobDefinition, '~payload'>> = {
  ...JOB_OPTIONS,
  concurrency: checkCount,
  outage: checkOutage,
  outageMs: checkPositiveMs,
  version: checkCount,
  // What it has to have depends on the version: it is checked when that is.
  upcast: (_, upcast) => upcast as Upcast,
  payload: checkSchema,
};

/**
 * Defines a kind of job: `job<{ id: string }>({ maxAttempts: 8 })`, or with a schema, from which the types come,
 * `job({ payload: noteSchema })`. Throws InvalidOptionError at once.
 */
export function job<Payload, Parsed>(
  options: JobOptions & { readonly payload: StandardSchema<Payload, Parsed> },
): JobDefinition<Payload, Parsed>;
export function job<Payload = unknown>(options?: JobOptions): JobDefinition<Payload>;
export function job(given: JobDefinition = {}): JobDefinition {
  return checkDefinition('job', given);
}

function checkDefinition(what: string, given: JobDefinition): JobDefinition {
  const options = checkAll<Omit<JobDefinition, '~payload'>>(what, given, DEFINITION_OPTIONS);
  const { upcast, version = 1 } = options;
  return upcast === undefined ? options : { ...options, upcast: checkUpcast('upcast', upcast, version) };
}

/**
 * Names the kinds of jobs a queue knows. The types of enqueue and of the handlers follow from it. Definitions that `job` did not make, and objects that
 * this did not make, are checked the same by whoever takes them.
 *
 * @example
 * const jobs = defineJobs({ 'note.push': job<{ id: string }>(), 'mail.send': job<Mail>({ maxAttempts: 3 }) });
 *
 * @throws InvalidOptionError at once, which names the job
 */
export function defineJobs<const Jobs extends Definitions>(jobs: Jobs): Jobs {
  checkPlain('jobs', jobs);
  const named = reading('jobs', jobs, () => Object.entries(jobs));
  return Object.fromEntries(
    named.map(([name, definition]) => [
      checkText('job name', name),
      checkDefinition(`job ${quote(name)}`, definition),
    ]),
  ) as unknown as Jobs;
}

/** Throws UnknownJobError. */
export function definitionOf(jobs: Definitions, name: string): JobDefinition {
  // Whatever was given in the place of a name is not turned into one.
  const definition = typeof name === 'string' && Object.hasOwn(jobs, name) ? jobs[name] : undefined;
  if (definition === undefined) throw new UnknownJobError(name, Object.keys(jobs));
  return definition;
}
