import { setTimeout as wait } from 'node:timers/promises';
import { interleave } from '../harness/interleave.ts';
import type { Measure } from '../harness/measure.ts';
import { tellStep } from '../harness/progress.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import type { Drained } from './deed.ts';
import { heldObject, type LineUp, OURS, peersIn } from './line-up.ts';
import type { Workerd } from './workerd.ts';

const SLOW_MS = 10_000;
/** How long a queue may take to come back after a kill before the benchmark goes on without it. */
const PATIENCE_MS = 180_000;
const QUICK_PATIENCE_MS = 15_000;
/** Jobs that are killed: enough for a few rounds of 16. */
const KILLED = 200;
const KILLED_AFTER = 50;
const KILLED_JOB_MS = 20;

/** How much later 200 jobs are done when a slow one was enqueued before them. */
async function delayBy(workerd: Workerd, slowMs: number): Promise<number> {
  const count = 200;
  const msOf = async (withSlow: boolean) => {
    const object = await heldObject(workerd);
    if (withSlow) await object.ask({ do: 'fill', jobs: { first: 0, count: 1, act: 'wait', ms: slowMs } });
    await object.ask({ do: 'fill', jobs: { first: 1, count, act: 'rpc' } });
    const { ms } = (await object.ask({ do: 'drain', count, empty: false })) as Drained;
    await object.discard();
    return ms;
  };
  const alone = await msOf(false);
  return Math.max(1, (await msOf(true)) - alone);
}

export async function measureDelay(lineUp: LineUp, { runs, quick }: SuiteOptions): Promise<Measure[]> {
  const slowMs = quick ? 500 : SLOW_MS;
  const delays: Record<string, number[]> = await interleave(
    'a slow job',
    Object.fromEntries([...lineUp].map(([name, workerd]) => [name, () => delayBy(workerd, slowMs)])),
    { runs: Math.min(3, runs) },
  );
  return peersIn(lineUp).map((peerName) => ({
    measure: `200 jobs are later by, behind a job of ${slowMs / 1_000} s`,
    unit: 'ms',
    better: 'less',
    holdfast: delays[OURS]!,
    peer: delays[peerName]!,
    peerName,
    goal: { of: 'figure', at: 'most', value: 50 },
    note: 'Less than 1 ms counts as 1.',
  }));
}

/** Seconds from the restart after kill -9 until the last job was done; nobody asks the object anything. Undefined: not in time. */
async function recoveryOf(workerd: Workerd, patienceMs: number): Promise<number | undefined> {
  const told = new Set<number>();
  workerd.onTold = (n) => void told.add(n);
  const object = await heldObject(workerd);
  await object.ask({ do: 'fill', jobs: { first: 0, count: KILLED, act: 'tell', ms: KILLED_JOB_MS } });
  await object.ask({ do: 'drain', count: 0, empty: false });
  const begun = await until(() => told.size >= KILLED_AFTER, patienceMs);
  if (!begun) throw new Error(`only ${told.size} of ${KILLED} jobs ran before the kill`);
  workerd.kill();
  await workerd.restart();
  const start = performance.now();
  const recovered = await until(() => told.size === KILLED, patienceMs);
  return recovered ? (performance.now() - start) / 1_000 : undefined;
}

async function until(reached: () => boolean, patienceMs: number): Promise<boolean> {
  for (const end = performance.now() + patienceMs; performance.now() < end; await wait(10))
    if (reached()) return true;
  return false;
}

export interface Recoveries {
  readonly measures: readonly Measure[];
  readonly missing: readonly string[];
}

/** Some peers take minutes: each is killed once, holdfast as often as everything runs. */
export async function measureRecovery(lineUp: LineUp, { runs, quick }: SuiteOptions): Promise<Recoveries> {
  const seconds: Record<string, number[]> = {};
  const missing: string[] = [];
  const patienceMs = quick ? QUICK_PATIENCE_MS : PATIENCE_MS;
  for (const [name, workerd] of lineUp) {
    const times = quick || name !== OURS ? 1 : runs;
    for (let run = 1; run <= times; run++) {
      tellStep(`kill -9: run ${run} of ${times}, ${name}`);
      const found = await recoveryOf(workerd, patienceMs);
      if (found === undefined) missing.push(`${name} was not done ${patienceMs / 1_000} s after kill -9`);
      else seconds[name] = [...(seconds[name] ?? []), found];
    }
  }
  const ours = seconds[OURS];
  if (ours === undefined) return { measures: [], missing };
  const measures = peersIn(lineUp).flatMap((peerName): Measure[] => {
    const peer = seconds[peerName];
    if (peer === undefined) return [];
    return [
      {
        measure: 'all done after kill -9 and the restart',
        unit: 's',
        better: 'less',
        holdfast: ours,
        peer,
        peerName,
        goal: { of: 'figure', at: 'most', value: 5 },
      },
    ];
  });
  return { measures, missing };
}
