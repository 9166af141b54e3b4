import { checkpoints } from '../core/features/checkpoints/checkpoints.ts';
import { drop } from '../core/features/drop/drop.ts';
import type { Policy as DropPolicy } from '../core/features/drop/victims.ts';
import { flows } from '../core/features/flows/flows.ts';
import type { FlowOptions, FlowSpec } from '../core/features/flows/options.ts';
import type { KeyOptions, KeyTimes } from '../core/features/keys/key-options.ts';
import { keys } from '../core/features/keys/keys.ts';
import { type LimitedOptions, limits } from '../core/features/limits/limits.ts';
import type { RateClaim, RateExchange, RateSettlement } from '../core/features/limits/messages.ts';
import type { NameLimits } from '../core/features/limits/name-limits.ts';
import type { KeepRules } from '../core/features/results/keep-rules.ts';
import type { ResultOptions } from '../core/features/results/result-row.ts';
import { results } from '../core/features/results/results.ts';
import { schedules } from '../core/features/schedules/schedules.ts';
import { schema } from '../core/features/schema/schema.ts';
import type { ClaimRequest, ExplainRequest } from '../core/kernel/messages.ts';
import type { EnqueueOptionsWith } from '../core/queue/enqueue-options.ts';
import type { Feature } from '../core/queue/feature.ts';

type Options = FlowOptions & KeyOptions & LimitedOptions & ResultOptions;

/** What an enqueue may say with all of them, and the spec of a job that says it. */
export type EveryOption = EnqueueOptionsWith<Options>;
export type EverySpec = FlowSpec & KeyTimes & LimitedOptions & ResultOptions;

/** All features that have no setting of their own that a test would have to know: what tests of stores and of rules have in use. */
export const everyFeature = (): readonly Feature<Options>[] => [
  limits(),
  flows(),
  keys(),
  results(),
  checkpoints(),
  schedules(),
  schema(),
];

/** A claim, or a look, of a page that has these limits in use. */
export interface Limited {
  readonly names?: Readonly<Record<string, ClaimRequest['names'][string] & NameLimits>>;
  readonly maxActive?: number;
}

export type LimitedClaim = RateClaim & Limited;
export type FeaturedExchange = Omit<RateExchange, 'claim' | 'settle'> & {
  readonly claim?: LimitedClaim;
  readonly settle: readonly RateSettlement[];
};
export type LimitedExplain = ExplainRequest & Limited;

/** The features of a page, with the limits that are said beside what is asked; the same ones, if none are. */
export function withLimits(use: readonly Feature[], { names = {}, maxActive }: Limited): readonly Feature[] {
  const byName = Object.entries(names).flatMap(([name, asked]): [string, NameLimits][] =>
    asked.maxActive === undefined && asked.rate === undefined ? [] : [[name, limitsIn(asked)]],
  );
  if (byName.length === 0 && maxActive === undefined) return use;
  // Without its marks: calls that say nothing of limits are no pages without them.
  const { marks: _, ...said } = limits(
    Object.fromEntries(byName),
    maxActive === undefined ? {} : { maxActive },
  );
  return use.map((feature) => (feature.name === said.name ? said : feature));
}

/** The features of a page that makes room so; the same ones, if it is not said. */
export const withDrop = (use: readonly Feature[], policy: DropPolicy | undefined): readonly Feature[] =>
  policy === undefined ? use : [...use, drop(policy)];

/** The features of a page whose queue keeps ended jobs by these rules; the same ones, if there are none. */
export function withKeep(use: readonly Feature[], keep: KeepRules | undefined): readonly Feature[] {
  if (keep === undefined) return use;
  const said = results(keep);
  return use.map((feature) => (feature.name === said.name ? said : feature));
}

const limitsIn = ({ maxActive, rate }: NameLimits): NameLimits => ({
  ...(maxActive === undefined ? {} : { maxActive }),
  ...(rate === undefined ? {} : { rate }),
});
