import type { OnFull } from '../kernel/job.ts';
import type { EnqueueRequest } from '../kernel/messages.ts';
import { type Checks, checkSome } from './job-options.ts';
import { checkCount, checkOneOf } from './options.ts';

/** How much a queue may hold. What handlers enqueue with their completion, retries and redriven jobs are never refused. */
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
  /**
   * What happens to an enqueue beyond one of these. `refuse` (default): it rejects with QueueFullError. `drop-oldest`: jobs that have waited
   * longest are dropped to make room, due ones before delayed ones. `drop-lowest`: jobs of the lowest priority are, the longest
   * waiting first, and none of a higher priority than the new one: then that is refused. A running job is never dropped, one parked
   * behind others in its lane only when nothing else is left, and one call drops at most 1,000; a batch drops none of its own. Dropped
   * jobs are gone, in the transaction that takes the new one: the enqueue's answer lists them, `job:dropped` tells each of them where
   * it was called, and `count()` counts them as `dropped`.
   */
  readonly onFull?: OnFull;
}

const LIMITS: Checks<QueueLimits> = {
  maxDepth: checkCount,
  maxBytes: checkCount,
  maxDelayed: checkCount,
  onFull: (option, given) => checkOneOf(option, given, ['refuse', 'drop-oldest', 'drop-lowest']),
};

export const LIMIT_OPTIONS = Object.keys(LIMITS);

/** Throws InvalidOptionError. */
export const checkLimits = (options: QueueLimits): Limits => checkSome(options, LIMITS);

export type Limits = Pick<EnqueueRequest, 'maxDepth' | 'maxBytes' | 'maxDelayed' | 'onFull'>;
