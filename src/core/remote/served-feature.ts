import type { Feature } from '../queue/feature.ts';
import type { Exposable } from './expose.ts';

/** What a feature serves workers elsewhere: see `pulling`. */
export interface ServedFeature extends Feature {
  /** What they ask for beside their claims. */
  readonly serves?: Exposable['operations'];
  /** What their claims say of it: see `ClaimRequest.asks`. Throws InvalidOptionError. */
  checkAsk?(what: string, given: unknown): unknown;
}
