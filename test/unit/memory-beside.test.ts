import { describeJobStore } from '../../src/testing/conformance/index.ts';
import { everyFeature } from '../../src/testing/every-feature.ts';
import { freshMemory } from './fresh-memory.ts';

/** Every store is proven with pages that have all features beside pages that have none. Here are the pairs between: all of them without ENGINES_SEED, else a part. */
const seed = process.env.ENGINES_SEED;
const drawnBy = (nth: number) =>
  seed === undefined ? {} : { draw: { seed: Number(seed) + nth, share: 1 / 6 } };

describeJobStore('memory, both pages with all features', freshMemory, {
  blobs: true,
  beside: everyFeature(),
  ...drawnBy(0),
});

for (const [i, feature] of everyFeature().entries())
  describeJobStore(`memory, beside a page that has ${feature.name} alone`, freshMemory, {
    blobs: true,
    beside: [feature],
    ...drawnBy(i + 1),
  });
