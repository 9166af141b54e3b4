import {
  cancel,
  clear,
  count,
  type Definitions,
  defineJobs,
  enqueueMany,
  explain,
  type Feature,
  fixed,
  gates,
  hold,
  job,
  limits,
  listAll,
  memoryBacking,
  pause,
  readLog,
  resume,
  stats,
  watch,
  work,
} from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { setScene } from './scene.ts';

const jobs = defineJobs({
  push: job<number>({ maxAttempts: 2, backoff: fixed({ delayMs: 10 }) }),
  mail: job<string>(),
});

const DAY_MS = 86_400_000;

/** Two contexts over the same rows, on one clock. */
function twoContexts<const Jobs extends Definitions>(defined: Jobs, use: readonly Feature[] = []) {
  const backing = memoryBacking();
  const environment = fakeEnvironment();
  const page = setScene(defined, { backing, environment, use });
  return { page, other: setScene(defined, { backing, environment, use }), environment };
}

describe('explain', () => {
  it('adds what this context knows: that no worker here runs the name', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 1, { id: 'x' });
    expect((await explain(queue, 'x'))?.waits).toEqual([{ why: 'no-worker' }]);
    const worker = work(queue, { mail: () => {} });
    expect((await explain(queue, 'x'))?.waits).toEqual([{ why: 'no-worker' }]);
    await Promise.all([worker.stop(), environment.flush()]);
    await pause(queue);
    work(queue, { push: () => {} });
    expect((await explain(queue, 'x'))?.waits).toEqual([{ why: 'paused' }]);
  });

  it('tells names and versions that this context does not know', async () => {
    const backing = memoryBacking();
    const newer = setScene(defineJobs({ added: job(), push: job<number>({ version: 3 }) }), { backing });
    await newer.queue.enqueue('added', null, { id: 'a' });
    await newer.queue.enqueue('push', 1, { id: 'b' });
    const { queue } = setScene(jobs, { backing });
    expect((await explain(queue, 'a'))?.waits).toEqual([{ why: 'unknown-name' }]);
    expect((await explain(queue, 'b'))?.waits).toEqual([
      { why: 'newer-version', version: 3, understood: 1 },
      { why: 'no-worker' },
    ]);
  });

  it('tells that the gate of the name is closed here', async () => {
    const gate = { open: false, isOpen: () => gate.open, subscribe: () => () => {} };
    const { queue, environment } = setScene(defineJobs({ push: job<number>() }), {
      use: [gates({ push: gate })],
    });
    await queue.enqueue('push', 1, { id: 'x' });
    const worker = work(queue, { push: () => {} });
    expect((await explain(queue, 'x'))?.waits).toEqual([{ why: 'gate' }]);
    await Promise.all([worker.stop(), environment.flush()]);
    gate.open = true;
    work(queue, { push: () => new Promise(() => {}) });
    expect((await explain(queue, 'x'))?.waits).toEqual([]);
  });

  it('tells the limits of its own queue that keep the job waiting', async () => {
    const limited = defineJobs({ push: job<number>() });
    const use = [limits({ push: { maxActive: 1 } })];
    const { queue, environment } = setScene(limited, { use });
    await enqueueMany(
      queue,
      [1, 2].map((n) => ({ name: 'push' as const, payload: n, id: `${n}` })),
    );
    work(queue, { push: () => new Promise(() => {}) });
    await environment.advance(0);
    expect((await explain(queue, '2'))?.waits).toEqual([{ why: 'max-active', limit: 1, name: 'push' }]);
  });

  it('says no-worker of a name only where no context is known to run it', async () => {
    const { page, other, environment } = twoContexts(jobs);
    const why = async (id: string) => (await explain(page.queue, id))?.waits;
    await page.queue.enqueue('push', 1, { id: 'x', delayMs: DAY_MS });
    await page.queue.enqueue('mail', 'a', { id: 'y' });
    const dueAt = environment.now() + DAY_MS;
    const worker = work(other.queue, { push: () => {} });
    await environment.advance(0);
    expect(await why('x')).toEqual([{ why: 'not-due', until: dueAt }]);
    expect(await why('y')).toEqual([{ why: 'no-worker' }]);
    await environment.advance(3_600_000);
    expect(await why('x')).toEqual([{ why: 'not-due', until: dueAt }]);
    await worker.stop();
    await environment.advance(900_000);
    expect(await why('x')).toEqual([{ why: 'not-due', until: dueAt }, { why: 'no-worker' }]);
  });

  it('knows of a worker elsewhere before the first enqueue, behind its closed gate, and with all its slots taken', async () => {
    const gate = { open: false, isOpen: () => gate.open, subscribe: () => () => {} };
    const { page, other, environment } = twoContexts(
      defineJobs({ push: job<number>(), mail: job<string>() }),
      [gates({ push: gate })],
    );
    const why = async (id: string) => (await explain(page.queue, id))?.waits;
    work(other.queue, { push: () => {} });
    await environment.advance(60_000);
    await page.queue.enqueue('push', 1, { id: 'x' });
    await environment.advance(0);
    expect(await why('x')).toEqual([]);
    work(other.queue, { mail: () => new Promise(() => {}) }, { concurrency: 1 });
    await enqueueMany(
      page.queue,
      ['y', 'z'].map((id) => ({ name: 'mail' as const, payload: id, id })),
    );
    for (let hours = 0; hours < 3; hours++) {
      await environment.advance(3_600_000);
      expect([await why('x'), await why('z')]).toEqual([[], []]);
    }
  });

  it('says no-worker of a payload that the worker elsewhere is too old for', async () => {
    const backing = memoryBacking();
    const environment = fakeEnvironment();
    const old = setScene(jobs, { backing, environment });
    const page = setScene(defineJobs({ push: job<number>({ version: 2 }) }), { backing, environment });
    await page.queue.enqueue('push', 1, { id: 'x' });
    work(old.queue, { push: () => {} });
    await environment.advance(0);
    expect((await explain(page.queue, 'x'))?.waits).toEqual([{ why: 'no-worker' }]);
  });

  it('costs a worker that waits at most one exchange in five minutes that it would not make otherwise', async () => {
    const gate = { isOpen: () => false, subscribe: () => () => {} };
    const { page, other, environment } = twoContexts(defineJobs({ push: job<number>() }), [
      gates({ push: gate }),
    ]);
    await page.queue.enqueue('push', 1, { id: 'x' });
    work(other.queue, { push: () => {} });
    await environment.advance(3_600_000);
    const exchanges = other.store.calls.filter(({ method }) => method === 'exchange');
    expect(exchanges.length).toBeGreaterThan(3);
    expect(exchanges.length).toBeLessThanOrEqual(13);
  });

  it('finds nothing for a job that is not there', async () => {
    const { queue } = setScene(jobs);
    expect(await explain(queue, 'x')).toBeUndefined();
  });
});

describe('stats', () => {
  it('measure what this context runs from the first call on: ends, rates, waiting and running times', async () => {
    const { queue, environment } = setScene(jobs);
    const { since } = await stats(queue);
    expect(since).toBe(environment.now());
    await enqueueMany(
      queue,
      [1, 2, 3].map((payload) => ({ name: 'push', payload })),
    );
    await environment.advance(100);
    work(queue, {
      push: async (n) => {
        await new Promise<void>((resolve) => environment.setTimer(resolve, 10 * n));
        if (n === 3) throw new Error('no');
      },
    });
    await environment.advance(1_000);
    const { counts, names } = await stats(queue);
    expect(counts).toMatchObject({ completed: 2, dead: 1 });
    expect(names.push).toEqual({
      waiting: 0,
      active: 0,
      completed: 2,
      retried: 1,
      released: 0,
      dead: 1,
      cancelled: 0,
      perMinute: 4,
      waitMs: { p50: 100, p95: 100, p99: 100 },
      runMs: { p50: 20, p95: 30, p99: 30 },
    });
    await environment.advance(60_001);
    expect((await stats(queue)).names.push).toMatchObject({ completed: 2, perMinute: 0 });
  });

  it('name what waits in the store, whoever put it there', async () => {
    const { queue } = setScene(jobs);
    await queue.enqueue('mail', 'hello');
    expect((await stats(queue)).names).toEqual({
      mail: {
        waiting: 1,
        active: 0,
        oldestAgeMs: 0,
        completed: 0,
        retried: 0,
        released: 0,
        dead: 0,
        cancelled: 0,
        perMinute: 0,
      },
    });
  });
});

describe('getSnapshot', () => {
  it('is undefined until the first counts are read, and then fresh whenever a subscriber is called', async () => {
    const { queue, environment } = setScene(jobs);
    const { subscribe, getSnapshot } = watch(queue);
    const seen: unknown[] = [];
    subscribe(() => seen.push(getSnapshot()));
    expect(getSnapshot()).toBeUndefined();
    await environment.advance(50);
    expect(getSnapshot()).toEqual(await count(queue));
    await queue.enqueue('push', 1);
    await environment.advance(50);
    expect(seen).toEqual([expect.objectContaining({ pending: 0 }), expect.objectContaining({ pending: 1 })]);
  });

  it('is read for who looks before he subscribes, as React does, and again for who comes back', async () => {
    const { queue, environment } = setScene(jobs);
    const { subscribe, getSnapshot } = watch(queue);
    expect(getSnapshot()).toBeUndefined();
    const end = subscribe(() => {});
    await environment.advance(50);
    expect(getSnapshot()).toMatchObject({ pending: 0 });
    end();
    await queue.enqueue('push', 1);
    await environment.advance(50);
    subscribe(() => {});
    await environment.advance(50);
    expect(getSnapshot()).toMatchObject({ pending: 1 });
  });

  it('is the same object as long as no count is different', async () => {
    const { queue, environment } = setScene(jobs);
    watch(queue).subscribe(() => {});
    watch(queue).getSnapshot();
    await environment.advance(50);
    const before = watch(queue).getSnapshot();
    await hold(queue, 'push', environment.now());
    await cancel(queue, 'nothing');
    await environment.advance(50);
    expect(watch(queue).getSnapshot()).toBe(before);
  });

  it('costs no read where nobody asks for it', async () => {
    const { queue, environment, store } = setScene(jobs);
    watch(queue).subscribe(() => {});
    await queue.enqueue('push', 1);
    await environment.advance(100);
    expect(store.calls.map(({ method }) => method)).not.toContain('count');
  });
});

describe('listAll', () => {
  it('goes through all pages, filtered by state, name and tag', async () => {
    const { queue } = setScene(jobs);
    await enqueueMany(
      queue,
      Array.from({ length: 250 }, (_, n) => ({
        name: 'push',
        payload: n,
        ...(n % 2 ? { tags: ['odd'] } : {}),
      })),
    );
    await queue.enqueue('mail', 'x', { tags: ['odd'] });
    const odd = [];
    for await (const { payload } of listAll(queue, { state: 'pending', name: 'push', tag: 'odd' }))
      odd.push(payload);
    expect(odd).toEqual(Array.from({ length: 125 }, (_, i) => 2 * i + 1));
  });

  it('refuses at once what it cannot filter by', () => {
    const { queue } = setScene(jobs);
    const asked = { state: 'lost' } as never;
    expect(() => listAll(queue, asked)).toThrow(expect.objectContaining({ code: 'InvalidOption' }));
  });
});

describe('clear', () => {
  it('cancels what waits and matches, and leaves what runs or ended', async () => {
    const { queue, environment } = setScene(jobs);
    await enqueueMany(
      queue,
      [1, 2, 3].map((payload) => ({ name: 'push', payload, lane: 'doc' })),
    );
    await enqueueMany(queue, [
      { name: 'mail', payload: 'a', tags: ['spam'] },
      { name: 'mail', payload: 'b' },
      { name: 'mail', payload: 'c', delayMs: 900, tags: ['spam'] },
    ]);
    work(queue, { push: () => new Promise(() => {}) });
    await environment.advance(0);
    expect(await clear(queue, { name: 'mail', tag: 'spam' })).toBe(2);
    expect(await clear(queue, { name: 'push' })).toBe(2);
    expect(await count(queue)).toMatchObject({ pending: 1, active: 1, cancelled: 4 });
    expect(await clear(queue)).toBe(1);
    expect(await count(queue)).toMatchObject({ pending: 0, active: 1, cancelled: 5 });
  });

  it('leaves nobody of a lane, who takes the place of a cancelled head meanwhile', async () => {
    const { queue } = setScene(jobs);
    const inLane = (payload: number) => ({ name: 'push' as const, payload, lane: `doc ${payload % 3}` });
    await enqueueMany(
      queue,
      Array.from({ length: 450 }, (_, n) => inLane(n)),
    );
    expect(await clear(queue)).toBe(450);
    expect(await count(queue)).toMatchObject({ pending: 0, cancelled: 450 });
  });

  it('tells each cancelled job', async () => {
    const { queue } = setScene(jobs);
    const told: string[] = [];
    queue.on('job:cancelled', ({ id }) => told.push(id));
    await queue.enqueue('mail', 'a', { id: 'x' });
    await clear(queue);
    expect(told).toEqual(['x']);
  });
});

describe('a paused name', () => {
  it('gives no jobs to the worker, which goes on with the others', async () => {
    const { queue, environment } = setScene(jobs);
    const ran: string[] = [];
    const heard: unknown[] = [];
    queue.on('queue:paused', (event) => heard.push(event));
    queue.on('queue:resumed', (event) => heard.push(event));
    await pause(queue, 'push');
    await queue.enqueue('push', 1);
    await queue.enqueue('mail', 'x');
    work(queue, { push: () => void ran.push('push'), mail: () => void ran.push('mail') });
    await environment.advance(60_000);
    expect(ran).toEqual(['mail']);
    await resume(queue, 'push');
    await environment.advance(0);
    expect(ran).toEqual(['mail', 'push']);
    expect(heard).toEqual([
      { queue: 'sync', name: 'push' },
      { queue: 'sync', name: 'push' },
    ]);
  });

  it('has to be one that the queue knows', async () => {
    const { queue } = setScene(jobs);
    await expect(pause(queue, 'pusch' as never)).rejects.toMatchObject({ code: 'UnknownJob' });
  });
});

describe('readLog', () => {
  it('refuses a number or a limit that is none', async () => {
    const { queue } = setScene(jobs);
    await expect(readLog(queue, { limit: 1_001 })).rejects.toMatchObject({ code: 'InvalidOption' });
    await expect(readLog(queue, { after: -1 })).rejects.toMatchObject({ code: 'InvalidOption' });
  });
});
