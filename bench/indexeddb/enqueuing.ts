import { interleave } from '../harness/interleave.ts';
import type { Measure } from '../harness/measure.ts';
import type { BenchBrowser } from './bench-browser.ts';
import type { PeerName } from './page/page.ts';
import type { Plan } from './plan.ts';

const IN_FLIGHT = 64;

/** Enqueues of one job a call: each awaited before the next, and many under way at a time. */
export async function measureEnqueuing(browser: BenchBrowser, plan: Plan): Promise<Measure[]> {
  const each = (peer: PeerName, jobs: number, inFlight: number) => () =>
    browser.withTab(async (page) => {
      await page.evaluate(
        ([name, count, flying]) => window.bench.enqueueEach(name, count, flying, 'warm-up'),
        [peer, plan.warmup, inFlight] as const,
      );
      const ms = await page.evaluate(
        ([name, count, flying]) => window.bench.enqueueEach(name, count, flying, 'bench'),
        [peer, jobs, inFlight] as const,
      );
      return jobs / (ms / 1_000);
    });
  const measure = async (what: string, jobs: number, inFlight: number, least: number): Promise<Measure[]> => {
    const found = await interleave(
      what,
      {
        holdfast: each('holdfast', jobs, inFlight),
        idb: each('idb', jobs, inFlight),
        'idb strict': each('idb strict', jobs, inFlight),
      },
      { runs: plan.runs, warmups: 0 },
    );
    const about = { measure: what, unit: 'jobs/s', better: 'more', holdfast: found.holdfast } as const;
    return [
      {
        ...about,
        peer: found.idb,
        peerName: 'idb queue by hand',
        goal: { of: 'ratio', at: 'least', value: least },
        note: 'holdfast commits enqueues with strict durability, this queue with the default, relaxed',
      },
      { ...about, peer: found['idb strict'], peerName: 'idb queue by hand, strict durability' },
    ];
  };
  return [
    ...(await measure('single enqueues, each awaited', plan.singles, 1, 1)),
    ...(await measure(`single enqueues, ${IN_FLIGHT} in flight`, plan.flying, IN_FLIGHT, 3)),
  ];
}
