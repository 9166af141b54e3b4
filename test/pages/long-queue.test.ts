import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoSite, startDemo } from './demo-site.ts';

const JOBS = 10_000;
const MORE = 200;
/** Two claims of what a worker holds at most: 256 ahead, and 4 that run. */
const MOST_RUNS = 520;

let site: DemoSite;
beforeAll(async () => {
  site = await startDemo('bench');
});
afterAll(() => site?.close());

test('10,000 jobs drain in a page that stays responsive and takes more jobs meanwhile', async () => {
  const page = await site.openTab('/bench.html');
  const planted = await page.evaluate(async () => {
    const stopWatching = window.bench.watchLoop();
    await window.bench.hog(1_000);
    return (await stopWatching()).mostRuns;
  });
  expect(planted, 'a page that gets no turn is noticed').toBeGreaterThanOrEqual(1_000);

  const seen = await page.evaluate(
    async ([jobs, more]) => {
      const { bench } = window;
      const start = performance.now();
      await bench.enqueue(0, jobs);
      const enqueuedMs = performance.now() - start;
      const stopWatching = bench.watchLoop();
      const [runs, took] = await Promise.all([bench.drain(jobs + more), bench.enqueueSingly(jobs, more)]);
      const drainedMs = performance.now() - start - enqueuedMs;
      return { enqueuedMs, drainedMs, runs, took, loop: await stopWatching(), counts: await bench.count() };
    },
    [JOBS, MORE] as const,
  );

  const slowest = Math.max(...seen.took);
  const median = [...seen.took].sort((a, b) => a - b)[MORE / 2] ?? 0;
  const rate = Math.round(seen.runs / (seen.drainedMs / 1_000));
  console.log(
    [
      `${JOBS} jobs enqueued in ${Math.round(seen.enqueuedMs)} ms, ${seen.runs} drained in ${Math.round(seen.drainedMs)} ms (${rate}/s)`,
      `${seen.loop.turns} turns of the page's own, at most ${seen.loop.mostRuns} runs between two; longest task ${Math.round(seen.loop.longestTaskMs)} ms`,
      `${MORE} enqueued meanwhile one by one: median ${median.toFixed(1)} ms, slowest ${slowest.toFixed(1)} ms`,
    ].join('\n'),
  );
  expect(seen.counts).toMatchObject({ pending: 0, active: 0, completed: JOBS + MORE, dead: 0 });
  expect(seen.runs).toBe(JOBS + MORE);
  // Counted, not timed: the milliseconds are in the benchmarks, as they are those of the machine.
  expect(seen.loop.mostRuns).toBeLessThanOrEqual(MOST_RUNS);
});
