import {
  createQueue,
  defineJobs,
  every,
  job,
  memoryStore,
  pause,
  schedule,
  schedules,
  UnreachableError,
} from 'holdfast';
import { drainAll, fakeNetwork } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { pass, setScene } from './scene.ts';

const HOUR_MS = 3_600_000;
const jobs = defineJobs({ push: job<number>({ maxAttempts: 3 }), other: job<number>() });

describe('drainAll', () => {
  it('runs what is due, what is delayed, and what is enqueued meanwhile', async () => {
    const { queue } = setScene(jobs);
    const ran: number[] = [];
    await queue.enqueue('push', 1);
    await queue.enqueue('push', 2, { delayMs: HOUR_MS });
    const drained = await drainAll(queue, {
      push: (n, { enqueue }) => {
        ran.push(n);
        if (n === 2) enqueue('push', 3, { delayMs: HOUR_MS });
      },
    });
    expect([ran, drained]).toEqual([
      [1, 2, 3],
      { completed: 3, retried: 0, released: 0, dead: 0, cancelled: 0, left: [], elapsedMs: 2 * HOUR_MS },
    ]);
  });

  it('runs retries until a job is done or dead', async () => {
    const { queue } = setScene(jobs);
    await queue.enqueue('push', 1);
    const drained = await drainAll(queue, {
      push: () => {
        throw new Error('no');
      },
    });
    expect(drained).toMatchObject({ completed: 0, retried: 2, dead: 1, left: [] });
  });

  it('goes through an outage', async () => {
    const { queue } = setScene(jobs);
    for (let n = 0; n < 5; n++) await queue.enqueue('push', n);
    let down = 8;
    const drained = await drainAll(queue, {
      push: () => {
        if (down-- > 0) throw new UnreachableError('no answer');
      },
    });
    expect(drained).toMatchObject({ completed: 5, dead: 0, left: [] });
  });

  it('lets handlers wait for the clock', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 1);
    const drained = await drainAll(queue, { push: () => pass(environment, 90_000) });
    expect(drained).toMatchObject({ completed: 1, elapsedMs: 90_000 });
  });

  it('leaves what cannot run, and says why', async () => {
    const { queue } = setScene(jobs);
    await queue.enqueue('push', 1);
    await queue.enqueue('other', 2);
    await pause(queue, 'push');
    const { left } = await drainAll(queue, { push: () => {} });
    expect(left.map(({ job, waits }) => [job.name, waits[0]?.why])).toEqual([
      ['other', 'no-worker'],
      ['push', 'paused'],
    ]);
  });

  it('ends with the last job, though a schedule goes on', async () => {
    const { queue } = setScene(jobs, {
      use: [schedules({ hourly: schedule({ name: 'other', payload: 0, recurrence: every(HOUR_MS) }) })],
    });
    await queue.enqueue('push', 1, { delayMs: 2.5 * HOUR_MS });
    const { completed, elapsedMs } = await drainAll(queue, { push: () => {}, other: () => {} });
    expect([completed, elapsedMs]).toEqual([3, 2.5 * HOUR_MS]);
  });

  it('says what does not end', async () => {
    const { queue } = setScene(jobs);
    await queue.enqueue('push', 1);
    const endless = drainAll(queue, { push: (n, { enqueue }) => enqueue('push', n + 1, { delayMs: 1_000 }) });
    await expect(endless).rejects.toThrow(
      /^drainAll did not end: 1000 attempts, \d+ ms; 1 jobs are left\n- "push", pending, attempt 1: \[{"why":"not-due"/,
    );
  });

  it('leaves no timer behind', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 1, { delayMs: HOUR_MS });
    await drainAll(queue, { push: () => {} });
    await queue.close();
    expect(environment.timers).toBe(0);
  });

  it('goes by what a network answers: an outage, a failure, patience, a slow answer', async () => {
    const { queue, environment } = setScene(jobs);
    const busy = { status: 429, headers: { 'retry-after': '30' } };
    const network = fakeNetwork(['offline', 500, busy, { status: 503, afterMs: 5_000 }, 200], {
      clock: environment,
    });
    await queue.enqueue('push', 1);
    const { send } = await import('holdfast');
    const before = globalThis.fetch;
    globalThis.fetch = network.fetch;
    const drained = await drainAll(queue, { push: () => send('https://notes.example/') }).finally(() => {
      globalThis.fetch = before;
    });
    expect(drained).toMatchObject({ completed: 1, dead: 0 });
    expect(network.requests).toHaveLength(5);
  });

  it('refuses a queue whose clock is the real one', async () => {
    const queue = createQueue({ name: 'sync', jobs, store: memoryStore() });
    await expect(drainAll(queue, {})).rejects.toThrow(
      'expected one that was made with environment: fakeEnvironment()',
    );
  });
});
