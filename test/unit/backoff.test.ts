import {
  type Backoff,
  count,
  defaultBackoff,
  enqueueMany,
  exponential,
  fixed,
  job,
  linear,
  list,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { pass, setScene } from './scene.ts';

const HOUR_MS = 3_600_000;

interface Failing {
  /** Of the definition. */
  readonly backoff?: Backoff;
  /** Of the job. */
  readonly own?: Backoff;
  readonly id?: string;
  readonly attempts?: number;
  /** How long each attempt takes. */
  readonly takesMs?: number;
  readonly delayMs?: number;
}

/** The times from each failure to the next start, of a job that always fails. */
async function gaps({ backoff, own, id = 'x', attempts = 4, takesMs = 0, delayMs = 0 }: Failing) {
  const { queue, environment } = setScene({ push: job({ ...(backoff ? { backoff } : {}) }) });
  await queue.enqueue('push', null, { id, delayMs, maxAttempts: attempts, ...(own ? { backoff: own } : {}) });
  const found: number[] = [];
  let failedAt: number | undefined;
  const worker = work(queue, {
    push: async () => {
      if (failedAt !== undefined) found.push(environment.now() - failedAt);
      if (takesMs > 0) await pass(environment, takesMs);
      failedAt = environment.now();
      throw new Error('no');
    },
  });
  queue.on('job:dead', () => void worker.stop());
  await environment.advance(HOUR_MS);
  expect(await count(queue)).toMatchObject({ pending: 0, dead: 1 });
  return found;
}

describe('the gap before the next attempt', () => {
  it('is 50, 100, 200 ms with an exponential backoff of 50 ms ×2', async () => {
    expect(await gaps({ backoff: exponential({ initialMs: 50, factor: 2 }) })).toEqual([50, 100, 200]);
  });

  it('counts from the failure, not from the start of the attempt', async () => {
    const backoff = exponential({ initialMs: 50, factor: 2 });
    expect(await gaps({ backoff, takesMs: 70 })).toEqual([50, 100, 200]);
  });

  it('counts from the failure, not from the enqueue', async () => {
    const backoff = exponential({ initialMs: 50, factor: 2 });
    expect(await gaps({ backoff, delayMs: 10_000 })).toEqual([50, 100, 200]);
  });

  it('doubles unless a factor is given', async () => {
    expect(await gaps({ backoff: exponential({ initialMs: 30 }) })).toEqual([30, 60, 120]);
    expect(await gaps({ backoff: exponential({ initialMs: 30, factor: 3 }) })).toEqual([30, 90, 270]);
  });

  it('grows by a step with a linear backoff, by default as large as the first delay', async () => {
    expect(await gaps({ backoff: linear({ initialMs: 100, stepMs: 20 }) })).toEqual([100, 120, 140]);
    expect(await gaps({ backoff: linear({ initialMs: 100 }) })).toEqual([100, 200, 300]);
  });

  it('stays the same with a fixed backoff', async () => {
    expect(await gaps({ backoff: fixed({ delayMs: 75 }) })).toEqual([75, 75, 75]);
  });

  it('is never more than maxMs', async () => {
    const bound = { initialMs: 100, maxMs: 250 };
    expect(await gaps({ backoff: exponential(bound), attempts: 5 })).toEqual([100, 200, 250, 250]);
    expect(await gaps({ backoff: linear(bound), attempts: 5 })).toEqual([100, 200, 250, 250]);
  });

  it('is never more than five minutes unless maxMs says so', async () => {
    expect(await gaps({ backoff: exponential({ initialMs: 200_000 }), attempts: 3 })).toEqual([
      200_000, 300_000,
    ]);
    const backoff = exponential({ initialMs: 200_000, maxMs: HOUR_MS });
    expect(await gaps({ backoff, attempts: 3 })).toEqual([200_000, 400_000]);
  });

  it('can be nothing, however often the job fails', async () => {
    const backoff = exponential({ initialMs: 0, factor: 1_000 });
    const found = await gaps({ backoff, attempts: 120 });
    expect(found).toEqual(Array.from({ length: 119 }, () => 0));
  });

  it('follows the backoff of the job rather than that of its definition', async () => {
    expect(await gaps({ backoff: fixed({ delayMs: 5 }), own: fixed({ delayMs: 33 }) })).toEqual([33, 33, 33]);
  });
});

describe('full jitter', () => {
  const backoff = exponential({ initialMs: 1_000, factor: 2, jitter: 'full' });

  it('gives the same job the same gaps each time', async () => {
    const once = await gaps({ backoff, id: 'a' });
    expect(await gaps({ backoff, id: 'a' })).toEqual(once);
  });

  it('gives other jobs and other attempts other parts of the delay', async () => {
    const even = fixed({ delayMs: 10_000, jitter: 'full' });
    const [a, b] = [await gaps({ backoff: even, id: 'a' }), await gaps({ backoff: even, id: 'b' })];
    expect(new Set([...a, ...b]).size).toBe(6);
  });

  it('stays between nothing and the full delay, and fills that range evenly over many jobs', async () => {
    const { queue, environment } = setScene({
      push: job({ backoff: fixed({ delayMs: 1_000, jitter: 'full' }) }),
    });
    await enqueueMany(
      queue,
      Array.from({ length: 200 }, (_, i) => ({ name: 'push', payload: i, id: `job ${i}` })),
    );
    work(queue, { push: () => Promise.reject(new Error('no')) });
    await environment.flush();
    const { jobs } = await list(queue, { state: 'pending', limit: 200 });
    const waits = jobs.filter(({ failures }) => failures === 1).map(({ runAt }) => runAt - environment.now());
    const inQuarter = (quarter: number) =>
      waits.filter((ms) => Math.min(3, Math.floor(ms / 250)) === quarter).length;
    expect(waits.length).toBeGreaterThan(190);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_000);
    for (const quarter of [0, 1, 2, 3]) expect(inQuarter(quarter)).toBeGreaterThan(25);
  });
});

describe('without a backoff of its own', () => {
  it('a job waits up to 1 s, 2 s, 4 s … 5 min, with full jitter', async () => {
    const found = await gaps({ attempts: 11 });
    const most = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300].map((seconds) => seconds * 1_000);
    for (const [i, gap] of found.entries()) expect(gap).toBeLessThanOrEqual(most[i]!);
    expect(found).not.toEqual(most);
    expect(found).toEqual(await gaps({ backoff: defaultBackoff, attempts: 11 }));
  });
});
