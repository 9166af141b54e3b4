import {
  checkpoints,
  count,
  type ExtendRequest,
  fixed,
  get,
  job,
  memoryBacking,
  PayloadError,
  StoreError,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, ended, latch, lostConnection, setScene } from './scene.ts';

const jobs = { crawl: job<string>({ maxAttempts: 2, backoff: fixed({ delayMs: 0 }) }) };
const use = [checkpoints()];

describe('a checkpoint', () => {
  it('is found by the next attempt', async () => {
    const { queue, environment } = setScene(jobs, { use });
    await queue.enqueue('crawl', 'x');
    const found: unknown[] = [];
    work(queue, {
      crawl: async (_, { job: { checkpoint }, checkpoint: leave }) => {
        found.push(checkpoint);
        if (checkpoint !== undefined) return;
        expect(await leave({ page: 7 })).toBe(true);
        throw new Error('no');
      },
    });
    await environment.flush();
    expect(found).toEqual([undefined, { page: 7 }]);
    expect(await count(queue)).toMatchObject({ completed: 1 });
  });

  it('that nobody awaited goes with the end of the attempt at the latest', async () => {
    const { queue, environment, store } = setScene(jobs, { use });
    await queue.enqueue('crawl', 'x');
    store.failNext('extend', lostConnection(), { times: 5 });
    const found: unknown[] = [];
    work(queue, {
      crawl: (_, { job: { checkpoint }, checkpoint: leave }) => {
        found.push(checkpoint);
        void leave(found.length);
        if (found.length === 1) throw new Error('no');
      },
    });
    await environment.flush();
    expect(found).toEqual([undefined, 1]);
  });

  it('is there for whoever reads the job, and when its owner vanished', async () => {
    const backing = memoryBacking();
    const { queue, environment, store } = setScene(jobs, { use, backing });
    const { id } = await queue.enqueue('crawl', 'x');
    work(queue, {
      crawl: async (_, { checkpoint }) => {
        await checkpoint('half');
        store.failAll(lostConnection());
        await deaf();
      },
    });
    await environment.flush();
    const other = setScene(jobs, { use, backing, environment });
    expect(await get(other.queue, id)).toMatchObject({ state: 'active', checkpoint: 'half' });
    const found = latch<unknown>();
    work(other.queue, { crawl: (_, { job: { checkpoint } }) => found.open(checkpoint) });
    await environment.advance(120_000);
    expect(await ended(found.promise)).toBe('half');
  });

  it('does not change with what the handler does to it afterwards', async () => {
    const { queue, environment } = setScene(jobs, { use });
    const { id } = await queue.enqueue('crawl', 'x');
    work(queue, {
      crawl: async (_, { checkpoint }) => {
        const value = { page: 1 };
        const stored = checkpoint(value);
        value.page = 2;
        await stored;
        await deaf();
      },
    });
    await environment.flush();
    expect(await get(queue, id)).toMatchObject({ checkpoint: { page: 1 } });
  });

  it.each([
    ['a function', () => {}, 'Payload'],
    ['more than 8 KB', 'x'.repeat(8_191), 'Payload'],
    ['a blob', new Blob([]), 'Payload'],
    ['undefined', undefined, 'InvalidOption'],
  ])('throws at once for %s', async (_, value, code) => {
    const { queue, environment } = setScene(jobs, { use });
    await queue.enqueue('crawl', 'x');
    let thrown: unknown;
    work(queue, {
      crawl: (_word, { checkpoint }) => {
        try {
          void checkpoint(value);
        } catch (error) {
          thrown = error;
        }
      },
    });
    await environment.flush();
    expect(thrown).toMatchObject({ code });
    if (code === 'Payload') expect(thrown).toBeInstanceOf(PayloadError);
    expect(await count(queue)).toMatchObject({ completed: 1 });
  });

  it('of a thousand in a row is stored in a few calls, the last of them', async () => {
    const { queue, environment, store } = setScene(jobs, { use });
    const { id } = await queue.enqueue('crawl', 'x');
    work(queue, {
      crawl: async (_, { checkpoint }) => {
        for (let page = 1; page < 1_000; page++) void checkpoint(page);
        expect(await checkpoint(1_000)).toBe(true);
        await deaf();
      },
    });
    await environment.flush();
    expect(store.callsOf('extend')).toBe(2);
    expect(await get(queue, id)).toMatchObject({ checkpoint: 1_000 });
  });

  it('that comes while a heartbeat is under way is not overtaken by the older one', async () => {
    const { queue, environment, store } = setScene(jobs, { use });
    const { id } = await queue.enqueue('crawl', 'x');
    const letGo = store.holdNext('extend');
    work(queue, {
      crawl: async (_, { checkpoint }) => {
        void checkpoint('old');
        await Promise.resolve();
        await checkpoint('new');
        await deaf();
      },
    });
    await environment.flush();
    expect(store.callsOf('extend')).toBe(1);
    letGo();
    await environment.flush();
    expect(await get(queue, id)).toMatchObject({ checkpoint: 'new' });
  });

  it('resolves with false while the store fails, and goes with the next heartbeat', async () => {
    const { queue, environment, store } = setScene(jobs, { use });
    const { id } = await queue.enqueue('crawl', 'x');
    store.failNext('extend', lostConnection());
    const stored = latch<boolean>();
    work(queue, {
      crawl: async (_, { checkpoint }) => {
        stored.open(await checkpoint('half'));
        await deaf();
      },
    });
    await environment.flush();
    expect(await ended(stored.promise)).toBe(false);
    await environment.advance(10_000);
    expect(await get(queue, id)).toMatchObject({ checkpoint: 'half' });
  });

  it('for which a full disk has no room costs nobody his lease', async () => {
    const { queue, environment, store } = setScene(jobs, { use });
    const { id } = await queue.enqueue('crawl', 'x');
    store.failWhen(
      'extend',
      new StoreError('the disk is full', { retryable: false }),
      ({ leases }: ExtendRequest) =>
        leases.some(({ attach, progress }) => attach !== undefined || progress !== undefined),
    );
    const stored = latch<boolean>();
    let runs = 0;
    work(queue, {
      crawl: async (_, { checkpoint, progress }) => {
        runs += 1;
        progress(1);
        stored.open(await checkpoint('half'));
        await deaf();
      },
    });
    await environment.advance(100_000);
    expect(await ended(stored.promise)).toBe(false);
    expect(runs).toBe(1);
    expect(await get(queue, id)).toMatchObject({ state: 'active', crashes: 0 });
  });

  it('resolves with false once the job is over', async () => {
    const { queue, environment, store } = setScene(jobs, { use });
    await queue.enqueue('crawl', 'x');
    const ends = latch();
    const late = latch<boolean>();
    work(queue, {
      crawl: (_, { checkpoint }) => {
        void ends.promise.then(() => checkpoint('late')).then(late.open);
      },
    });
    await environment.flush();
    ends.open();
    await environment.flush();
    expect(await ended(late.promise)).toBe(false);
    expect(store.callsOf('extend')).toBe(0);
  });

  it('is nothing that a handler is given without the feature, and refuses no job', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('crawl', 'x');
    const given: unknown[] = [];
    work(queue, {
      crawl: (_, context) => {
        given.push(Object.keys(context).includes('checkpoint'), 'checkpoint' in context);
        // @ts-expect-error the queue has no checkpoints in use
        given.push(context.checkpoint);
      },
    });
    await environment.flush();
    expect(given).toEqual([false, false, undefined]);
    expect(await count(queue)).toMatchObject({ completed: 1 });
  });
});
