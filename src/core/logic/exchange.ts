import type { ExchangeAnswer, ExchangeRequest } from '../messages.ts';
import { claim } from './claim.ts';
import { openControl } from './control.ts';
import { type Claims, type Codec, type Operation, read } from './rows.ts';
import { sealChained, settle } from './settle.ts';

/**
 * Settles the finished and claims the next: the worker's hot path, one control row and one claim row written. Seals what
 * handlers enqueued at once; what is answered runs in a transaction.
 */
export function exchange(codec: Codec, request: ExchangeRequest, now: number): Operation<ExchangeAnswer> {
  const chained = sealChained(codec, request.settle);
  return function* (rows) {
    const control = yield* openControl(rows, now);
    if (control === undefined) return { settled: request.settle.map(() => 'stale'), jobs: [] };
    const claims = yield* read(rows.claims());
    const mine = claims.find(({ workerId }) => workerId === request.workerId) ?? newClaims(request.workerId);
    const settled = yield* settle(rows, control, mine, request.settle, chained, now);
    const claimed = request.claim
      ? yield* claim(rows, control, claims, mine, request.claim, now)
      : { jobs: [] };
    if (settled.some((answer) => answer !== 'stale') || claimed.jobs.length > 0) {
      rows.putClaims(mine);
      rows.putControl(control);
    }
    return { settled, ...claimed };
  };
}

const newClaims = (workerId: string): Claims => ({ workerId, leases: [] });
