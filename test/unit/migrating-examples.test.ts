import { count, drain, type EnqueueAnswer, flows, get, memoryStore, work } from 'holdfast';
import { cron } from 'holdfast/cron';
import { type FakeEnvironment, fakeEnvironment } from 'holdfast/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  enqueueMails,
  enqueueReport,
  importOrders,
  mendOrder,
  openEmailQueue,
  openMailQueue,
  openPriceQueue,
  reportHandlers,
  reportJobs,
  resetPassword,
  retryTimedOut,
  sendForCustomer,
  sendLastDraft,
  shopOfTest,
  tellPrice,
  workOnMails,
} from './migrating-examples.ts';
import { setScene } from './scene.ts';

let said: string[] = [];
beforeEach(() => {
  said = [];
  vi.spyOn(console, 'log').mockImplementation((...words) => void said.push(words.join(' ')));
});
afterEach(() => vi.restoreAllMocks());

/** What it comes to, on a clock that stands still. */
const ended = async <T>(promise: Promise<T>, environment: FakeEnvironment): Promise<T> =>
  (await Promise.all([promise, environment.flush()]))[0];

const inMemory = () => ({ store: memoryStore(), environment: fakeEnvironment() });

describe('the examples of docs/migrating-from-bullmq.md', () => {
  const mail = { to: 'ada@example.com', text: 'hello' };

  it('retry by the backoff, at most five times, and then keep the dead job to be retried by its error', async () => {
    const where = inMemory();
    const queue = openMailQueue(where);
    const keys: string[] = [];
    let isDown = true;
    const worker = workOnMails(queue, async (_, { key }) => {
      keys.push(key);
      if (isDown) throw Object.assign(new Error('no answer'), { name: 'TimeoutError' });
    });
    const { id } = await queue.enqueue('mail.send', mail);
    await where.environment.advance(60_000);
    expect(keys).toEqual([id, id, id, id, id]);
    isDown = false;
    expect(await ended(retryTimedOut(queue), where.environment)).toBe(1);
    expect(said).toEqual([`${id} no answer`]);
    await where.environment.advance(0);
    expect(await count(queue)).toMatchObject({ dead: 0, completed: 1 });
    await worker.stop();
  });

  it('run greater priorities first, delayed ones later, and an id once', async () => {
    const where = inMemory();
    const queue = openMailQueue(where);
    await enqueueMails(queue, mail);
    await enqueueMails(queue, mail);
    const ran: unknown[] = [];
    queue.on('job:started', ({ job }) => void ran.push(job.priority));
    const worker = workOnMails(queue, async () => {});
    await where.environment.advance(4_999);
    expect(ran).toEqual([0, -10, -10]);
    await where.environment.advance(1);
    expect(ran).toEqual([0, -10, -10, 50, 50]);
    await worker.stop();
  });

  it('tick by their schedules', async () => {
    const where = inMemory();
    const queue = openMailQueue(where);
    const ticks = new Map<string, number>();
    const worker = work(queue, {
      'mail.digest': (_, { job: { tick } }) => {
        const id = tick?.schedule ?? '';
        ticks.set(id, (ticks.get(id) ?? 0) + 1);
      },
    });
    await where.environment.advance(24 * 3_600_000);
    expect(Object.fromEntries(ticks)).toEqual({ digest: 1, hourly: 24 });
    await worker.stop();
  });

  it('send the last draft once it rests', async () => {
    const where = inMemory();
    const queue = openMailQueue(where);
    const sent: string[] = [];
    const worker = workOnMails(queue, async ({ text }) => void sent.push(text));
    for (const text of ['h', 'he', 'hello']) {
      await sendLastDraft(queue, { ...mail, text });
      await where.environment.advance(4_000);
    }
    expect(sent).toEqual([]);
    await where.environment.advance(1_000);
    expect(sent).toEqual(['hello']);
    await worker.stop();
  });

  it('keep a customer’s mails in order, and one customer’s rate from another’s mails', async () => {
    const where = inMemory();
    const queue = openMailQueue(where);
    for (let i = 0; i < 30; i++) await sendForCustomer(queue, 'ada', { to: 'ada', text: `${i}` });
    await sendForCustomer(queue, 'bob', { to: 'bob', text: 'b' });
    const sent: string[] = [];
    const worker = workOnMails(queue, async ({ text }) => void sent.push(text));
    await where.environment.advance(0);
    expect(sent.filter((text) => text !== 'b')).toEqual(Array.from({ length: 10 }, (_, i) => `${i}`));
    expect(sent).toContain('b');
    await where.environment.advance(2_000);
    expect(sent.filter((text) => text !== 'b')).toEqual(Array.from({ length: 30 }, (_, i) => `${i}`));
    await worker.stop();
  });

  it('hand the children’s results to the parent', async () => {
    const { queue, environment } = setScene(reportJobs, { use: [flows()] });
    const written: unknown[] = [];
    const sales = new Map([
      ['north', 3],
      ['south', 4],
    ]);
    const worker = work(
      queue,
      reportHandlers(
        async (shop) => sales.get(shop) ?? 0,
        async (all) => void written.push(all),
      ),
    );
    await enqueueReport(queue);
    await environment.advance(0);
    expect(written).toEqual([{ north: 3, south: 4 }]);
    await worker.stop();
  });
});

describe('the examples of docs/migrating-from-in-memory-queues.md', () => {
  it('try an email four times, after 2 s, 4 s and 8 s, and keep it with its tag', async () => {
    const where = inMemory();
    const queue = openEmailQueue(where);
    const attempts: number[] = [];
    const start = where.environment.now();
    const worker = work(queue, {
      email: () => {
        attempts.push(where.environment.now() - start);
        throw new Error('no such mailbox');
      },
    });
    const { id } = await resetPassword(queue, '123');
    await where.environment.advance(60_000);
    expect(attempts).toEqual([0, 2_000, 6_000, 14_000]);
    expect(await get(queue, id)).toMatchObject({ state: 'dead', priority: 10, tags: ['user:123'] });
    await worker.stop();
  });

  it('read the seconds of a cron pattern in its first field', () => {
    const next = (pattern: string) => {
      const at = cron(pattern).after(Date.UTC(2026, 11, 1));
      return at === undefined ? undefined : new Date(at).toISOString();
    };
    expect(() => cron('*/5 * * * * 30')).toThrow('*/5 * * * * 30');
    expect(next('0 9 * * * 0')).toBe('2026-12-06T00:09:00.000Z');
    expect(next('0 0 9 * * *')).toBe('2026-12-01T09:00:00.000Z');
  });

  it('run four at a time and wait 1 s, then 2 s', async () => {
    const { queue, environment } = shopOfTest();
    const attempts: number[] = [];
    const start = environment.now();
    const worker = work(queue, {
      'order.ship': () => {
        attempts.push(environment.now() - start);
        throw new Error('no stock');
      },
    });
    const { id } = await queue.enqueue('order.ship', { order: 1 });
    await environment.advance(10_000);
    expect(attempts).toEqual([0, 1_000, 3_000]);
    await worker.stop();
    expect(await mendOrder(queue, id, 2)).toBe('redriven');
    expect(said).toEqual(['1: no stock,2: no stock,3: no stock']);
    expect(await get(queue, id)).toMatchObject({ state: 'pending', payload: { order: 2 } });
  });

  it('drop the oldest price of a full queue, and say so', async () => {
    const where = inMemory();
    const queue = openPriceQueue(where);
    const first: EnqueueAnswer = await queue.enqueue('price.tell', { item: 'tea', price: 0 });
    for (let i = 1; i < 100; i++) await tellPrice(queue, 'tea', i);
    expect(said).toEqual([]);
    await tellPrice(queue, 'tea', 100);
    expect(said).toEqual([`${first.id} made room`]);
    expect(await count(queue)).toMatchObject({ pending: 100, dropped: 1 });
    await where.environment.advance(60_000);
    // The first look after so long is not believed: the clock may have jumped.
    for (let look = 0; look < 2; look += 1) {
      const drained = await ended(drain(queue, { 'price.tell': () => {} }), where.environment);
      expect(drained).toMatchObject({ completed: 0 });
      await where.environment.advance(100_000);
    }
    expect(await count(queue)).toMatchObject({ pending: 0, dead: 100 });
  });

  it('import orders in chunks at a rate, and report once all have ended', async () => {
    const { queue, environment } = shopOfTest();
    async function* orders() {
      for (let order = 1; order <= 300; order++) yield order;
    }
    const done = importOrders(queue, orders(), new AbortController().signal);
    await environment.advance(2_000);
    expect(await done).toEqual({ enqueued: 300, errors: [] });
    expect(said).toEqual(['100 enqueued, 0 refused', '200 enqueued, 0 refused', '300 enqueued, 0 refused']);
    const reports: unknown[] = [];
    const worker = work(queue, {
      'order.ship': () => {},
      'import.report': (what, { job: { results } }) => void reports.push([what, results]),
    });
    await environment.advance(0);
    expect(reports).toEqual([['orders', { batch: { total: 300, completed: 300, dead: 0, cancelled: 0 } }]]);
    await worker.stop();
  });
});
