import { limits } from '../../core/features/limits/limits.ts';
import type { NameLimits } from '../../core/features/limits/name-limits.ts';
import type { ClaimRequest } from '../../core/kernel/messages.ts';
import type { Feature } from '../../core/queue/feature.ts';

/** A claim, or a look, of a page that has these limits in use. */
export interface Limited {
  readonly names?: Readonly<Record<string, ClaimRequest['names'][string] & NameLimits>>;
  readonly maxActive?: number;
}

/** The features of a page, with the limits that are said beside what is asked, or with its claim; the same ones, if none are. */
export function withLimits(
  use: readonly Feature[],
  request: Limited & { readonly claim?: Limited },
): readonly Feature[] {
  const { names = {}, maxActive } = request.claim ?? request;
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

const limitsIn = ({ maxActive, rate }: NameLimits): NameLimits => ({
  ...(maxActive === undefined ? {} : { maxActive }),
  ...(rate === undefined ? {} : { rate }),
});
