import {
  checkpoints,
  createQueue,
  DeadLetterError,
  defineJobs,
  get,
  job,
  list,
  memoryStore,
  type Queue,
  RetryLaterError,
  results,
  type WorkerOptions,
  work,
} from 'holdfast';
import { servePool, type WorkerPoolOptions, workerPool } from 'holdfast/comlink';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';

const jobs = defineJobs({
  push: job<unknown>({ maxAttempts: 2, backoff: { kind: 'fixed', initialMs: 0, jitter: 'none' } }),
  next: job<unknown>(),
});
type Jobs = typeof jobs;
type Handlers = Parameters<typeof servePool<Jobs>>[0];

/** What hangs ends by the suite's own limit. */
const PATIENT = { timeout: 600_000 };

/** A thread as the pool sees one: a port to it, which can be terminated. What it runs runs on: nobody hears of it. */
function threadOf(handlers: Handlers): { readonly worker: Worker; readonly fail: (message: string) => void } {
  const { port1, port2 } = new MessageChannel();
  servePool<Jobs>(handlers, { endpoint: port1 });
  const errors = new EventTarget();
  const close = () => {
    port1.close();
    port2.close();
  };
  const worker = Object.assign(errors, {
    postMessage: (message: unknown, transfer: Transferable[]) => port2.postMessage(message, transfer),
    terminate: close,
  });
  onTestFinished(close);
  const fail = (message: string) => void errors.dispatchEvent(Object.assign(new Event('error'), { message }));
  return { worker: worker as unknown as Worker, fail };
}

function open(handlers: Handlers, options: Partial<WorkerPoolOptions<'push'>> = {}, how: WorkerOptions = {}) {
  const threads: ReturnType<typeof threadOf>[] = [];
  const make = () => {
    const thread = threadOf(handlers);
    threads.push(thread);
    return thread.worker;
  };
  const pool = workerPool(make, { names: ['push'], size: 2, ...options });
  const queue = createQueue({
    name: 'sync',
    jobs,
    store: memoryStore(),
    use: [results(), checkpoints()],
  });
  const worker = work(queue, pool.handlers, how);
  onTestFinished(async () => {
    await worker.stop({ graceMs: 0 });
    pool.close();
    await queue.close();
  });
  return { pool, queue, threads };
}

const ended = async (queue: Queue<Jobs>, id: string) => {
  await expect.poll(async () => (await get(queue, id))?.state, PATIENT).toMatch(/completed|dead/);
  return get(queue, id);
};

describe('a pool of workers', () => {
  it('gives a handler its payload and all that its attempt is, and the queue what it returns', async () => {
    const { queue } = open({
      push: (payload, { job, attempt, tries, fence }) => ({ payload, id: job.id, attempt, tries, fence }),
    });
    const payload = { at: new Date(5), bytes: new Uint8Array([1]) };
    const { id } = await queue.enqueue('push', payload, { keepResultMs: 60_000 });
    expect(await ended(queue, id)).toMatchObject({
      state: 'completed',
      result: { payload, id, attempt: 1, tries: 1, fence: expect.any(Number) },
    });
  });

  it('carries progress, checkpoints, extensions, logs and what is enqueued', async () => {
    const told: unknown[] = [];
    const { queue } = open({
      push: async (_, { progress, checkpoint, extend, log, enqueue }) => {
        progress(0.5);
        log('half');
        return [await checkpoint({ page: 2 }), await extend(), enqueue('next', 'x', { priority: 3 })];
      },
    });
    queue.on('job:progress', ({ value }) => told.push(value));
    queue.on('job:log', ({ message }) => told.push(message));
    const { id } = await queue.enqueue('push', 'x', { keepResultMs: 60_000 });
    const { result } = (await ended(queue, id)) as { readonly result: readonly unknown[] };
    expect(result).toEqual([true, true, expect.any(String)]);
    expect(told).toEqual([0.5, 'half']);
    expect((await list(queue, { state: 'pending' })).jobs).toMatchObject([
      { id: result[2], name: 'next', payload: 'x', priority: 3 },
    ]);
  });

  it.each([
    ['an error', () => new TypeError('no'), { state: 'dead', failures: 2 }],
    ['a dead letter', () => new DeadLetterError('never'), { state: 'dead', failures: 1 }],
    ['a later retry', () => new RetryLaterError({ delayMs: 0 }), { state: 'dead', failures: 2 }],
  ])('does with what a handler throws what a worker does: %s', async (_, make, expected) => {
    const { queue } = open({
      push: () => {
        throw make();
      },
    });
    const { id } = await queue.enqueue('push', 'x');
    const job = await ended(queue, id);
    expect(job).toMatchObject(expected);
    expect(job?.errors.at(-1)).toMatchObject({ name: make().name, message: make().message });
    expect(job?.errors.at(-1)?.stack).toContain('worker-pool.test.ts');
  });

  it('keeps its threads when a `transfer` of the app throws: that is a failure of the attempt', async () => {
    const transfer = {
      push: (payload: unknown) => {
        if (payload === 'bad') throw new TypeError('no pixels');
        return [];
      },
    };
    const { queue } = open({ push: (payload) => payload }, { size: 1, transfer });
    const { id: bad } = await queue.enqueue('push', 'bad');
    expect(await ended(queue, bad)).toMatchObject({ state: 'dead', failures: 2 });
    const { id } = await queue.enqueue('push', 'good', { keepResultMs: 60_000 });
    expect(await ended(queue, id)).toMatchObject({ state: 'completed' });
  });

  it('gives back what is released', async () => {
    const { queue } = open({ push: (_, { release }) => release({ delayMs: 60_000 }) });
    const released = new Promise((resolve) => queue.on('job:released', resolve));
    const { id } = await queue.enqueue('push', 'x');
    await released;
    expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 0, crashes: 0 });
  });

  it('ends a handler that outlives its time and grace with its thread: each time costs an attempt', async () => {
    const { queue, pool, threads } = open(
      { push: () => new Promise(() => undefined) },
      { timeoutGraceMs: 0, size: 1 },
    );
    const stuck: unknown[] = [];
    queue.on('job:stuck', (event) => stuck.push(event));
    const { id } = await queue.enqueue('push', 'x', { timeoutMs: 20 });
    expect(await ended(queue, id)).toMatchObject({ state: 'dead', failures: 2, crashes: 0 });
    expect((await get(queue, id))?.errors).toMatchObject([
      { name: 'JobTimeoutError' },
      { name: 'JobTimeoutError' },
    ]);
    expect(threads).toHaveLength(2);
    expect(pool.threads).toBe(0);
    expect(stuck).toEqual([]);
  });

  it('keeps the thread of a handler that heeds its signal', async () => {
    const { queue, pool, threads } = open(
      {
        push: (_, { signal }) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      },
      { timeoutGraceMs: 60_000, size: 1 },
    );
    const { id } = await queue.enqueue('push', 'x', { timeoutMs: 20 });
    expect(await ended(queue, id)).toMatchObject({ state: 'dead', failures: 2 });
    expect([threads.length, pool.threads]).toEqual([1, 1]);
  });

  it('loses with a thread the attempt that it ran, and no other job', async () => {
    const { queue, pool, threads } = open({
      push: (payload, { signal }) =>
        payload === 'quick'
          ? 'done'
          : new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    });
    const started: string[] = [];
    queue.on('job:started', ({ job }) => started.push(job.id));
    const slow = await queue.enqueue('push', 'slow', { maxAttempts: 1 });
    await expect.poll(() => pool.threads, PATIENT).toBe(1);
    const quick = await queue.enqueue('push', 'quick', { keepResultMs: 60_000 });
    expect(await ended(queue, quick.id)).toMatchObject({ state: 'completed', result: 'done' });
    threads[0]?.fail('out of memory');
    expect(await ended(queue, slow.id)).toMatchObject({
      state: 'dead',
      crashes: 0,
      errors: [{ name: 'ThreadLostError', message: expect.stringContaining('out of memory') }],
    });
    expect((await list(queue, { state: 'active' })).jobs).toEqual([]);
    expect(pool.threads).toBe(1);
  });

  it('makes no thread within half a second after one has ended', async () => {
    const environment = fakeEnvironment({ now: 0 });
    const begun: number[] = [];
    const push = (_: unknown, { attempt }: { readonly attempt: number }) => {
      begun.push(attempt);
      return attempt === 1 ? new Promise(() => undefined) : undefined;
    };
    const { queue, threads } = open({ push }, { size: 1, environment });
    const { id } = await queue.enqueue('push', 'x');
    await expect.poll(() => begun, PATIENT).toEqual([1]);
    threads[0]?.fail('gone');
    await expect.poll(async () => get(queue, id), PATIENT).toMatchObject({ state: 'active', attempt: 2 });
    await environment.advance(499);
    expect(threads).toHaveLength(1);
    await environment.advance(1);
    await expect.poll(() => begun, PATIENT).toEqual([1, 2]);
    expect(threads).toHaveLength(2);
  });

  it('gives a job back that found no thread in its time, uncounted', async () => {
    const { queue } = open(
      { push: (_, { signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)) },
      { size: 1 },
    );
    const released = new Promise<unknown>((resolve) =>
      queue.on('job:released', ({ job }) => resolve(job.id)),
    );
    await queue.enqueue('push', 'x', { id: 'first', timeoutMs: 60_000 });
    await queue.enqueue('push', 'x', { id: 'second', timeoutMs: 20 });
    expect(await released).toBe('second');
    expect(await get(queue, 'second')).toMatchObject({ failures: 0, crashes: 0 });
  });

  it('counts no attempt of a job while its thread takes long to start', async () => {
    const queue: Queue<Jobs> = createQueue({ name: 'sync', jobs, store: memoryStore() });
    const silent = () =>
      Object.assign(new EventTarget(), {
        postMessage: () => undefined,
        terminate: () => undefined,
      }) as unknown as Worker;
    const pool = workerPool(silent, { names: ['push'], size: 1 });
    const released = new Promise((resolve) => queue.on('job:released', resolve));
    const worker = work(queue, pool.handlers, { timeoutGraceMs: 60_000 });
    const { id } = await queue.enqueue('push', 'x', { timeoutMs: 20 });
    await released;
    await worker.stop();
    pool.close();
    expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 0, crashes: 0 });
    await queue.close();
  });

  it('gives jobs back, and says why, while no thread can be started', async () => {
    const queue: Queue<Jobs> = createQueue({ name: 'sync', jobs, store: memoryStore() });
    const make = () => {
      throw new Error('no network');
    };
    const pool = workerPool(make, { names: ['push'] });
    const said: string[] = [];
    queue.on('job:log', ({ message }) => said.push(message));
    const worker = work(queue, pool.handlers);
    const { id } = await queue.enqueue('push', 'x');
    await expect.poll(() => said, PATIENT).toEqual(['its pool cannot start a thread: no network']);
    await worker.stop();
    expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 0, crashes: 0 });
    await queue.close();
  });

  it('moves what a payload declares to its thread: the next attempt has it again', async () => {
    const { queue } = open(
      {
        push: (payload, { attempt }) => {
          const { byteLength } = (payload as { readonly bytes: ArrayBuffer }).bytes;
          if (attempt === 1) throw new Error(String(byteLength));
          return byteLength;
        },
      },
      { transfer: { push: ({ bytes }: { readonly bytes: ArrayBuffer }) => [bytes] } },
    );
    const moved = new Promise((resolve) =>
      queue.on('job:retried', ({ job: { payload } }) => resolve(payload)),
    );
    const { id } = await queue.enqueue('push', { bytes: new ArrayBuffer(8) }, { keepResultMs: 60_000 });
    expect(await ended(queue, id)).toMatchObject({ result: 8, errors: [{ message: '8' }] });
    expect(await moved).toMatchObject({ bytes: { byteLength: 0 } });
  });

  it('is done with a job whose result cannot cross', async () => {
    const { queue } = open({ push: () => () => 'a function' });
    const { id } = await queue.enqueue('push', 'x', { keepResultMs: 60_000 });
    expect(await ended(queue, id)).toMatchObject({ state: 'completed' });
  });

  it('gives what it runs back, and leaves no thread, when it is closed', async () => {
    const { queue, pool } = open({ push: () => new Promise(() => undefined) });
    const { id } = await queue.enqueue('push', 'x');
    await expect.poll(() => pool.threads, PATIENT).toBe(1);
    const released = new Promise((resolve) => queue.on('job:released', resolve));
    pool.close();
    expect(pool.threads).toBe(0);
    await released;
    expect(await get(queue, id)).toMatchObject({ failures: 0, crashes: 0 });
  });
});
