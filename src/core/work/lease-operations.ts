import { exchange } from '../kernel/exchange.ts';
import { extend, type LeaseLook, lookAtLeases, reclaim } from '../kernel/leases.ts';
import type {
  ExchangeAnswer,
  ExchangeRequest,
  ExtendAnswer,
  ExtendRequest,
  Outcome,
  ReclaimAnswer,
  ReclaimRequest,
} from '../kernel/messages.ts';
import type { QueueOperation } from '../queue/queue-operation.ts';

/** Settles the finished, then claims due jobs: the hot path of a worker. */
export const exchanging: QueueOperation<ExchangeRequest, ExchangeAnswer> = {
  name: 'exchange',
  kind: 'drainer',
  rule: (request, codec, features) => exchange(codec, request, features),
  isPlain: () => true,
  isAwaited: ({ jobs }) => jobs.length > 0,
  workerOf: ({ workerId }) => workerId,
  hint: hintOf,
};

/** Moves leases to now + leaseMs; per lease, in input order. */
export const extending: QueueOperation<ExtendRequest, readonly ExtendAnswer[]> = {
  name: 'extend',
  kind: 'drainer',
  rule: (request, codec) => extend(codec, request),
};

/** What a reclaim would find: most find nothing to take back, and need no turn to write. */
export const lookingAtLeases: QueueOperation<object, LeaseLook> = {
  name: 'lookAtLeases',
  kind: 'reader',
  rule: () => (rows, now) => lookAtLeases(rows, now),
};

/** Takes back leases that expired, or whose owner is proven gone. */
export const reclaiming: QueueOperation<ReclaimRequest, ReclaimAnswer> = {
  name: 'reclaim',
  kind: 'drainer',
  rule: (request) => (rows, now) => reclaim(rows, request, now),
  hint: ({ reclaimed, dead, cancelled }) =>
    reclaimed.length + dead.length + cancelled.length > 0 ? 'work' : undefined,
};

const holds = (outcome: Outcome): boolean => outcome.kind === 'retry' && outcome.holdUntil !== undefined;

/** A plain completion frees nothing that waits, so workers elsewhere need not wake for it. */
function hintOf(
  answer: ExchangeAnswer,
  { settle }: ExchangeRequest,
): 'cancel' | 'work' | 'change' | undefined {
  if (settle.some(({ outcome }, i) => answer.settled[i] === 'settled' && holds(outcome))) return 'cancel';
  if (answer.outage !== undefined && answer.outage.closed.length > 0) return 'cancel';
  if (answer.buried !== undefined || answer.freed || answer.wentOn || answer.owes || answer.outage?.grew)
    return 'work';
  if (answer.settled.every((settled) => settled === 'stale'))
    return answer.jobs.length > 0 ? 'change' : undefined;
  const frees = settle.some(({ outcome }) => outcome.kind !== 'complete' || outcome.enqueue !== undefined);
  return frees ? 'work' : 'change';
}
