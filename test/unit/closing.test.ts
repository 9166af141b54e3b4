import {
  cancel,
  clear,
  count,
  createQueue,
  drain,
  enqueueMany,
  get,
  hold,
  job,
  list,
  memoryStore,
  pause,
  prepare,
  purge,
  redrive,
  remove,
  resume,
  StoreClosedError,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { storeCalls } from '../../src/testing/store-calls.ts';
import { deaf, ended, pass, setScene, untilAborted } from './scene.ts';

const jobs = { push: job<string>() };

describe('a queue that is closed', () => {
  it.each<[string, (queue: ReturnType<typeof setScene<typeof jobs>>['queue']) => unknown]>([
    ['enqueue', (queue) => queue.enqueue('push', 'x')],
    ['enqueueMany', (queue) => enqueueMany(queue, [{ name: 'push', payload: 'x' }])],
    ['an empty enqueueMany', (queue) => enqueueMany(queue, [])],
    ['prepare', (queue) => prepare(queue, 'push', 'x')],
    ['work', (queue) => work(queue, { push: deaf })],
    ['drain', (queue) => drain(queue, { push: deaf })],
    ['get', (queue) => get(queue, 'x')],
    ['list', (queue) => list(queue, { state: 'dead' })],
    ['count', (queue) => count(queue)],
    ['cancel', (queue) => cancel(queue, 'x')],
    ['redrive', (queue) => redrive(queue, 'x')],
    ['remove', (queue) => remove(queue, 'x')],
    ['pause', (queue) => pause(queue)],
    ['resume', (queue) => resume(queue)],
    ['hold', (queue) => hold(queue, 'push', 0)],
  ])('refuses %s with StoreClosedError', async (_, act) => {
    const { queue } = setScene(jobs);
    await queue.close();
    const refused = (async () => act(queue))();
    await expect(refused).rejects.toThrow(/ is closed$/);
    await expect(refused).rejects.toBeInstanceOf(StoreClosedError);
    await expect(refused).rejects.toMatchObject({ code: 'StoreClosed' });
  });

  it('refuses from the call of close on, and what was enqueued before is stored', async () => {
    const { queue, store } = setScene(jobs);
    const letGo = store.holdNext('enqueue');
    const before = queue.enqueue('push', 'before');
    const closed = queue.close();
    await expect(queue.enqueue('push', 'after')).rejects.toThrow('queue "sync" is closed');
    letGo();
    expect(await before).toMatchObject({ status: 'enqueued' });
    await closed;
  });

  it('has stopped its workers: they get the grace, and what they have is given back', async () => {
    const { queue, environment, store } = setScene(jobs);
    for (const word of ['1', '2']) await queue.enqueue('push', word);
    work(queue, {
      push: (word, context) => (word === '1' ? pass(environment, 500) : untilAborted(word, context)),
    });
    await environment.flush();
    const closed = queue.close({ graceMs: 1_000 });
    await environment.advance(999);
    expect(store.callsOf('close')).toBe(0);
    await environment.advance(1);
    await ended(closed);
    const settled = store.calls.flatMap(({ method, request }) =>
      method === 'exchange' ? (request as { settle: { outcome: { kind: string } }[] }).settle : [],
    );
    expect(settled.map(({ outcome }) => outcome.kind)).toEqual(['complete', 'release']);
    expect(environment.timers).toBe(0);
  });

  it('has closed its store', async () => {
    const { queue, store } = setScene(jobs);
    await queue.close();
    expect(store.callsOf('close')).toBe(1);
    await expect(store.count({ queue: 'sync' })).rejects.toThrow('is closed');
  });

  it('is closed by the end of `await using`', async () => {
    const { queue, store } = setScene(jobs);
    {
      await using open = queue;
      await open.enqueue('push', 'x');
    }
    expect(store.callsOf('close')).toBe(1);
  });
});

describe('close', () => {
  it('answers the same promise the second time, and closes once', async () => {
    const { queue, store } = setScene(jobs);
    const first = queue.close();
    expect(queue.close({ graceMs: 0 })).toBe(first);
    await first;
    expect(queue.close()).toBe(first);
    expect(queue[Symbol.asyncDispose]()).toBe(first);
    expect(store.callsOf('close')).toBe(1);
  });

  it('rejects with what the store rejects with', async () => {
    const { queue, store } = setScene(jobs);
    const error = new Error('the disk is gone');
    store.failNext('close', error);
    await expect(queue.close()).rejects.toBe(error);
  });

  it.each([
    [{ graceMs: -1 }, 'graceMs is -1'],
    [{ grace: 5 }, 'close options is "grace"'],
    [null, 'close options is null'],
  ])('rejects %o, and the queue stays open', async (options, message) => {
    const { queue } = setScene(jobs);
    await expect(queue.close(options as never)).rejects.toThrow(message);
    expect(await queue.enqueue('push', 'x')).toMatchObject({ status: 'enqueued' });
  });
});

describe('two queues over one store object', () => {
  const open = () => {
    const { store, environment, queue: one } = setScene(jobs);
    const other = createQueue({ name: 'mails', jobs, store, environment });
    return { store, environment, one, other };
  };

  it('are closed one by one: the other goes on, with what it does and with what comes', async () => {
    const { one, other, environment, store } = open();
    const ran: string[] = [];
    work(other, { push: (word) => ran.push(word) });
    await one.close();
    await other.enqueue('push', 'x');
    await environment.flush();
    expect(ran).toEqual(['x']);
    expect(await count(other)).toMatchObject({ completed: 1 });
    expect(store.callsOf('close')).toBe(0);
  });

  it('close the store when the last of them is closed', async () => {
    const { one, other, store } = open();
    await Promise.all([one.close(), one.close()]);
    expect(store.callsOf('close')).toBe(0);
    await other.close();
    expect(store.callsOf('close')).toBe(1);
  });

  it('do not count on a queue that could not be made', async () => {
    const { one, other, store, environment } = open();
    expect(() => createQueue({ name: 'third', jobs, store, environment, ageing: 0 })).toThrow();
    await Promise.all([one.close(), other.close()]);
    expect(store.callsOf('close')).toBe(1);
  });

  it('refuse for themselves once they are closed, although the store is open', async () => {
    const { one, other } = open();
    await other.close();
    for (const call of [() => count(other), () => get(other, 'x'), () => clear(other), () => purge(other)])
      await expect(call()).rejects.toThrow('queue "mails" is closed');
    expect(await count(one)).toMatchObject({ pending: 0 });
  });

  it('may have one name: one queue, opened twice', async () => {
    const { one, store, environment } = open();
    const again = createQueue({ name: 'sync', jobs, store, environment });
    await one.enqueue('push', 'x');
    await one.close();
    expect(await count(again)).toMatchObject({ pending: 1 });
    const drained = drain(again, { push: () => undefined });
    await environment.flush();
    expect(await ended(drained)).toMatchObject({ completed: 1 });
  });

  it('are both closed with their store, when its owner closes that', async () => {
    const store = memoryStore();
    const queues = ['one', 'other'].map((name) => createQueue({ name, jobs, store }));
    await store.close();
    for (const queue of queues)
      await expect(queue.enqueue('push', 'x')).rejects.toMatchObject({ code: 'StoreClosed' });
    for (const queue of queues) await queue.close();
  });

  it('may share a store object that is frozen: then each closes it', async () => {
    const store = Object.freeze(memoryStore());
    const queue = createQueue({ name: 'one', jobs, store });
    await queue.enqueue('push', 'x');
    await queue.close();
    await expect(storeCalls(store).count({ queue: 'one' })).rejects.toMatchObject({ code: 'StoreClosed' });
  });
});
