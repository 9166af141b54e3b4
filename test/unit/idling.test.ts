import {
  count,
  drain,
  enqueueMany,
  fixed,
  type Gate,
  gates,
  hold,
  job,
  list,
  memoryBacking,
  pause,
  type Queue,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, ended, setScene } from './scene.ts';
import type { WatchedStore } from './watched-store.ts';

const HOUR_MS = 3_600_000;
/** A look every 30 s, and a reclaim as often. */
const CALLS_AN_HOUR = 245;

const closed: Gate = { isOpen: () => false, subscribe: () => () => {} };

const jobs = {
  push: job<string>({ backoff: fixed({ delayMs: 0 }) }),
  gated: job<string>(),
};

const handlers = { push: deaf, gated: deaf };

async function callsInAnHour(prepare: (queue: Queue<typeof jobs>) => unknown): Promise<number> {
  const { queue, environment, store } = setScene(jobs, { use: [gates({ gated: closed })] });
  await prepare(queue);
  work(queue, handlers, { concurrency: 2 });
  await environment.flush();
  const before = store.calls.length;
  await environment.advance(HOUR_MS);
  return store.calls.length - before;
}

describe('in an hour a worker asks its store at most twice every half minute', () => {
  it('while the queue is empty', async () => {
    expect(await callsInAnHour(() => {})).toBeLessThanOrEqual(CALLS_AN_HOUR);
  });

  it('while its only job is far in the future', async () => {
    expect(
      await callsInAnHour((queue) => queue.enqueue('push', 'x', { delayMs: 2 * HOUR_MS })),
    ).toBeLessThanOrEqual(CALLS_AN_HOUR);
  });

  it('while the gate of its only job is closed', async () => {
    expect(await callsInAnHour((queue) => queue.enqueue('gated', 'x'))).toBeLessThanOrEqual(CALLS_AN_HOUR);
  });

  it('while its queue is paused', async () => {
    const paused = async (queue: Queue<typeof jobs>) => {
      await queue.enqueue('push', 'x');
      await pause(queue);
    };
    expect(await callsInAnHour(paused)).toBeLessThanOrEqual(CALLS_AN_HOUR);
  });

  it('while the name of its jobs is held', async () => {
    const held = async (queue: Queue<typeof jobs>) => {
      await queue.enqueue('push', 'x');
      await hold(queue, 'push', Date.UTC(2100, 0));
    };
    expect(await callsInAnHour(held)).toBeLessThanOrEqual(CALLS_AN_HOUR);
  });
});

it('a busy worker asks for no more than its heartbeats and its looks', async () => {
  const asked = await callsInAnHour((queue) =>
    enqueueMany(
      queue,
      ['1', '2', '3', '4'].map((payload) => ({ name: 'push', payload })),
    ),
  );
  expect(asked).toBeLessThanOrEqual(HOUR_MS / 10_000 + CALLS_AN_HOUR);
});

describe('no worker is kept busy', () => {
  /** A job that has crashed its owner this often waits in the backing, and the environment is where it is due. */
  async function crashed(crashes: number) {
    const backing = memoryBacking();
    const { queue, environment } = setScene(jobs, { backing });
    await queue.enqueue('push', 'suspect');
    for (let i = 0; i < crashes; i++) {
      const gone = setScene(jobs, { backing });
      gone.environment.jump(environment.now() - gone.environment.now());
      work(gone.queue, { push: deaf }, { leaseMs: 1_000 });
      await gone.environment.flush();
      await environment.advance(400_000);
      const drained = drain(queue, {});
      await environment.flush();
      await ended(drained);
      await environment.advance(400_000);
    }
    return { backing, queue, environment };
  }

  it('by a job that crashed before and waits until nothing else runs', async () => {
    const { backing, queue, environment } = await crashed(2);
    expect((await list(queue, { state: 'pending' })).jobs).toMatchObject([{ crashes: 2 }]);
    const { queue: own, store } = setScene(jobs, { backing, environment });
    await own.enqueue('push', 'other', { priority: 'high' });
    work(own, handlers, { concurrency: 4 });
    await environment.flush();
    expect(await count(own)).toMatchObject({ active: 1, pending: 1 });
    const before = store.calls.length;
    await environment.advance(HOUR_MS);
    expect(store.calls.length - before).toBeLessThan(HOUR_MS / 5_000);
  });

  it('by a lease that ran out and whose owner is proven alive', async () => {
    const backing = memoryBacking();
    const frozen = setScene(jobs, { backing });
    await frozen.queue.enqueue('push', 'x');
    const owner = work(frozen.queue, { push: deaf }, { leaseMs: 1_000 });
    await frozen.environment.flush();
    const { queue, environment, store } = setScene(jobs, { backing });
    provenAlive(store, owner.id);
    await environment.advance(2_000);
    work(queue, { push: deaf });
    await environment.flush();
    const before = store.calls.length;
    await environment.advance(58_000);
    expect(await count(queue)).toMatchObject({ active: 1 });
    expect(store.calls.length - before).toBeLessThan(40);
  });

  /** As a store does that can see whether a worker lives. */
  function provenAlive(store: WatchedStore, workerId: string): void {
    store.prove = async () => ({ gone: [], alive: [workerId], release: () => {} });
  }
});

describe('a worker that has nothing to do', () => {
  it('has a single timer', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'later', { delayMs: HOUR_MS });
    const ran: string[] = [];
    work(queue, { push: (word) => void ran.push(word) });
    await environment.flush();
    expect(environment.timers).toBe(1);
    await enqueueMany(
      queue,
      Array.from({ length: 100 }, (_, i) => ({ name: 'push', payload: `${i}` })),
    );
    await environment.advance(100);
    expect(ran).toHaveLength(100);
    expect(environment.timers).toBe(1);
  });

  it('is woken by an enqueue at once', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    const at: number[] = [];
    work(queue, { push: () => void at.push(elapsed()) });
    await environment.advance(12_345);
    await queue.enqueue('push', 'x');
    await environment.flush();
    expect(at).toEqual([12_345]);
  });

  it('does not overlook an enqueue that comes while it asks', async () => {
    const { queue, environment, store } = setScene(jobs);
    const ran: string[] = [];
    const letGo = store.holdNext('exchange', { after: true });
    work(queue, { push: (word) => void ran.push(word) });
    await environment.flush();
    await queue.enqueue('push', 'x');
    letGo();
    await environment.flush();
    expect(ran).toEqual(['x']);
  });

  it('finds what nobody told it of within half a minute', async () => {
    const backing = memoryBacking();
    const { queue, environment, elapsed } = setScene(jobs, { backing });
    const deafTo = setScene(jobs, { backing, environment });
    delete (deafTo.store as { onHint?: unknown }).onHint;
    const at: number[] = [];
    work(deafTo.queue, { push: () => void at.push(elapsed()) });
    await environment.advance(1_000);
    await queue.enqueue('push', 'x');
    await environment.advance(30_000);
    expect(at).toEqual([30_000]);
  });
});
