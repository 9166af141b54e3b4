import { InvalidOptionError, quote, UnknownJobError } from '../kernel/errors.ts';
import type { Backoff, Job, JobTypes, OnLaneDeath } from '../kernel/job.ts';
import { type Check, type Checks, checkAll, checkPositiveMs, JOB_OPTIONS } from './job-options.ts';
import { checkCount, checkPlain, checkText, reading } from './options.ts';
import { checkSchema, type StandardSchema } from './schema.ts';
import type { Storable } from './storable.ts';
import { checkUpcast, type Upcast } from './upcast.ts';

export interface JobOptions {
  /** The job is dead after so many failed attempts, the first included. Default 10, minimum 1. */
  readonly maxAttempts?: number;
  /** The job is dead after so many crashes: its tab or worker vanished while it ran. Default 10, minimum 1. */
  readonly maxCrashes?: number;
  /** Default: exponential from 1 s, doubling, at most 5 min, full jitter. */
  readonly backoff?: Backoff;
  /** How long one attempt may take before its signal is aborted. Default: no limit. Minimum 1. */
  readonly timeoutMs?: number;
  /**
   * How old a job may be when an attempt begins, counted from when it may first run (its enqueue, or the instant it was delayed to). An
   * older job goes to the dead letters (`ExpiredError`) instead of being run, as long as some worker of the queue is at work, also one without its
   * handler. An attempt that has begun goes on. A redrive starts its age anew. Default: no limit. Minimum 1.
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
   * The server that the handler calls. While it cannot be reached, its jobs wait, no attempt is counted, and one job at a time tries
   * whether it is back. Jobs of other targets go on. Job names may share a target, and an enqueue may name its own. Default: the job's name.
   *
   * @example
   * defineJobs({ 'note.push': job({ target: 'api' }), 'photo.push': job({ target: 'api' }) });
   */
  readonly target?: string;
  /**
   * `false`: every failure counts as an attempt, and jobs run whether their target is down or not. Default: an outage is no
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
   * Brings payloads of older versions up to date: one function for each version before `version`, from it to the next:
   * `job({ version: 3, upcast: { 1: (v1) => v2, 2: (v2) => v3 } })`. Before each attempt an older payload goes through
   * these steps, then the schema parses it. The stored payload and `job.version` stay as they are. A step is pure and returns at once.
   * A step that throws (or returns a promise) fails the attempt, which is retried, so that a mended release finds the job. A step that throws
   * DeadLetterError buries it. A missing step throws InvalidOptionError. Default: none; handlers get older payloads as they are. Consumers that
   * pull always do.
   */
  readonly upcast?: Upcast;
}

/**
 * A kind of job. `Payload` is what enqueue takes and the store keeps, `Parsed` what the handler gets: the same without a schema. `Types`: of its result,
 * progress and so on.
 */
export interface JobDefinition<Payload = unknown, Parsed = Payload, Types = JobTypes> extends JobOptions {
  /**
   * Any Standard Schema. Enqueue checks the payload with it and stores the input as it was given. If the schema refuses it, enqueue
   * rejects with PayloadError, and nothing is stored. Before each attempt the schema parses the stored payload, and the handler gets the output.
   * If it refuses a stored payload (the schema has changed), the job is dead at once, and the handler is not called; a redrive parses it
   * again. Jobs of older versions are parsed, too. A schema may return promises, except in a handler's `context.enqueue`. If the schema
   * throws, enqueue rejects with InvalidOptionError, and a worker retries. Consumers that pull get payloads as they are stored. Default: none;
   * any payload that can be stored is accepted.
   */
  readonly payload?: StandardSchema<Payload, Parsed>;
  /** Never there: it carries the payload's types. */
  readonly '~payload'?: readonly [Payload, Parsed];
  /** Never there: it carries the other types. */
  readonly '~types'?: Types;
}

export type Definitions = Readonly<Record<string, JobDefinition>>;
/** What enqueue takes: the input of the definition's schema. */
export type PayloadOf<Definition> =
  Definition extends JobDefinition<infer Payload, infer _> ? Payload : never;
/** What the handler gets: the output of the definition's schema. */
export type ParsedOf<Definition> = Definition extends JobDefinition<infer _, infer Parsed> ? Parsed : never;
/** What the handler returns; `unknown` where the definition does not say. */
export type ResultOf<Definition> = TypesOf<Definition>['result'];
/** The types that the definition says beside its payload's. */
export type TypesOf<Definition> = Definition extends { readonly '~types'?: infer Types extends JobTypes }
  ? Types
  : JobTypes;

/**
 * A job of these definitions, as `get` and `list` return it: its name narrows the type of its payload.
 *
 * @example
 * const show = (one: JobOf<typeof jobs>) => (one.name === 'mail.send' ? one.payload.to : one.name);
 * const showMail = ({ payload }: JobOf<typeof jobs, 'mail.send'>) => payload.to;
 */
export type JobOf<Jobs extends Definitions, Name extends keyof Jobs = keyof Jobs> = {
  [Each in Name & string]: Job<PayloadOf<Jobs[Each]>, Each, TypesOf<Jobs[Each]>>;
}[Name & string];

const checkOutage: Check<false> = (option, outage) => {
  if (outage !== false) throw new InvalidOptionError(option, outage, 'false, or nothing');
  return outage;
};

type InputOf<Schema> = Schema extends StandardSchema<infer Input, infer _> ? Input : never;
type OutputOf<Schema> = Schema extends StandardSchema<infer _, infer Output> ? Output : never;
/** What a schema lacks that is given beside a type, or is one of what no store can keep: for the compiler's message. */
interface NoSchema {
  readonly payload?: SchemaOfWhatAStoreCanKeep;
}
interface SchemaOfWhatAStoreCanKeep extends StandardSchema {
  readonly 'no type beside it': never;
}
type TypesWith<Types> = keyof Types extends never
  ? JobTypes
  : { readonly [Part in keyof JobTypes]: Part extends keyof Types ? Types[Part] : JobTypes[Part] };
/** Types of a definition, each of which can be stored, and no other. */
type StorableTypes<Types> = Partial<JobTypes> & {
  readonly [Part in keyof Types]: Part extends keyof JobTypes
    ? Storable<Types[Part]>
    : 'no such type: see JobTypes';
};

/** All that a definition takes, with their checks. */
export const DEFINITION_OPTIONS: Checks<Omit<JobDefinition, '~payload' | '~types'>> = {
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
 * Defines a kind of job: by the type of its payload, or by a schema, from which that type comes. A second type says what its handler returns and tells:
 * `result`, `progress`, `checkpoint` with `checkpoints()`, `results` (of the steps that it depends on) with `flows()`. All of them are then known wherever
 * the queue is read. A type that no store could keep (functions, symbols, instances of classes) does not compile.
 *
 * @example
 * job<{ id: string }>({ maxAttempts: 8 });
 * job<Photo, { result: { url: string }; progress: number }>({ timeoutMs: 60_000 });
 * job({ payload: noteSchema });
 * job<typeof photoSchema, { result: { url: string } }>({ payload: photoSchema });
 *
 * @throws InvalidOptionError at once
 */
export function job<Schema extends StandardSchema, Types extends StorableTypes<Types> = object>(
  options: JobOptions & { readonly payload: Schema & StandardSchema<Storable<InputOf<Schema>>> },
): JobDefinition<InputOf<Schema>, OutputOf<Schema>, TypesWith<Types>>;
export function job<Payload extends Storable<Payload> = unknown, Types extends StorableTypes<Types> = object>(
  options?: JobOptions & NoSchema,
): JobDefinition<Payload, Payload, TypesWith<Types>>;
export function job(given: JobDefinition = {}): JobDefinition {
  return checkDefinition('job', given);
}

function checkDefinition(what: string, given: JobDefinition): JobDefinition {
  const options = checkAll<Omit<JobDefinition, '~payload' | '~types'>>(what, given, DEFINITION_OPTIONS);
  const { upcast, version = 1 } = options;
  return upcast === undefined ? options : { ...options, upcast: checkUpcast('upcast', upcast, version) };
}

/**
 * Names the jobs that a queue knows. The types of enqueue and of the handlers follow from it. Plain objects in place of `job(…)` and `defineJobs(…)` are checked
 * in the same way by `createQueue`.
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
