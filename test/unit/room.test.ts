import {
  cancel,
  count,
  defineJobs,
  drop,
  enqueueMany,
  job,
  list,
  memoryBacking,
  QueueFullError,
  ready,
  StoreClosedError,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { ended, latch, setScene } from './scene.ts';

const jobs = defineJobs({ push: job<string>() });

/** Says whether it has ended, without waiting for it. */
function watched(promise: Promise<void>) {
  const told = { ready: false };
  promise.then(
    () => {
      told.ready = true;
    },
    () => undefined,
  );
  return told;
}

describe('ready', () => {
  it('resolves at once when there is room, or nothing is limited', async () => {
    await ended(ready(setScene(jobs).queue));
    const { queue, store } = setScene(jobs, { maxDepth: 1 });
    await ended(ready(queue));
    expect(store.callsOf('room')).toBe(1);
  });

  it('waits until a job here has ended, and wakes with that', async () => {
    const { queue, environment } = setScene(jobs, { maxDepth: 1 });
    await queue.enqueue('push', 'a');
    const end = latch();
    work(queue, { push: () => end.promise });
    const told = watched(ready(queue));
    await environment.advance(1_000);
    expect(told.ready).toBe(false);
    end.open();
    await environment.advance(100);
    expect(told.ready).toBe(true);
    expect(await queue.enqueue('push', 'b')).toMatchObject({ status: 'enqueued' });
  });

  it('wakes with what another context did', async () => {
    const backing = memoryBacking();
    const { queue, environment } = setScene(jobs, { maxDepth: 1, backing });
    const other = setScene(jobs, { backing, environment });
    const { id } = await queue.enqueue('push', 'a');
    const told = watched(ready(queue));
    await environment.flush();
    await cancel(other.queue, id);
    await environment.advance(100);
    expect(told.ready).toBe(true);
  });

  it('looks every 30 s anyhow, and not more often', async () => {
    const { queue, environment, store } = setScene(jobs, { maxDepth: 1 });
    await queue.enqueue('push', 'a');
    const told = watched(ready(queue));
    await environment.advance(29_000);
    const calls = store.callsOf('room');
    expect(calls).toBeLessThanOrEqual(2);
    await store.cancel(
      { queue: 'sync', ids: (await list(queue, { state: 'pending' })).jobs.map(({ id }) => id) },
      environment.now(),
    );
    await environment.advance(2_000);
    expect(told.ready).toBe(true);
    expect(store.callsOf('room')).toBe(calls + 1);
  });

  it('wakes when a delayed job waits no longer', async () => {
    const { queue, environment } = setScene(jobs, { maxDelayed: 1 });
    await queue.enqueue('push', 'a', { delayMs: 5_000 });
    const told = watched(ready(queue));
    await environment.advance(4_999);
    expect(told.ready).toBe(false);
    await environment.advance(1);
    expect(told.ready).toBe(true);
  });

  it('lets a producer go as fast as its worker, and refuses it nothing', async () => {
    const { queue, environment } = setScene(jobs, { maxDepth: 3 });
    let done = 0;
    work(queue, { push: () => void done++ });
    const produced = (async () => {
      for (let i = 0; i < 20; i++) {
        await ready(queue);
        await queue.enqueue('push', String(i));
      }
    })();
    await environment.advance(20_000);
    await ended(produced);
    await environment.flush();
    expect(done).toBe(20);
  });

  it('ends with the reason of its signal, and leaves no timer', async () => {
    const { queue, environment } = setScene(jobs, { maxDepth: 1 });
    await queue.enqueue('push', 'a');
    const timers = environment.timers;
    const end = new AbortController();
    const waiting = ready(queue, { signal: end.signal });
    await environment.flush();
    end.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(environment.timers).toBe(timers);
    await expect(ready(queue, { signal: end.signal })).rejects.toThrow('enough');
  });

  it('ends with StoreClosedError when the queue is closed', async () => {
    const { queue, environment } = setScene(jobs, { maxDepth: 1 });
    await queue.enqueue('push', 'a');
    const waiting = ready(queue);
    await environment.flush();
    const closed = queue.close();
    await expect(waiting).rejects.toThrow(StoreClosedError);
    await closed;
  });

  it('rejects with what the store fails it with', async () => {
    const { queue, store } = setScene(jobs, { maxDepth: 1 });
    store.failNext('room', new Error('no store'));
    await expect(ready(queue)).rejects.toThrow('no store');
  });

  it('refuses options that it does not know', async () => {
    const { queue } = setScene(jobs);
    await expect(ready(queue, { signal: 5 } as never)).rejects.toThrow(
      'signal is 5: expected an AbortSignal',
    );
    await expect(ready(queue, { timeout: 5 } as never)).rejects.toThrow(
      'ready options is "timeout": expected only signal',
    );
  });
});

describe('a queue that drops', () => {
  it('tells each dropped job as an event, in its answer and in its counts', async () => {
    const { queue } = setScene(jobs, { maxDepth: 2, use: [drop('oldest')] });
    const dropped: string[] = [];
    queue.on('job:dropped', ({ id, name }) => dropped.push(`${name} ${id}`));
    const first = await queue.enqueue('push', 'a');
    await queue.enqueue('push', 'b');
    expect(await queue.enqueue('push', 'c')).toMatchObject({
      status: 'enqueued',
      dropped: [{ id: first.id, name: 'push' }],
    });
    expect(dropped).toEqual([`push ${first.id}`]);
    expect(await count(queue)).toMatchObject({ pending: 2, dropped: 1, cancelled: 0 });
  });

  it('gives each enqueue of one tick what it dropped itself', async () => {
    const { queue } = setScene(jobs, { maxDepth: 2, use: [drop('oldest')] });
    const old = await enqueueMany(queue, [
      { name: 'push', payload: 'a' },
      { name: 'push', payload: 'b' },
    ]);
    const answers = await Promise.all([queue.enqueue('push', 'c'), queue.enqueue('push', 'd')]);
    expect(answers.map(({ dropped }) => dropped?.map(({ id }) => id))).toEqual(old.map(({ id }) => [id]));
  });

  it('refuses what is lower than all that waits, and takes its neighbours of the same tick', async () => {
    const { queue } = setScene(jobs, { maxDepth: 1, use: [drop('lowest')] });
    await queue.enqueue('push', 'a');
    const low = queue.enqueue('push', 'b', { priority: 'low' });
    const high = queue.enqueue('push', 'c', { priority: 'high' });
    await expect(low).rejects.toThrow(QueueFullError);
    expect(await high).toMatchObject({ status: 'enqueued' });
  });
});
