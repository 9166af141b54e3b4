import type { PayloadError } from '../kernel/errors.ts';
import type { Job } from '../kernel/job.ts';
import type { EnqueueAnswer, JobSpec } from '../kernel/messages.ts';
import type { CheckedJob } from './checked-job.ts';
import type { Definitions, JobDefinition } from './definitions.ts';
import type { Emitter } from './emitter.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import type { Check } from './job-options.ts';

/** What somebody enqueues. */
export interface Wanted {
  readonly name: string;
  readonly payload: unknown;
  readonly options: EnqueueOptions;
}

/** What a feature around enqueues needs of its queue. */
export interface AroundHost {
  /** As its user knows it. */
  readonly name: string;
  readonly jobs: Definitions;
  readonly environment: { id(): string };
  readonly emitter: Emitter;
  /** What its enqueues may say. */
  readonly accepts: { readonly checks: Readonly<Record<string, Check<unknown>>> };
}

/** The way in that it goes around. */
export interface AroundIntake {
  /** Payloads may hold them. */
  readonly blobs: boolean;
  /** A job by itself, checked: not stored yet. `id`: of one that has none of its own. */
  toSpec(name: string, payload: unknown, options: EnqueueOptions, id: () => string): CheckedJob;
}

export type Commit = (jobs: readonly CheckedJob[]) => Promise<readonly EnqueueAnswer[]>;

/** What the enqueues of a queue go through. */
export interface EnqueuesAround {
  /** Commits all of them once each was let through, or none. */
  store(items: readonly Wanted[], commit: Commit): Promise<readonly EnqueueAnswer[]>;
  /** Lets one through that is stored later. */
  prepare(item: Wanted): Promise<CheckedJob>;
  /** For the jobs that the handler of one attempt enqueues. */
  chain(from: Job): JobChain;
}

/** The jobs that one handler enqueues. */
export interface JobChain {
  readonly specs: readonly JobSpec[];
  /** Returns the id. Throws what refuses the job at once. */
  enqueue(item: Wanted): string;
  /** Where some are let through later: resolves when `specs` holds all, rejects with what refuses one. */
  arrived?(): Promise<void>;
}

/** What a handler is given, as far as what goes around it looks. */
export interface Attempting {
  readonly job: Job;
  readonly attempt: number;
  readonly signal: AbortSignal;
}

export type HandlerOf<Context extends Attempting> = (payload: unknown, context: Context) => unknown;

/** Of which handler that is. */
export interface Handling {
  readonly definition: JobDefinition;
  /** Marks an error that is then to be thrown: another attempt would come to the same, so the job is dead. */
  refuse(error: PayloadError): PayloadError;
}

/** What a feature puts around what users call, outside of transactions. The first in the order of features is the outermost. */
export interface Around {
  /** Asked once a queue; of several features that have it, the first goes around. */
  enqueue?(host: AroundHost, intake: AroundIntake): EnqueuesAround;
  /** Asked once a handler of a worker. */
  run?<Context extends Attempting>(handler: HandlerOf<Context>, handling: Handling): HandlerOf<Context>;
}
