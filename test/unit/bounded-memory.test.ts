import { describe, expect, it } from 'vitest';
import { Apart } from '../../src/core/work/apart.ts';
import type { Attempt } from '../../src/core/work/attempt.ts';
import { Left } from '../../src/core/work/left.ts';

/** What is remembered of jobs that never come back must not fill the memory of a page that stays open for weeks. */
describe('what a context remembers', () => {
  it('of a handler that never ends goes with its limit, when the next one is left', () => {
    const left = new Left(() => {});
    left.leave({ id: 'x' } as Attempt, 0, 1_000, true);
    left.leave({ id: 'y' } as Attempt, 1_000, 1_000, true);
    // By a clock that is set back nothing is over that is still known.
    expect([left.since('x', 0), left.since('y', 0)]).toEqual([undefined, 0]);
  });

  it('of targets that a worker does not reach is that of a thousand at most', () => {
    const apart = new Apart(300_000, 'worker');
    for (let i = 0; i < 2_500; i++) {
      const target = `host ${i}.example`;
      const missed = Array.from({ length: 3 }, () => miss(target));
      apart.heard(missed, { spared: {}, closed: [], opened: [], grew: false, apart: { [target]: 0 } }, 2);
    }
    expect(Object.keys(apart.few(2, () => 0) ?? {})).toHaveLength(500);
  });
});

const miss = (target: string): Attempt =>
  ({
    claimed: { job: { id: 'x', name: 'push', target }, fence: 1 },
    outcome: { kind: 'retry' },
    meets: { how: { kind: 'unreached', reason: 'network' }, startedAt: 1, outageMs: 1 },
    repeated: false,
  }) as unknown as Attempt;
