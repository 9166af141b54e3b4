import { count, get, job, memoryBacking, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, latch, lostConnection, pass, setScene } from './scene.ts';

const jobs = { push: job<string>() };

describe('a worker that wakes late', () => {
  const SLEPT_MS = 60_000;

  it('extends what it holds before it reclaims anything', async () => {
    const { queue, environment, store } = setScene(jobs);
    await queue.enqueue('push', 'x');
    let runs = 0;
    work(queue, { push: () => (++runs === 1 ? pass(environment, 200_000) : undefined) }, { leaseMs: 10_000 });
    await environment.advance(1_000);
    const before = store.calls.length;
    environment.jump(SLEPT_MS);
    await environment.advance(29_000);
    const asked = store.calls.slice(before).map(({ method }) => method);
    expect(asked[0]).toBe('extend');
    expect(asked.indexOf('reclaim')).toBeGreaterThan(asked.indexOf('extend'));
    expect(runs).toBe(1);
  });

  it('by the end of its handler settles it: the job is not taken for abandoned', async () => {
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    await queue.enqueue('push', 'y');
    const ends = latch();
    let runs = 0;
    const crashes: number[] = [];
    const push = (_: string, context: { job: { crashes: number } }) => {
      crashes.push(context.job.crashes);
      return ++runs === 1 ? ends.promise : deaf();
    };
    work(queue, { push }, { leaseMs: 10_000, concurrency: 2 });
    await environment.advance(1_000);
    environment.jump(SLEPT_MS);
    ends.open();
    await environment.flush();
    expect(await get(queue, id)).toBeUndefined();
    expect(await count(queue)).toMatchObject({ completed: 1, active: 1 });
    await environment.advance(60_000);
    expect(crashes).toEqual([0, 0]);
  });

  it('extends before it settles, and before it could take its own lease for one that ran out', async () => {
    const { queue, environment, store } = setScene(jobs);
    for (const word of ['1', '2']) await queue.enqueue('push', word);
    const ends = latch();
    let runs = 0;
    const push = () => (++runs === 1 ? ends.promise : deaf());
    work(queue, { push }, { leaseMs: 10_000, concurrency: 2 });
    await environment.advance(11_000);
    const before = store.calls.length;
    environment.jump(25_000);
    ends.open();
    await environment.flush();
    expect(store.calls.slice(before).map(({ method }) => method)).toEqual(['extend', 'exchange']);
    await environment.advance(30_000);
    expect(runs).toBe(2);
  });

  it('starts what it claimed meanwhile as soon as a heartbeat comes through', async () => {
    const { queue, environment, store, elapsed } = setScene(jobs);
    await queue.enqueue('push', 'long');
    const ran: [string, number][] = [];
    const push = (word: string) => {
      ran.push([word, elapsed()]);
      return word === 'long' ? deaf() : undefined;
    };
    work(queue, { push }, { leaseMs: 10_000, concurrency: 2 });
    await environment.advance(1_000);
    environment.jump(20_000);
    store.failNext('extend', lostConnection(), { times: 4 });
    await queue.enqueue('push', 'next');
    await environment.flush();
    expect(ran).toEqual([['long', 0]]);
    await environment.advance(10_000);
    expect(ran[1]?.[0]).toBe('next');
    expect(await count(queue)).toMatchObject({ active: 1, completed: 1 });
  });

  it('leaves the jobs of others alone for a third of a lease: they slept as well', async () => {
    const backing = memoryBacking();
    const early = setScene(jobs, { backing });
    const late = setScene(jobs, { backing, environment: early.environment });
    const { environment } = early;
    await early.queue.enqueue('push', 'x');
    const runs: string[] = [];
    const handler = (worker: string) => () => {
      runs.push(worker);
      return pass(environment, 300_000);
    };
    work(late.queue, { push: handler('late') }, { leaseMs: 30_000 });
    await environment.flush();
    work(early.queue, { push: handler('early') }, { leaseMs: 30_000 });
    await environment.advance(1_000);
    // Its next heartbeats come to nothing; the other wakes first after the sleep.
    late.store.failNext('extend', lostConnection());
    environment.jump(SLEPT_MS);
    await environment.advance(29_000);
    expect(runs).toEqual(['late']);
    await environment.advance(30_000);
    expect(runs).toEqual(['late']);
  });

  it('reclaims what nobody extended once that is over', async () => {
    const backing = memoryBacking();
    const gone = setScene(jobs, { backing });
    const { queue, environment } = setScene(jobs, { backing });
    await gone.queue.enqueue('push', 'x');
    work(gone.queue, { push: deaf }, { leaseMs: 30_000 });
    await gone.environment.flush();
    const ranAt: number[] = [];
    work(queue, { push: () => void ranAt.push(environment.now()) }, { leaseMs: 30_000 });
    await environment.advance(1_000);
    environment.jump(SLEPT_MS);
    await environment.advance(29_000);
    const wokeAt = environment.now();
    expect(ranAt).toEqual([]);
    await environment.advance(60_000);
    expect(ranAt).toHaveLength(1);
    expect(ranAt[0]! - wokeAt).toBeGreaterThanOrEqual(9_000);
  });

  it('and whose clock is then set back goes on reclaiming', async () => {
    const backing = memoryBacking();
    const gone = setScene(jobs, { backing });
    const { queue, environment } = setScene(jobs, { backing });
    const ends = latch();
    const ran: string[] = [];
    const push = (word: string) => {
      ran.push(word);
      return word === 'busy' ? ends.promise : undefined;
    };
    work(queue, { push }, { leaseMs: 10_000, concurrency: 1 });
    await environment.advance(1_000);
    environment.jump(3_600_000);
    await environment.advance(30_000);
    environment.jump(-3_600_000);
    await queue.enqueue('push', 'busy');
    await environment.flush();
    await queue.enqueue('push', 'x');
    gone.environment.jump(environment.now() - gone.environment.now());
    work(gone.queue, { push: deaf }, { leaseMs: 10_000 });
    await gone.environment.flush();
    ends.open();
    await environment.advance(60_000);
    expect(ran).toEqual(['busy', 'x']);
  });
});
