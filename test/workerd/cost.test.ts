import { runDurableObjectAlarm } from 'cloudflare:test';
import { count, enqueueMany } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { storeCalls } from '../../src/testing/store-calls.ts';
import { costOf, freshMailer, inside, letters, type Mailbox } from './mailer.ts';

const BATCH = 100;
const BACKLOG = 100_000;

/** Everything that runs in the alarm, with what arming it cost. */
async function costOfAlarm(mailer: Mailbox) {
  const before = await inside(mailer, ({ cost }) => ({ ...cost }));
  await runDurableObjectAlarm(mailer);
  const after = await inside(mailer, ({ cost }) => ({ ...cost }));
  return {
    read: after.read - before.read,
    written: after.written - before.written,
    setAlarm: after.setAlarm - before.setAlarm,
  };
}

describe('what the platform bills', () => {
  it('is at most 3.1 rows written and 6 read for the whole life of a plain job, in batches of 100', async () => {
    const mailer = freshMailer();
    await costOf(mailer, ({ queue }) => count(queue));
    const enqueued = await costOf(mailer, ({ queue }) => enqueueMany(queue, letters(0, BATCH)));
    const drained = await costOfAlarm(mailer);
    const written = (enqueued.written + drained.written + enqueued.setAlarm + drained.setAlarm) / BATCH;
    const read = (enqueued.read + drained.read) / BATCH;
    console.log(`a plain life: ${written} rows written, ${read} read, ${enqueued.setAlarm} alarm a batch`);
    expect(await inside(mailer, ({ queue }) => count(queue))).toMatchObject({
      completed: BATCH,
      pending: 0,
    });
    expect(written).toBeLessThanOrEqual(3.1);
    expect(read).toBeLessThanOrEqual(6);
    expect(enqueued.setAlarm + drained.setAlarm).toBe(1);
  });

  it('is at most 2.1 rows more for a retry', async () => {
    const mailer = freshMailer();
    const failing = letters(0, BATCH).map((item) => ({ ...item, payload: { ...item.payload, fails: 1 } }));
    const enqueued = await costOf(mailer, ({ queue }) => enqueueMany(queue, failing));
    const first = await costOfAlarm(mailer);
    const retried = (first.written + first.setAlarm) / BATCH;
    console.log(`a retry: ${retried} rows written`);
    expect(enqueued.written).toBeGreaterThan(0);
    expect(await inside(mailer, ({ queue }) => count(queue))).toMatchObject({ pending: BATCH });
    expect(retried).toBeLessThanOrEqual(2.1);
  });

  it('does not grow with what waits or is delayed', async () => {
    const costs = [];
    for (const backlog of [0, BACKLOG]) {
      const mailer = freshMailer();
      await inside(mailer, async ({ queue }) => {
        for (let n = 0; n < backlog; n += 1_000)
          await enqueueMany(queue, letters(n, 1_000, { delayMs: 3_600_000 }));
        for (let n = 0; n < backlog; n += 1_000)
          await enqueueMany(
            queue,
            letters(n, 1_000).map((item) => ({ ...item, priority: 'low' as const })),
          );
        await enqueueMany(queue, letters(0, BATCH));
      });
      costs.push(
        await costOf(mailer, async ({ queue }) => {
          const now = Date.now();
          const names = { send: { version: 1, slots: BATCH } };
          const claim = { names, limit: BATCH, leaseMs: 30_000, idle: true };
          const request = { queue: 'mail', workerId: 'remote', settle: [], claim };
          const { jobs } = await storeCalls(queue.store).exchange(request, now);
          expect(jobs).toHaveLength(BATCH);
        }),
      );
    }
    const [empty, full] = costs;
    console.log(
      `a claim of ${BATCH}: ${empty?.read} rows read on an empty queue, ${full?.read} on ${2 * BACKLOG} waiting`,
    );
    expect(full?.read).toBeLessThanOrEqual((empty?.read ?? 0) + 4);
    expect(full?.written).toBe(empty?.written);
  });

  it('is nothing for an idle queue', async () => {
    const mailer = freshMailer();
    await inside(mailer, ({ queue }) => queue.enqueue('send', { n: 1 }));
    await runDurableObjectAlarm(mailer);
    const before = await inside(mailer, ({ cost }) => ({ ...cost }));
    expect(await inside(mailer, (_, { storage }) => storage.getAlarm())).toBeNull();
    expect(await runDurableObjectAlarm(mailer)).toBe(false);
    expect(await inside(mailer, ({ cost }) => ({ ...cost }))).toEqual(before);
  });
});
