import type { Job } from '../kernel/job.ts';
import type { Definitions, ParsedOf, PayloadOf } from '../queue/definitions.ts';
import type { EnqueueOptions } from '../queue/enqueue-options.ts';

/** What a handler may do beside its work. */
export interface HandlerContext<Jobs extends Definitions = Definitions, Options extends object = object> {
  /** As it was claimed. `job.id` and `attempt` are the material for the idempotency of what the handler does. */
  readonly job: Job;
  /** 1-based: 1 + failures. A crash or a release does not raise it. */
  readonly attempt: number;
  /**
   * 1-based: how often it has been tried, with those attempts that did not count, as its target had failed them. At least: attempts that only find
   * out whether a target is back are not written.
   */
  readonly tries: number;
  /** Grows at each claim, also along a lane: send it along, so that a server can refuse the late write of a frozen tab. */
  readonly fence: number;
  /** Aborted when the lease is lost, the job cancelled, its time over or the worker stopped; `reason` says which. */
  readonly signal: AbortSignal;
  /** Tells how far it is; stored with the next heartbeat. At most 8 KB; throws PayloadError. Once the job is over it does nothing. */
  progress(value: unknown): void;
  /**
   * Leaves a value for the next attempt, which finds it as `job.checkpoint`, also when this one's owner vanishes. Resolves with true
   * once it is stored, and with false when it is not as yet: the lease is lost, or the store fails; then it goes with the next heartbeat
   * or the end of the attempt. Calls that come while one is under way share the next. Each replaces the one before. A dead job keeps it, and
   * has it when it is redriven as it is; with the job's completion it is gone. At most 8 KB; throws PayloadError, and
   * InvalidOptionError for undefined.
   */
  checkpoint(value: unknown): Promise<boolean>;
  /** Extends the lease now rather than with the next heartbeat. Resolves with false when the lease is lost. */
  extend(): Promise<boolean>;
  /** Gives the job back, the attempt uncounted, and ends the handler by throwing. Minimum and default 0 ms. */
  release(options?: { readonly delayMs?: number }): never;
  /**
   * Enqueues with the completion of this job: both commit or neither. Answers the new job's id. At most 1,000 jobs or about 7 MB a
   * handler. Throws UnknownJobError, InvalidOptionError (also for a job whose schema answers promises), PayloadError, and an Error once
   * the handler has ended. The completion waits for the queue's middleware; what it refuses makes the attempt a failed one.
   */
  enqueue<Name extends keyof Jobs & string>(
    name: Name,
    payload: PayloadOf<Jobs[Name]>,
    options?: EnqueueOptions & Options,
  ): string;
  /** Told as `job:log`, not stored. */
  log(message: string): void;
}

/**
 * Does the work of one job. Returning completes it; throwing fails the attempt: an Error is retried with the backoff,
 * RetryLaterError after its own delay, DeadLetterError not at all. Called at least once for each job.
 */
export type Handler<Payload, Jobs extends Definitions = Definitions, Options extends object = object> = (
  payload: Payload,
  context: HandlerContext<Jobs, Options>,
) => unknown;

/** A part of the names is fine: jobs of the others wait for a worker that knows them. */
export type Handlers<Jobs extends Definitions, Options extends object = object> = {
  readonly [Name in keyof Jobs]?: Handler<ParsedOf<Jobs[Name]>, Jobs, Options>;
};
