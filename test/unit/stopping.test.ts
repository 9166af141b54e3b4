import { count, enqueueMany, fixed, get, job, list, WorkerStoppedError, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, ended, latch, pass, setScene, untilAborted } from './scene.ts';

const jobs = { push: job<string>({ backoff: fixed({ delayMs: 0 }) }) };

describe('a worker that is stopped', () => {
  it('claims nothing from then on', async () => {
    const { queue, environment } = setScene(jobs);
    let runs = 0;
    const worker = work(queue, { push: () => void runs++ });
    await environment.flush();
    const stopped = worker.stop();
    await queue.enqueue('push', 'x');
    await environment.advance(60_000);
    await ended(stopped);
    expect(runs).toBe(0);
    expect(await count(queue)).toMatchObject({ pending: 1, active: 0 });
  });

  it('waits for the handlers that run, and their outcomes are written when the stop resolves', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const worker = work(queue, { push: () => pass(environment, 4_000) });
    await environment.advance(1_000);
    let resolved = false;
    const stopped = worker.stop({ graceMs: 5_000 }).then(async () => {
      resolved = true;
      return count(queue);
    });
    await environment.advance(2_999);
    expect(resolved).toBe(false);
    await environment.advance(1);
    expect(await ended(stopped)).toMatchObject({ completed: 1, active: 0 });
  });

  it('gives back what it has claimed and not begun, uncounted', async () => {
    const { queue, environment } = setScene(jobs);
    await enqueueMany(
      queue,
      Array.from({ length: 60 }, (_, i) => ({ name: 'push', payload: `${i}` })),
    );
    const ran: string[] = [];
    const worker = work(
      queue,
      { push: (word) => pass(environment, 1).then(() => ran.push(word)) },
      { concurrency: 2 },
    );
    await environment.advance(10);
    const claimed = (await count(queue)).active;
    expect(claimed).toBeGreaterThan(2);
    const stopped = worker.stop();
    await environment.advance(1);
    await ended(stopped);
    const { jobs: left } = await list(queue, { state: 'pending' });
    expect(left).toHaveLength(60 - ran.length);
    expect(left.every(({ failures, crashes }) => failures === 0 && crashes === 0)).toBe(true);
  });

  it('aborts the signals of handlers with WorkerStoppedError when the grace is over', async () => {
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    let signal: AbortSignal | undefined;
    const push: typeof untilAborted = (word, context) => {
      signal = context.signal;
      return untilAborted(word, context);
    };
    const worker = work(queue, { push });
    await environment.flush();
    const stopped = worker.stop({ graceMs: 2_000 });
    await environment.advance(1_999);
    expect(signal?.aborted).toBe(false);
    await environment.advance(1);
    await ended(stopped);
    expect(signal?.reason).toBeInstanceOf(WorkerStoppedError);
    expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 0, crashes: 0, errors: [] });
  });

  it('completes the job of a handler that returns when it is aborted', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const push: typeof untilAborted = (_, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener('abort', resolve as () => void);
      });
    const worker = work(queue, { push });
    await environment.flush();
    const stopped = worker.stop({ graceMs: 0 });
    await environment.advance(0);
    await ended(stopped);
    expect(await count(queue)).toMatchObject({ completed: 1 });
  });

  it('gives up on handlers that do not heed their signal, and gives their jobs back', async () => {
    const { queue, environment } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    const worker = work(queue, { push: deaf });
    await environment.flush();
    const stopped = worker.stop({ graceMs: 1_000 });
    await environment.advance(1_000);
    await ended(stopped);
    expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 0 });
    expect(environment.timers).toBe(0);
  });

  it('keeps the place of a job that it has to give back', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'first');
    const worker = work(queue, { push: untilAborted }, { concurrency: 1 });
    await environment.advance(10);
    await queue.enqueue('push', 'second');
    await environment.advance(10);
    const stopped = worker.stop({ graceMs: 0 });
    await environment.advance(10);
    await ended(stopped);
    const ran: string[] = [];
    work(queue, { push: (word) => void ran.push(word) }, { concurrency: 1 });
    await environment.flush();
    expect(ran).toEqual(['first', 'second']);
  });

  it('leaves no handler behind that the next worker here runs beside', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const heard = latch();
    const worker = work(queue, { push: () => heard.promise }, { overlapAfterMs: 70_000 });
    await environment.advance(10);
    const stopped = worker.stop({ graceMs: 0 });
    await environment.advance(10);
    await ended(stopped);
    const ran: string[] = [];
    work(queue, { push: (word) => void ran.push(word) });
    await environment.advance(60_000);
    expect(ran).toEqual([]);
    heard.open();
    await environment.advance(30_000);
    expect(ran).toEqual(['x']);
  });

  it('waits five seconds for its handlers unless something else is said', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    let signal: AbortSignal | undefined;
    const push: typeof untilAborted = (_, context) => {
      signal = context.signal;
      return deaf();
    };
    const worker = work(queue, { push });
    await environment.flush();
    const stopped = worker.stop();
    await environment.advance(4_999);
    expect(signal?.aborted).toBe(false);
    await environment.advance(1);
    expect(signal?.aborted).toBe(true);
    await ended(stopped);
  });

  it('keeps the leases of its handlers as long as it waits for them', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    let runs = 0;
    const push = () => {
      runs += 1;
      return pass(environment, 100_000);
    };
    const worker = work(queue, { push }, { leaseMs: 10_000 });
    await environment.flush();
    const stopped = worker.stop({ graceMs: 200_000 });
    work(queue, { push }, { leaseMs: 10_000 });
    await environment.advance(100_000);
    await ended(stopped);
    expect(runs).toBe(1);
  });

  it('before it has begun claims nothing', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const stopped = work(queue, { push: deaf }).stop();
    await environment.flush();
    await ended(stopped);
    expect(await count(queue)).toMatchObject({ pending: 1, active: 0 });
  });

  it('while a claim is under way gives back what it brings', async () => {
    const { queue, environment, store } = setScene(jobs);
    await queue.enqueue('push', 'x');
    let runs = 0;
    const letGo = store.holdNext('exchange');
    const worker = work(queue, { push: () => void runs++ });
    await environment.flush();
    const stopped = worker.stop();
    letGo();
    await environment.flush();
    await ended(stopped);
    expect(runs).toBe(0);
    expect(await count(queue)).toMatchObject({ pending: 1, active: 0 });
  });

  it('leaves no timer', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'now');
    await queue.enqueue('push', 'later', { delayMs: 60_000 });
    const worker = work(queue, { push: () => pass(environment, 100) });
    await environment.advance(50);
    const stopped = worker.stop();
    await environment.advance(50);
    await ended(stopped);
    expect(environment.timers).toBe(0);
  });

  it('leaves the other workers of its queue alone', async () => {
    const { queue, environment } = setScene(jobs);
    const stopped = work(queue, { push: deaf }).stop();
    const ran: string[] = [];
    work(queue, { push: (word) => void ran.push(word) });
    await environment.flush();
    await ended(stopped);
    await queue.enqueue('push', 'x');
    await environment.flush();
    expect(ran).toEqual(['x']);
  });
});

describe('a second stop with a shorter grace', () => {
  it.each([
    ['hurries the first', { graceMs: 60_000 }, { graceMs: 0 }, 1_000],
    ['hurries one with the default', {}, { graceMs: 100 }, 1_100],
  ])('%s, and both resolve when the worker has stopped', async (_, first, second, at) => {
    const { queue, environment, elapsed } = setScene(jobs);
    const { id } = await queue.enqueue('push', 'x');
    const worker = work(queue, { push: untilAborted });
    await environment.flush();
    const stopped: number[] = [];
    void worker.stop(first).then(() => stopped.push(elapsed()));
    await environment.advance(1_000);
    void worker.stop(second).then(() => stopped.push(elapsed()));
    await environment.advance(200);
    expect(stopped).toEqual([at, at]);
    expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 0 });
    expect(environment.timers).toBe(0);
  });

  it('also after the abort of its signal, and of its queue', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const controller = new AbortController();
    work(queue, { push: deaf }, { signal: controller.signal });
    await environment.flush();
    controller.abort();
    const closed = queue.close({ graceMs: 60_000 }).then(elapsed);
    await environment.advance(10);
    void queue.close({ graceMs: 5 });
    await environment.advance(5);
    expect(await ended(closed)).toBe(15);
  });

  it('with a longer one changes nothing', async () => {
    const { queue, environment, elapsed } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const worker = work(queue, { push: deaf });
    await environment.flush();
    const stopped = worker.stop({ graceMs: 100 }).then(elapsed);
    void worker.stop({ graceMs: 60_000 });
    await environment.advance(100);
    expect(await ended(stopped)).toBe(100);
    await worker.stop({ graceMs: 5 });
    expect(environment.timers).toBe(0);
  });
});

describe('stop', () => {
  it('answers the same promise the second time', async () => {
    const { queue, environment } = setScene(jobs);
    const worker = work(queue, { push: deaf });
    const first = worker.stop();
    expect(worker.stop({ graceMs: 0 })).toBe(first);
    await environment.flush();
    expect(worker.stop()).toBe(first);
    await ended(first);
  });

  it.each([
    [{ graceMs: -1 }, 'graceMs is -1'],
    [{ graceMs: Number.NaN }, 'graceMs is NaN'],
    [{ grace: 5 }, 'stop options is "grace"'],
    [null, 'stop options is null'],
  ])('rejects %o, and the worker goes on', async (options, message) => {
    const { queue, environment } = setScene(jobs);
    const ran: string[] = [];
    const worker = work(queue, { push: (word) => void ran.push(word) });
    await expect(worker.stop(options as never)).rejects.toThrow(message);
    await queue.enqueue('push', 'x');
    await environment.flush();
    expect(ran).toEqual(['x']);
  });
});

describe('a worker is stopped', () => {
  it('by the end of `await using`', async () => {
    const { queue, environment } = setScene(jobs);
    const done = latch();
    const scope = async () => {
      await using worker = work(queue, { push: deaf });
      expect(worker.id).not.toBe('');
      await done.promise;
    };
    const over = scope();
    await environment.flush();
    done.open();
    await environment.flush();
    await ended(over);
    expect(environment.timers).toBe(0);
  });

  it('by the abort of its signal, with the default grace', async () => {
    const { queue, environment } = setScene(jobs);
    const controller = new AbortController();
    const { id } = await queue.enqueue('push', 'x');
    work(queue, { push: untilAborted }, { signal: controller.signal });
    await environment.flush();
    controller.abort();
    await environment.advance(4_999);
    expect(await get(queue, id)).toMatchObject({ state: 'active' });
    await environment.advance(1);
    expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 0 });
    expect(environment.timers).toBe(0);
  });

  it('at once by a signal that was aborted before', async () => {
    const { queue, environment } = setScene(jobs);
    await queue.enqueue('push', 'x');
    let runs = 0;
    work(queue, { push: () => void runs++ }, { signal: AbortSignal.abort() });
    await environment.advance(60_000);
    expect(runs).toBe(0);
    expect(environment.timers).toBe(0);
  });
});
