import { interleave } from '../harness/interleave.ts';
import type { Measure } from '../harness/measure.ts';
import type { BenchBrowser } from './bench-browser.ts';
import type { PeerName } from './page/page.ts';
import type { Plan } from './plan.ts';

const IN_FLIGHT = 64;

/** Enqueues of one job a call: each awaited before the next, and many under way at a time; as durable as the peer's. */
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
  const measure = async (
    what: string,
    jobs: number,
    inFlight: number,
    goal?: Measure['goal'],
  ): Promise<Measure[]> => {
    const of = (peer: PeerName) => each(peer, jobs, inFlight);
    const found = await interleave(
      what,
      {
        holdfast: of('holdfast'),
        'idb strict': of('idb strict'),
        'holdfast relaxed': of('holdfast relaxed'),
        idb: of('idb'),
      },
      { runs: plan.runs, warmups: 0 },
    );
    const about = {
      unit: 'jobs/s',
      better: 'more',
      peerName: 'idb queue by hand',
      ...(goal && { goal }),
    } as const;
    return [
      { ...about, measure: `${what}, strict`, holdfast: found.holdfast, peer: found['idb strict'] },
      { ...about, measure: `${what}, relaxed`, holdfast: found['holdfast relaxed'], peer: found.idb },
    ];
  };
  return [
    ...(await measure('single enqueues, each awaited', plan.singles, 1, {
      of: 'ratio',
      at: 'least',
      value: 1,
    })),
    ...(await measure(`single enqueues, ${IN_FLIGHT} in flight`, plan.flying, IN_FLIGHT)),
  ];
}
