import { describe, expect, it } from 'vitest';
import type { StoreHarness } from '../conformance/harness.ts';
import { LIMIT_MS, type ModelOptions, runModel } from './run.ts';

/** Several at a time: most of a walk is waiting for the store. */
const STRANDS = 4;
/** For the rest of a test, once its walks have reached their limit. */
const SLACK_MS = 20_000;

/**
 * Declares, for vitest, the tests that a store answers as the memory store does: see `runModel`. They run at the same time,
 * each with a database and a seed of its own, counted on from `seed`; one failed strand is replayed by `runModel`.
 */
export function describeModel(
  name: string,
  create: () => Promise<StoreHarness>,
  options: Omit<ModelOptions, 'replay'> = {},
): void {
  const { runs = 1_000, seed: first = 1, limitMs = LIMIT_MS } = options;
  const strand = Math.ceil(runs / STRANDS);
  describe.concurrent(name, () => {
    for (let seed = first; seed < first + STRANDS; seed += 1)
      it(
        `answers as the memory store does, in ${strand} random walks (seed ${seed})`,
        async () => {
          await expect(
            runModel(create, { ...options, runs: strand, seed, limitMs }),
          ).resolves.toBeUndefined();
        },
        limitMs + SLACK_MS,
      );
  });
}
