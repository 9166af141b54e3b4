import type { Defect } from './defect.ts';
import { adapterDefects } from './defects/adapters.ts';
import { ageDefects } from './defects/age.ts';
import { aroundDefects } from './defects/around.ts';
import { borderDefects } from './defects/borders.ts';
import { claimDefects } from './defects/claim.ts';
import { claimedDefects } from './defects/claimed.ts';
import { clockDefects } from './defects/clock.ts';
import { damageDefects } from './defects/damage.ts';
import { edgeDefects } from './defects/edges.ts';
import { editingDefects } from './defects/editing.ts';
import { engineDefects } from './defects/engines.ts';
import { enqueueDefects } from './defects/enqueue.ts';
import { faultDefects } from './defects/faults.ts';
import { fieldDefects } from './defects/fields.ts';
import { flowDefects } from './defects/flows.ts';
import { gateDefects } from './defects/gates.ts';
import { inspectorDefects } from './defects/inspector.ts';
import { interoperationDefects } from './defects/interoperation.ts';
import { keepingDefects } from './defects/keeping.ts';
import { keyTimeDefects } from './defects/key-time.ts';
import { kitDefects } from './defects/kit.ts';
import { laneDefects } from './defects/lane.ts';
import { leaseDefects } from './defects/lease.ts';
import { limitDefects } from './defects/limits.ts';
import { oneJobDefects } from './defects/one-job.ts';
import { outageDefects } from './defects/outage.ts';
import { outcomeDefects } from './defects/outcome.ts';
import { pageDefects } from './defects/pages.ts';
import { payloadDefects } from './defects/payloads.ts';
import { platformDefects } from './defects/platform.ts';
import { relativeDefects } from './defects/relative.ts';
import { reviewDefects } from './defects/review.ts';
import { roomDefects } from './defects/room.ts';
import { runtimeDefects } from './defects/runtime.ts';
import { scheduleDefects } from './defects/schedules.ts';
import { seeingDefects } from './defects/seeing.ts';
import { serviceWorkerDefects } from './defects/service-workers.ts';
import { settleDefects } from './defects/settle.ts';
import { storeDefects } from './defects/store.ts';
import { workerDefects } from './defects/workers.ts';

/** Every planted defect, by area. */
export const defects: readonly Defect[] = [
  ...enqueueDefects,
  ...editingDefects,
  ...payloadDefects,
  ...outageDefects,
  ...claimDefects,
  ...outcomeDefects,
  ...settleDefects,
  ...claimedDefects,
  ...inspectorDefects,
  ...interoperationDefects,
  ...keepingDefects,
  ...laneDefects,
  ...leaseDefects,
  ...limitDefects,
  ...scheduleDefects,
  ...keyTimeDefects,
  ...roomDefects,
  ...oneJobDefects,
  ...kitDefects,
  ...adapterDefects,
  ...ageDefects,
  ...flowDefects,
  ...fieldDefects,
  ...seeingDefects,
  ...clockDefects,
  ...relativeDefects,
  ...runtimeDefects,
  ...aroundDefects,
  ...storeDefects,
  ...platformDefects,
  ...pageDefects,
  ...gateDefects,
  ...serviceWorkerDefects,
  ...damageDefects,
  ...engineDefects,
  ...edgeDefects,
  ...borderDefects,
  ...faultDefects,
  ...reviewDefects,
  ...workerDefects,
];
