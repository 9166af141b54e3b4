import { chromiumHelp, findChromium } from '../../scripts/chromium.ts';
import { BenchBrowser } from '../indexeddb/bench-browser.ts';
import { bundleWith } from './build.ts';
import type { Figure } from './pair.ts';
import type { Part } from './part.ts';

const FULL = { bulk: 5_000, singles: 300, flying: 2_000, lives: 200, warmup: 1_000 };
const QUICK = { bulk: 500, singles: 50, flying: 200, lives: 30, warmup: 100 };
const IN_FLIGHT = 64;

const PAGE = new URL('indexeddb-page.ts', import.meta.url);

/** A browser for each build, and for each run a fresh tab on a fresh origin, warmed up there. */
export const indexedDBPairs: Part = async (builds, { quick }, paired) => {
  if (findChromium() === undefined) throw new Error(`no Chromium was found.\n${chromiumHelp}`);
  const plan = quick ? QUICK : FULL;
  const start = async (side: 'this' | 'base') =>
    BenchBrowser.start(
      await bundleWith(builds[side], PAGE, {
        minify: true,
        define: { 'process.env.NODE_ENV': '"production"' },
      }),
    );
  await using browsers = new AsyncDisposableStack();
  const opened = async (side: 'this' | 'base') =>
    browsers.adopt(await start(side), (browser) => browser.close());
  const sides = { this: await opened('this'), base: await opened('base') };
  await paired('IndexedDB, whole life', {
    this: () => wholeLife(sides.this, plan),
    base: () => wholeLife(sides.base, plan),
  });
  await paired('IndexedDB, enqueue to handler', {
    this: () => lives(sides.this, plan),
    base: () => lives(sides.base, plan),
  });
  for (const [inFlight, jobs, how] of [
    [1, plan.singles, 'each awaited'],
    [IN_FLIGHT, plan.flying, `${IN_FLIGHT} in flight`],
  ] as const)
    await paired(`IndexedDB, enqueue, ${how}`, {
      this: () => singles(sides.this, plan, inFlight, jobs, how),
      base: () => singles(sides.base, plan, inFlight, jobs, how),
    });
};

function lives(browser: BenchBrowser, { lives: jobs }: typeof FULL): Promise<Figure[]> {
  return browser.withTab(async (page) => {
    await page.evaluate((count) => window.pairs.lives(count, 'warm-up'), jobs);
    const { startMs, ms, transactions } = await page.evaluate(
      (count) => window.pairs.lives(count, 'bench'),
      jobs,
    );
    const name = 'IndexedDB, enqueue to handler start, p50';
    return [
      { name, unit: 'ms', better: 'less', value: startMs },
      rate('IndexedDB, lives of single enqueues at once', jobs, ms),
      perJob('IndexedDB, life of a single enqueue', jobs, transactions),
    ];
  });
}

const rate = (name: string, jobs: number, ms: number): Figure => ({
  name,
  unit: 'jobs/s',
  better: 'more',
  value: jobs / (ms / 1_000),
});

const perJob = (name: string, jobs: number, transactions: number): Figure => ({
  name,
  unit: 'transactions/job',
  better: 'less',
  value: transactions / jobs,
  counted: true,
});

function wholeLife(browser: BenchBrowser, { bulk, warmup }: typeof FULL): Promise<Figure[]> {
  return browser.withTab(async (page) => {
    await page.evaluate((jobs) => window.pairs.wholeLife(jobs, 'warm-up'), warmup);
    const life = await page.evaluate((jobs) => window.pairs.wholeLife(jobs, 'bench'), bulk);
    return [
      rate('IndexedDB, enqueue, bulk', bulk, life.enqueueMs),
      rate('IndexedDB, whole life, bulk', bulk, life.ms),
      perJob('IndexedDB, whole life, bulk', bulk, life.transactions),
    ];
  });
}

function singles(
  browser: BenchBrowser,
  { warmup }: typeof FULL,
  inFlight: number,
  jobs: number,
  how: string,
): Promise<Figure[]> {
  const name = `IndexedDB, enqueue singly, ${how}`;
  return browser.withTab(async (page) => {
    const enqueue = (count: number, database: string) =>
      page.evaluate(([many, flying, into]) => window.pairs.enqueueEach(many, flying, into), [
        count,
        inFlight,
        database,
      ] as const);
    await enqueue(Math.min(warmup, jobs), 'warm-up');
    const { ms, transactions } = await enqueue(jobs, 'bench');
    return [rate(name, jobs, ms), perJob(name, jobs, transactions)];
  });
}
