import { interleave } from '../harness/interleave.ts';
import type { Measure } from '../harness/measure.ts';
import { BenchBrowser, bundlePage } from './bench-browser.ts';
import type { HostedDrain } from './page/hosted.ts';
import type { Plan } from './plan.ts';

/** What a queue in a worker spares the page's thread, and how long it is away when that worker is ended. */
export async function measureHosted(_: BenchBrowser, { bulk, runs }: Plan): Promise<Measure[]> {
  const browser = await BenchBrowser.start(await bundlePage('page/hosted.ts'));
  try {
    const backMs: number[] = [];
    const inWorker = (): Promise<HostedDrain> =>
      browser.withTab(async (page) => {
        const { backMs: ms, ...drain } = await page.evaluate((jobs) => window.hosted.inWorker(jobs), bulk);
        backMs.push(ms);
        return drain;
      });
    const inPage = (): Promise<HostedDrain> =>
      browser.withTab((page) => page.evaluate((jobs) => window.hosted.inPage(jobs), bulk));
    const what = `drain of ${bulk} jobs, queue in a worker`;
    const { worker, page } = await interleave(what, { worker: inWorker, page: inPage }, { runs, warmups: 0 });
    const longest = (sample: readonly HostedDrain[]) =>
      sample.map(({ longTasks }) => Math.max(0, ...longTasks));
    const rate = (sample: readonly HostedDrain[]) => sample.map(({ ms }) => bulk / (ms / 1_000));
    const peerName = 'the queue in the page';
    return [
      {
        measure: `longest task of the page (0: none over 50 ms), ${what}`,
        unit: 'ms',
        better: 'less',
        holdfast: longest(worker),
        peer: longest(page),
        peerName,
      },
      {
        measure: `enqueued and done, ${what}`,
        unit: 'jobs/s',
        better: 'more',
        holdfast: rate(worker),
        peer: rate(page),
        peerName,
      },
      {
        measure: 'back after its worker was terminated: the next call has an answer',
        unit: 'ms',
        better: 'less',
        holdfast: backMs,
        peerName: 'nothing to compare with',
      },
    ];
  } finally {
    await browser.close();
  }
}
