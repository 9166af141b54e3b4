import type { Builds, Side } from './build.ts';
import type { Run } from './pair.ts';

/** Measures both builds on one store: calls `paired` with each piece of work. */
export type Part = (
  builds: Builds,
  options: { readonly quick: boolean },
  paired: (what: string, sides: Readonly<Record<Side, Run>>) => Promise<void>,
) => Promise<void>;
