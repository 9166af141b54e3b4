import {
  count,
  createQueue,
  drain,
  get,
  memoryStore,
  type Queue,
  result,
  results,
  type Store,
  watch,
  work,
} from 'holdfast';
import { workerQueue } from 'holdfast/comlink';
import { fakeEnvironment } from 'holdfast/testing';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { laterTask } from '../../src/core/queue/later-task.ts';
import {
  type FakeWorker,
  fakeWorker,
  type Hosting,
  hosted,
  type Jobs,
  jobs,
  PATIENT,
  shared,
} from './hosted.ts';

/** Messages take turns of their own, which the clock that stands still does not know. */
function steppedEnvironment() {
  const clock = fakeEnvironment();
  const turn = async () => {
    for (let turn = 0; turn < 10; turn++) await laterTask({});
  };
  return {
    ...clock,
    async advance(ms: number, steps = 20) {
      for (let step = 0; step < steps; step++) {
        await turn();
        await clock.advance(ms / steps);
      }
      await turn();
    },
  };
}

/** Forwards messages until it is cut: whoever sends hears nothing, as of a worker that hangs. */
function relay(
  port: MessagePort,
  isLost: (data: { readonly path?: readonly string[] }) => boolean = () => false,
) {
  const { port1, port2 } = new MessageChannel();
  let isCut = false;
  const forward = (from: MessagePort, to: MessagePort) => {
    from.onmessage = ({ data }) => {
      const values = ((data.argumentList ?? []) as readonly { readonly value: unknown }[]).map(
        ({ value }) => value,
      );
      if (!isCut && !isLost(data))
        to.postMessage(data, values.filter((value) => value instanceof MessagePort) as MessagePort[]);
    };
  };
  const cut = () => {
    isCut = true;
  };
  forward(port, port1);
  forward(port1, port);
  onTestFinished(() => {
    port1.close();
    port.close();
  });
  return { port: port2, cut };
}

afterEach(() => void vi.unstubAllGlobals());

describe('the host of a queue that ends', () => {
  it('in the middle of a call is made anew, and the call is repeated: its job is stored once', async () => {
    let isFirst = true;
    const { queue, made } = hosted({
      authorize: (_, operation) => {
        if (operation !== 'enqueue' || !isFirst) return true;
        isFirst = false;
        made[0]?.worker.terminate();
        return new Promise<boolean>(() => undefined);
      },
    });
    expect(await queue.enqueue('push', 'x', { id: 'one' })).toEqual({ id: 'one', status: 'enqueued' });
    expect(made).toHaveLength(2);
    expect(await count(queue)).toMatchObject({ pending: 1 });
  });

  it('leaves listeners to the next: they hear its events', async () => {
    const { queue, made } = hosted();
    const heard: string[] = [];
    queue.on('job:enqueued', ({ id }) => heard.push(id));
    await queue.enqueue('push', 'x', { id: 'one' });
    await expect.poll(() => heard, PATIENT).toEqual(['one']);
    made[0]?.worker.terminate();
    await expect.poll(() => made.length, PATIENT).toBe(2);
    await queue.enqueue('push', 'x', { id: 'two' });
    await expect.poll(() => heard, PATIENT).toEqual(['one', 'two']);
  });

  it('takes along what it had not told: a view and who waits for a result look again when the next is there', async () => {
    const page = steppedEnvironment();
    const { queue, made, store } = hosted({ page });
    const heard: string[] = [];
    queue.on('job:completed', ({ job }) => heard.push(job.id));
    const { subscribe, getSnapshot } = watch(queue);
    subscribe(() => undefined);
    getSnapshot();
    const enqueued = queue.enqueue('push', 'x', { keepResultMs: 60_000 });
    await page.advance(1_000);
    const { id } = await enqueued;
    const end = result(queue, id);
    await page.advance(1_000);
    expect(getSnapshot()).toMatchObject({ pending: 1 });
    made[0]?.worker.terminate();
    // Done while the page has no host: no event of it can come.
    const elsewhere = createQueue({ name: 'sync', jobs, store, use: [results()] });
    await drain(elsewhere, { push: () => 'done' });
    expect(made).toHaveLength(1);
    await page.advance(1_000);
    expect(made).toHaveLength(2);
    expect(await end).toBe('done');
    expect(getSnapshot()).toMatchObject({ pending: 0, completed: 1 });
    expect(heard).toEqual([]);
  });

  it('again and again is made anew after longer and longer pauses', async () => {
    const page = steppedEnvironment();
    const { made } = hosted({ page });
    for (let round = 0; round < 60; round++) {
      await page.advance(2_000, 2);
      made.at(-1)?.worker.terminate();
    }
    expect(made.length).toBeGreaterThan(5);
    expect(made.length).toBeLessThan(15);
  });

  it('is noticed by its silence where there are no locks', async () => {
    vi.stubGlobal('navigator', {});
    const page = steppedEnvironment();
    let cut = (): void => undefined;
    const { queue, made } = hosted({
      page,
      carry: (message) => {
        const { port, ...knock } = message as { readonly port: MessagePort };
        const between = relay(port);
        cut = between.cut;
        return { ...knock, port: between.port };
      },
    });
    await page.advance(1_000);
    expect(await count(queue)).toMatchObject({ pending: 0 });
    await page.advance(60_000);
    expect(made).toHaveLength(1);
    cut();
    await page.advance(20_000);
    expect(made).toHaveLength(1);
    await page.advance(30_000);
    expect(made).toHaveLength(2);
  });

  it('is not made anew when it was given as it is: calls reject', async () => {
    const { store, ends } = hosted();
    const { worker } = fakeWorker(store, ends);
    const queue = workerQueue({ name: 'sync', jobs, worker, tries: 1, startTimeoutMs: 100 });
    onTestFinished(() => queue.close());
    expect(await count(queue)).toMatchObject({ pending: 0 });
    worker.terminate();
    await expect.poll(() => count(queue).catch(({ message }) => message), PATIENT).toContain('did not start');
  });
});

describe('a host that others share', () => {
  function sharing(options: Hosting = {}) {
    const ends: (() => void)[] = [];
    const fake = fakeWorker(memoryStore(), ends, options);
    const queue = workerQueue({ name: 'sync', jobs, worker: () => shared(fake) });
    onTestFinished(async () => {
      await queue.close();
      for (const end of ends) end();
    });
    return { queue, host: fake.host };
  }

  it('loses a page that restarts it, which hears each event once, and is shown it once', async () => {
    const seen: string[] = [];
    const { queue, host } = sharing({
      redact: (job) => {
        seen.push(job.id);
        return job;
      },
    });
    const heard: string[] = [];
    queue.on('job:completed', ({ job }) => heard.push(job.id));
    const worker = work(host, { push: () => undefined });
    await count(queue);
    for (const id of ['one', 'two', 'three']) {
      await host.enqueue('push', 'x', { id });
      await expect.poll(() => heard, PATIENT).toContain(id);
      queue.restart();
      await count(queue);
    }
    await host.enqueue('push', 'x', { id: 'four' });
    await expect.poll(() => heard, PATIENT).toContain('four');
    await count(queue);
    expect(heard).toEqual(['one', 'two', 'three', 'four']);
    expect(seen).toEqual(heard);
    await worker.stop();
  });

  it('emits each event once to a page that it takes to be connected twice', async () => {
    let isDeaf = false;
    const { queue, host } = sharing({
      carry: (message) => {
        const { port, ...knock } = message as { readonly port: MessagePort };
        const between = relay(port, (data) => isDeaf && data.path?.[0] === 'quit');
        return { ...knock, port: between.port };
      },
    });
    const heard: string[] = [];
    queue.on('job:enqueued', ({ id }) => heard.push(id));
    await count(queue);
    await host.enqueue('push', 'x', { id: 'one' });
    await expect.poll(() => heard, PATIENT).toEqual(['one']);
    isDeaf = true;
    queue.restart();
    await count(queue);
    await host.enqueue('push', 'x', { id: 'two' });
    await expect.poll(() => heard, PATIENT).toContain('two');
    await host.enqueue('push', 'x', { id: 'three' });
    await expect.poll(() => heard, PATIENT).toContain('three');
    expect(heard).toEqual(['one', 'two', 'three']);
  });

  it('leaves to the workers of a page that restarts it what they run', async () => {
    const { queue, host } = sharing();
    let go = (): void => undefined;
    const gone = new Promise<void>((resolve) => {
      go = resolve;
    });
    let runs = 0;
    const worker = work(queue, {
      push: async () => {
        runs += 1;
        await gone;
      },
    });
    await queue.enqueue('push', 'x', { id: 'one' });
    await expect.poll(() => runs, PATIENT).toBe(1);
    for (let restart = 0; restart < 3; restart++) {
      queue.restart();
      await count(queue);
    }
    await expect.poll(() => count(host), PATIENT).toMatchObject({ active: 1 });
    go();
    await expect.poll(() => count(host), PATIENT).toMatchObject({ completed: 1 });
    expect(runs).toBe(1);
    await worker.stop();
  });
});

it('close knocks no more at a host that never comes up', async () => {
  const page = steppedEnvironment();
  let knocks = 0;
  const silent = { postMessage: () => (knocks += 1) } as unknown as Worker;
  const queue = workerQueue({ name: 'sync', jobs, worker: () => silent, environment: page });
  const refused = expect(count(queue)).rejects.toMatchObject({ code: 'StoreClosed' });
  await page.advance(2_500);
  expect(knocks).toBe(3);
  await queue.close();
  await refused;
  await page.advance(10_000);
  expect(knocks).toBe(3);
});

describe('terminate', () => {
  it.each([
    ['once its lock is held', lateLocks],
    ['after a while', (wait: Promise<void>) => fakeWorkers(wait)],
  ])('leaves no worker that is made %s, whenever it is called', async (_, workers) => {
    for (let turns = 0; turns < 40; turns++) {
      let go = (): void => undefined;
      const { alive, make } = workers(
        new Promise((resolve) => {
          go = resolve;
        }),
      );
      const queue = workerQueue({ name: 'sync', jobs, worker: make });
      for (let turn = 0; turn < turns; turn++) await (turn % 4 === 3 ? laterTask({}) : undefined);
      const ended = queue.terminate();
      for (let turn = 0; turn < turns % 7; turn++) await undefined;
      go();
      await ended;
      await navigator.locks.request('later', () => undefined); // Locks come in turn.
      for (let turn = 0; turn < 5; turn++) await laterTask({});
      expect(alive.size, `after ${turns} turns`).toBe(0);
    }
  });

  function lateLocks(wait: Promise<void>) {
    const { locks } = navigator;
    const request = async (...args: Parameters<LockManager['request']>) => {
      await wait;
      return locks.request(...args);
    };
    vi.stubGlobal('navigator', { locks: { request } });
    onTestFinished(() => void vi.unstubAllGlobals());
    return fakeWorkers();
  }

  function fakeWorkers(wait?: Promise<void>) {
    const [store, ends]: [Store, (() => void)[]] = [memoryStore(), []];
    onTestFinished(() => {
      for (const end of ends) end();
    });
    const alive = new Set<Worker>();
    const make = async () => {
      await wait;
      const { worker } = fakeWorker(store, ends);
      const terminate = () => void alive.delete(worker);
      alive.add(worker);
      return Object.assign(worker, { terminate });
    };
    return { alive, make };
  }
});

describe('a host that does not start', () => {
  it('is tried as often as it may be, and then each call rejects at once until a pause is over', async () => {
    const page = steppedEnvironment();
    let made = 0;
    const queue = workerQueue({
      name: 'sync',
      jobs,
      environment: page,
      worker: () => {
        made += 1;
        throw new Error('no script');
      },
    });
    const refused = expect(queue.enqueue('push', 'x')).rejects.toMatchObject({
      code: 'Store',
      retryable: false,
      message: 'the host of queue "sync" did not start: no script',
      cause: { message: 'no script' },
    });
    await page.advance(2_000);
    await refused;
    expect(made).toBe(3);
    await page.advance(1_000);
    const calls = Promise.allSettled(Array.from({ length: 100 }, () => count(queue)));
    await page.advance(3_000);
    expect((await calls).every(({ status }) => status === 'rejected')).toBe(true);
    expect(made).toBe(6);
    for (let n = 0; n < 100; n++) await expect(count(queue)).rejects.toThrow('no script');
    expect(made).toBe(6);
  });

  it('says which script failed, and how', async () => {
    const page = steppedEnvironment();
    const failing = () => {
      const events = new EventTarget();
      const postMessage = () =>
        events.dispatchEvent(Object.assign(new Event('error'), { message: 'SyntaxError' }));
      return Object.assign(events, { postMessage, terminate: () => undefined }) as unknown as Worker;
    };
    const queue = workerQueue({ name: 'sync', jobs, environment: page, worker: failing, startTries: 1 });
    await expect(count(queue)).rejects.toThrow('did not start: its script failed: SyntaxError');
  });
});

describe('a host that the browser stops when it is idle', () => {
  /** As a service worker: it is known by its address, and says when it starts. */
  function serviceWorkers() {
    const page = new EventTarget();
    vi.stubGlobal('navigator', {
      locks: navigator.locks,
      serviceWorker: Object.assign(page, { startMessages: () => undefined }),
    });
    const hosting = hosted();
    const made: FakeWorker[] = [];
    const start = () => {
      made.push(fakeWorker(hosting.store, hosting.ends));
      return Object.assign((made.at(-1) as FakeWorker).worker, { scriptURL: '/sw.js' });
    };
    const queue: Queue<Jobs> = workerQueue({
      name: 'sync',
      jobs,
      worker: () => start() as unknown as ServiceWorker,
    });
    onTestFinished(() => queue.close());
    const tell = () =>
      page.dispatchEvent(
        new MessageEvent('message', { data: { holdfast: 'started', queue: 'sync', host: 'the next' } }),
      );
    return { queue, made, tell };
  }

  it('is left alone until it is needed: the next call connects again', async () => {
    const { queue, made } = serviceWorkers();
    await queue.enqueue('push', 'x', { id: 'one' });
    made[0]?.worker.terminate();
    await new Promise((resolve) => setImmediate(resolve));
    expect(made).toHaveLength(1);
    expect(await get(queue, 'one')).toMatchObject({ state: 'pending' });
    expect(made).toHaveLength(2);
  });

  it('is listened to again when it says that it has started', async () => {
    const { queue, made, tell } = serviceWorkers();
    const heard: string[] = [];
    queue.on('job:enqueued', ({ id }) => heard.push(id));
    await queue.enqueue('push', 'x', { id: 'one' });
    await expect.poll(() => heard, PATIENT).toEqual(['one']);
    made[0]?.worker.terminate();
    tell();
    await expect.poll(() => made.length, PATIENT).toBe(2);
    await (made[1] as FakeWorker).host.enqueue('push', 'x', { id: 'two' });
    await queue.enqueue('push', 'x', { id: 'three' });
    await expect.poll(() => heard, PATIENT).toContain('three');
  });
});
