import { describeJobStore } from '../../src/testing/conformance/index.ts';
import { everyFeature } from '../../src/testing/every-feature.ts';
import { draw, drawnName } from '../chromium/drawn.ts';
import { freshMemory } from './fresh-memory.ts';

/** Every store is proven with pages that have all features beside pages that have none. Here are the pairs between: of each another part, where one is drawn. */
const drawnBy = (nth: number) => (draw === undefined ? {} : { draw: { ...draw, seed: draw.seed + nth } });

describeJobStore(drawnName('memory, both pages with all features'), freshMemory, {
  blobs: true,
  beside: everyFeature(),
  ...drawnBy(0),
});

for (const [i, feature] of everyFeature().entries())
  describeJobStore(drawnName(`memory, beside a page that has ${feature.name} alone`), freshMemory, {
    blobs: true,
    beside: [feature],
    ...drawnBy(i + 1),
  });
