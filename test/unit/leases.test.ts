import {
  count,
  enqueueMany,
  get,
  job,
  LeaseLostError,
  list,
  memoryBacking,
  pause,
  resume,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, ended, latch, pass, setScene } from './scene.ts';

const jobs = { push: job<string>() };

describe('a handler that runs longer than its lease', () => {
  it('keeps it by the heartbeat: nobody else runs its job', async () => {
    const backing = memoryBacking();
    const one = setScene(jobs, { backing });
    const other = setScene(jobs, { backing, environment: one.environment });
    await one.queue.enqueue('push', 'x');
    const runs: string[] = [];
    const handler = (worker: string) => () => {
      runs.push(worker);
      return pass(one.environment, 100_000);
    };
    work(one.queue, { push: handler('one') }, { leaseMs: 5_000 });
    await one.environment.flush();
    work(other.queue, { push: handler('other') }, { leaseMs: 5_000 });
    await one.environment.advance(120_000);
    expect(runs).toEqual(['one']);
    expect(await count(one.queue)).toMatchObject({ completed: 1, pending: 0, active: 0 });
  });

  it('gives its slot, when it is lost, to none that was lost with it', async () => {
    const { queue, environment, store } = setScene(jobs);
    for (const word of ['quick', 'long', 'next']) await queue.enqueue('push', word);
    const started: string[] = [];
    const asked = latch();
    const worker = work(
      queue,
      {
        push: async (word, { extend, fence }) => {
          started.push(`${word} under ${fence}`);
          if (word === 'quick') return;
          await asked.promise;
          await extend();
          await deaf();
        },
      },
      { concurrency: 1 },
    );
    await environment.flush();
    const { jobs: held } = await list(queue, { state: 'active' });
    expect(held.map(({ payload }) => payload)).toEqual(['long', 'next']);
    const [long, next] = held.map(({ payload, lease }) => `${payload} under ${lease?.fence}`);
    await store.reclaim({ queue: 'sync', limit: 10, goneWorkers: [worker.id] }, environment.now());
    asked.open();
    await environment.flush();
    expect(started).toContain(long);
    expect(started).not.toContain(next);
  });

  it('is extended three times in a lease, all that the worker holds in one call', async () => {
    const { queue, environment, store } = setScene(jobs);
    for (const word of ['1', '2', '3']) await queue.enqueue('push', word);
    work(queue, { push: deaf }, { leaseMs: 30_000 });
    await environment.advance(60_000);
    expect(store.callsOf('extend')).toBe(6);
  });

  it('is extended at once when it asks, and is told that it holds the lease', async () => {
    const { queue, environment, store } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    const held: boolean[] = [];
    work(
      queue,
      {
        push: async (_, { extend }) => {
          await pass(environment, 5_000);
          held.push(await extend());
          await deaf();
        },
      },
      { leaseMs: 30_000 },
    );
    await environment.advance(5_000);
    expect(held).toEqual([true]);
    expect(store.callsOf('extend')).toBe(1);
    expect((await get(queue, id))?.lease?.until).toBe(environment.now() + 30_000);
  });

  it('has its next heartbeat a third of a lease after the last extension', async () => {
    const { queue, environment, store } = setScene(jobs);
    await queue.enqueue('push', 'x');
    work(
      queue,
      {
        push: async (_, { extend }) => {
          await pass(environment, 9_000);
          await extend();
          await deaf();
        },
      },
      { leaseMs: 30_000 },
    );
    await environment.advance(18_999);
    expect(store.callsOf('extend')).toBe(1);
    await environment.advance(1);
    expect(store.callsOf('extend')).toBe(2);
  });
});

it('the fence grows at each attempt, and the handler gets it', async () => {
  const { queue, environment } = setScene(jobs);
  await queue.enqueue('push', 'x');
  await queue.enqueue('push', 'y');
  const fences: number[] = [];
  const push = (_: string, context: { fence: number; attempt: number }) => {
    fences.push(context.fence);
    if (context.attempt < 3) throw new Error('no');
  };
  work(queue, { push }, { concurrency: 1 });
  await environment.advance(60_000);
  expect(fences).toHaveLength(6);
  expect(fences.toSorted((a, b) => a - b)).toEqual(fences);
  expect(new Set(fences).size).toBe(6);
});

it('many workers over many openings run each job once', async () => {
  const backing = memoryBacking();
  const { queue, environment } = setScene(jobs, { backing });
  const words = Array.from({ length: 100 }, (_, i) => `${i}`);
  await enqueueMany(
    queue,
    words.map((payload) => ({ name: 'push', payload })),
  );
  const ran: string[] = [];
  const ranBy = new Set<number>();
  for (const opening of [1, 2, 3]) {
    const other = setScene(jobs, { backing, environment });
    const push = async (word: string) => {
      ran.push(word);
      ranBy.add(opening);
      await pass(environment, 100);
    };
    work(other.queue, { push });
  }
  await environment.advance(10_000);
  expect(ran.toSorted()).toEqual(words.toSorted());
  expect(ranBy.size).toBe(3);
});

describe('a worker that was frozen', () => {
  /** Two workers on clocks of their own: the first has begun a job and stands still until it is woken. */
  async function frozenAndOther() {
    const backing = memoryBacking();
    const frozen = setScene(jobs, { backing });
    const other = setScene(jobs, { backing });
    const told: string[] = [];
    for (const name of ['job:stale', 'lease:lost', 'job:completed', 'job:started'] as const) {
      frozen.queue.on(name, () => told.push(`frozen ${name}`));
      other.queue.on(name, () => told.push(`other ${name}`));
    }
    const { id } = await frozen.queue.enqueue('push', 'x');
    const ends = latch();
    let signal: AbortSignal | undefined;
    let extend: (() => Promise<boolean>) | undefined;
    work(
      frozen.queue,
      {
        push: (_, context) => {
          signal = context.signal;
          extend = context.extend;
          return ends.promise;
        },
      },
      { leaseMs: 10_000 },
    );
    await frozen.environment.flush();
    work(other.queue, { push: () => pass(other.environment, 2_000) }, { leaseMs: 10_000 });
    const wake = async () => {
      frozen.environment.jump(other.environment.now() - frozen.environment.now());
      await frozen.environment.advance(10_000);
    };
    return {
      id,
      frozen,
      other,
      told,
      ends,
      wake,
      signal: () => signal,
      extend: () => extend?.(),
    };
  }

  it('loses its job to another when its lease runs out, not before', async () => {
    const { other, told } = await frozenAndOther();
    await other.environment.advance(9_999);
    expect(told).toEqual(['frozen job:started']);
    await other.environment.advance(10);
    expect(told).toEqual(['frozen job:started', 'other job:started']);
  });

  it('is told at its next heartbeat: the signal is aborted with LeaseLostError', async () => {
    const { other, told, wake, signal, id } = await frozenAndOther();
    await other.environment.advance(15_000);
    await wake();
    expect(signal()?.reason).toBeInstanceOf(LeaseLostError);
    expect(signal()?.reason.message).toContain(id);
    expect(told.slice(1)).toEqual(['other job:started', 'other job:completed', 'frozen lease:lost']);
  });

  it('is told by extend() that the lease is lost', async () => {
    const { frozen, other, extend } = await frozenAndOther();
    await other.environment.advance(15_000);
    const held = extend();
    await frozen.environment.flush();
    expect(await held).toBe(false);
  });

  it('completes too late: its outcome is stale, and the job was completed once', async () => {
    const { frozen, other, told, ends } = await frozenAndOther();
    await other.environment.advance(15_000);
    ends.open();
    await frozen.environment.flush();
    expect(told.slice(1)).toEqual(['other job:started', 'other job:completed', 'frozen job:stale']);
    expect(await count(other.queue)).toMatchObject({ completed: 1, active: 0, pending: 0 });
  });

  it('completes while the other runs it: that run and its outcome are untouched', async () => {
    const { frozen, other, told, ends } = await frozenAndOther();
    await other.environment.advance(11_000);
    ends.open();
    await frozen.environment.flush();
    expect(await count(other.queue)).toMatchObject({ completed: 0, active: 1 });
    await other.environment.advance(5_000);
    expect(told.slice(1)).toEqual(['other job:started', 'frozen job:stale', 'other job:completed']);
    expect(await count(other.queue)).toMatchObject({ completed: 1, active: 0 });
  });

  it('has no outcome once its lease is lost, whatever its handler comes to', async () => {
    const { other, told, wake, ends, frozen } = await frozenAndOther();
    await other.environment.advance(15_000);
    await wake();
    ends.fail(new Error('late'));
    await frozen.environment.flush();
    expect(told.filter((event) => event.startsWith('frozen'))).toEqual([
      'frozen job:started',
      'frozen lease:lost',
    ]);
    expect(await count(other.queue)).toMatchObject({ completed: 1, dead: 0, pending: 0 });
  });

  it('gives the slot of the lost job to the next', async () => {
    const { frozen, other, wake } = await frozenAndOther();
    await other.environment.advance(15_000);
    await wake();
    await pause(other.queue);
    const { id } = await frozen.queue.enqueue('push', 'next');
    await resume(other.queue);
    await frozen.environment.flush();
    expect(await get(frozen.queue, id)).toMatchObject({ state: 'active' });
  });

  it('costs its job a crash, and no attempt', async () => {
    const { other, id } = await frozenAndOther();
    await other.environment.advance(11_000);
    expect(await get(other.queue, id)).toMatchObject({
      state: 'active',
      attempt: 1,
      failures: 0,
      crashes: 1,
      errors: [{ name: 'CrashError' }],
    });
  });
});

describe('leases that ran out', () => {
  it('are looked for when a worker starts', async () => {
    const backing = memoryBacking();
    const gone = setScene(jobs, { backing });
    await gone.queue.enqueue('push', 'x');
    work(gone.queue, { push: deaf }, { leaseMs: 10_000 });
    await gone.environment.flush();
    const { queue, environment } = setScene(jobs, { backing });
    environment.jump(10_000);
    const ran: string[] = [];
    work(queue, { push: (word) => void ran.push(word) });
    await environment.flush();
    expect(ran).toEqual(['x']);
  });

  it('come back as soon as they are over, without a hint', async () => {
    const backing = memoryBacking();
    const gone = setScene(jobs, { backing });
    await gone.queue.enqueue('push', 'x');
    work(gone.queue, { push: deaf }, { leaseMs: 7_000 });
    await gone.environment.flush();
    const { queue, environment, elapsed } = setScene(jobs, { backing });
    const at: number[] = [];
    work(queue, { push: () => void at.push(elapsed()) });
    await environment.advance(60_000);
    expect(at).toEqual([7_000]);
  });
});

it('the last worker to stop leaves nothing active', async () => {
  const backing = memoryBacking();
  const { queue, environment } = setScene(jobs, { backing });
  for (const word of ['1', '2']) await queue.enqueue('push', word);
  const workers = [
    work(queue, { push: deaf }, { concurrency: 1 }),
    work(setScene(jobs, { backing, environment }).queue, { push: deaf }, { concurrency: 1 }),
  ];
  await environment.flush();
  expect(await count(queue)).toMatchObject({ active: 2 });
  const stopped = Promise.all(workers.map((worker) => worker.stop({ graceMs: 0 })));
  await environment.advance(0);
  await ended(stopped);
  expect(await count(queue)).toMatchObject({ active: 0, pending: 2 });
  expect(environment.timers).toBe(0);
});
