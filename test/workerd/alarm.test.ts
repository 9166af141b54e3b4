import { runDurableObjectAlarm } from 'cloudflare:test';
import { cancel, count, enqueueMany, list, prepare } from 'holdfast';
import { SharedAlarm } from 'holdfast/edge';
import { beforeEach, describe, expect, it } from 'vitest';
import { freshMailer, inside, letters, type Mailbox } from './mailer.ts';

const HOUR_MS = 3_600_000;

describe('the alarm of a queue in a Durable Object', () => {
  let mailer: Mailbox;
  const alarmAt = () => inside(mailer, (_, { storage }) => storage.getAlarm());
  const ran = () => inside(mailer, (instance) => [...instance.ran]);

  beforeEach(() => {
    mailer = freshMailer();
  });

  it('is armed by an enqueue, runs the job, and is gone when nothing waits', async () => {
    const before = Date.now();
    await inside(mailer, ({ queue }) => queue.enqueue('send', { n: 1 }, { delayMs: HOUR_MS }));
    expect(await alarmAt()).toBeGreaterThanOrEqual(before + HOUR_MS);
    await inside(mailer, ({ queue }) => queue.enqueue('send', { n: 2 }));
    expect(await alarmAt()).toBeLessThanOrEqual(Date.now() + 1_000);
    await runDurableObjectAlarm(mailer);
    expect(await ran()).toEqual([2]);
    expect(await alarmAt()).toBeGreaterThanOrEqual(before + HOUR_MS);
    await inside(mailer, async ({ queue }) => {
      const { jobs } = await list(queue, { state: 'pending' });
      await cancel(queue, jobs[0]?.id ?? '');
    });
    await runDurableObjectAlarm(mailer);
    expect(await alarmAt()).toBeNull();
    expect(await inside(mailer, ({ queue }) => count(queue))).toMatchObject({ completed: 1, cancelled: 1 });
  });

  it('is set once for a burst, and not again by what comes later than it is armed for', async () => {
    await inside(mailer, async (instance) => {
      for (let i = 0; i < 10; i++) await enqueueMany(instance.queue, letters(i * 10, 10));
      await instance.queue.enqueue('send', { n: 100 }, { delayMs: HOUR_MS });
    });
    expect(await inside(mailer, ({ cost }) => cost.setAlarm)).toBe(1);
  });

  it('is armed for the retry of a job that failed', async () => {
    const before = Date.now();
    await inside(mailer, ({ queue }) => queue.enqueue('send', { n: 1, fails: 1 }));
    await runDurableObjectAlarm(mailer);
    const at = await alarmAt();
    expect(at).toBeGreaterThanOrEqual(before + 60_000);
    expect(at).toBeLessThanOrEqual(Date.now() + 60_000);
  });

  it('is not armed for names that nobody handles, once that is known', async () => {
    await inside(mailer, ({ queue }) => queue.enqueue('unhandled', null));
    await runDurableObjectAlarm(mailer);
    expect(await alarmAt()).toBeNull();
    expect(await inside(mailer, ({ queue }) => count(queue))).toMatchObject({ pending: 1 });
  });

  it('rolls back with the transaction of the object that enqueued, rows and all', async () => {
    await inside(mailer, async ({ queue }, { storage }) => {
      const prepared = await prepare(queue, 'send', { n: 1 });
      expect(() =>
        storage.transactionSync(() => {
          storage.sql.exec("INSERT INTO letters (id) VALUES ('a')");
          prepared.addTo(storage);
          throw new Error('after both');
        }),
      ).toThrow('after both');
      expect(storage.sql.exec('SELECT * FROM letters').toArray()).toEqual([]);
      expect(await count(queue)).toMatchObject({ pending: 0 });
    });
    expect(await alarmAt()).toBeNull();
    await inside(mailer, async ({ queue }, { storage }) => {
      const prepared = await prepare(queue, 'send', { n: 2 });
      storage.transactionSync(() => {
        storage.sql.exec("INSERT INTO letters (id) VALUES ('b')");
        prepared.addTo(storage);
      });
      expect(storage.sql.exec('SELECT * FROM letters').toArray()).toEqual([{ id: 'b' }]);
    });
    expect(await alarmAt()).not.toBeNull();
    await runDurableObjectAlarm(mailer);
    expect(await ran()).toEqual([2]);
  });
});

describe('a shared alarm', () => {
  const T = 1_750_000_000_000;
  /** Storage with an alarm and nothing else. */
  function storageWithAlarm() {
    let at: number | null = null;
    const calls: number[] = [];
    return {
      calls,
      get at() {
        return at;
      },
      fire: () => {
        at = null;
      },
      state: {
        storage: {
          sql: { exec: () => ({ toArray: () => [], rowsRead: 0, rowsWritten: 0 }) },
          transactionSync: <R>(closure: () => R) => closure(),
          getAlarm: async () => at,
          setAlarm: async (instant: number) => {
            calls.push(instant);
            at = instant;
          },
        },
      },
    };
  }

  it('wakes only whose instant has come, and is armed for the earliest of the rest', async () => {
    const storage = storageWithAlarm();
    const alarm = new SharedAlarm(storage.state, { now: () => T });
    const woken: string[] = [];
    let mine: number | undefined = T;
    alarm.join('mine', {
      nextAt: () => mine,
      wake: () => {
        woken.push('mine');
        mine = undefined;
      },
    });
    alarm.join('other', { nextAt: () => T + 5_000, wake: () => void woken.push('other') });
    storage.fire();
    await alarm.run();
    expect(woken).toEqual(['mine']);
    expect(storage.at).toBe(T + 5_000);
  });

  it('is not stopped by a user that throws, which is told', async () => {
    const storage = storageWithAlarm();
    const told: [string, unknown][] = [];
    const alarm = new SharedAlarm(storage.state, {
      now: () => T,
      onError: (user, error) => told.push([user, error]),
    });
    let runs = 0;
    let due: number | undefined = T;
    alarm.join('throws', {
      nextAt: () => T,
      wake: () => {
        throw new Error('of my own');
      },
    });
    alarm.join('works', {
      nextAt: () => due,
      wake: () => {
        runs += 1;
        due = undefined;
      },
    });
    storage.fire();
    await alarm.run();
    expect(runs).toBe(1);
    expect(told).toEqual([['throws', expect.objectContaining({ message: 'of my own' })]]);
    expect(storage.at).toBe(T + 2_000);
  });

  it('wakes a user that throws later and later, and at once again after it went well', async () => {
    const storage = storageWithAlarm();
    let now = T;
    let throws = true;
    const alarm = new SharedAlarm(storage.state, { now: () => now, onError: () => undefined });
    alarm.join('throws', {
      nextAt: () => T,
      wake: () => {
        if (throws) throw new Error('of my own');
      },
    });
    const pauses: number[] = [];
    for (let run = 0; run < 9; run++) {
      storage.fire();
      await alarm.run();
      pauses.push((storage.at ?? 0) - now);
      now = storage.at ?? 0;
    }
    expect(pauses).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300].map((seconds) => seconds * 1_000));
    throws = false;
    storage.fire();
    await alarm.run();
    expect(storage.at).toBe(now);
  });

  it('arms another before it runs again what was cut off, as the platform gives up after six retries', async () => {
    const storage = storageWithAlarm();
    const alarm = new SharedAlarm(storage.state, { now: () => T });
    let armedMeanwhile: number | null = null;
    alarm.join('cut off', {
      nextAt: () => T,
      wake: () => {
        armedMeanwhile = storage.at;
      },
    });
    storage.fire();
    await alarm.run({ retryCount: 1, isRetry: true });
    expect(armedMeanwhile).toBe(T + 60_000);
  });
});
