import { count, enqueueMany, job, systemEnvironment, UnreachableError } from 'holdfast';
import { durableObjectQueue } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';
import { freshMailer, inside } from './mailer.ts';

const HOUR_MS = 3_600_000;
const START = 1_750_000_000_000;
const JOBS = 300;

/** A day of an object whose clock goes from alarm to alarm, with jobs for so many servers that nobody reaches, and back again after it. */
async function deadDay(targets: number) {
  return inside(freshMailer(), async (_, { storage }) => {
    let now = START;
    let armed: number | undefined;
    let up = false;
    const cost = { alarms: 0, armings: 0, written: 0, requests: 0 };
    const state = {
      storage: {
        sql: storage.sql,
        transactionSync: <T>(closure: () => T) => storage.transactionSync(closure),
        getAlarm: async () => armed ?? null,
        setAlarm: async (at: number) => {
          armed = at;
          cost.armings += 1;
        },
      },
    };
    const queue = durableObjectQueue(state, {
      name: 'outage',
      jobs: { call: job<number>() },
      environment: { ...systemEnvironment, now: () => now },
      onStep: (kind, rows) => {
        if (kind === 'written') cost.written += rows;
      },
    });
    const handlers = {
      call: () => {
        cost.requests += 1;
        if (!up) throw new UnreachableError('nobody answered');
      },
    };
    await enqueueMany(
      queue,
      Array.from({ length: JOBS }, (_each, i) => ({
        name: 'call',
        payload: i,
        target: `api ${i % targets}`,
      })),
    );
    const enqueued = cost.written;
    const go = async (until: number, most: number) => {
      for (let n = 0; armed !== undefined && armed <= until && n < most; n += 1) {
        now = Math.max(now, armed);
        armed = undefined;
        cost.alarms += 1;
        await queue.onAlarm(handlers);
      }
    };
    await go(START + 24 * HOUR_MS, 5_000);
    const day = { ...cost, written: cost.written - enqueued };
    const counts = await count(queue);
    up = true;
    await go(now + HOUR_MS, 50);
    return { day, counts, after: await count(queue), alarms: cost.alarms - day.alarms };
  });
}

describe('a Durable Object whose APIs are down for a day', () => {
  it('has at most 110 alarms for one of them, writes no row of a job more than once, and loses nothing', async () => {
    const { day, counts, after } = await deadDay(1);
    console.log(`one API down for a day: ${JSON.stringify(day)}`);
    expect(day.alarms).toBeLessThanOrEqual(110);
    expect(day.alarms).toBeGreaterThan(80);
    expect(day.requests).toBeLessThanOrEqual(120);
    // The queue's row when a probe is taken and when it ends, and once the row of each job that was tried.
    expect(day.written).toBeLessThanOrEqual(2 * day.alarms + 4 * day.requests);
    expect(counts).toMatchObject({ pending: JOBS, dead: 0 });
    expect(after).toMatchObject({ pending: 0, completed: JOBS, dead: 0 });
  });

  it('lets the probes of ten share alarms', async () => {
    const { day, counts, after } = await deadDay(10);
    console.log(`ten APIs down for a day: ${JSON.stringify(day)}`);
    expect(day.alarms).toBeLessThanOrEqual(220);
    expect(day.requests).toBeGreaterThan(900);
    expect(counts).toMatchObject({ pending: JOBS, dead: 0 });
    expect(after).toMatchObject({ completed: JOBS });
  });
});
