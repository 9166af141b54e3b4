import { interleave } from '../harness/interleave.ts';
import type { Goal, Measure } from '../harness/measure.ts';
import type { BenchBrowser } from './bench-browser.ts';
import type { Life, PeerName } from './page/page.ts';
import type { Plan } from './plan.ts';

type Contender = Exclude<PeerName, 'idb strict' | 'holdfast relaxed'>;

/** Their time grows faster than the jobs, as they look past all that was deleted before: minutes a round. */
const ONCE =
  'the queues by hand, Workbox and TanStack ran once, in the last round of whole lives, as they take minutes';

const PEERS: Readonly<
  Record<Exclude<Contender, 'holdfast'>, { readonly name: string; readonly least?: number }>
> = {
  limit: { name: 'raw IndexedDB at its limit', least: 0.7 },
  idb: { name: 'idb queue by hand', least: 10 },
  dexie: { name: 'Dexie queue by hand' },
  workbox: { name: 'workbox-background-sync', least: 20 },
  tanstack: { name: '@tanstack/offline-transactions', least: 8 },
};

/** Jobs enqueued in bulk and then worked off, until the storage is empty. */
export async function measureWholeLife(browser: BenchBrowser, plan: Plan): Promise<Measure[]> {
  return [...(await againstAll(browser, plan)), ...(await againstLimit(browser, plan))];
}

const liveIn = (browser: BenchBrowser, plan: Plan, jobs: number) => (peer: Contender) => (): Promise<Life> =>
  browser.withTab(async (page) => {
    await page.evaluate(([name, warmup]) => window.bench.wholeLife(name, warmup, 'warm-up'), [
      peer,
      plan.warmup,
    ] as const);
    return await page.evaluate(([name, count]) => window.bench.wholeLife(name, count, 'bench'), [
      peer,
      jobs,
    ] as const);
  });

/** Fewer jobs, as apps have them. */
async function againstLimit(browser: BenchBrowser, plan: Plan): Promise<Measure[]> {
  const measures: Measure[] = [];
  for (const jobs of plan.lots) {
    const live = liveIn(browser, plan, jobs);
    const measure = `whole life, bulk of ${jobs}`;
    const perSecond = (sample: readonly Life[]) => sample.map(({ ms }) => jobs / (ms / 1_000));
    const lives = await interleave(measure, { holdfast: live('holdfast'), limit: live('limit') }, plan);
    measures.push({
      ...{ measure, unit: 'jobs/s', better: 'more' },
      holdfast: perSecond(lives.holdfast),
      peer: perSecond(lives.limit),
      peerName: PEERS.limit.name,
      goal: { of: 'ratio', at: 'least', value: 0.75 },
    });
  }
  return measures;
}

async function againstAll(browser: BenchBrowser, plan: Plan): Promise<Measure[]> {
  const jobs = plan.bulk;
  const live = liveIn(browser, plan, jobs);
  const what = `whole life of ${jobs} jobs`;
  const quick = { holdfast: live('holdfast'), limit: live('limit') };
  const slow = {
    idb: live('idb'),
    dexie: live('dexie'),
    workbox: live('workbox'),
    tanstack: live('tanstack'),
  };
  const first = await interleave(`${what}, first rounds`, quick, { runs: plan.runs - 1, warmups: 1 });
  const last = await interleave(`${what}, last round`, { ...quick, ...slow }, { runs: 1, warmups: 0 });
  const lives = {
    ...last,
    holdfast: [...first.holdfast, ...last.holdfast],
    limit: [...first.limit, ...last.limit],
  };
  const perSecond = (sample: readonly Life[]) => sample.map(({ ms }) => jobs / (ms / 1_000));
  const perJob = (sample: readonly Life[]) => sample.map(({ transactions }) => transactions / jobs);
  const measures = Object.entries(PEERS).map(
    ([peer, { name, least }]): Measure => ({
      measure: `whole life, bulk of ${jobs}`,
      unit: 'jobs/s',
      better: 'more',
      holdfast: perSecond(lives.holdfast),
      peer: perSecond(lives[peer as Contender]),
      peerName: name,
      ...(peer in slow ? { note: ONCE } : {}),
      ...(least === undefined ? {} : { goal: { of: 'ratio', at: 'least', value: least } satisfies Goal }),
    }),
  );
  const enqueuedPerSecond = (sample: readonly Life[]) =>
    sample.map(({ enqueueMs }) => jobs / (enqueueMs / 1_000));
  return [
    ...measures,
    {
      measure: `bulk enqueue of ${jobs}`,
      unit: 'jobs/s',
      better: 'more',
      holdfast: enqueuedPerSecond(lives.holdfast),
      peer: enqueuedPerSecond(lives.limit),
      peerName: PEERS.limit.name,
    },
    {
      measure: `transactions, whole life, bulk of ${jobs}`,
      unit: 'transactions/job',
      better: 'less',
      holdfast: perJob(lives.holdfast),
      peer: perJob(lives.idb),
      peerName: PEERS.idb.name,
    },
  ];
}
