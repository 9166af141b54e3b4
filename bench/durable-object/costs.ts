import { setTimeout as wait } from 'node:timers/promises';
import type { Goal, Measure } from '../harness/measure.ts';
import { tellStep } from '../harness/progress.ts';
import { contenders } from './contender.ts';
import type { Bill, Drained } from './deed.ts';
import { heldObject, type LineUp, OURS, peersIn } from './line-up.ts';
import { dollarsPerMillion, type Usage } from './prices.ts';
import type { Workerd } from './workerd.ts';

/** Until an alarm that has done everything has ended. */
const ALARM_END_MS = 300;

/** How many times the sample is drained of a larger backlog: at both ends some hundred jobs are claimed and not done, or done and not settled. */
const METERED = 10;

/** What the platform counts of one job's whole life. */
interface Life extends Usage {
  readonly alarmsSet: number;
  readonly alarmsRun: number;
}

/** How jobs come: so many in all, so many with each RPC, onto so many that wait. */
interface Coming {
  readonly count: number;
  readonly size: number;
  readonly waiting: number;
  readonly ids: boolean;
}

/** The whole life of jobs that come onto a backlog: the alarm comes when all are enqueued. */
async function lifeOf(workerd: Workerd, { count, size, waiting, ids }: Coming): Promise<Life> {
  const object = await heldObject(workerd);
  // What is drained is the backlog, first in first out: it is of the same kind as what comes.
  await object.ask({ do: 'fill', jobs: { first: 0, count: waiting, act: 'rpc', ids } });
  await object.ask({ do: 'meter' });
  const jobs = { first: 1_000_000, count, act: 'rpc', ids } as const;
  await object.ask({ do: 'batches', jobs, size, concurrency: 1 });
  const enqueued = (await object.ask({ do: 'bill' })) as Bill;
  await object.ask({ do: 'meter' });
  const from = Math.ceil(count / 2);
  const toTheEnd = waiting <= METERED * count;
  const halted = (await object.ask(
    toTheEnd
      ? { do: 'drain', count: waiting + count, empty: true }
      : { do: 'drain', count: from + METERED * count, empty: false, meterFrom: from },
  )) as Drained;
  if (toTheEnd) await wait(ALARM_END_MS);
  const drained = halted.bill ?? ((await object.ask({ do: 'bill' })) as Bill);
  await object.discard();
  const each = (of: (bill: Bill) => number) => of(enqueued) / count + of(drained) / drained.done;
  return {
    rowsRead: each(({ rowsRead }) => rowsRead),
    rowsWritten: each(({ rowsWritten, alarmsSet }) => rowsWritten + alarmsSet),
    alarmsSet: each(({ alarmsSet }) => alarmsSet),
    alarmsRun: each(({ alarmsRun }) => alarmsRun),
    requests: 1 / size + each(({ alarmsRun }) => alarmsRun),
  };
}

/** One job after the other, each into an idle object. */
async function idleLife(workerd: Workerd, count: number): Promise<Life> {
  const object = workerd.fresh();
  const one = async (first: number) => {
    await object.ask({ do: 'batches', jobs: { first, count: 1, act: 'rpc' }, size: 1, concurrency: 1 });
    await object.ask({ do: 'drain', count: 0, empty: true });
    await wait(ALARM_END_MS);
  };
  await one(0);
  await object.ask({ do: 'meter' });
  for (let first = 1; first <= count; first++) await one(first);
  const bill = (await object.ask({ do: 'bill' })) as Bill;
  await object.discard();
  return {
    rowsRead: bill.rowsRead / count,
    rowsWritten: (bill.rowsWritten + bill.alarmsSet) / count,
    alarmsSet: bill.alarmsSet / count,
    alarmsRun: bill.alarmsRun / count,
    requests: 1 + bill.alarmsRun / count,
  };
}

/** Each push of the Agents SDK reads all that waits: a thousand of them onto a hundred thousand would take half an hour. */
const AGENTS_SAMPLE = 20;

export interface Costs {
  readonly measures: readonly Measure[];
  /** Dollars for a million jobs: by how they come, then by contender. */
  readonly dollars: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Rows do not depend on the machine: one run says it all. */
export async function measureCosts(lineUp: LineUp, quick: boolean): Promise<Costs> {
  const [some, full, sample] = quick ? [100, 500, 100] : [1_000, 100_000, 1_000];
  const backlogs = [0, some, full];
  const sampleOf = (name: string, waiting: number) =>
    name === contenders.agents.name && waiting > 10_000 ? AGENTS_SAMPLE : sample;
  const measures: Measure[] = [];
  for (const waiting of backlogs) {
    const given = await livesOf(lineUp, `rows, ${waiting} waiting`, (workerd, name) =>
      lifeOf(workerd, { count: sampleOf(name, waiting), size: 100, waiting, ids: true }),
    );
    measures.push(...asMeasures(`with ids given by the caller, ${waiting} waiting`, lineUp, given));
  }
  const burst = await livesOf(lineUp, 'rows of a burst', (workerd) =>
    lifeOf(workerd, { count: sample, size: 100, waiting: 0, ids: false }),
  );
  measures.push(...asMeasures('with ids of the queue, 0 waiting', lineUp, burst));
  measures.push(...alarms(lineUp, burst, sample));
  const idle = await livesOf(lineUp, 'rows of single jobs', (workerd) => idleLife(workerd, quick ? 3 : 20));
  const onto = await livesOf(lineUp, `rows of single jobs onto ${full} waiting`, (workerd, name) =>
    lifeOf(workerd, { count: sampleOf(name, full), size: 1, waiting: full, ids: false }),
  );
  return {
    measures: [
      ...measures,
      ...inDollars(`burst of ${sample} in batches of 100`, lineUp, burst),
      ...inDollars('single jobs into an idle object', lineUp, idle),
      ...inDollars(`single jobs onto ${full} waiting`, lineUp, onto),
    ],
    dollars: {
      [`a burst of ${sample.toLocaleString('en')} in batches of 100`]: priced(burst),
      'single jobs into an idle object': priced(idle),
      [`single jobs onto ${full.toLocaleString('en')} waiting`]: priced(onto),
    },
  };
}

type Lives = Readonly<Record<string, Life>>;

async function livesOf(
  lineUp: LineUp,
  what: string,
  measure: (workerd: Workerd, name: string) => Promise<Life>,
): Promise<Lives> {
  const lives: Record<string, Life> = {};
  for (const [name, workerd] of lineUp) {
    tellStep(`${what}: ${name}`);
    lives[name] = await measure(workerd, name);
  }
  return lives;
}

function asMeasures(how: string, lineUp: LineUp, lives: Lives): Measure[] {
  const of = (what: 'rowsRead' | 'rowsWritten', goal: Goal) =>
    peersIn(lineUp).map(
      (peerName): Measure => ({
        measure: `rows ${what === 'rowsRead' ? 'read' : 'written'} a job, ${how}`,
        unit: 'rows',
        better: 'less',
        holdfast: [lives[OURS]![what]],
        peer: [lives[peerName]![what]],
        peerName,
        goal,
      }),
    );
  return [
    ...of('rowsWritten', { of: 'figure', at: 'most', value: 3.03 }),
    ...of('rowsRead', { of: 'figure', at: 'most', value: 8 }),
  ];
}

function alarms(lineUp: LineUp, lives: Lives, count: number): Measure[] {
  const of = (what: 'alarmsSet' | 'alarmsRun', measure: string) =>
    peersIn(lineUp).map(
      (peerName): Measure => ({
        measure: `${measure} in a burst of ${count} jobs`,
        unit: 'calls',
        better: 'less',
        holdfast: [Math.round(lives[OURS]![what] * count)],
        peer: [Math.round(lives[peerName]![what] * count)],
        peerName,
        goal: { of: 'figure', at: 'most', value: 1 },
      }),
    );
  return [...of('alarmsSet', 'setAlarm'), ...of('alarmsRun', 'alarms run')];
}

function inDollars(how: string, lineUp: LineUp, lives: Lives): Measure[] {
  return peersIn(lineUp).map(
    (peerName): Measure => ({
      measure: `a million jobs: ${how}`,
      unit: 'dollars',
      better: 'less',
      holdfast: [dollarsPerMillion(lives[OURS]!)],
      peer: [dollarsPerMillion(lives[peerName]!)],
      peerName,
    }),
  );
}

function priced(lives: Lives): Record<string, number> {
  return Object.fromEntries(Object.entries(lives).map(([name, life]) => [name, dollarsPerMillion(life)]));
}
