import type { Defect } from './defect.ts';
import { claimDefects } from './defects/claim.ts';
import { clockDefects } from './defects/clock.ts';
import { enqueueDefects } from './defects/enqueue.ts';
import { laneDefects } from './defects/lane.ts';
import { leaseDefects } from './defects/lease.ts';
import { runtimeDefects } from './defects/runtime.ts';
import { settleDefects } from './defects/settle.ts';
import { storeDefects } from './defects/store.ts';

/** Every planted defect, by area. */
export const defects: readonly Defect[] = [
  ...enqueueDefects,
  ...claimDefects,
  ...settleDefects,
  ...laneDefects,
  ...leaseDefects,
  ...clockDefects,
  ...runtimeDefects,
  ...storeDefects,
];
