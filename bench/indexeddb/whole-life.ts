import { interleave } from '../harness/interleave.ts';
import type { Goal, Measure } from '../harness/measure.ts';
import type { BenchBrowser } from './bench-browser.ts';
import type { Life, PeerName } from './page/page.ts';
import type { Plan } from './plan.ts';

type Contender = Exclude<PeerName, 'idb strict'>;

/** Each run of all takes minutes. */
const MOST_RUNS = 3;

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
  const jobs = plan.bulk;
  const live = (peer: Contender) => (): Promise<Life> =>
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
  const lives = await interleave(
    `whole life of ${jobs} jobs`,
    {
      holdfast: live('holdfast'),
      limit: live('limit'),
      idb: live('idb'),
      dexie: live('dexie'),
      workbox: live('workbox'),
      tanstack: live('tanstack'),
    },
    { runs: Math.min(MOST_RUNS, plan.runs), warmups: 0 },
  );
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
