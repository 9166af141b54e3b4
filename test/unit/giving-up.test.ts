import { count, drain, job, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, ended, lostConnection, pass, setScene } from './scene.ts';

const jobs = { push: job<string>() };

describe('a worker that stops while the store fails', () => {
  it('gives up after a while, and leaves no timer', async () => {
    const { queue, environment, store } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const worker = work(queue, { push: () => void store.failAll(lostConnection()) });
    await environment.flush();
    const stopped = worker.stop();
    await environment.advance(60_000);
    await ended(stopped);
    expect(environment.timers).toBe(0);
  });

  it('does not give up at once, however many of its handlers end', async () => {
    const { queue, environment, store } = setScene(jobs);
    for (let i = 0; i < 10; i++) await queue.enqueue('push', `${i}`);
    const worker = work(queue, { push: (word) => pass(environment, 10 + Number(word)) }, { concurrency: 10 });
    await environment.flush();
    const up = store.failAll(lostConnection());
    const stopped = worker.stop();
    await environment.advance(100);
    up();
    await environment.advance(5_000);
    await ended(stopped);
    expect(await count(queue)).toMatchObject({ completed: 10, active: 0 });
  });

  it('aborts the handlers that still run when it gives up', async () => {
    const { queue, environment, store } = setScene(jobs);
    await queue.enqueue('push', 'x');
    let reason: unknown;
    const worker = work(queue, {
      push: (_, { signal }) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
        });
        return deaf();
      },
    });
    await environment.flush();
    store.failAll(lostConnection());
    const stopped = worker.stop({ graceMs: 1_000 });
    await environment.advance(120_000);
    await ended(stopped);
    expect(reason).toMatchObject({ code: 'WorkerStopped' });
    expect(environment.timers).toBe(0);
  });

  it('extends no lease afterwards: what it could not write runs again elsewhere', async () => {
    const { queue, environment, store } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const goes: (() => void)[] = [];
    const worker = work(queue, { push: () => void goes.push(store.failAll(lostConnection())) });
    const letGo = store.holdNext('extend');
    await environment.advance(10_000);
    const stopped = worker.stop();
    await environment.advance(15_000);
    await ended(stopped);
    letGo();
    for (const up of goes) up();
    await environment.advance(60_000);
    expect(store.callsOf('extend')).toBe(1);
    const drained = drain(queue, { push: () => {} });
    await environment.flush();
    expect(await ended(drained)).toMatchObject({ completed: 1 });
  });

  it('gives up only after failures of its own: those before the stop do not count', async () => {
    const { queue, environment, store } = setScene(jobs);
    await queue.enqueue('push', 'x');
    const ups: (() => void)[] = [];
    const worker = work(queue, { push: () => void ups.push(store.failAll(lostConnection())) });
    await environment.advance(60_000);
    const stopped = worker.stop();
    await environment.advance(500);
    for (const up of ups) up();
    await environment.advance(1_000);
    await ended(stopped);
    expect(await count(queue)).toMatchObject({ completed: 1, active: 0 });
  });

  it('does not give up while handlers run and have their grace', async () => {
    const { queue, environment, store } = setScene(jobs);
    await queue.enqueue('push', 'short');
    await queue.enqueue('push', 'long');
    const worker = work(queue, { push: (word) => pass(environment, word === 'short' ? 10 : 20_000) });
    await environment.flush();
    const up = store.failAll(lostConnection());
    const stopped = worker.stop({ graceMs: 60_000 });
    await environment.advance(15_000);
    up();
    await environment.advance(45_000);
    await ended(stopped);
    expect(await count(queue)).toMatchObject({ completed: 2, active: 0 });
  });

  it('gives up only after failures in a row: an answer begins the count anew', async () => {
    const { queue, environment, store } = setScene(jobs);
    await queue.enqueue('push', 'x', { delayMs: 60_000 });
    const up = store.failAll(lostConnection());
    const worker = work(queue, { push: () => pass(environment, 60_000) });
    await environment.advance(60_000);
    up();
    await environment.advance(31_000);
    expect(await count(queue)).toMatchObject({ active: 1 });
    const stopped = worker.stop();
    store.failNext('exchange', lostConnection(), { times: 2 });
    await environment.advance(30_000);
    await ended(stopped);
    expect(await count(queue)).toMatchObject({ active: 0, pending: 1 });
  });
});
