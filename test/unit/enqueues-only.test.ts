import {
  createQueue,
  defineJobs,
  drop,
  enqueueFlow,
  enqueueMany,
  flows,
  job,
  memoryBacking,
  memoryStore,
  middleware,
  owner,
  type QueueOptions,
  work,
} from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { setScene } from './scene.ts';

const jobs = defineJobs({ push: job<string>(), tell: job<{ to: string }>({ version: 2 }) });
type Options = Partial<Omit<QueueOptions<typeof jobs>, 'name' | 'jobs' | 'store' | 'environment'>>;

/** A queue that nobody hands to `work`, and another of the same name and owner over the same rows. */
function setBoth(options: Options = {}) {
  const backing = memoryBacking();
  const environment = fakeEnvironment();
  const store = memoryStore({ backing });
  const page = createQueue({ name: 'sync', jobs, store, environment, ...options });
  const { queue } = setScene(jobs, { backing, environment, ...options });
  return { page, queue, environment, backing };
}

async function runs({ queue, environment }: ReturnType<typeof setBoth>): Promise<string[]> {
  const ran: string[] = [];
  const worker = work(queue, {
    push: (word) => void ran.push(word),
    tell: ({ to }) => void ran.push(`to ${to}`),
  });
  await environment.advance(1_000);
  await Promise.all([worker.stop(), environment.advance(10)]);
  return ran;
}

describe('what a page enqueued that never works', () => {
  it('is run by a queue of the same name', async () => {
    const both = setBoth();
    await both.page.enqueue('push', 'second');
    await both.page.enqueue('push', 'first', { priority: 'high' });
    expect(await runs(both)).toEqual(['first', 'second']);
  });

  it('is run by the queue of its owner, and by no other', async () => {
    const ann = setBoth({ use: [owner('ann')] });
    const { queue: everyones } = setScene(jobs, { backing: ann.backing, environment: ann.environment });
    await ann.page.enqueue('push', 'a');
    expect(await runs({ ...ann, queue: everyones })).toEqual([]);
    expect(await runs(ann)).toEqual(['a']);
  });

  it('may be a batch, an iterable or a flow', async () => {
    const both = setBoth({ use: [flows()] });
    const { page } = both;
    await enqueueMany(page, [
      { name: 'push', payload: 'a' },
      { name: 'tell', payload: { to: 'b' } },
    ]);
    const words = new Set(['c', 'd'].map((payload) => ({ name: 'push', payload }) as const));
    expect(await enqueueMany(page, words, { chunkSize: 1 })).toMatchObject({ enqueued: 2 });
    const flow = await enqueueFlow(page, {
      last: { name: 'push', payload: 'f', dependsOn: 'first' },
      first: { name: 'push', payload: 'e' },
    });
    expect(flow.last.status).toBe('enqueued');
    expect(await runs(both)).toEqual(['a', 'to b', 'c', 'd', 'e', 'f']);
  });

  it('is one job with what another context enqueued under the same key', async () => {
    const { page, queue } = setBoth();
    const { id } = await queue.enqueue('push', 'a', { idempotencyKey: 'k' });
    expect(await page.enqueue('push', 'b', { idempotencyKey: 'k' })).toEqual({ id, status: 'duplicate' });
  });

  it('is told as events where it was enqueued', async () => {
    const { page } = setBoth({ maxDepth: 1, use: [drop('oldest')] });
    const told: string[] = [];
    for (const event of ['job:enqueued', 'job:duplicate', 'job:dropped'] as const)
      page.on(event, ({ id }) => told.push(`${event} ${id}`));
    await page.enqueue('push', 'a', { id: 'a' });
    await page.enqueue('push', 'a', { id: 'a' });
    await page.enqueue('push', 'b', { id: 'b' });
    expect(told).toEqual(['job:enqueued a', 'job:duplicate a', 'job:dropped a', 'job:enqueued b']);
  });

  it('went through its middleware', async () => {
    const seen: string[] = [];
    const both = setBoth({
      use: [
        owner('ann'),
        middleware([
          {
            enqueue: (call, next) => {
              seen.push(call.queue);
              return next({ payload: `${call.payload}!` });
            },
          },
        ]),
      ],
    });
    await both.page.enqueue('push', 'a');
    expect(await runs(both)).toEqual(['a!']);
    expect(seen).toEqual(['sync']);
  });
});
