import type { KeepRules } from '../../core/features/results/keep-rules.ts';
import { results } from '../../core/features/results/results.ts';
import type { Feature } from '../../core/queue/feature.ts';

/** The rules by which the queue of the page keeps ended jobs. Absent: those of `use`. */
export interface Keeping {
  readonly keep?: KeepRules;
}

/** The features of a page whose queue keeps ended jobs by these rules; the same ones, if there are none. */
export function withKeep(
  use: readonly Feature[],
  request: Keeping & { readonly claim?: Keeping },
): readonly Feature[] {
  const keep = request.keep ?? request.claim?.keep;
  if (keep === undefined) return use;
  const said = results(keep);
  return use.map((feature) => (feature.name === said.name ? said : feature));
}
