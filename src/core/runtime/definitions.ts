import { InvalidOptionError } from '../errors.ts';
import type { Backoff } from '../job.ts';
import { checkBackoff, checkCount, checkKnown, checkMs, checkText, hasMethods, reading } from './options.ts';
import { checkSchema, type StandardSchema } from './schema.ts';

/** A condition that must hold for a job to be claimed. While it is closed its jobs wait, and no attempt is counted. */
export interface Gate {
  isOpen(): boolean;
  /** Calls back when `isOpen` may answer differently; answers what ends that. */
  subscribe(listener: () => void): () => void;
}

export interface JobOptions {
  /** Failures after which the job is dead, the first run included. Default 10, minimum 1. */
  readonly maxAttempts?: number;
  /** Vanished owners after which the job is dead. Default 10, minimum 1. */
  readonly maxCrashes?: number;
  /** Default: exponential from 1 s, doubling, at most 5 min, full jitter. */
  readonly backoff?: Backoff;
  /** How long one attempt may take before its signal is aborted. Default: no limit. Minimum 1. */
  readonly timeoutMs?: number;
  /** How many may run at a time in one worker. Default: the worker's. Minimum 1. */
  readonly concurrency?: number;
  readonly gate?: Gate;
  /** Of the payload's shape: a worker leaves jobs of a greater version alone. Default 1. */
  readonly version?: number;
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

const KNOWN = [
  'maxAttempts',
  'maxCrashes',
  'backoff',
  'timeoutMs',
  'concurrency',
  'gate',
  'version',
  'payload',
];

/**
 * Defines a kind of job: `job<{ id: string }>({ maxAttempts: 8 })`, or with a schema, from which the types come,
 * `job({ payload: noteSchema })`. Throws InvalidOptionError at once.
 */
export function job<Payload, Parsed>(
  options: JobOptions & { readonly payload: StandardSchema<Payload, Parsed> },
): JobDefinition<Payload, Parsed>;
export function job<Payload = unknown>(options?: JobOptions): JobDefinition<Payload>;
export function job(given: JobDefinition = {}): JobDefinition {
  const options = checkKnown('job', given, KNOWN);
  if (options.payload !== undefined) checkSchema('payload', options.payload);
  if (options.maxAttempts !== undefined) checkCount('maxAttempts', options.maxAttempts);
  if (options.maxCrashes !== undefined) checkCount('maxCrashes', options.maxCrashes);
  if (options.timeoutMs !== undefined) checkMs('timeoutMs', options.timeoutMs, 1);
  if (options.concurrency !== undefined) checkCount('concurrency', options.concurrency);
  if (options.version !== undefined) checkCount('version', options.version);
  const { gate, backoff } = options;
  if (gate !== undefined && !hasMethods(gate, 'isOpen', 'subscribe'))
    throw new InvalidOptionError('gate', gate, 'an object with isOpen() and subscribe()');
  return backoff === undefined ? options : { ...options, backoff: checkBackoff('backoff', backoff) };
}

/** Names the kinds of jobs a queue knows. The types of enqueue and of the handlers follow from it. */
export function defineJobs<const Jobs extends Definitions>(jobs: Jobs): Jobs {
  if (typeof jobs !== 'object' || jobs === null)
    throw new InvalidOptionError('jobs', jobs, 'an object of definitions: defineJobs({ … })');
  const named = reading('jobs', jobs, () => Object.entries(jobs));
  return Object.fromEntries(
    named.map(([name, definition]) => [checkText('job name', name), job(definition)]),
  ) as unknown as Jobs;
}

/** A gate that throws is closed: nothing is known that would let its jobs go. */
export function isOpen({ gate }: JobDefinition): boolean {
  try {
    return gate === undefined || gate.isOpen();
  } catch {
    return false;
  }
}
