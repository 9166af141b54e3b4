import { setTimeout as rest } from 'node:timers/promises';
import type { Page } from 'playwright';
import { interleave } from '../harness/interleave.ts';
import type { Measure } from '../harness/measure.ts';
import type { BenchBrowser } from './bench-browser.ts';
import type { Drain } from './page/page.ts';
import type { Plan } from './plan.ts';

const MEGABYTE = 2 ** 20;
/** After so many inserts the database tidies its files in the background for a while: that is not what is measured. */
const REST_MS = 5_000;
const ALONE = 'a bound, nothing to compare with';

interface Memory {
  /** Megabytes of JavaScript objects that are alive. */
  readonly heap: number;
  /** Megabytes of the page as the browser counts them; undefined: it does not say. */
  readonly page: number | undefined;
}

interface Depth extends Drain {
  /** Between few jobs waiting and many; and between few waiting and many of which some are worked off. */
  readonly grown: readonly Memory[];
}

/** What many waiting jobs cost: the rate and the transactions of a drain, its long tasks, the page's memory. */
export async function measureDepth(browser: BenchBrowser, plan: Plan): Promise<Measure[]> {
  const { shallow, deep } = await interleave(
    'drain at depth',
    { shallow: at(browser, plan, plan.shallow), deep: at(browser, plan, plan.deep) },
    { runs: Math.min(3, plan.runs), warmups: 0 },
  );
  const perSecond = ({ ms }: Drain) => plan.shallow / (ms / 1_000);
  const grown = (which: keyof Memory) =>
    deep.flatMap((run) => {
      const sizes = run.grown.map((memory) => memory[which]).filter((size) => size !== undefined);
      return sizes.length === 0 ? [] : [Math.max(...sizes.map(Math.abs))];
    });
  const growth = (what: string, which: keyof Memory): Measure[] =>
    grown(which).length === 0
      ? []
      : [
          {
            measure: `${what}, change from ${plan.few} to ${plan.deep} waiting`,
            unit: 'MB',
            better: 'less',
            holdfast: grown(which),
            peerName: ALONE,
            goal: { of: 'figure', at: 'most', value: 10 },
          },
        ];
  return [
    {
      measure: `drain rate with ${plan.deep} waiting`,
      unit: 'jobs/s',
      better: 'more',
      holdfast: deep.map(perSecond),
      peer: shallow.map(perSecond),
      peerName: `holdfast with ${plan.shallow} waiting`,
      goal: { of: 'ratio', at: 'least', value: 0.9 },
    },
    {
      measure: `transactions of a drain with ${plan.deep} waiting`,
      unit: 'transactions/job',
      better: 'less',
      holdfast: deep.map(({ transactions }) => transactions / plan.shallow),
      peerName: ALONE,
      goal: { of: 'figure', at: 'most', value: 0.02 },
    },
    {
      measure: `longest main-thread task of all drains of ${plan.shallow} jobs (0: none over 50 ms)`,
      unit: 'ms',
      better: 'less',
      holdfast: [Math.max(0, ...[...shallow, ...deep].flatMap(({ longTasks }) => longTasks))],
      peerName: ALONE,
      goal: { of: 'figure', at: 'most', value: 50 },
    },
    ...growth('JavaScript heap', 'heap'),
    ...growth('memory of the page', 'page'),
  ];
}

const at = (browser: BenchBrowser, plan: Plan, waiting: number) => (): Promise<Depth> =>
  browser.withTab(async (page) => {
    await page.evaluate((jobs) => window.bench.wholeLife('holdfast', jobs, 'warm-up'), plan.warmup);
    await fill(page, plan.few);
    const few = await memoryOf(page);
    await fill(page, waiting);
    const many = await memoryOf(page);
    await rest(REST_MS);
    const drain = await page.evaluate(
      (jobs) => window.bench.drainSome('holdfast', jobs, 'bench'),
      plan.shallow,
    );
    const later = await memoryOf(page);
    return { ...drain, grown: [many, later].map((memory) => difference(memory, few)) };
  });

function fill(page: Page, jobs: number): Promise<void> {
  return page.evaluate((count) => window.bench.fill('holdfast', count, 'bench'), jobs);
}

async function memoryOf(page: Page): Promise<Memory> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  const bytes = await page.evaluate(() => window.bench.memory());
  return { heap: usedSize / MEGABYTE, page: bytes === undefined ? undefined : bytes / MEGABYTE };
}

function difference(after: Memory, before: Memory): Memory {
  const known = after.page !== undefined && before.page !== undefined;
  return { heap: after.heap - before.heap, page: known ? after.page - before.page : undefined };
}
