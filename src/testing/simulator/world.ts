import type { Context } from './context.ts';
import type { FaultKind } from './faults.ts';
import type { Journal } from './journal.ts';
import type { Ledger } from './ledger.ts';
import type { Random } from './random.ts';
import type { Servers } from './servers.ts';
import type { SimulationSetup } from './setup.ts';
import type { Standing } from './standing.ts';
import type { Timeline } from './timeline.ts';

/** A simulation as its parts see it: what there is, and what happened so far. */
export interface World {
  readonly setup: SimulationSetup;
  readonly enabled: ReadonlySet<FaultKind>;
  readonly timeline: Timeline;
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly contexts: readonly Context[];
  readonly servers: Servers;
  readonly standing: Standing;
  /** A feature that nobody has any more in the calm. */
  readonly taken: string | undefined;
  /** Nothing more is done to the world. */
  readonly calm: boolean;
  /** Until when the disk is full, on the timeline. */
  readonly quotaUntil: number;
  /** The longest wait for a probe. */
  readonly probeMaxMs: number;
  /** A stream of its own for each purpose: without one fault, the others stay as they were. */
  random(purpose: string): Random;
}
