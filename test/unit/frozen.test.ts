import { storeCalls } from '../../src/testing/store-calls.ts';
import 'fake-indexeddb/auto';
import { count, createQueue, get, job, type Store, work } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { fakeEnvironment } from 'holdfast/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { claimOf, freshName, NOW, spec } from '../chromium/database.ts';

const jobs = { push: job<string>() };
const enqueueOf = (id: string) => ({ queue: 'q', jobs: [spec(id)] });

let page: EventTarget;
let begun: string[];
/** Called once the call that begins a transaction is made. */
let onBegin: () => unknown;
let armed: Set<() => void>;
let document: EventTarget & { visibilityState: string; prerendering: boolean };

/** A page, and the transactions over jobs that it begins, as they are asked for. */
beforeEach(() => {
  page = new EventTarget();
  begun = [];
  onBegin = () => undefined;
  armed = new Set();
  document = Object.assign(new EventTarget(), { visibilityState: 'hidden', prerendering: false });
  vi.stubGlobal('document', document);
  for (const method of ['addEventListener', 'removeEventListener'] as const)
    vi.stubGlobal(method, page[method].bind(page));
  const { transaction } = IDBDatabase.prototype;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...given) {
    if (String(given[0]).includes('holdfast.jobs')) begun.push(given[1] ?? 'readonly');
    void Promise.resolve().then(onBegin);
    return Reflect.apply(transaction, this, given);
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const setTimer = (callback: () => void) => {
  armed.add(callback);
  return () => armed.delete(callback);
};
const on = (type: string, more = {}) => page.dispatchEvent(Object.assign(new Event(type), more));
const open = () => indexedDBStore(freshName(), { setTimer });

/** A queue on a clock of its own, over a store that was used before: so it hears of its page. */
async function scene() {
  const store = open();
  const environment = fakeEnvironment();
  const queue = createQueue({ name: 'sync', jobs, store, environment });
  await count(queue);
  const until = (wanted: () => void) =>
    vi.waitFor(async () => {
      await environment.flush();
      wanted();
    });
  return { store, queue, environment, until };
}

describe('a page that is frozen', () => {
  it('begins nothing until it is awake: an enqueue waits, and carries the instant at which it goes', async () => {
    const { queue, environment, until } = await scene();
    begun.splice(0);
    on('freeze');
    const enqueued = vi.fn();
    void queue.enqueue('push', 'x').then(enqueued);
    await environment.flush();
    environment.jump(3_600_000);
    await environment.flush();
    expect(begun).toEqual([]);
    on('resume');
    await until(() => expect(enqueued).toHaveBeenCalled());
    const [[{ id }]] = enqueued.mock.calls as [[{ readonly id: string }]];
    expect(await get(queue, id)).toMatchObject({ enqueuedAt: environment.now() });
  });

  it('carries the instant at which it goes also where it waits for its database to open', async () => {
    const environment = fakeEnvironment();
    const queue = createQueue({ name: 'sync', jobs, store: open(), environment });
    document.visibilityState = 'visible';
    const enqueued = queue.enqueue('push', 'x');
    for (let turns = 0; turns < 50; turns += 1) await Promise.resolve();
    environment.jump(3_600_000);
    const { id } = await enqueued;
    expect(await get(queue, id)).toMatchObject({ enqueuedAt: environment.now() });
  });

  it('keeps its worker from claiming, extending and settling, and emits no error for it', async () => {
    const { queue, environment, until } = await scene();
    const errors = vi.fn();
    queue.on('worker:error', errors);
    await queue.enqueue('push', 'x');
    let end = () => {};
    const push = () => new Promise<void>((resolve) => (end = resolve));
    work(queue, { push });
    await until(() => expect(end).not.toBe(push));
    await until(() => expect(begun.length).toBeGreaterThan(2));
    await vi.waitFor(async () => expect(await count(queue)).toMatchObject({ active: 1 }));
    begun.splice(0);
    on('freeze');
    end();
    await environment.flush();
    expect(begun).toEqual([]);
    on('resume');
    await vi.waitFor(async () => {
      await environment.flush();
      expect(await count(queue)).toMatchObject({ active: 0, completed: 1 });
    });
    expect(errors).not.toHaveBeenCalled();
  });

  it('aborts what is open, which has done nothing then: a look is made again, an enqueue goes again', async () => {
    const { queue, store, environment, until } = await scene();
    document.visibilityState = 'visible';
    const answers = vi.fn();
    begun.splice(0);
    onBegin = () => begun.length === 3 && on('freeze');
    void queue.enqueue('push', 'x').then(() => answers('enqueued'));
    const claimed = Promise.allSettled([storeCalls(store).exchange(claimOf('worker'), NOW)]);
    void count(queue).then(({ pending }) => answers(pending));
    expect(await claimed).toMatchObject([{ reason: { code: 'StoreBlocked', retryable: true } }]);
    await environment.flush();
    expect(begun.toSorted()).toEqual(['readonly', 'readwrite', 'readwrite']);
    expect(answers).not.toHaveBeenCalled();
    on('resume');
    await until(() => expect(answers).toHaveBeenCalledTimes(2));
    expect(await count(queue)).toMatchObject({ pending: 1, active: 0 });
  });

  it('refuses what is called all the same, retryable: nothing was done', async () => {
    const store = storeCalls(open());
    await store.count({ queue: 'q' });
    on('freeze');
    const refused = { code: 'StoreBlocked', retryable: true, message: expect.stringContaining('frozen') };
    await expect(store.exchange(claimOf('worker'), NOW)).rejects.toMatchObject(refused);
    await expect(store.enqueue(enqueueOf('x'), NOW)).rejects.toMatchObject(refused);
    await store.close();
  });

  it.each([
    ['resume', () => on('resume')],
    ['pageshow', () => on('pageshow')],
    [
      'becoming visible',
      () => on('visibilitychange', Object.assign(document, { visibilityState: 'visible' }) && {}),
    ],
    ['a timer that fires, as frozen pages have none', () => armed.forEach((fire) => void fire())],
  ])('is awake again by %s', async (_, wake) => {
    const store = storeCalls(open());
    await store.count({ queue: 'q' });
    on('freeze');
    expect(store.untilAwake?.('work')).toBeInstanceOf(Promise);
    wake();
    expect(store.untilAwake?.('work')).toBeUndefined();
    expect(await store.enqueue(enqueueOf('x'), NOW)).toMatchObject([{ status: 'enqueued' }]);
    await store.close();
  });
});

describe('a page that goes into the back/forward cache', () => {
  it('still enqueues, and claims nothing', async () => {
    const store = storeCalls(open());
    await store.count({ queue: 'q' });
    on('pagehide', { persisted: true });
    expect(await store.enqueue(enqueueOf('x'), NOW)).toMatchObject([{ status: 'enqueued' }]);
    await expect(store.exchange(claimOf('worker'), NOW)).rejects.toMatchObject({ code: 'StoreBlocked' });
    on('pageshow');
    expect((await store.exchange(claimOf('worker'), NOW)).jobs).toHaveLength(1);
    await store.close();
  });

  it('that is not kept, but gone, does as before whatever it still can', async () => {
    const store = storeCalls(open());
    await store.enqueue(enqueueOf('x'), NOW);
    on('pagehide', { persisted: false });
    expect((await store.exchange(claimOf('worker'), NOW)).jobs).toHaveLength(1);
    await store.close();
  });
});

describe('a page that is prerendered', () => {
  let store: Store;
  const done = vi.fn();
  beforeEach(() => {
    document.prerendering = true;
    store = open();
    done.mockClear();
  });

  it('enqueues, and works from its activation on', async () => {
    const environment = fakeEnvironment();
    const queue = createQueue({ name: 'sync', jobs, store, environment });
    work(queue, { push: done });
    await queue.enqueue('push', 'x');
    expect(store.untilAwake?.('work')).toBeInstanceOf(Promise);
    expect(store.untilAwake?.('enqueue')).toBeUndefined();
    for (let i = 0; i < 20; i++) {
      await environment.advance(1_000);
      expect(await count(queue)).toMatchObject({ pending: 1 });
    }
    document.prerendering = false;
    document.dispatchEvent(new Event('prerenderingchange'));
    await vi.waitFor(async () => {
      await environment.flush();
      expect(done).toHaveBeenCalledTimes(1);
    });
  });

  it('whose worker is stopped before that: it is over, and has begun nothing', async () => {
    const queue = createQueue({ name: 'sync', jobs, store });
    const worker = work(queue, { push: done });
    await queue.enqueue('push', 'x');
    await worker.stop();
    expect(done).not.toHaveBeenCalled();
    await queue.close();
  });
});
