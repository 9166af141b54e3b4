import { storeCalls } from '../../src/testing/store-calls.ts';
import 'fake-indexeddb/auto';
import { createQueue, drain, type Hint, job, result, results, type Store, watch, work } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { claimOf, freshName, NOW, spec } from '../chromium/database.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const jobs = { push: job<string>() };

describe('hints of a page', () => {
  const page = new EventTarget();
  let heard: Hint[];
  let visibility: string;
  let store: Store;

  beforeEach(() => {
    heard = [];
    visibility = 'visible';
    vi.stubGlobal('document', {
      get visibilityState() {
        return visibility;
      },
    });
    for (const method of ['addEventListener', 'removeEventListener'] as const)
      vi.stubGlobal(method, page[method].bind(page));
    store = indexedDBStore(freshName());
    store.onHint?.('q', (hint) => heard.push(hint));
  });
  afterEach(() => store.close());

  it('that becomes visible: there may be work', () => {
    page.dispatchEvent(new Event('visibilitychange'));
    expect(heard).toEqual(['online']);
  });

  it('that becomes hidden: none, as it may be frozen in the middle of what that would begin', () => {
    visibility = 'hidden';
    page.dispatchEvent(new Event('visibilitychange'));
    expect(heard).toEqual([]);
  });

  it('that is hidden and hears that it is online, or goes on after a freeze: there may be work', () => {
    visibility = 'hidden';
    for (const type of ['online', 'resume', 'pageshow']) page.dispatchEvent(new Event(type));
    expect(heard).toEqual(['online', 'online', 'online']);
  });
});

describe('a page that goes into the back/forward cache', () => {
  it('hears no messages there, which would drop it, still sends its own, and hears them when it is back', async () => {
    const page = new EventTarget();
    for (const method of ['addEventListener', 'removeEventListener'] as const)
      vi.stubGlobal(method, page[method].bind(page));
    const name = freshName();
    const store = storeCalls(indexedDBStore(name));
    const heard: Hint[] = [];
    store.onHint?.('q', (hint) => heard.push(hint));
    vi.unstubAllGlobals(); // The other is in a page of its own.
    const other = storeCalls(indexedDBStore(name));
    const heardThere: Hint[] = [];
    other.onHint?.('q', (hint) => heardThere.push(hint));
    const enqueue = (into: typeof store, id: string) => into.enqueue({ queue: 'q', jobs: [spec(id)] }, NOW);

    page.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }));
    await enqueue(store, 'a');
    await vi.waitFor(() => expect(heardThere).toEqual(['work']));
    await enqueue(other, 'b');
    page.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
    expect(heard).toEqual(['online']);
    await enqueue(other, 'c');
    await vi.waitFor(() => expect(heard).toEqual(['online', 'work']));
    await Promise.all([store.close(), other.close()]);
  });
});

describe('a platform that refuses a channel', () => {
  const insecure = () => new DOMException('The operation is insecure.', 'SecurityError');
  const refusing = class {
    constructor() {
      throw insecure();
    }
  };
  const failing = class {
    postMessage() {
      throw insecure();
    }
    close() {
      throw insecure();
    }
  };

  it.each([
    ['at once', refusing],
    ['whenever it is used', failing],
    ['as it has none', undefined],
  ])('%s: a worker runs, views and results are heard of, and nothing is thrown', async (_, channel) => {
    vi.stubGlobal('BroadcastChannel', channel);
    const queue = createQueue({ name: 'sync', jobs, store: indexedDBStore(freshName()), use: [results()] });
    const off = watch(queue).subscribe(() => undefined);
    const worker = work(queue, { push: (text) => text.length });
    const { id } = await queue.enqueue('push', 'four', { keepResultMs: 60_000 });
    expect(await result(queue, id)).toBe(4);
    expect(await drain(queue, { push: () => 0 })).toMatchObject({ completed: 0 });
    await worker.stop();
    off();
    await queue.close();
  });
});

describe("a watcher of a worker's life", () => {
  it('that cannot let go of what it was given, as it is frozen, does not hide the end from others', async () => {
    const name = freshName();
    const open = () => storeCalls(indexedDBStore(name));
    const [owner, frozen, other] = [open(), open(), open()];
    await owner.enqueue({ queue: 'q', jobs: [spec('x')] }, NOW);
    const letGo = await owner.signOfLife?.('worker');
    await owner.exchange(claimOf('worker'), NOW);

    const real = navigator.locks.request.bind(navigator.locks);
    const request = vi.spyOn(navigator.locks, 'request');
    request.mockImplementation(((lock: string, options: LockOptions, granted: LockGrantedCallback<unknown>) =>
      real(lock, options, (given) => {
        void granted(given);
        return given === null ? undefined : new Promise(() => {});
      })) as typeof real);
    const look = { queue: 'q', limit: 10 };
    await frozen.reclaim(look, NOW + 1);
    request.mockRestore();

    const gone = new Promise((resolve) => {
      other.onHint?.('q', (hint) => hint === 'gone' && resolve(hint));
    });
    await other.reclaim(look, NOW + 1);
    letGo?.();
    expect(await gone).toBe('gone');
    expect(await other.reclaim(look, NOW + 1)).toMatchObject({ reclaimed: ['x'] });
    await Promise.all([owner.close(), frozen.close(), other.close()]);
  });
});
