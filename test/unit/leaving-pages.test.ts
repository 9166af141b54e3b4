import 'fake-indexeddb/auto';
import { abandon, clear, count, createQueue, drain, explain, flows, get, job, keys, list } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { type FakeEnvironment, fakeEnvironment } from 'holdfast/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freshName } from '../chromium/database.ts';

const jobs = { push: job<string>() };

let page: EventTarget;
let document: EventTarget & { visibilityState: string };
/** The object stores of each transaction that writes, as they are asked for. */
let begun: string[];
/** So many transactions that write the page still gets to begin. */
let left: number;

beforeEach(() => {
  page = new EventTarget();
  document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  begun = [];
  left = Number.POSITIVE_INFINITY;
  vi.stubGlobal('document', document);
  for (const method of ['addEventListener', 'removeEventListener'] as const)
    vi.stubGlobal(method, page[method].bind(page));
  const { transaction } = IDBDatabase.prototype;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...given) {
    if (given[1] === 'readwrite') {
      if (left === 0) throw new DOMException('the page is gone', 'AbortError');
      left -= 1;
      begun.push([given[0]].flat().join(' ').replaceAll('holdfast.', ''));
    }
    return Reflect.apply(transaction, this, given);
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A queue that was used before, so that it hears of its page. */
async function scene(more: object = {}) {
  const name = freshName();
  const environment = fakeEnvironment();
  const open = (rest: object = {}) =>
    createQueue({ name: 'sync', jobs, store: indexedDBStore(name), environment, ...rest });
  const queue = open(more);
  await count(queue);
  begun.splice(0);
  return {
    queue,
    environment,
    /** Another page over the same database, once this one is gone. */
    elsewhere(rest?: object) {
      left = Number.POSITIVE_INFINITY;
      document.visibilityState = 'visible';
      return open(rest);
    },
  };
}

const pagehide = (persisted = false) =>
  page.dispatchEvent(Object.assign(new Event('pagehide'), { persisted }));

/** The page is hidden, and gone after so many more transactions that write. */
const hide = (more = Number.POSITIVE_INFINITY) => {
  document.visibilityState = 'hidden';
  left = more;
};

/** As soon as the page has begun so many transactions that write: none of their requests is answered by then. */
async function hasBegun(many: number) {
  for (let turns = 0; begun.length < many && turns < 1_000; turns += 1) await Promise.resolve();
  expect(begun).toHaveLength(many);
}

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

const payloads = async (queue: Parameters<typeof list>[0]) =>
  (await list(queue, { state: 'pending' })).jobs.map(({ payload }) => payload);

/** Runs what waits; answers what ran. */
async function ran(queue: Awaited<ReturnType<typeof scene>>['queue'], environment: FakeEnvironment) {
  const texts: string[] = [];
  const isOver = vi.fn();
  void drain(queue, { push: async (text) => void texts.push(text) }).then(isOver);
  const step = async () => {
    await environment.flush();
    expect(isOver).toHaveBeenCalled();
  };
  await vi.waitFor(step, { interval: 1 });
  return texts;
}

describe('what a hidden page enqueues', () => {
  it('is stored by its first transaction, which reads nothing', async () => {
    const { queue, elsewhere } = await scene();
    hide(1);
    await outcome(queue.enqueue('push', 'last words'));
    expect(begun).toEqual(['unsorted']);
    expect(await payloads(elsewhere())).toEqual(['last words']);
  });

  it.each([
    ['in pagehide', () => pagehide()],
    ['in pagehide of a page that may come back', () => pagehide(true)],
  ])('%s is stored so, too', async (_when, happens) => {
    const { queue, elsewhere } = await scene();
    happens();
    left = 1;
    await outcome(queue.enqueue('push', 'last words'));
    expect(begun).toEqual(['unsorted']);
    expect(await payloads(elsewhere())).toEqual(['last words']);
  });

  it('is shown to whoever reads: counted, listed, found and explained', async () => {
    const { queue, elsewhere } = await scene();
    hide(1);
    await outcome(queue.enqueue('push', 'x', { id: 'mine' }));
    expect(await count(elsewhere())).toMatchObject({ pending: 1 });
    hide(1);
    await outcome(queue.enqueue('push', 'y', { id: 'other' }));
    expect(await get(elsewhere(), 'other')).toMatchObject({ id: 'other', state: 'pending' });
    hide(1);
    await outcome(queue.enqueue('push', 'z', { id: 'third' }));
    expect(await explain(elsewhere(), 'third')).toBeDefined();
    expect(await payloads(elsewhere())).toEqual(['x', 'y', 'z']);
  });

  it('is run by whoever works, once', async () => {
    const { queue, elsewhere, environment } = await scene();
    hide(1);
    await outcome(queue.enqueue('push', 'x'));
    const other = elsewhere();
    expect(await ran(other, environment)).toEqual(['x']);
    expect(await ran(other, environment)).toEqual([]);
  });

  it('keeps its order, that of one task in one transaction', async () => {
    const { queue, elsewhere } = await scene();
    hide(1);
    const calls = ['a', 'b', 'c'].map((text) => outcome(queue.enqueue('push', text)));
    await Promise.all(calls);
    expect(begun).toEqual(['unsorted']);
    expect(await payloads(elsewhere())).toEqual(['a', 'b', 'c']);
  });

  it('is answered as ever where the page lives on', async () => {
    const { queue } = await scene();
    hide();
    expect(await queue.enqueue('push', 'x', { id: 'a' })).toEqual({ id: 'a', status: 'enqueued' });
    expect(await queue.enqueue('push', 'x', { id: 'a' })).toEqual({ id: 'a', status: 'duplicate' });
    const once = { idempotencyKey: 'once', onDuplicate: 'replace' } as const;
    const { id } = await queue.enqueue('push', 'y', once);
    expect(await queue.enqueue('push', 'z', once)).toMatchObject({ id, status: 'replaced' });
    expect(await payloads(queue)).toEqual(['x', 'z']);
  });

  it('is one job under its id, and the newest text under its key, whoever sorts it in', async () => {
    const { queue, elsewhere } = await scene();
    await queue.enqueue('push', 'first', { id: 'a' });
    const replace = { idempotencyKey: 'note', onDuplicate: 'replace' } as const;
    await queue.enqueue('push', 'old', replace);
    hide(1);
    await Promise.all([
      outcome(queue.enqueue('push', 'again', { id: 'a' })),
      outcome(queue.enqueue('push', 'new', replace)),
    ]);
    expect(await payloads(elsewhere())).toEqual(['first', 'new']);
  });

  it('is not enqueued again by its page when others have sorted it in and run it meanwhile', async () => {
    const { queue, elsewhere, environment } = await scene();
    hide();
    const enqueued = queue.enqueue('push', 'x');
    await hasBegun(1);
    page.dispatchEvent(new Event('freeze'));
    const other = elsewhere();
    expect(await ran(other, environment)).toEqual(['x']);
    page.dispatchEvent(new Event('resume'));
    expect(await enqueued).toMatchObject({ status: 'enqueued' });
    expect(await ran(other, environment)).toEqual([]);
  });

  it('is answered by who holds its key when others have sorted it in meanwhile', async () => {
    const { queue, elsewhere } = await scene();
    const once = { idempotencyKey: 'once', onDuplicate: 'replace' } as const;
    const { id } = await queue.enqueue('push', 'old', once);
    begun.splice(0);
    hide();
    const enqueued = queue.enqueue('push', 'new', once);
    await hasBegun(1);
    page.dispatchEvent(new Event('freeze'));
    expect(await payloads(elsewhere())).toEqual(['new']);
    page.dispatchEvent(new Event('resume'));
    expect(await enqueued).toEqual({ id, status: 'replaced' });
    expect(await payloads(queue)).toEqual(['new']);
  });

  it('is told to others once its page is left, and not before: until then it sorts in itself', async () => {
    const { queue, elsewhere } = await scene();
    const told = vi.spyOn(BroadcastChannel.prototype, 'postMessage');
    const gone = () => told.mock.calls.filter(([message]) => message.hint === 'gone').length;
    hide();
    await queue.enqueue('push', 'x');
    expect(gone()).toBe(0);
    pagehide();
    left = 1;
    await outcome(queue.enqueue('push', 'y'));
    expect(gone()).toBeGreaterThan(0);
    expect(await payloads(elsewhere())).toEqual(['x', 'y']);
  });

  it('and is refused is taken back: nobody sorts it in', async () => {
    const { queue, elsewhere } = await scene({ maxDepth: 1 });
    await queue.enqueue('push', 'x');
    hide();
    expect(await outcome(queue.enqueue('push', 'too many'))).toMatchObject({ code: 'QueueFull' });
    expect(await payloads(elsewhere())).toEqual(['x']);
  });

  it('is past a limit that it was not asked about, as it is accepted', async () => {
    const { queue, elsewhere } = await scene({ maxDepth: 1 });
    await queue.enqueue('push', 'x');
    hide(1);
    await outcome(queue.enqueue('push', 'accepted'));
    expect(await payloads(elsewhere({ maxDepth: 1 }))).toEqual(['x', 'accepted']);
  });

  it('goes the usual way when it cannot be stored so', async () => {
    const { queue } = await scene();
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(() => {
      throw new DOMException('no room', 'QuotaExceededError');
    });
    hide();
    expect(await queue.enqueue('push', 'x')).toMatchObject({ status: 'enqueued' });
    put.mockRestore();
    expect(await payloads(queue)).toEqual(['x']);
  });

  it('waits for a page with the features that it needs, and stops nobody', async () => {
    const { queue, elsewhere, environment } = await scene({ use: [flows()] });
    await queue.enqueue('push', 'first', { id: 'one' });
    hide(1);
    const behind = { dependsOn: ['one'] };
    await outcome(queue.enqueue('push', 'then', behind as object));
    const other = elsewhere();
    expect(await payloads(other)).toEqual(['first']);
    await other.enqueue('push', 'plain');
    expect(await payloads(elsewhere({ use: [flows()] }))).toEqual(['first', 'plain', 'then']);
    expect(await ran(other, environment)).toEqual(['first', 'plain']);
  });

  it('waits no longer when those features are abandoned, and is run without them', async () => {
    const { queue, elsewhere, environment } = await scene({ use: [flows(), keys()] });
    await queue.enqueue('push', 'first', { id: 'one' });
    hide(1);
    await outcome(queue.enqueue('push', 'then', { dependsOn: ['one'] } as object));
    const other = elsewhere();
    expect(await abandon(other, 'keys')).toEqual({ freed: 1, dropped: 0 });
    expect(await payloads(other)).toEqual(['first']);
    await abandon(other, 'flows');
    expect(await payloads(other)).toEqual(['first', 'then']);
    expect(await ran(other, environment)).toEqual(['first', 'then']);
  });

  it('is dated when it was enqueued', async () => {
    const { queue, environment, elsewhere } = await scene();
    hide(1);
    const at = environment.now();
    await outcome(queue.enqueue('push', 'x', { id: 'a', delayMs: 60_000 }));
    environment.jump(30_000);
    expect(await get(elsewhere(), 'a')).toMatchObject({ enqueuedAt: at, runAt: at + 60_000 });
  });

  it('is cleared with the queue', async () => {
    const { queue, elsewhere } = await scene();
    hide(1);
    await outcome(queue.enqueue('push', 'x'));
    const other = elsewhere();
    await clear(other);
    expect(await payloads(other)).toEqual([]);
  });
});

describe('what a page was enqueueing when it was left', () => {
  it('is given up where it was not through, and stored by one transaction instead', async () => {
    const { queue, elsewhere } = await scene();
    const enqueued = outcome(queue.enqueue('push', 'saved by a click'));
    await hasBegun(1);
    pagehide();
    left = 1;
    await enqueued;
    expect(begun).toEqual(['jobs queues spare', 'unsorted']);
    expect(await payloads(elsewhere())).toEqual(['saved by a click']);
  });

  it('is stored with all that waited behind it, in their order', async () => {
    const { queue, elsewhere } = await scene();
    const calls = [outcome(queue.enqueue('push', 'a'))];
    await hasBegun(1);
    calls.push(outcome(queue.enqueue('push', 'b')), outcome(queue.enqueue('push', 'c')));
    pagehide();
    left = 2;
    await Promise.all(calls);
    expect(await payloads(elsewhere())).toEqual(['a', 'b', 'c']);
  });

  it('is one job, whether or not it was through', async () => {
    for (const turns of [0, 1, 2, 3, 5, 8, 13]) {
      const { queue, elsewhere } = await scene();
      const enqueued = outcome(queue.enqueue('push', 'x'));
      for (let i = 0; i < turns; i += 1) await new Promise((resolve) => setImmediate(resolve));
      pagehide();
      await enqueued;
      expect(await payloads(elsewhere())).toEqual(['x']);
    }
  });
});

describe('a page that comes and goes as it likes', () => {
  it.each(Array.from({ length: 100 }, (_, i) => i + 1))(
    'loses nothing and runs nothing twice (seed %i)',
    async (seed) => {
      const random = randomOf(seed);
      const { queue, elsewhere, environment } = await scene();
      const accepted: string[] = [];
      const saved: string[] = [];
      const calls: Promise<unknown>[] = [];
      for (let n = 0; n < 8; n += 1) {
        document.visibilityState = random(2) ? 'hidden' : 'visible';
        const text = `text ${n}`;
        const options = [{}, { id: `id ${n}` }, { lane: 'lane' }, { idempotencyKey: `key ${n}` }][random(4)];
        const call = queue.enqueue('push', text, options).then(() => accepted.push(text));
        calls.push(outcome(call));
        if (random(3)) continue;
        await turns(random(40));
        if (random(2)) pagehide(true);
        if (random(2)) page.dispatchEvent(new Event('pageshow'));
      }
      // All that was called is stored by then, or on its way: the page goes at any moment after that.
      for (let n = 0; n < 8; n += 1) saved.push(`text ${n}`);
      pagehide();
      await turns(500); // All that this task brings about.
      left = random(3);
      await Promise.all(calls);
      const other = elsewhere();
      const texts = [...(await ran(other, environment)), ...(await ran(other, environment))];
      expect(texts.toSorted()).toEqual(saved);
      expect(accepted.filter((text) => !texts.includes(text))).toEqual([]);
    },
  );
});

const turns = async (many: number) => {
  for (let i = 0; i < many; i += 1) await Promise.resolve();
};

/** Whole numbers below `end`, the same for the same seed (a linear congruential generator, of Numerical Recipes). */
function randomOf(seed: number) {
  let state = seed;
  return (end: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
}
