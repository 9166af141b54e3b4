import {
  count,
  enqueueMany,
  explain,
  type FlowOptions,
  flows,
  get,
  list,
  type ResultOptions,
  result,
  results,
  work,
} from 'holdfast';
import { type HostWorker, type WorkerQueue, workerQueue } from 'holdfast/comlink';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { freshName } from './database.ts';
import { type Jobs, jobs } from './hosting-worker.ts';

/** However long it takes: what hangs ends by the suite's own limit. */
const until = <T>(read: () => T) => expect.poll(read, { timeout: 600_000 });

const url = new URL('./hosting-worker.ts', import.meta.url);

const KINDS: Readonly<Record<string, (name: string) => Worker | SharedWorker>> = {
  'a dedicated worker': (name) => new Worker(url, { type: 'module', name }),
  'a SharedWorker': (name) => new SharedWorker(url, { type: 'module', name }),
};

/** Of a database that no other test has, unless one is named. */
function open(
  make: (name: string) => HostWorker,
  name = freshName(),
): WorkerQueue<Jobs, ResultOptions & FlowOptions> {
  const queue = workerQueue({ name: 'sync', jobs, use: [results(), flows()], worker: () => make(name) });
  onTestFinished(() => queue.terminate());
  return queue;
}

describe.each(Object.entries(KINDS))('a queue in %s', (_, make) => {
  it('is as one here: enqueue, result, explain, get, events, and errors with what they have', async () => {
    const queue = open(make);
    const completed = new Promise((resolve) =>
      queue.on('job:completed', ({ job, result }) => resolve([job.id, result])),
    );
    const payload = { at: new Date(5), bytes: new Uint8Array([1, 2]) };
    const { id } = await queue.enqueue('push', payload, { keepResultMs: 60_000 });
    expect(await result(queue, id)).toEqual(payload);
    expect(await completed).toEqual([id, payload]);
    expect(await get(queue, id)).toMatchObject({ state: 'completed' });
    const shown = await queue.enqueue('shown', 'x');
    expect((await explain(queue, shown.id))?.waits).toEqual([{ why: 'no-worker' }]);
    const dead = new Promise((resolve) => queue.on('job:dead', ({ error }) => resolve(error)));
    await queue.enqueue('push', 'refuse');
    expect(await dead).toMatchObject({ name: 'Error', message: 'no', attempt: 1 });
    await expect(queue.enqueue('push', 'x', { dependsOn: 'nobody' })).rejects.toMatchObject({
      code: 'InvalidOption',
      name: 'InvalidOptionError',
    });
    await expect(result(queue, shown.id, { signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
  });

  it('runs jobs in the page by what the host hands out', async () => {
    const queue = open(make);
    const ran: string[] = [];
    await enqueueMany(
      queue,
      ['a', 'b'].map((payload) => ({ name: 'shown' as const, payload })),
    );
    const worker = work(queue, { shown: (payload) => void ran.push(payload) });
    await queue.enqueue('shown', 'c');
    await until(() => ran).toEqual(['a', 'b', 'c']);
    await worker.stop();
    expect(await count(queue)).toMatchObject({ pending: 0, active: 0 });
  });

  it('makes no call of the store in the page', async () => {
    const calls = spyOnIndexedDB();
    const queue = open(make);
    const done = doneOf(queue, 300);
    await enqueueMany(
      queue,
      Array.from({ length: 300 }, (_, n) => ({ name: 'push' as const, payload: n })),
    );
    await done;
    expect(calls()).toBe(0);
  });

  it('comes back when its host closed itself, and everything that was accepted is there', async () => {
    const queue = open(make);
    const payloads = Array.from({ length: 40 }, (_, n) => n);
    await enqueueMany(
      queue,
      payloads.map((payload) => ({ name: 'push' as const, payload, delayMs: 300 })),
    );
    await queue.enqueue('push', 'close', { maxCrashes: 1 });
    await until(() => count(queue)).toMatchObject({ pending: 0, active: 0, completed: 40, dead: 1 });
    expect((await list(queue, { state: 'dead' })).jobs).toMatchObject([{ payload: 'close', crashes: 1 }]);
  });

  it('rejects calls with what is wrong when there is no host, and tries no more than it may', async () => {
    let made = 0;
    const queue = workerQueue({
      name: 'sync',
      jobs,
      startTries: 2,
      worker: () => {
        made += 1;
        return make === KINDS['a SharedWorker']
          ? new SharedWorker('/none.js', { name: freshName() })
          : new Worker('/none.js');
      },
    });
    onTestFinished(() => queue.terminate());
    await expect(queue.enqueue('push', 1)).rejects.toMatchObject({
      code: 'Store',
      retryable: false,
      message: expect.stringContaining('did not start: its script failed'),
    });
    expect(made).toBe(2);
  });
});

describe('a dedicated worker', () => {
  it('is made anew when it is terminated: calls under way are carried out once, listeners hear the next', async () => {
    const made: Worker[] = [];
    const name = freshName();
    const queue = open(() => {
      made.push(new Worker(url, { type: 'module', name }));
      return made.at(-1) as Worker;
    });
    const completed = new Set<string>();
    queue.on('job:completed', ({ job }) => completed.add(job.id));
    const enqueued: Promise<unknown>[] = [];
    for (let n = 0; n < 200; n++) {
      enqueued.push(queue.enqueue('push', n, { id: `job ${n}` }));
      if (n % 50 === 49) {
        await enqueued[n - 10];
        made.at(-1)?.terminate();
      }
    }
    await Promise.all(enqueued);
    await until(() => count(queue)).toMatchObject({ pending: 0, active: 0, completed: 200, dead: 0 });
    expect(made.length).toBeGreaterThan(1);
    // Not of all 200: events that a host had not delivered when it ended are lost.
    await queue.enqueue('push', 'x', { id: 'by the last host' });
    await until(() => [...completed]).toContain('by the last host');
  });

  it('drains thousands of jobs though it is terminated in the middle: none is lost, and the page asks no store', async () => {
    const calls = spyOnIndexedDB();
    const made: Worker[] = [];
    const name = freshName();
    const queue = open(() => {
      made.push(new Worker(url, { type: 'module', name }));
      return made.at(-1) as Worker;
    });
    // Ten thousand in Chromium, and in the others when all of it runs: it takes WebKit a minute.
    const jobs = inject('draw') === undefined ? 10_000 : 2_000;
    const items = Array.from({ length: jobs }, (_, n) => ({ name: 'push' as const, payload: n }));
    const enqueued = enqueueMany(queue, items, { chunkSize: 500 });
    await until(async () => (await count(queue)).completed).toBeGreaterThan(jobs / 4);
    made.at(-1)?.terminate();
    expect(await enqueued).toMatchObject({ enqueued: jobs, duplicates: 0 });
    await until(() => count(queue)).toMatchObject({ pending: 0, active: 0, completed: jobs, dead: 0 });
    expect(made).toHaveLength(2);
    expect(calls()).toBe(0);
  });

  it('is ended and made anew by restart', async () => {
    let made = 0;
    const name = freshName();
    const queue = open(() => {
      made += 1;
      return new Worker(url, { type: 'module', name });
    });
    await queue.enqueue('shown', 'x', { id: 'first' });
    queue.restart();
    expect(await get(queue, 'first')).toMatchObject({ state: 'pending' });
    expect(made).toBe(2);
  });

  it('says that nobody hosts the queue there', async () => {
    const queue = workerQueue({
      name: 'sync',
      jobs,
      startTries: 1,
      startTimeoutMs: 500,
      worker: () => new Worker(`${url.href}?empty`, { type: 'module' }),
    });
    onTestFinished(() => queue.terminate());
    await expect(count(queue)).rejects.toThrow('it did not call hostQueue for "sync" within 500 ms');
  });

  it('runs handlers in a pool: one that spins is dead after its attempts, and what shares the pool is done', async () => {
    const made: Worker[] = [];
    const name = freshName();
    const queue = open(() => {
      made.push(new Worker(url, { type: 'module', name }));
      return made.at(-1) as Worker;
    });
    const spinner = await queue.enqueue('spin', 'spin');
    const closer = await queue.enqueue('end', 'close');
    const thrower = await queue.enqueue('end', 'throw');
    const others = await enqueueMany(
      queue,
      [1, 2, 3].map((n) => ({ name: 'spin' as const, payload: String(n), keepResultMs: 60_000 })),
    );
    for (const [n, { id }] of others.entries()) expect(await result(queue, id)).toBe(String(n + 1));
    for (const { id } of [spinner, closer, thrower])
      await until(async () => (await get(queue, id))?.state).toBe('dead');
    const errorsOf = async (id: string) => (await get(queue, id))?.errors.map((error) => error.name);
    expect(await errorsOf(spinner.id)).toEqual(['JobTimeoutError', 'JobTimeoutError']);
    expect(await errorsOf(thrower.id)).toEqual(['ThreadLostError', 'ThreadLostError']);
    expect(await errorsOf(closer.id)).toEqual(['ThreadLostError', 'ThreadLostError']);
    expect(await count(queue)).toMatchObject({ active: 0, pending: 0 });
    expect((await get(queue, spinner.id))?.crashes).toBe(0);
    expect(made).toHaveLength(1);
  });
});

describe('a SharedWorker', () => {
  it('goes on for the others when one page leaves', async () => {
    const name = freshName();
    const make = KINDS['a SharedWorker'] as (name: string) => SharedWorker;
    const first = open(make, name);
    const second = open(make, name);
    const heard: string[] = [];
    second.on('job:enqueued', ({ id }) => heard.push(id));
    await count(second); // It hears from when it is connected.
    await first.enqueue('shown', 'x', { id: 'one' });
    await first.close();
    await second.enqueue('shown', 'x', { id: 'two' });
    await until(() => heard).toEqual(['one', 'two']);
  });

  it('takes back at once what a page had that is gone', async () => {
    const name = freshName();
    const queue = open(KINDS['a SharedWorker'] as (name: string) => SharedWorker, name);
    const frame = document.createElement('iframe');
    const page = new URL('./working-frame.ts', import.meta.url).href;
    frame.srcdoc = `<!doctype html><script type="module">
      import { holdOn } from ${JSON.stringify(page)};
      holdOn(${JSON.stringify(name)}, ${JSON.stringify(url.href)});
    </script>`;
    document.body.append(frame);
    const { id } = await queue.enqueue('shown', 'x');
    await until(async () => (await get(queue, id))?.state).toBe('active');
    frame.remove();
    await until(async () => get(queue, id)).toMatchObject({ state: 'pending', crashes: 1 });
  });
});

/** Resolves when so many jobs of the host have completed. */
function doneOf(queue: WorkerQueue<Jobs>, wanted: number): Promise<void> {
  const ids = new Set<string>();
  return new Promise((resolve) => {
    queue.on('job:completed', ({ job }) => {
      ids.add(job.id);
      if (ids.size === wanted) resolve();
    });
  });
}

/** How often this page has asked IndexedDB for anything. */
function spyOnIndexedDB(): () => number {
  const { open } = IDBFactory.prototype;
  const { transaction } = IDBDatabase.prototype;
  let calls = 0;
  IDBFactory.prototype.open = function (...args) {
    calls += 1;
    return open.apply(this, args);
  };
  IDBDatabase.prototype.transaction = function (...args) {
    calls += 1;
    return transaction.apply(this, args);
  };
  onTestFinished(() => {
    IDBFactory.prototype.open = open;
    IDBDatabase.prototype.transaction = transaction;
  });
  return () => calls;
}
