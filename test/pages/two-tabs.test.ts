import type { Page } from 'playwright';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { crash, type DemoSite, startDemo, until } from './demo-site.ts';

const JOBS = 200;
const HANDLER_MS = 20;

interface RunSeen {
  readonly page: Page;
  readonly n: number;
}

let site: DemoSite;
let runs: RunSeen[];
let bothWork: PromiseWithResolvers<void>;
let enqueued = 0;
beforeAll(async () => {
  site = await startDemo('bench');
  await site.browser.exposeBinding('ran', async ({ page }, n: number) => {
    runs.push({ page, n });
    // However slow the machine is, no tab has done everything before the other began.
    if (new Set(runs.map((run) => run.page)).size === 2) bothWork.resolve();
    await bothWork.promise;
  });
});
afterAll(() => site?.close());
beforeEach(() => {
  runs = [];
  bothWork = Promise.withResolvers();
});

async function startTwo(): Promise<{ one: Page; other: Page; first: number }> {
  const [one, other] = await Promise.all([site.openTab('/bench.html'), site.openTab('/bench.html')]);
  const first = enqueued;
  enqueued += JOBS;
  await one.evaluate(([from, count]) => window.bench.enqueue(from, count), [first, JOBS] as const);
  for (const page of [one, other]) await page.evaluate((ms) => window.bench.work(ms), HANDLER_MS);
  return { one, other, first };
}

const allDone = (page: Page) =>
  until(
    () => page.evaluate(() => window.bench.count()),
    ({ pending, active }) => pending + active === 0,
  );

const runsOf = (page: Page): number[] => runs.filter((run) => run.page === page).map(({ n }) => n);
const range = (first: number): number[] => Array.from({ length: JOBS }, (_, i) => first + i);
const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b);

test('two tabs share 200 jobs: both work, and each job runs once', async () => {
  const { one, other, first } = await startTwo();
  expect(await allDone(other)).toMatchObject({ completed: enqueued, dead: 0 });
  console.log(`two tabs: ${runsOf(one).length} and ${runsOf(other).length} of ${JOBS} jobs`);
  expect(sorted(runs.map(({ n }) => n))).toEqual(range(first));
  expect(runsOf(one).length).toBeGreaterThan(0);
  expect(runsOf(other).length).toBeGreaterThan(0);
  await Promise.all([one.close(), other.close()]);
});

test('a tab that crashes in the middle of its jobs: the other finishes all, and only what it held runs again', async () => {
  const { one, other, first } = await startTwo();
  await until(
    async () => runsOf(one).length,
    (count) => count >= 40,
  );
  await crash(one);
  const crashedAt = Date.now();
  const before = runsOf(one);
  expect(await allDone(other)).toMatchObject({ completed: enqueued, dead: 0 });
  const again = runsOf(other).filter((n) => before.includes(n));
  console.log(
    `crash after ${before.length} jobs: the other tab ran ${runsOf(other).length}, ${again.length} of them again, done after ${Date.now() - crashedAt} ms`,
  );
  expect(sorted(new Set(runs.map(({ n }) => n)))).toEqual(range(first));
  expect(new Set(runsOf(other)).size).toBe(runsOf(other).length);
  // What ran in the crashed tab and had not been settled yet: its handlers at work, and the outcomes on their way.
  expect(again.length).toBeLessThanOrEqual(16);
  await other.close();
});
