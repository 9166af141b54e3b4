import { fileURLToPath } from 'node:url';
import { interleave } from '../harness/interleave.ts';
import type { Goal, Measure, Sample } from '../harness/measure.ts';
import { versionOf } from '../harness/peers.ts';
import { tellStep } from '../harness/progress.ts';
import type { Suite, SuiteOptions } from '../harness/suite.ts';
import { buildLives } from './build-lives.ts';
import type { ContenderName } from './contenders.ts';
import { heapOf } from './heap.ts';
import { type Life, lifeOf } from './life.ts';

const FEW = 100_000;
const MANY = 1_000_000;

/** What it is to be beaten by, at least: the ratio of jobs a second. */
interface Peer {
  readonly contender: ContenderName;
  readonly bulk?: number;
  readonly singly?: number;
}

const PEERS = {
  'p-queue': { contender: 'p-queue', singly: 1.1 },
  'async.priorityQueue': { contender: 'async', bulk: 0.85 },
  'fastq.promise, which has no priorities': { contender: 'fastq' },
} as const satisfies Readonly<Record<string, Peer>>;

export const memory: Suite = {
  name: 'memory',
  async run(options) {
    const scale = options.quick ? 0.05 : 1;
    const parts = {
      rates: () => rates(options, FEW * scale),
      growth: async () => [await growth(options, FEW * scale, MANY * scale)],
      heap: () => heap(options, FEW * scale, MANY * scale),
      allocated: async () => allocated(options, FEW * scale),
    };
    const measures: Measure[] = [];
    for (const [part, measure] of Object.entries(parts))
      if (part.includes(options.only ?? '')) measures.push(...(await measure()));
    return {
      measures,
      versions: {
        node: process.versions.node,
        'p-queue': versionOf('p-queue') ?? 'not installed',
        async: versionOf('async') ?? 'not installed',
        fastq: versionOf('fastq') ?? 'not installed',
      },
      missing: [],
    };
  },
};

const wall = (lives: readonly Life[]): Sample => lives.map(({ jobsPerSecond }) => jobsPerSecond);
const cpu = (lives: readonly Life[]): Sample => lives.map(({ jobsPerCpuSecond }) => jobsPerCpuSecond);

async function rates({ runs }: SuiteOptions, count: number): Promise<Measure[]> {
  const contenders = Object.entries(PEERS).map(
    ([name, { contender }]) => [name, lifeOf(contender, count)] as const,
  );
  const lives: Record<string, Life[]> = await interleave(
    `whole lives of ${count} jobs`,
    {
      holdfast: lifeOf('holdfast', count),
      'holdfast singly': lifeOf('holdfast singly', count),
      ...Object.fromEntries(contenders),
    },
    { runs, warmups: 0 },
  );
  const against = (peerName: string, singly: boolean) =>
    ({
      better: 'more',
      holdfast: wall(lives[singly ? 'holdfast singly' : 'holdfast']!),
      peer: wall(lives[peerName]!),
      peerName,
    }) as const;
  return Object.entries(PEERS).flatMap(([peerName, { bulk, singly }]: [string, Peer]): Measure[] => [
    {
      measure: `whole life of ${count} jobs`,
      unit: 'jobs/s',
      ...against(peerName, false),
      ...ratioGoal(bulk),
    },
    {
      measure: `whole life of ${count} jobs, enqueued one by one`,
      unit: 'jobs/s',
      ...against(peerName, true),
      ...ratioGoal(singly),
    },
    {
      measure: `whole life of ${count} jobs, by processor time`,
      unit: 'jobs/s of processor time',
      better: 'more',
      holdfast: cpu(lives.holdfast!),
      peer: cpu(lives[peerName]!),
      peerName,
    },
  ]);
}

const ratioGoal = (value: number | undefined): { goal?: Goal } =>
  value === undefined ? {} : { goal: { of: 'ratio', at: 'least', value } };

async function growth({ runs }: SuiteOptions, few: number, many: number): Promise<Measure> {
  const lives = await interleave(
    `${few} and ${many} jobs`,
    { few: lifeOf('holdfast', few), many: lifeOf('holdfast', many) },
    { runs: Math.min(3, runs), warmups: 0 },
  );
  return {
    measure: `whole life of ${many} jobs`,
    unit: 'jobs/s',
    better: 'more',
    holdfast: wall(lives.many),
    peer: wall(lives.few),
    peerName: `holdfast with ${few} jobs`,
    goal: { of: 'ratio', at: 'least', value: 0.7 },
  };
}

function heap({ runs }: SuiteOptions, few: number, many: number): Measure[] {
  const times = Math.min(3, runs);
  const of = (name: ContenderName, count: number) => Array.from({ length: times }, () => heapOf(name, count));
  const ours = of('holdfast', few);
  const about = { unit: 'bytes', better: 'less' } as const;
  const note = 'What the payload itself takes is in it: 200 bytes, so the goal is 600 and these.';
  return [
    ...(['p-queue', 'async', 'fastq'] as const).map(
      (peerName): Measure => ({
        measure: `heap per waiting job, ${few} waiting`,
        ...about,
        holdfast: ours,
        peer: of(peerName, few),
        peerName,
        goal: { of: 'figure', at: 'most', value: 800 },
        note,
      }),
    ),
    {
      measure: `heap per waiting job, ${many} waiting`,
      ...about,
      holdfast: of('holdfast', many),
      peer: ours,
      peerName: `holdfast with ${few} waiting`,
      goal: { of: 'figure', at: 'most', value: 800 },
      note,
    },
  ];
}

const ALLOCATED = { bulk: 3_500, singly: 4_500 } as const;

/** What a job costs the collector: all that is allocated in its life, whether it is kept or thrown away at once. */
function allocated({ runs }: SuiteOptions, jobs: number): Measure[] {
  const entry = fileURLToPath(new URL('../../src/index.ts', import.meta.url));
  return (['bulk', 'singly'] as const).map((how) => ({
    measure: `allocated per job, whole life of ${jobs}, ${how === 'bulk' ? 'in bulk' : 'one by one'}`,
    unit: 'bytes',
    better: 'less',
    holdfast: Array.from({ length: Math.min(3, runs) }, () => {
      tellStep(`bytes allocated, ${how}`);
      return buildLives(entry, how, { jobs, warmups: 3, lives: 3 }).bytes;
    }),
    peerName: 'a bound, nothing to compare with',
    goal: { of: 'figure', at: 'most', value: ALLOCATED[how] },
    note: 'Repeats within 2 %.',
  }));
}
