import {
  batch,
  createQueue,
  defineJobs,
  drop,
  enqueueFlow,
  every,
  exponential,
  flows,
  get,
  type Handlers,
  job,
  keys,
  limits,
  linear,
  listAll,
  memoryStore,
  type Queue,
  type QueueOptions,
  redrive,
  redriveMany,
  schedules,
  work,
} from 'holdfast';
import { cron } from 'holdfast/cron';
import { type FakeEnvironment, fakeEnvironment } from 'holdfast/testing';

/** A store, and in tests a clock. */
type Where = Pick<QueueOptions, 'store' | 'environment'>;

// Of BullMQ.

export interface Mail {
  readonly to: string;
  readonly text: string;
}

export const mailJobs = defineJobs({
  'mail.send': job<Mail>({
    maxAttempts: 5,
    backoff: exponential({ initialMs: 1_000, jitter: 'full' }),
  }),
  'mail.digest': job<null>(),
});

export const openMailQueue = (where: Where) =>
  createQueue({
    name: 'mail',
    jobs: mailJobs,
    use: [
      limits({ 'mail.send': { rate: { limit: 10, perMs: 1_000 } } }),
      schedules({
        digest: {
          recurrence: cron('0 8 * * *', { timeZone: 'Europe/Berlin' }),
          name: 'mail.digest',
          payload: null,
        },
        hourly: { recurrence: every(3_600_000), name: 'mail.digest', payload: null, missed: 'skip' },
      }),
      keys(),
    ],
    ...where,
  });

type MailQueue = ReturnType<typeof openMailQueue>;
type Send = (mail: Mail, how: { readonly key: string; readonly signal: AbortSignal }) => Promise<void>;

export const workOnMails = (queue: MailQueue, send: Send) =>
  work(
    queue,
    { 'mail.send': (mail, { job, signal }) => send(mail, { key: job.id, signal }) },
    { concurrency: 10 },
  );

export async function enqueueMails(queue: MailQueue, mail: Mail) {
  await queue.enqueue('mail.send', mail, { priority: 'low' });
  await queue.enqueue('mail.send', mail, { priority: 50, delayMs: 5_000 });
  await queue.enqueue('mail.send', mail, { id: `welcome-${mail.to}` });
}

export const sendLastDraft = (queue: MailQueue, draft: Mail) =>
  queue.enqueue('mail.send', draft, {
    idempotencyKey: draft.to,
    onDuplicate: 'debounce',
    delayMs: 5_000,
    maxWaitMs: 30_000,
  });

export const sendForCustomer = (queue: MailQueue, customer: string, mail: Mail) =>
  queue.enqueue('mail.send', mail, { lane: customer, rateKey: customer });

export const reportJobs = defineJobs({
  'sales.read': job<{ shop: string }>(),
  'report.write': job<null>(),
});

export const enqueueReport = (queue: Queue<typeof reportJobs>) =>
  enqueueFlow(queue, {
    report: { name: 'report.write', payload: null, dependsOn: ['north', 'south'] },
    north: { name: 'sales.read', payload: { shop: 'north' } },
    south: { name: 'sales.read', payload: { shop: 'south' } },
  });

export const reportHandlers = (
  read: (shop: string) => Promise<number>,
  write: (sales: unknown) => Promise<void>,
): Handlers<typeof reportJobs> => ({
  'sales.read': ({ shop }) => read(shop),
  'report.write': (_, { job: { results } }) => write(results),
});

export async function retryTimedOut(queue: MailQueue) {
  for await (const dead of listAll(queue, { state: 'dead', name: 'mail.send' }))
    console.log(dead.id, dead.errors.at(-1)?.message);
  const { redriven } = await redriveMany(queue, { name: 'mail.send', errorName: 'TimeoutError' });
  return redriven;
}

// Of queues in memory.

export const emailJobs = defineJobs({
  email: job<string>({
    maxAttempts: 4,
    backoff: exponential({ initialMs: 2_000, factor: 2, maxMs: 300_000, jitter: 'none' }),
    timeoutMs: 30_000,
  }),
});

export const openEmailQueue = (where: Where) =>
  createQueue({
    name: 'email',
    jobs: emailJobs,
    maxDepth: 1_300,
    maxDelayed: 1_000,
    use: [limits({ email: { maxActive: 5 } })],
    ...where,
  });

export const resetPassword = (queue: Queue<typeof emailJobs>, user: string) =>
  queue.enqueue('email', 'Password reset', { priority: 'high', tags: [`user:${user}`] });

export const shopJobs = defineJobs({
  'order.ship': job<{ order: number }>({
    maxAttempts: 3,
    backoff: linear({ initialMs: 1_000 }),
    timeoutMs: 30_000,
  }),
  'price.tell': job<{ item: string; price: number }>({ maxAgeMs: 60_000 }),
  'import.report': job<string>(),
});

export const openShopQueue = (where: Where) =>
  createQueue({
    name: 'shop',
    jobs: shopJobs,
    maxDepth: 100_000,
    use: [limits({ 'order.ship': { maxActive: 4 } }), flows()],
    ...where,
  });

type ShopQueue = Queue<typeof shopJobs>;

/** Only for what may get lost: old prices. */
export const openPriceQueue = (where: Where) =>
  createQueue({ name: 'prices', jobs: shopJobs, maxDepth: 100, use: [drop('oldest')], ...where });

export async function tellPrice(queue: ShopQueue, item: string, price: number) {
  const { dropped = [] } = await queue.enqueue('price.tell', { item, price }, { priority: 'high' });
  for (const { id } of dropped) console.log(`${id} made room`);
}

export async function importOrders(queue: ShopQueue, orders: AsyncIterable<number>, signal: AbortSignal) {
  const opened = await batch(queue, { whenDone: { name: 'import.report', payload: 'orders' } });
  async function* items() {
    for await (const order of orders) yield { name: 'order.ship', payload: { order } } as const;
  }
  const { enqueued, errors } = await opened.add(items(), {
    chunkSize: 100,
    ratePerSecond: 200,
    continueOnError: true,
    signal,
    onProgress: ({ enqueued, refused }) => console.log(`${enqueued} enqueued, ${refused} refused`),
  });
  await opened.close();
  return { enqueued, errors };
}

export async function mendOrder(queue: ShopQueue, id: string, order: number) {
  const held = await get(queue, id);
  console.log(held?.errors.map(({ attempt, message }) => `${attempt}: ${message}`));
  return redrive(queue, id, { payload: { order } });
}

/** A queue whose clock stands still until the test lets time pass. */
export function shopOfTest(): { queue: ShopQueue; environment: FakeEnvironment } {
  const environment = fakeEnvironment();
  return { queue: openShopQueue({ store: memoryStore(), environment }), environment };
}
