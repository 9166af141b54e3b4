import { setTimeout as wait } from 'node:timers/promises';
import type { Measure } from '../harness/measure.ts';
import { tellStep } from '../harness/progress.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { type Contender, start } from './contender.ts';

const SAMPLE_MS = 20;

/** The most memory that a process holds, in megabytes, while it drains the first thousand jobs of so many; others filled it. */
async function peakOf(contender: Contender, waiting: number, count: number): Promise<number> {
  const workerd = await start(contender);
  try {
    const { name, ask } = workerd.fresh();
    await ask({ do: 'hold' });
    await ask({ do: 'fill', jobs: { first: 0, count: waiting, act: 'rpc' } });
    // The alarm goes with the process that held it back: one job more sets another.
    await workerd.restart();
    const object = workerd.object(name);
    await object.ask({ do: 'hold' });
    await object.ask({
      do: 'batches',
      jobs: { first: waiting, count: 1, act: 'rpc' },
      size: 1,
      concurrency: 1,
    });
    let peak = 0;
    let drained = false;
    const sampling = (async () => {
      for (; !drained; await wait(SAMPLE_MS)) peak = Math.max(peak, workerd.memory());
    })();
    await object.ask({ do: 'drain', count, empty: false });
    drained = true;
    await sampling;
    return peak;
  } finally {
    await workerd.close();
  }
}

export async function measureMemory(
  ours: Contender,
  peers: readonly Contender[],
  { runs, quick }: SuiteOptions,
): Promise<Measure[]> {
  const [few, many] = quick ? [100, 1_000] : [1_000, 100_000];
  const times = Math.min(3, runs);
  const added = async (contender: Contender) => {
    const found: number[] = [];
    for (let run = 1; run <= times; run++) {
      tellStep(`memory by backlog: run ${run} of ${times}, ${contender.name}`);
      const flat = await peakOf(contender, few, few);
      found.push(Math.max(1, (await peakOf(contender, many, few)) - flat));
    }
    return found;
  };
  const holdfast = await added(ours);
  const measures: Measure[] = [];
  for (const peer of peers)
    measures.push({
      measure: `memory that ${many} waiting jobs take more than ${few}`,
      unit: 'MB',
      better: 'less',
      holdfast,
      peer: await added(peer),
      peerName: peer.name,
      goal: { of: 'figure', at: 'most', value: 10 },
      note: 'Resident memory of the process at its peak, while it drains the first thousand. Less than 1 MB counts as 1.',
    });
  return measures;
}
