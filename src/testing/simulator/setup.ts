import type { StoreHarness } from '../conformance/harness.ts';
import type { FaultKind } from './faults.ts';
import type { Workload } from './workload.ts';

export interface SimulationSetup {
  readonly seed: string;
  readonly steps: number;
  readonly workload: Workload;
  readonly faults: readonly FaultKind[];
  /** Ids of what must not happen. */
  readonly without: ReadonlySet<string>;
  readonly harness: SimulationHarness;
}

/** A fresh store, and what its rows look like where that can be seen. */
export interface SimulationHarness extends Pick<StoreHarness, 'open' | 'dispose'> {
  /** What is wrong with the rows of this queue; see `audit`. */
  audit?(queue: string): Promise<readonly string[]>;
  /** All that is stored is gone, as when a user clears the site's data while it is open. Absent: the simulation does not do that. */
  clear?(): Promise<void>;
  /** From now on the payload of this job cannot be read; see `breakPayload`. Absent: the simulation does not do that. */
  breakPayload?(queue: string, id: string): Promise<void>;
}
