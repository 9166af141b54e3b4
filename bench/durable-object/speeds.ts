import { interleave } from '../harness/interleave.ts';
import type { Goal, Measure } from '../harness/measure.ts';
import type { SuiteOptions } from '../harness/suite.ts';
import { contenders } from './contender.ts';
import type { Deed, Drained, Jobs } from './deed.ts';
import { heldObject, type LineUp, OURS, peersIn } from './line-up.ts';
import type { BenchObject, Workerd } from './workerd.ts';

/** A piece of work whose jobs are counted by the second, and the ratio that is wanted against some peers. */
interface Work {
  readonly measure: string;
  readonly count: number;
  readonly goals: Readonly<Record<string, number>>;
  /** Not measured. */
  prepare(object: BenchObject): Promise<unknown>;
  readonly deed: Deed;
}

const WITH_CLAIM = contenders.withClaim.name;

const jobsOf = (count: number, act: Jobs['act']): Jobs => ({ first: 0, count, act });

function works(scale: number): Work[] {
  const count = 2_000 * scale;
  const bulk = 4_000 * scale;
  const draining = (act: Jobs['act'], jobs: number) =>
    ({
      count: jobs,
      prepare: (object: BenchObject) => object.ask({ do: 'fill', jobs: jobsOf(jobs, act) }),
      deed: { do: 'drain', count: jobs, empty: true },
    }) as const;
  return [
    {
      measure: 'enqueue, an RPC a job, 64 at a time',
      count,
      goals: { [WITH_CLAIM]: 0.8 },
      prepare: async () => undefined,
      deed: { do: 'singles', jobs: jobsOf(count, 'nothing'), concurrency: 64 },
    },
    {
      measure: 'enqueue, an RPC for 100 jobs, 4 at a time',
      count: bulk,
      goals: { [WITH_CLAIM]: 0.6 },
      prepare: async () => undefined,
      deed: { do: 'batches', jobs: jobsOf(bulk, 'nothing'), size: 100, concurrency: 4 },
    },
    {
      measure: 'drain, a handler that makes an RPC',
      goals: { [WITH_CLAIM]: 0.8, [contenders.agents.name]: 2 },
      ...draining('rpc', count),
    },
    {
      measure: 'drain, a handler that does nothing',
      goals: { [WITH_CLAIM]: 0.45 },
      ...draining('nothing', bulk),
    },
  ];
}

/** Jobs a second, each in an object of its own. */
async function rateOf(workerd: Workerd, { count, prepare, deed }: Work): Promise<number> {
  const object = await heldObject(workerd);
  await prepare(object);
  const start = performance.now();
  const answer = (await object.ask(deed)) as Drained | null;
  const seconds = (performance.now() - start) / 1_000;
  await object.discard();
  // Who drains a part of a backlog answers when it likes, and says when the part was done.
  return count / (answer?.bill === undefined ? seconds : answer.ms / 1_000);
}

export async function measureSpeeds(lineUp: LineUp, { runs, quick }: SuiteOptions): Promise<Measure[]> {
  const measures: Measure[] = [];
  for (const work of works(quick ? 0.1 : 1)) {
    const rates: Record<string, number[]> = await interleave(
      work.measure,
      Object.fromEntries([...lineUp].map(([name, workerd]) => [name, () => rateOf(workerd, work)])),
      { runs },
    );
    for (const peerName of peersIn(lineUp))
      measures.push({
        measure: work.measure,
        unit: 'jobs/s',
        better: 'more',
        holdfast: rates[OURS]!,
        peer: rates[peerName]!,
        peerName,
        ...goalOf(work.goals[peerName]),
      });
  }
  measures.push(await measureDepth(lineUp.get(OURS)!, { runs, quick }));
  return measures;
}

function goalOf(value: number | undefined): { goal?: Goal } {
  return value === undefined ? {} : { goal: { of: 'ratio', at: 'least', value } };
}

/** The first thousand jobs of many against a thousand that are all. */
async function measureDepth(workerd: Workerd, { runs, quick }: SuiteOptions): Promise<Measure> {
  const [few, many] = quick ? [100, 1_000] : [1_000, 100_000];
  const of = (waiting: number) => () =>
    rateOf(workerd, {
      measure: '',
      count: few,
      goals: {},
      prepare: (object) => object.ask({ do: 'fill', jobs: jobsOf(waiting, 'rpc') }),
      deed: { do: 'drain', count: few, empty: false },
    });
  const rates = await interleave('drain by backlog', { few: of(few), many: of(many) }, { runs });
  return {
    measure: `drain while ${many} wait, a handler that makes an RPC`,
    unit: 'jobs/s',
    better: 'more',
    holdfast: rates.many,
    peer: rates.few,
    peerName: `holdfast while ${few} wait`,
    goal: { of: 'ratio', at: 'least', value: 0.8 },
  };
}
