import { FAULT_KINDS, type FaultKind } from './faults.ts';
import type { Violation } from './journal.ts';
import { memoryHarness } from './memory-harness.ts';
import type { SimulationHarness } from './setup.ts';
import { Simulation } from './simulation.ts';
import { everyKind, type Workload } from './workload.ts';

export interface SimulateOptions {
  /** The same seed gives the same run. */
  readonly seed: number | string;
  /** Tasks of the eventful part; what was accepted has to end in the calm after it. Default 500. */
  readonly steps?: number;
  /** A fresh store. Default: the memory store, with its rows audited. */
  readonly store?: () => Promise<SimulationHarness>;
  /** A fresh workload: what its handlers remember begins with the run. Default: jobs of every kind. */
  readonly workload?: () => Workload;
  /** Kinds of faults that may happen: each seed leaves some of them out. Default: all. */
  readonly faults?: readonly FaultKind[];
  /** Ids of faults and commands (as in the trace) that must not happen. */
  readonly without?: Iterable<string>;
}

export interface SimulationReport {
  readonly seed: string;
  /** Tasks run in all. */
  readonly steps: number;
  /** Virtual ms that passed. */
  readonly elapsedMs: number;
  /** Faults and commands that came to pass, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  /** What became of the jobs; `lost`: those that were there when all data was cleared. */
  readonly jobs: Readonly<
    Record<'accepted' | 'completed' | 'cancelled' | 'dead' | 'dropped' | 'removed' | 'lost', number>
  >;
  /** Ids of the faults and commands, in order. */
  readonly ids: readonly string[];
  /** One line for each that happened, and for each call of the store. */
  readonly trace: readonly string[];
  /** The first broken promise; absent: none. */
  readonly violation?: Violation;
}

/**
 * Runs whole queues, several workers in several contexts over one store, on a virtual clock, while faults befall them, and checks after
 * each call of the store that no promise is broken. Same seed, same trace, as long as handlers wait by `context.sleep` only
 * and nothing in them is random. Rejects never for a broken promise: see `violation`.
 */
export async function simulate(options: SimulateOptions): Promise<SimulationReport> {
  const {
    seed,
    steps = 500,
    store = memoryHarness,
    workload = () => everyKind,
    faults = FAULT_KINDS,
  } = options;
  const simulation = new Simulation({
    seed: String(seed),
    steps,
    workload: workload(),
    faults,
    without: new Set(options.without),
    harness: await store(),
  });
  await simulation.run();
  const { journal, timeline, ledger, clearing } = simulation;
  return {
    seed: String(seed),
    steps: timeline.steps,
    elapsedMs: timeline.elapsed,
    faults: journal.faults,
    jobs: { ...clearing.sum(ledger.totals), dead: ledger.snapshot.counts.dead, lost: clearing.lost },
    ids: journal.ids,
    trace: journal.lines,
    ...(journal.violation === undefined ? {} : { violation: journal.violation }),
  };
}

/**
 * Makes a broken run small: leaves out faults and commands, by halves and then one by one, for as long as the same promise is still
 * broken. Answers the ids left out and the run without them. At most `tries` runs (default 200).
 */
export async function shorten(
  options: SimulateOptions,
  broken: SimulationReport,
  tries = 200,
): Promise<{ readonly without: readonly string[]; readonly report: SimulationReport }> {
  let best = broken;
  let without = [...(options.without ?? [])];
  let left = tries;
  for (let size = Math.ceil(best.ids.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < best.ids.length && left > 0; left -= 1) {
      const more = [...without, ...best.ids.slice(from, from + size)];
      const report = await simulate({ ...options, without: more });
      // Without what broke it first, a run goes on and may meet more than was left out.
      if (report.violation?.rule !== best.violation?.rule || report.ids.length >= best.ids.length) {
        from += size;
        continue;
      }
      best = report;
      without = more;
    }
  }
  return { without, report: best };
}
