import { describe } from 'vitest';
import { describeAliasing } from './aliasing.ts';
import { describeBatches } from './batches.ts';
import { describeCancelling } from './cancelling.ts';
import { describeClaims } from './claims.ts';
import { describeClocks } from './clocks.ts';
import { describeClosing } from './closing.ts';
import { describeCost } from './cost.ts';
import { describeCrashes } from './crashes.ts';
import { describeDoubt } from './doubt.ts';
import { describeEnqueue } from './enqueue.ts';
import { describeFollowUps } from './follow-ups.ts';
import type { ConformanceOptions, StoreHarness } from './harness.ts';
import { describeHolding } from './holding.ts';
import { describeIdempotency } from './idempotency.ts';
import { describeIds } from './ids.ts';
import { describeLaneExits } from './lane-exits.ts';
import { describeLaneWalk } from './lane-walk.ts';
import { describeLanes } from './lanes.ts';
import { describeLeases } from './leases.ts';
import { describeLimits } from './limits.ts';
import { describeOrder } from './order.ts';
import { describePayloads } from './payloads.ts';
import { describeReading } from './reading.ts';
import { describeRedriving } from './redriving.ts';
import { setScene } from './scene.ts';
import { describeSettle } from './settle.ts';
import { describeStale } from './stale.ts';
import { describeWaking } from './waking.ts';

/**
 * Declares, for vitest, every test that a store has to pass: no store may skip one. `create` makes a fresh, empty
 * database; it is called before each test, and the harness is disposed of after it. The tests use two openings of it.
 */
export function describeJobStore(
  name: string,
  create: () => Promise<StoreHarness>,
  options: ConformanceOptions = {},
): void {
  describe(name, () => {
    const scene = setScene(create);
    describeEnqueue(scene);
    describeOrder(scene);
    describeClaims(scene);
    describeWaking(scene);
    describeSettle(scene);
    describeBatches(scene);
    describeStale(scene);
    describeLeases(scene);
    describeDoubt(scene);
    describeCrashes(scene);
    describeClocks(scene);
    describeLanes(scene);
    describeLaneExits(scene);
    describeLaneWalk(scene);
    describeIdempotency(scene);
    describeFollowUps(scene);
    describeIds(scene);
    describeCancelling(scene);
    describeRedriving(scene);
    describeHolding(scene);
    describeReading(scene);
    describeLimits(scene);
    describePayloads(scene, options);
    describeAliasing(scene);
    describeClosing(scene);
    describeCost(scene);
  });
}
