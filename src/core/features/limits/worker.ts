import type { Draft } from '../../kernel/job.ts';
import type { WorkerHooks } from '../../queue/worker-hooks.ts';
import { BeginWithin } from './begin-within.ts';
import type { Began, RateClaim, RateClaimed, RateExchange, RateSettlement } from './messages.ts';
import type { Limits } from './name-limits.ts';

/** Says when attempts under a rate begin. Over a wire it says nothing: what is claimed there begins at once. */
export function rateWorker(names: Limits['names'], isHere: boolean): WorkerHooks {
  const claimsFor = (name: string) => {
    const known = names.get(name);
    if (known?.rate !== undefined) return 'free';
    return known?.maxActive === undefined ? undefined : 'slot';
  };
  if (!isHere || [...names.values()].every(({ rate }) => rate === undefined)) return { claimsFor };
  const within = new BeginWithin();
  return {
    claimsFor,
    asks(request: RateExchange, running, ended): RateExchange {
      const settle = request.settle.map((one, i) => withBegin(one, ended[i]));
      const { claim } = request;
      if (
        claim === undefined ||
        !Object.keys(claim.names).some((name) => names.get(name)?.rate !== undefined)
      )
        return { ...request, settle };
      const rated: RateClaim = { ...claim, beginWithinMs: Math.min(within.ms, claim.leaseMs / 2) };
      return { ...request, settle, claim: rated, began: running.flatMap(beganOf) };
    },
    begins(claimed: Draft<RateClaimed>, now) {
      const { beginBy } = claimed;
      if (beginBy === undefined) return true;
      within[now > beginBy ? 'late' : 'inTime']();
      claimed.beganAt = now;
      return now <= beginBy;
    },
  };
}

const withBegin = (settlement: RateSettlement, claimed: RateClaimed | undefined): RateSettlement =>
  claimed?.beganAt === undefined ? settlement : { ...settlement, beganAt: claimed.beganAt };

const beganOf = ({ job, fence, beganAt: at }: RateClaimed): Began[] =>
  at === undefined ? [] : [{ id: job.id, fence, at }];
