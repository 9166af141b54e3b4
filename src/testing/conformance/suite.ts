import { describe } from 'vitest';
import { describeAgeing } from './ageing.ts';
import { describeAges } from './ages.ts';
import { describeAliasing } from './aliasing.ts';
import { describeBatchKeys } from './batch-keys.ts';
import { describeBatches } from './batches.ts';
import { describeCancelling } from './cancelling.ts';
import { describeCheckpoints } from './checkpoints.ts';
import { describeClaims } from './claims.ts';
import { describeClocks } from './clocks.ts';
import { describeClosing } from './closing.ts';
import { describeCost } from './cost.ts';
import { describeCrashes } from './crashes.ts';
import { describeDoubt } from './doubt.ts';
import { describeDropping } from './dropping.ts';
import { describeEnqueue } from './enqueue.ts';
import { describeExplaining } from './explaining.ts';
import { describeFacts } from './facts.ts';
import { describeFlows } from './flows.ts';
import { describeFollowUps } from './follow-ups.ts';
import { describeGivenPayloads } from './given-payloads.ts';
import { describeHalting } from './halting.ts';
import type { ConformanceOptions, StoreHarness } from './harness.ts';
import { describeHolding } from './holding.ts';
import { describeIdempotency } from './idempotency.ts';
import { describeIds } from './ids.ts';
import { describeJobBatches } from './job-batches.ts';
import { describeKeeping } from './keeping.ts';
import { describeKeyTimes } from './key-times.ts';
import { describeLaneExits } from './lane-exits.ts';
import { describeLaneWalk } from './lane-walk.ts';
import { describeLanes } from './lanes.ts';
import { describeLeases } from './leases.ts';
import { describeLimits } from './limits.ts';
import { describeLinear } from './linear.ts';
import { describeLog } from './log.ts';
import { describeMaxActive } from './max-active.ts';
import { describeOrder } from './order.ts';
import { describeOutages } from './outages.ts';
import { describeOwnIds } from './own-ids.ts';
import { describePausedNames } from './paused-names.ts';
import { describePayloads } from './payloads.ts';
import { describePurging } from './purging.ts';
import { describeRates } from './rates.ts';
import { describeReading } from './reading.ts';
import { describeRedriving } from './redriving.ts';
import { describeRelativeJobs } from './relative-jobs.ts';
import { describeRelativeMemory } from './relative-memory.ts';
import { describeRestarting } from './restarting.ts';
import { setScene } from './scene.ts';
import { describeTicks } from './schedule-ticks.ts';
import { describeSchedules } from './schedules.ts';
import { describeSettle } from './settle.ts';
import { describeStale } from './stale.ts';
import { describeStats } from './stats.ts';
import { describeTargets } from './targets.ts';
import { describeUnbegun } from './unbegun.ts';
import { describeWaits } from './waits.ts';
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
    describeAgeing(scene);
    describeMaxActive(scene);
    describeRates(scene);
    describeClaims(scene);
    describeWaking(scene);
    describeSettle(scene);
    describeBatches(scene);
    describeStale(scene);
    describeUnbegun(scene);
    describeTargets(scene);
    describeOutages(scene);
    describeLeases(scene);
    describeDoubt(scene);
    describeCrashes(scene);
    describeClocks(scene);
    describeRelativeJobs(scene);
    describeRelativeMemory(scene);
    describeLanes(scene);
    describeLaneExits(scene);
    describeLaneWalk(scene);
    describeHalting(scene);
    describeIdempotency(scene);
    describeRestarting(scene);
    describeKeyTimes(scene);
    describeFollowUps(scene);
    describeIds(scene);
    describeOwnIds(scene);
    describeCancelling(scene);
    describeRedriving(scene);
    describeCheckpoints(scene);
    describeKeeping(scene);
    describeHolding(scene);
    describePausedNames(scene);
    describeReading(scene);
    describeFlows(scene);
    describeWaits(scene);
    describeJobBatches(scene);
    describeBatchKeys(scene);
    describeExplaining(scene);
    describeStats(scene);
    describeLog(scene);
    describeLimits(scene);
    describeDropping(scene);
    describeAges(scene);
    describePurging(scene);
    describePayloads(scene, options);
    describeGivenPayloads(scene);
    describeFacts(scene);
    describeAliasing(scene);
    describeClosing(scene);
    describeSchedules(scene);
    describeTicks(scene);
    describeCost(scene);
    describeLinear(scene);
  });
}
