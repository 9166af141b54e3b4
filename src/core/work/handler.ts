import type { Job } from '../kernel/job.ts';
import type { Definitions, JobOf, ParsedOf, PayloadOf, ResultOf, TypesOf } from '../queue/definitions.ts';
import type { EnqueueOptionsWith } from '../queue/enqueue-options.ts';
import type { GivenBy } from '../queue/feature.ts';

/** The second argument of a handler. Features in use add to it. */
export interface HandlerContext<
  Jobs extends Definitions = Definitions,
  Options extends object = object,
  Handled extends Job = Job,
  Progress = unknown,
> {
  /** The job as it was claimed. Use `job.id` to make what the handler does idempotent. */
  readonly job: Handled;
  /** 1-based: 1 + failures. A crash or a release does not raise it. */
  readonly attempt: number;
  /**
   * 1-based: how often the job has been tried, with attempts that did not count because its target was away. It may be more: attempts that only
   * try whether a target is back are not written.
   */
  readonly tries: number;
  /** Grows at each claim, also along a lane: send it along, so that a server can refuse the late write of a frozen tab. */
  readonly fence: number;
  /** Aborted when the lease is lost, the job cancelled, its time over or the worker stopped; `reason` says which. */
  readonly signal: AbortSignal;
  /** Emits how far the job is, and stores it with the next heartbeat. At most 8 KB; throws PayloadError. Does nothing once the job is over. */
  progress(value: Progress): void;
  /** Extends the lease now rather than with the next heartbeat. Resolves with false when the lease is lost. */
  extend(): Promise<boolean>;
  /** Gives the job back, the attempt uncounted, and ends the handler by throwing. Minimum and default 0 ms. */
  release(options?: { readonly delayMs?: number }): never;
  /**
   * Enqueues with the completion of this job: both commit or neither. Returns the new job's id. At most 1,000 jobs or about 7 MB a
   * handler. Throws UnknownJobError, InvalidOptionError (also for a job whose schema returns promises), PayloadError, and an Error once
   * the handler has ended. The completion waits for the queue's middleware; if that refuses the job, the attempt fails.
   */
  enqueue<Other extends keyof Jobs & string>(
    name: Other,
    payload: PayloadOf<Jobs[Other]>,
    options?: EnqueueOptionsWith<Options>,
  ): string;
  /** Emits `job:log`; nothing is stored. */
  log(message: string): void;
}

/**
 * Does the work of one job. Returning completes it; throwing fails the attempt: an Error is retried with the backoff,
 * RetryLaterError after its own delay, DeadLetterError not at all. Returning a
 * `Response` that is no success fails the attempt as a ServerError, so a 500 never completes a job; `send` knows what each status means.
 * Called at least once for each job.
 *
 * @example
 * const push: Handler<Note> = (note, { signal }) => fetch('/api/notes', { method: 'POST', body: note.text, signal }); // a 500 is no success
 */
export type Handler<Payload, Jobs extends Definitions = Definitions, Options extends object = object> = (
  payload: Payload,
  context: HandlerContext<Jobs, Options> & GivenBy<Options>,
) => unknown;

/** What the handler of this name is given beside its payload. */
type ContextOf<Jobs extends Definitions, Options extends object, Name extends keyof Jobs> = HandlerContext<
  Jobs,
  Options,
  JobOf<Jobs, Name>,
  TypesOf<Jobs[Name]>['progress']
> &
  GivenBy<Options, TypesOf<Jobs[Name]>>;

/** A promise or not; anything, where the definition does not say what. */
type Returned<Result> = unknown extends Result ? unknown : Result | PromiseLike<Result>;

/** A handler for each name, or for some: jobs of other names wait for a worker that has a handler for them. */
export type Handlers<Jobs extends Definitions, Options extends object = object> = {
  readonly [Name in keyof Jobs]?: (
    payload: ParsedOf<Jobs[Name]>,
    context: ContextOf<Jobs, Options, Name>,
  ) => Returned<ResultOf<Jobs[Name]>>;
};
