import { describe, expect, it } from 'vitest';
import { drawn, keepDrawn } from '../../src/testing/conformance/drawing.ts';

const groups = Array.from({ length: 40 }, (_, i) => `group ${i}`);
const registered: string[] = [];

describe('a suite of which a tenth is drawn', () => {
  for (const group of groups)
    describe(group, () => {
      registered.push(group);
      it('is a group', () => expect(groups).toContain(group));
    });
  keepDrawn({ seed: 3, share: 0.1 });
});

describe('drawing', () => {
  it('registers the groups that are drawn, in their order, and no others', () => {
    expect(registered).toEqual(drawn(groups, { seed: 3, share: 0.1 }));
    expect(registered).toHaveLength(4);
    expect(registered).toEqual(groups.filter((group) => registered.includes(group)));
  });

  it('draws each group by one seed or another', () => {
    const seeds = Array.from({ length: 60 }, (_, seed) => seed);
    const all = new Set(seeds.flatMap((seed) => drawn(groups, { seed, share: 0.25 })));
    expect(all.size).toBe(groups.length);
  });

  it('draws one at least', () => {
    expect(drawn(['only'], { seed: 1, share: 0 })).toEqual(['only']);
  });
});
