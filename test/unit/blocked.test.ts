import { type StoreCalls, storeCalls } from '../../src/testing/store-calls.ts';
import 'fake-indexeddb/auto';
import { count, createQueue, job, StoreBlockedError, work } from 'holdfast';
import { createHoldfastStores, indexedDBStore } from 'holdfast/indexeddb';
import { fakeEnvironment } from 'holdfast/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { OpenTransactions } from '../../src/stores/indexeddb/open-transactions.ts';
import { claimOf, freshName, NOW, openDatabase, spec } from '../chromium/database.ts';
import { loseRow } from '../chromium/losing-rows.ts';
import { setScene } from './scene.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const jobs = { push: job<string>() };

/** A clock of which each armed timer fires when it is told to. */
function parts() {
  let armed = new Set<() => void>();
  return {
    setTimer(callback: () => void) {
      armed.add(callback);
      return () => armed.delete(callback);
    },
    /** Lets so many parts of a bound of ten go by. */
    async pass(count: number) {
      for (let i = 0; i < count; i++) {
        const due = armed;
        armed = new Set();
        for (const callback of due) callback();
        await fakeEnvironment().flush();
      }
    },
    get armed() {
      return armed.size;
    },
  };
}

/** Another tab in the middle of a write, which is frozen: returns what thaws it. */
async function frozenTab(name: string): Promise<() => Promise<void>> {
  const database = await openDatabase(name, createHoldfastStores, 3);
  const transaction = database.transaction([...database.objectStoreNames], 'readwrite');
  const over = new Promise<void>((resolve) => transaction.addEventListener('complete', () => resolve()));
  let frozen = true;
  const stay = () => {
    if (frozen) transaction.objectStore('holdfast.spare').get(0).onsuccess = stay;
  };
  stay();
  return async () => {
    frozen = false;
    await over;
    database.close();
  };
}

const blocked = {
  code: 'StoreBlocked',
  retryable: true,
  message: expect.stringContaining('seems to be frozen'),
};

describe('a call whose transaction stands still, as another tab is frozen', () => {
  it('rejects after the bound, retryable, and has done nothing; afterwards the store goes on', async () => {
    const [name, clock] = [freshName(), parts()];
    const thaw = await frozenTab(name);
    const store = storeCalls(indexedDBStore(name, { setTimer: clock.setTimer }));
    const notices: unknown[] = [];
    store.onNotice?.((notice) => notices.push(notice));
    const answer = Promise.allSettled([store.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW)]);
    const state = vi.fn();
    void answer.then(state);
    await vi.waitFor(() => expect(clock.armed).toBe(1));
    await clock.pass(9);
    expect(state).not.toHaveBeenCalled();
    await clock.pass(3);
    expect(await answer).toMatchObject([{ status: 'rejected', reason: blocked }]);
    expect(notices).toContainEqual({ kind: 'blocked', waitedMs: 10_000 });
    await thaw();
    expect(await store.count({ queue: 'q' })).toMatchObject({ pending: 0 });
    expect(await store.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW)).toMatchObject([
      { status: 'enqueued' },
    ]);
    await store.close();
    expect(clock.armed).toBe(0);
  });

  it.each([
    ['a claim', (store: StoreCalls) => store.exchange(claimOf('worker'), NOW)],
    ['a look', (store: StoreCalls) => store.count({ queue: 'q' })],
  ])('rejects whatever it is: %s', async (_, call) => {
    const [name, clock] = [freshName(), parts()];
    const thaw = await frozenTab(name);
    const store = storeCalls(indexedDBStore(name, { setTimer: clock.setTimer }));
    const answer = Promise.allSettled([call(store)]);
    await vi.waitFor(() => expect(clock.armed).toBe(1));
    await clock.pass(12);
    expect(await answer).toMatchObject([{ status: 'rejected', reason: blocked }]);
    await thaw();
    await store.close();
  });

  it('rejects also when it looks for a row that the browser cannot read', async () => {
    const [name, clock] = [freshName(), parts()];
    const store = storeCalls(indexedDBStore(name, { setTimer: clock.setTimer }));
    await store.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW);
    await clock.pass(2);
    loseRow(name, 'holdfast.queues', 'q');
    const answer = Promise.allSettled([store.count({ queue: 'q' })]);
    const over = vi.fn();
    void answer.then(over);
    // It looks at the row, and some time later again: meanwhile the other tab is frozen.
    await vi.waitFor(() => expect(clock.armed).toBe(2));
    const thaw = await frozenTab(name);
    for (let i = 0; i < 30; i++) {
      await clock.pass(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(over).toHaveBeenCalled();
    expect(await answer).toMatchObject([{ status: 'rejected', reason: blocked }]);
    await thaw();
    const again = store.count({ queue: 'q' });
    await vi.waitFor(() => expect(clock.armed).toBe(2));
    await clock.pass(1);
    expect(await again).toMatchObject({ pending: 1 });
    await store.close();
  });

  it('is an event of its queue, and the worker tries again until the other tab is awake', async () => {
    const [name, clock, environment] = [freshName(), parts(), fakeEnvironment()];
    const store = indexedDBStore(name, { setTimer: clock.setTimer, blockedAfterMs: 5_000 });
    const queue = createQueue({ name: 'sync', jobs, store, environment });
    const events: unknown[] = [];
    queue.on('store:blocked', (event) => events.push(event));
    queue.on('worker:error', ({ error }) => events.push(error));
    await queue.enqueue('push', 'x');
    const thaw = await frozenTab(name);
    const done = vi.fn();
    work(queue, { push: done });
    await vi.waitFor(async () => {
      await environment.flush();
      expect(clock.armed).toBe(1);
    });
    await clock.pass(12);
    expect(events).toMatchObject([{ queue: 'sync', waitedMs: 5_000 }, blocked]);
    await thaw();
    await environment.advance(250);
    await vi.waitFor(async () => {
      await environment.flush();
      expect(done).toHaveBeenCalledTimes(1);
    });
    expect(events).toHaveLength(2);
    const closed = vi.fn();
    void queue.close().then(closed);
    await vi.waitFor(async () => {
      await environment.flush();
      expect(closed).toHaveBeenCalled();
    });
  });

  it('may have been done: an enqueue is tried once more under its id, and is one job', async () => {
    const { queue, store } = setScene(jobs);
    const stands = new StoreBlockedError('notes', 'stood still');
    store.failNext('enqueue', stands, { after: true });
    expect(await queue.enqueue('push', 'x')).toMatchObject({ status: 'enqueued' });
    expect(await count(queue)).toMatchObject({ pending: 1 });
    store.failNext('enqueue', stands, { times: 2 });
    await expect(queue.enqueue('push', 'y')).rejects.toMatchObject({ code: 'StoreBlocked', retryable: true });
    expect(await count(queue)).toMatchObject({ pending: 1 });
    await queue.close();
  });

  it.each([0, 999, Number.NaN, Number.POSITIVE_INFINITY, '5000'])(
    'is waited for at least a second: %o is refused',
    (ms) => {
      const options = { blockedAfterMs: ms as number };
      expect(() => indexedDBStore('notes', options)).toThrow(
        /blockedAfterMs is .*: expected a number of ms, 1000 or more/,
      );
    },
  );
});

/** A transaction whose answers come when it is told to. */
function transaction({ commits = false } = {}) {
  const events = new EventTarget();
  const abort = vi.fn(() => {
    if (commits) throw new DOMException('it is committing', 'InvalidStateError');
  });
  return Object.assign(events, { abort }) as unknown as IDBTransaction & { readonly abort: typeof abort };
}
const answers = (to: IDBTransaction) => to.dispatchEvent(new Event('success'));
const never = new Promise<never>(() => {});

describe('a transaction', () => {
  function scene() {
    const clock = parts();
    const onBlocked = vi.fn();
    const open = new OpenTransactions({
      database: 'notes',
      blockedAfterMs: 10_000,
      setTimer: clock.setTimer,
      onBlocked,
    });
    const failed: unknown[] = [];
    const begin = (one: IDBTransaction, answer: Promise<unknown> = never) =>
      void open.until(one, answer).catch((error) => failed.push([one, error]));
    return { clock, open, onBlocked, failed, begin };
  }

  it('that gets answers is waited for, however long it takes', async () => {
    const { clock, onBlocked, begin } = scene();
    const large = transaction();
    begin(large);
    for (let i = 0; i < 20; i++) {
      await clock.pass(9);
      answers(large);
    }
    expect(onBlocked).not.toHaveBeenCalled();
  });

  it('that waits for its turn behind others of this page is waited for as long as those move or end', async () => {
    const { clock, onBlocked, begin } = scene();
    const first = transaction();
    begin(first);
    let end = () => {};
    begin(transaction(), new Promise<void>((resolve) => (end = resolve)));
    begin(transaction());
    await clock.pass(9);
    answers(first);
    await clock.pass(9);
    end();
    answers(first);
    await clock.pass(9);
    expect(onBlocked).not.toHaveBeenCalled();
  });

  it('that stands still is given up, whatever later ones do: those need not wait for it', async () => {
    const { clock, failed, begin } = scene();
    const still = transaction();
    begin(still);
    const later = transaction();
    begin(later);
    for (let i = 0; i < 12; i++) {
      answers(later);
      await clock.pass(1);
    }
    expect(failed).toMatchObject([[still, blocked]]);
    expect(still.abort).toHaveBeenCalledTimes(1);
    expect(later.abort).not.toHaveBeenCalled();
  });

  it('that commits already cannot be aborted: its call rejects all the same', async () => {
    const { clock, failed, begin } = scene();
    begin(transaction({ commits: true }));
    await clock.pass(12);
    expect(failed).toMatchObject([[{}, blocked]]);
  });

  it('is aborted when the page freezes, unless it commits: its call has done nothing then', async () => {
    const { open, failed, begin } = scene();
    const [one, committing] = [transaction(), transaction({ commits: true })];
    begin(one);
    begin(committing);
    open.freeze();
    await Promise.resolve();
    expect(failed).toMatchObject([[one, { code: 'StoreBlocked', retryable: true }]]);
  });

  it('costs no timer once all have ended', async () => {
    const { clock, begin } = scene();
    begin(transaction(), Promise.resolve());
    await clock.pass(2);
    expect(clock.armed).toBe(0);
  });

  it('that stands still when its store is closed is given up as well: nobody waits without end', async () => {
    const { clock, open, failed, begin } = scene();
    const still = transaction();
    begin(still);
    open.close();
    await clock.pass(12);
    expect(failed).toMatchObject([[still, blocked]]);
    expect(clock.armed).toBe(0);
  });
});
