import { count, drain, type ExchangeRequest, fixed, job, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { ended, pass, setScene } from './scene.ts';

const jobs = { push: job<number>({ backoff: fixed({ delayMs: 0 }), maxAttempts: 3 }) };

async function withTen() {
  const scene = setScene(jobs);
  for (let i = 0; i < 10; i++) await scene.queue.enqueue('push', i);
  const limits = () =>
    scene.store.calls
      .filter(({ method }) => method === 'exchange')
      .map(({ request }) => (request as ExchangeRequest).claim?.limit ?? 0);
  return { ...scene, limits };
}

describe('a budget of jobs', () => {
  it('of 5, with batches of 4 over 10 jobs, takes 4, then 1, then none', async () => {
    const { queue, environment, limits } = await withTen();
    const drained = drain(queue, { push: () => pass(environment, 200) }, { concurrency: 4, maxJobs: 5 });
    await environment.advance(1_000);
    expect(await ended(drained)).toMatchObject({ completed: 5 });
    const [first, second, ...rest] = limits();
    expect([first, second, new Set(rest)]).toEqual([4, 1, new Set([0])]);
    expect(await count(queue)).toMatchObject({ pending: 5, active: 0, completed: 5 });
  });

  it('is not exceeded by what quick jobs are claimed ahead, and a worker that has spent it is over', async () => {
    const { queue, environment } = await withTen();
    let runs = 0;
    work(queue, { push: () => void runs++ }, { concurrency: 2, maxJobs: 7 });
    await environment.advance(60_000);
    expect(runs).toBe(7);
    expect(environment.timers).toBe(0);
    expect(await count(queue)).toMatchObject({ pending: 3, active: 0 });
  });

  it('counts each attempt that fails, and nothing that is given back', async () => {
    const { queue, environment } = await withTen();
    let runs = 0;
    const push = (_: number, { release }: { release: (options: object) => never }) => {
      runs += 1;
      if (runs <= 2) release({ delayMs: 60_000 });
      if (runs <= 4) throw new Error('no');
    };
    const drained = drain(queue, { push }, { concurrency: 1, maxJobs: 3 });
    await environment.advance(1_000);
    expect(await ended(drained)).toMatchObject({ released: 2, retried: 2, completed: 1 });
    expect(runs).toBe(5);
  });

  it.each([0, 1.5, '5'])('is a whole number, 1 or more: not %o', async (maxJobs) => {
    const { queue } = setScene(jobs);
    expect(() => work(queue, {}, { maxJobs: maxJobs as never })).toThrow(/maxJobs/);
    await expect(drain(queue, {}, { maxJobs: maxJobs as never })).rejects.toThrow(/maxJobs/);
  });
});
