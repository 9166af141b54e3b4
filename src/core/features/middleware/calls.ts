import type { Job } from '../../kernel/job.ts';
import type { EnqueueStatus } from '../../kernel/messages.ts';
import type { EnqueueOptions } from '../../queue/enqueue-options.ts';

/** A job on its way into the queue, as a middleware sees it. */
export interface EnqueueCall {
  readonly queue: string;
  readonly name: string;
  /** The one it will have, unless it is a duplicate. */
  readonly id: string;
  /** A copy of what was given; its schema has not seen it yet. */
  readonly payload: unknown;
  readonly options: EnqueueOptions;
  /** Jobs of the same call: 1, or those of an `enqueueMany`. */
  readonly batchSize: number;
  /** The job whose handler enqueues it; absent: no handler does. */
  readonly from?: Job;
}

/** What a middleware passes on in the place of what it was given. */
export interface EnqueueChange {
  readonly payload?: unknown;
  /** All of them: `{ ...call.options, tags: ['eu'] }`. The id stays. */
  readonly options?: EnqueueOptions;
}

/** `prepared`: it is stored later or not at all, with the completion of the job it comes from or by `addTo`. */
export interface EnqueueResult {
  readonly id: string;
  readonly status: EnqueueStatus | 'prepared';
}

/** One call of a handler, as a middleware sees it. */
export interface Attempt {
  readonly queue: string;
  readonly job: Job;
  /** 1-based. */
  readonly attempt: number;
  /** The handler's. */
  readonly signal: AbortSignal;
}
