import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemo, until } from './demo-site.ts';

const JOBS = 50;

let site: DemoSite;
const ran: number[] = [];
beforeAll(async () => {
  site = await startDemo('bench');
  await site.browser.exposeBinding('ran', (_source, n: number) => void ran.push(n));
});
afterAll(() => site?.close());

test('a page that only enqueues fills a queue on which another page works, at once and each job once', async () => {
  const worker = await site.openTab('/bench.html?hints-only');
  await worker.evaluate(() => window.bench.work(0));
  const page = await site.openTab('/enqueuer.html');
  for (const first of [0, JOBS]) {
    await page.evaluate(([from, count]) => window.enqueue(from, count), [first, JOBS] as const);
    await until(
      async () => ran.length,
      (count) => count >= first + JOBS,
    );
  }
  expect(ran.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 2 * JOBS }, (_, n) => n));
  const counts = await until(
    () => worker.evaluate(() => window.bench.count()),
    ({ pending, active }) => pending + active === 0,
  );
  expect(counts).toMatchObject({ completed: 2 * JOBS, dead: 0 });
});

test('a tab that works nothing is told by explain what another tab works, and what nobody does', async () => {
  const page = await site.openTab('/bench.html');
  const worker = await site.openTab('/bench.html');
  await page.evaluate(() => window.bench.enqueue(0, 1));
  await worker.evaluate(() => window.bench.work(0));
  const why = await until(
    () => page.evaluate(() => window.bench.why('count')),
    (reasons) => !reasons?.includes('no-worker'),
  );
  expect(why).toEqual(['not-due']);
  expect(await page.evaluate(() => window.bench.why('unhandled'))).toEqual(['not-due', 'no-worker']);
});
