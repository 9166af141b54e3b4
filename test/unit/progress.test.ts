import { count, get, job, memoryBacking, PayloadError, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, latch, setScene } from './scene.ts';

const jobs = { push: job<string>({ maxAttempts: 2 }) };

describe('progress', () => {
  it('is told at once', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const told: unknown[] = [];
    queue.on('job:progress', ({ job: { payload }, value }) => told.push([payload, value]));
    work(queue, {
      push: (_, { progress }) => {
        progress(0.5);
        progress({ done: 3, of: 4 });
      },
    });
    await environment.flush();
    expect(told).toEqual([
      ['x', 0.5],
      ['x', { done: 3, of: 4 }],
    ]);
  });

  it('is stored with the next heartbeat, the last of it, for every opening to read', async () => {
    const backing = memoryBacking();
    const { queue, environment, store } = setScene(jobs, { backing });
    const other = setScene(jobs, { backing, environment });
    const { id } = await queue.enqueue('push', 'x');
    work(
      queue,
      {
        push: (_, { progress }) => {
          for (const percent of [1, 2, 3]) progress(percent);
          return deaf();
        },
      },
      { leaseMs: 30_000 },
    );
    await environment.advance(9_999);
    expect(await get(other.queue, id)).not.toHaveProperty('progress');
    await environment.advance(1);
    expect(await get(other.queue, id)).toMatchObject({ state: 'active', progress: 3 });
    expect(store.callsOf('extend')).toBe(1);
    await environment.advance(10_000);
    expect(await get(other.queue, id)).toMatchObject({ progress: 3 });
  });

  it('is sent to the store once', async () => {
    const { queue, environment, store } = setScene(jobs);
    await queue.enqueue('push', 'x');
    work(queue, {
      push: (_, { progress }) => {
        progress('half');
        return deaf();
      },
    });
    await environment.advance(20_000);
    const sent = store.calls.flatMap(({ method, request }) =>
      method === 'extend' ? (request as { leases: object[] }).leases.map((lease) => 'progress' in lease) : [],
    );
    expect(sent).toEqual([true, false]);
  });

  it('is stored at once with extend()', async () => {
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    work(queue, {
      push: async (_, { progress, extend }) => {
        progress('half');
        await extend();
        await deaf();
      },
    });
    await environment.flush();
    expect(await get(queue, id)).toMatchObject({ progress: 'half' });
  });

  it('is gone when its job has its next attempt', async () => {
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x', { backoff: { kind: 'fixed', initialMs: 0 } });
    work(queue, {
      push: async (_, { progress, extend, attempt }) => {
        if (attempt === 2) await deaf();
        progress('half');
        await extend();
        throw new Error('no');
      },
    });
    await environment.flush();
    expect(await get(queue, id)).toMatchObject({ state: 'active', attempt: 2 });
    expect(await get(queue, id)).not.toHaveProperty('progress');
  });

  it('does not change with what the handler does to it afterwards', async () => {
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    work(queue, {
      push: async (_, { progress, extend }) => {
        const value = { done: 1 };
        progress(value);
        value.done = 2;
        await extend();
        await deaf();
      },
    });
    await environment.flush();
    expect(await get(queue, id)).toMatchObject({ progress: { done: 1 } });
  });

  it.each([
    ['a function', () => {}],
    ['a blob', new Blob([])],
  ])('that cannot be stored throws PayloadError: %s', async (_, value) => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    let thrown: unknown;
    work(queue, {
      push: (_word, { progress }) => {
        try {
          progress(value);
        } catch (error) {
          thrown = error;
        }
      },
    });
    await environment.flush();
    expect(thrown).toBeInstanceOf(PayloadError);
    expect(await count(queue)).toMatchObject({ completed: 1 });
  });

  it('that is too large throws PayloadError at once, and no lease is lost for it', async () => {
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    let thrown: unknown;
    work(queue, {
      push: async (_, { progress }) => {
        try {
          progress('x'.repeat(8_191));
        } catch (error) {
          thrown = error;
        }
        progress('x'.repeat(8_190));
        await deaf();
      },
    });
    await environment.advance(40_000);
    expect(thrown).toBeInstanceOf(PayloadError);
    expect(await get(queue, id)).toMatchObject({ state: 'active', progress: 'x'.repeat(8_190) });
  });

  it('of a handler whose job is over is not told', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const told: unknown[] = [];
    queue.on('job:progress', ({ value }) => told.push(value));
    const ends = latch();
    work(queue, {
      push: (_, { progress }) => {
        void ends.promise.then(() => progress('late'));
        progress('early');
      },
    });
    await environment.flush();
    ends.open();
    await environment.flush();
    expect(told).toEqual(['early']);
  });
});
