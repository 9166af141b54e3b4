import { createEnqueuer, createQueue, job, memoryStore, StoreClosedError } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, ended, pass, setScene, untilAborted } from './scene.ts';

const jobs = { push: job<string>() };

describe('a queue that is closed', () => {
  it.each<[string, (queue: ReturnType<typeof setScene<typeof jobs>>['queue']) => unknown]>([
    ['enqueue', (queue) => queue.enqueue('push', 'x')],
    ['enqueueMany', (queue) => queue.enqueueMany([{ name: 'push', payload: 'x' }])],
    ['an empty enqueueMany', (queue) => queue.enqueueMany([])],
    ['prepare', (queue) => queue.prepare('push', 'x')],
    ['work', (queue) => queue.work({ push: deaf })],
    ['drain', (queue) => queue.drain({ push: deaf })],
    ['get', (queue) => queue.get('x')],
    ['list', (queue) => queue.list({ state: 'dead' })],
    ['count', (queue) => queue.count()],
    ['cancel', (queue) => queue.cancel('x')],
    ['redrive', (queue) => queue.redrive('x')],
    ['remove', (queue) => queue.remove('x')],
    ['pause', (queue) => queue.pause()],
    ['resume', (queue) => queue.resume()],
    ['hold', (queue) => queue.hold('push', 0)],
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
    queue.work({
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
    other.work({ push: (word) => ran.push(word) });
    await one.close();
    await other.enqueue('push', 'x');
    await environment.flush();
    expect(ran).toEqual(['x']);
    expect(await other.count()).toMatchObject({ completed: 1 });
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
    const wrong = { hourly: { name: 'push', payload: 'x', recurrence: 7 } } as never;
    expect(() => createQueue({ name: 'third', jobs, store, environment, schedules: wrong })).toThrow();
    await Promise.all([one.close(), other.close()]);
    expect(store.callsOf('close')).toBe(1);
  });

  it('refuse for themselves once they are closed, although the store is open', async () => {
    const { one, other } = open();
    await other.close();
    for (const call of [() => other.count(), () => other.get('x'), () => other.clear(), () => other.purge()])
      await expect(call()).rejects.toThrow('queue "mails" is closed');
    expect(await one.count()).toMatchObject({ pending: 0 });
  });

  it('may have one name: one queue, opened twice', async () => {
    const { one, store, environment } = open();
    const again = createQueue({ name: 'sync', jobs, store, environment });
    await one.enqueue('push', 'x');
    await one.close();
    expect(await again.count()).toMatchObject({ pending: 1 });
    const drained = again.drain({ push: () => undefined });
    await environment.flush();
    expect(await ended(drained)).toMatchObject({ completed: 1 });
  });

  it('may be a queue and an enqueuer', async () => {
    const { one, store, environment } = open();
    const enqueuer = createEnqueuer({ name: 'sync', jobs, store, environment });
    await enqueuer.close();
    await expect(enqueuer.enqueue('push', 'x')).rejects.toThrow('queue "sync" is closed');
    await one.enqueue('push', 'y');
    expect(await one.count()).toMatchObject({ pending: 1 });
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
    await expect(store.count({ queue: 'one' })).rejects.toMatchObject({ code: 'StoreClosed' });
  });
});
