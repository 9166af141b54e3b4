import type { Page } from 'playwright';
import { interleave } from '../harness/interleave.ts';
import { type Measure, median } from '../harness/measure.ts';
import type { BenchBrowser } from './bench-browser.ts';
import type { PeerName } from './page/page.ts';
import type { Plan } from './plan.ts';

/** The way of a job from `enqueue` to the start of its handler, in a worker that sleeps. */
export async function measureLatency(browser: BenchBrowser, plan: Plan): Promise<Measure[]> {
  const here = (peer: PeerName) => () =>
    browser.withTab(async (page) => await sendAndTime(page, page, peer, plan));
  const elsewhere = (peer: PeerName) => async () => {
    const origin = browser.freshOrigin();
    const pages = [await browser.open(origin), await browser.open(origin)] as const;
    try {
      return await sendAndTime(pages[1], pages[0], peer, plan);
    } finally {
      for (const page of pages) await page.close();
    }
  };
  const measure = async (
    where: string,
    time: (peer: PeerName) => () => Promise<number>,
  ): Promise<Measure> => {
    const { holdfast, limit } = await interleave(
      `enqueue to handler, ${where}`,
      { holdfast: time('holdfast'), limit: time('limit') },
      { runs: plan.runs, warmups: 0 },
    );
    return {
      measure: `enqueue to handler start, p50, ${where}`,
      unit: 'ms',
      better: 'less',
      holdfast,
      peer: limit,
      peerName: 'raw IndexedDB at its limit',
      goal: { of: 'ratio', at: 'least', value: 0.667 },
    };
  };
  return [await measure('same tab', here), await measure('another tab', elsewhere)];
}

async function sendAndTime(from: Page, to: Page, peer: PeerName, { sent }: Plan): Promise<number> {
  await to.evaluate((name) => window.bench.work(name, 'bench'), peer);
  const send = () =>
    from.evaluate(([name, jobs]) => window.bench.send(name, jobs, 'bench'), [peer, sent] as const);
  await send();
  await to.evaluate(() => window.bench.took());
  await send();
  return median(await to.evaluate(() => window.bench.took()));
}
