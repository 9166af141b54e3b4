import { setTimeout as wait } from 'node:timers/promises';
import type { Told } from './messages.ts';
import type { Plan } from './plan.ts';
import type { Random } from './random.ts';
import type { Witness } from './witness.ts';

/** What was done to those who worked. */
export interface Toll {
  /** Tabs crashed. */
  crashes: number;
  /** Whole processes killed. */
  kills: number;
}

/** What a place gets to work with. */
export interface FaultRun {
  readonly plan: Plan;
  readonly random: Random;
  readonly witness: Witness;
  readonly toll: Toll;
  /** Aborted when the time is over, or the user ended the run: everything is to be cleaned up then. */
  readonly signal: AbortSignal;
  readonly onTold: (told: Told) => void;
}

/** Resolves when the condition holds; rejects with an AbortError when the run is over. */
export async function until(condition: () => boolean, signal: AbortSignal, everyMs = 5): Promise<void> {
  while (!condition()) await wait(everyMs, undefined, { signal });
}

/** At how many jobs done each kill comes: somewhere in its share of the work, and none in the last share. */
export function killPoints({ jobs, kills }: Plan, random: Random): number[] {
  const share = jobs / (kills + 1);
  return Array.from({ length: kills }, (_, n) => Math.ceil(share * (n + 0.2 + 0.8 * random.next())));
}
