import type {
  ClaimRequest,
  ExchangeAnswer,
  ExchangeRequest,
  ExtendAnswer,
  ExtendRequest,
} from '../kernel/messages.ts';
import { getting } from '../operations/get.ts';
import type { Context } from '../queue/context.ts';
import { admitPayloads } from '../queue/sent-spec.ts';
import { knownName } from '../queue/shared-limits.ts';
import { exchanging, extending } from '../work/lease-operations.ts';
import { reclaimLeases, reportReclaimed } from '../work/reclaim-leases.ts';
import type { Exposable, ServedOperation, Who } from './expose.ts';
import { checkExchange, checkExtend } from './lease-check.ts';
import type { ServedFeature } from './served-feature.ts';

/** No name that a caller chooses is a worker's of the host, which may prove its life otherwise than by leases. */
export const workerOf = (workerId: string, { identity }: Who): string =>
  identity === undefined ? `remote ${workerId}` : `remote ${JSON.stringify(identity)} ${workerId}`;

const servingExchange: ServedOperation<ExchangeRequest, ExchangeAnswer> = {
  ...exchanging,
  check: checkExchange,
  admit: ({ settle }, host) =>
    admitPayloads(
      host,
      settle.flatMap(({ outcome }) => (outcome.kind === 'complete' ? (outcome.enqueue ?? []) : [])),
    ),
  async act({ claim, ...asked }, context, who) {
    const { local } = context.line;
    const request = { ...asked, workerId: workerOf(asked.workerId, who) };
    // A host between: the one that has the rows does the rest.
    if (local === undefined) return context.run(exchanging, { ...request, ...(claim && { claim }) });
    // First what other owners lost: where nobody works beside the rows, nobody else looks for it.
    if (claim !== undefined) await reportReclaimed(await reclaimLeases(local), context);
    const { outage } = context.options;
    const { outageMs } = outage;
    return context.run(exchanging, {
      ...request,
      settle: request.settle.map((one) =>
        one.met ? { ...one, met: { ...one.met, outageMs: one.met.outageMs ?? outageMs } } : one,
      ),
      ...(claim && { claim: amended(claim, context) }),
      probeMaxMs: outage.probeMaxMs,
    });
  },
};

/** The limits that the host defines hold for those who pull as well. */
function amended(claim: ClaimRequest, { jobs, options }: Context): ClaimRequest {
  const names = Object.entries(claim.names).map(([name, { version, slots }]) => [
    name,
    { ...(Object.hasOwn(jobs, name) ? knownName(jobs[name] ?? {}) : {}), version, slots },
  ]);
  return { ...claim, ...options.shared, names: Object.fromEntries(names) };
}

const servingExtend: ServedOperation<ExtendRequest, readonly ExtendAnswer[]> = {
  ...extending,
  check: checkExtend,
  act: (request, context, who) =>
    context.run(extending, { ...request, workerId: workerOf(request.workerId, who) }),
};

/**
 * What `work(remote, handlers)` asks for: claim, settle and extend, and what the host's features add to that, such as the ticks of schedules. What is
 * claimed over a wire begins at once. Leases last from a second to a day.
 *
 * @example
 * expose(queue, { get, count, ...pulling });
 */
export const pulling: { readonly work: Exposable } = {
  work: {
    operations: [servingExchange, servingExtend, getting],
    also: ({ setup }) => (setup.use as readonly ServedFeature[]).flatMap(({ serves = [] }) => serves),
  },
};
