import type { EnqueueRequest } from '../kernel/messages.ts';
import { type Checks, checkSome } from './job-options.ts';
import { checkCount } from './options.ts';

/** How much a queue may hold. What handlers enqueue with their completion, retries and redriven jobs are never refused. See `drop` for more than to refuse. */
export interface QueueLimits {
  /** Live jobs (waiting and running) beyond which enqueue refuses with QueueFullError. Default: none. Minimum 1. */
  readonly maxDepth?: number;
  /** Estimated payload bytes of the live jobs beyond which enqueue refuses. Default: none. Minimum 1. */
  readonly maxBytes?: number;
  /**
   * Jobs that wait for an instant (delayed, or back for a later attempt) beyond which enqueue refuses more of them; what is parked in a
   * lane is not counted. Default: none. Minimum 1.
   */
  readonly maxDelayed?: number;
}

const LIMITS: Checks<QueueLimits> = {
  maxDepth: checkCount,
  maxBytes: checkCount,
  maxDelayed: checkCount,
};

export const LIMIT_OPTIONS = Object.keys(LIMITS);

/** Throws InvalidOptionError. */
export const checkLimits = (options: QueueLimits): Limits => checkSome(options, LIMITS);

export type Limits = Pick<EnqueueRequest, 'maxDepth' | 'maxBytes' | 'maxDelayed'>;
