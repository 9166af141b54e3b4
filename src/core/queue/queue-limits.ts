import type { OnFull } from '../kernel/job.ts';
import type { EnqueueRequest } from '../kernel/messages.ts';
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

export const LIMIT_OPTIONS = ['maxDepth', 'maxBytes', 'maxDelayed', 'onFull'];

/** Throws InvalidOptionError. */
export function checkLimits({ maxDepth, maxBytes, maxDelayed, onFull }: QueueLimits): Limits {
  return {
    ...(maxDepth === undefined ? {} : { maxDepth: checkCount('maxDepth', maxDepth) }),
    ...(maxBytes === undefined ? {} : { maxBytes: checkCount('maxBytes', maxBytes) }),
    ...(maxDelayed === undefined ? {} : { maxDelayed: checkCount('maxDelayed', maxDelayed) }),
    ...(onFull === undefined
      ? {}
      : { onFull: checkOneOf('onFull', onFull, ['refuse', 'drop-oldest', 'drop-lowest']) }),
  };
}

export type Limits = Pick<EnqueueRequest, 'maxDepth' | 'maxBytes' | 'maxDelayed' | 'onFull'>;
