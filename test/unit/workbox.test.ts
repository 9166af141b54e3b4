import {
  count,
  drain,
  get,
  list,
  type MemoryBacking,
  memoryBacking,
  memoryStore,
  redrive,
  work,
} from 'holdfast';
import { requestHandler } from 'holdfast/requests';
import { type FakeEnvironment, fakeEnvironment } from 'holdfast/testing';
import {
  BackgroundSyncPlugin,
  BackgroundSyncQueue,
  BackgroundSyncQueueStore,
  Queue,
  type QueueOptions,
  QueueStore,
  requestQueue,
  StorableRequest,
} from 'holdfast/workbox';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakeScope, fakeScope, type Held } from './service-worker-scope.ts';

const MINUTE_MS = 60_000;
let environment: FakeEnvironment;
let backing: MemoryBacking;
let names = 0;

beforeEach(() => {
  environment = fakeEnvironment();
  backing = memoryBacking();
});
afterEach(() => vi.unstubAllGlobals());

const store = () => memoryStore({ backing });
const request = (path: string, init: RequestInit = {}) =>
  new Request(`https://sea.example/${path}`, { method: 'POST', ...init });

interface Made {
  readonly queue: Queue;
  readonly scope: FakeScope;
  readonly name: string;
}

/** A queue in a service worker of its own, over the rows of the test. */
function make(options: QueueOptions & { sync?: boolean; name?: string } = {}): Made {
  const { sync = true, name = `outbox ${++names}`, ...others } = options;
  const scope = fakeScope({ sync });
  const queue = new Queue(name, { store: store(), environment, scope, ...others });
  return { queue, scope, name };
}

/** What it comes to, with as much time as it takes, at most ten minutes. */
async function settled<T>(promise: Promise<T>): Promise<T> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  promise.then(over, over);
  for (let i = 0; i < 600 && !isOver; i += 1) {
    await environment.flush();
    await new Promise((resolve) => setImmediate(resolve));
    if (!isOver && i > 5) await environment.advance(1_000);
  }
  if (!isOver) throw new Error('it has not ended');
  return promise;
}

const ended = (held: readonly Held[]): Promise<unknown> =>
  settled(Promise.allSettled(held.map(({ promise }) => promise)));

/** A sync of this queue. Returns how it ended. */
async function sync({ scope, name }: Made, lastChance = false): Promise<Held['state'] | undefined> {
  const [held] = scope.dispatch('sync', { tag: `workbox-background-sync:${name}`, lastChance });
  if (held !== undefined) await ended([held]);
  return held?.state;
}

/** Stands for the network. Returns the paths that were fetched. */
function network(
  answer: (path: string, nth: number) => Response | Error = () => new Response(null),
): string[] {
  const fetched: string[] = [];
  vi.stubGlobal('fetch', async ({ url }: Request) => {
    const path = new URL(url).pathname.slice(1);
    fetched.push(path);
    const came = answer(path, fetched.length);
    if (came instanceof Error) throw came;
    return came;
  });
  return fetched;
}

const offline = () => new TypeError('Failed to fetch');
const push = async ({ queue }: Made, ...paths: string[]) => {
  for (const path of paths) await settled(queue.pushRequest({ request: request(path) }));
};
const paths = async ({ queue }: Made) =>
  (await settled(queue.getAll())).map((entry) => new URL(entry.request.url).pathname.slice(1));
const pathOf = (entry: { request: Request } | undefined) =>
  entry && new URL(entry.request.url).pathname.slice(1);

describe('a queue', () => {
  it('throws duplicate-queue-name for a second of its name', () => {
    const { name } = make();
    expect(() => make({ name })).toThrow(
      expect.objectContaining({ name: 'duplicate-queue-name', details: { name } }),
    );
  });

  it('asks for a sync of its own tag with each entry that is added', async () => {
    const made = make({ onSync: () => {} });
    await push(made, 'a');
    await settled(made.queue.unshiftRequest({ request: request('b') }));
    const tag = `workbox-background-sync:${made.name}`;
    expect(made.scope.registered).toEqual([tag, tag]);
  });

  it('takes an entry also when the browser refuses the sync', async () => {
    const made = make();
    made.scope.refusal = new Error('denied');
    await push(made, 'a');
    expect(await settled(made.queue.size())).toBe(1);
  });

  it('runs onSync for its own tag alone, and hands it the queue', async () => {
    const onSync = vi.fn();
    const made = make({ onSync });
    made.scope.dispatch('sync', { tag: 'workbox-background-sync:other' });
    made.scope.dispatch('sync', { tag: 'other' });
    await environment.flush();
    expect(onSync).not.toHaveBeenCalled();
    expect(await sync(made)).toBe('resolved');
    expect(onSync.mock.calls).toEqual([[{ queue: made.queue }]]);
  });

  it('replays its requests, without an onSync', async () => {
    const fetched = network();
    const made = make();
    await push(made, 'a', 'b');
    expect(await sync(made)).toBe('resolved');
    expect(fetched).toEqual(['a', 'b']);
    expect(await settled(made.queue.size())).toBe(0);
  });

  it.each([false, true])(
    'tells the browser to try again when onSync fails, whatever it throws: %s',
    async (isError) => {
      const thrown = isError ? new Error('no') : 'no';
      const made = make({ onSync: () => Promise.reject(thrown) });
      expect(await sync(made)).toBe('rejected');
    },
  );

  it('runs one onSync at a time: a sync that comes meanwhile shares it', async () => {
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const onSync = vi.fn(() => held);
    const { scope, name } = make({ onSync });
    const tag = `workbox-background-sync:${name}`;
    const all = [
      ...scope.dispatch('sync', { tag }),
      ...scope.dispatch('message', { data: { holdfast: 'sync', tag } }),
      ...scope.dispatch('sync', { tag }),
    ];
    await environment.flush();
    letGo();
    await ended(all);
    expect(onSync).toHaveBeenCalledTimes(1);
    expect(all.map(({ state }) => state)).toEqual(['resolved', 'resolved', 'resolved']);
  });

  it('registers one sync for what was added in a sync, after it', async () => {
    const made = make({
      onSync: async ({ queue }) => {
        await queue.pushRequest({ request: request('b') });
        await queue.pushRequest({ request: request('c') });
        expect(made.scope.registered.length).toBe(1);
      },
    });
    await push(made, 'a');
    await sync(made);
    expect(made.scope.registered.length).toBe(2);
  });

  it('registers none after a sync that failed, as the browser tries again, and one if that was the last chance', async () => {
    const made = make({
      onSync: async ({ queue }) => {
        await queue.pushRequest({ request: request('b') });
        throw new Error('no');
      },
    });
    expect(await sync(made)).toBe('rejected');
    expect(made.scope.registered.length).toBe(0);
    expect(await sync(made, true)).toBe('rejected');
    expect(made.scope.registered.length).toBe(1);
  });

  it('runs onSync when it is made if there is no sync, or none is wanted, and else not', async () => {
    const onSync = vi.fn();
    make({ onSync });
    await environment.flush();
    expect(onSync).toHaveBeenCalledTimes(0);
    make({ onSync, sync: false });
    await environment.flush();
    expect(onSync).toHaveBeenCalledTimes(1);
    const { scope, queue } = make({ onSync, forceSyncFallback: true });
    await environment.flush();
    expect(onSync).toHaveBeenCalledTimes(2);
    await settled(queue.pushRequest({ request: request('a') }));
    expect(scope.registered).toEqual([]);
  });

  it('replays when it is made if there is no sync, and what is added later at once', async () => {
    const fetched = network();
    const name = 'left from before';
    const first = make({ name: `${name} 1` });
    await push(first, 'a');
    const again = requestQueue('left over', { store: store(), environment });
    await settled(again.enqueue('request', { url: 'https://sea.example/old', method: 'POST', headers: {} }));
    const made = make({ sync: false, name: 'left over' });
    await settled(made.queue.replayRequests());
    await push(made, 'new');
    await settled(made.queue.replayRequests());
    expect(fetched).toEqual(['old', 'new']);
  });

  it('is for service workers: in a page it says what to use', () => {
    expect(() => new Queue('page', { store: store() })).toThrow(/requestQueue/);
  });

  it.each([
    ['name', () => new Queue('')],
    ['onSync', () => make({ onSync: 1 as never })],
    ['maxRetentionTime', () => make({ maxRetentionTime: Number.NaN - 1 || -1 })],
    ['prepare', () => make({ prepare: 1 as never })],
    ['forceSync', () => make({ forceSync: true } as never)],
  ])('refuses at once: %s', (option, making) => {
    expect(making).toThrow(expect.objectContaining({ code: 'InvalidOption' }));
    expect(making).toThrow(option);
  });
});

describe('entries', () => {
  it('are shifted in the order in which they were pushed, and an entry that is unshifted goes first', async () => {
    const made = make();
    await push(made, 'a', 'b');
    await settled(made.queue.unshiftRequest({ request: request('z') }));
    await settled(made.queue.unshiftRequest({ request: request('y') }));
    expect(await paths(made)).toEqual(['y', 'z', 'a', 'b']);
    const shifted = [];
    for (let i = 0; i < 5; i += 1) shifted.push(pathOf(await settled(made.queue.shiftRequest())));
    expect(shifted).toEqual(['y', 'z', 'a', 'b', undefined]);
  });

  it('are popped from the end', async () => {
    const made = make();
    await push(made, 'a', 'b');
    const popped = [];
    for (let i = 0; i < 3; i += 1) popped.push(pathOf(await settled(made.queue.popRequest())));
    expect(popped).toEqual(['b', 'a', undefined]);
  });

  it('keep their metadata and timestamp; the timestamp is now by default', async () => {
    const { queue } = make();
    const timestamp = environment.now() - MINUTE_MS;
    await settled(queue.pushRequest({ request: request('a'), metadata: { tries: 1 }, timestamp }));
    await settled(queue.pushRequest({ request: request('b') }));
    const [a, b] = await settled(queue.getAll());
    expect(a).toMatchObject({ metadata: { tries: 1 }, timestamp });
    expect(b).toEqual({ request: expect.any(Request), timestamp: environment.now() });
  });

  it('are requests with all that they had, and leave the one that was given unread', async () => {
    const { queue } = make();
    const given = request('a', { body: 'kelp', headers: { 'x-draft': 'yes' }, credentials: 'include' });
    await settled(queue.pushRequest({ request: given }));
    const entry = await settled(queue.shiftRequest());
    expect(await entry?.request.text()).toBe('kelp');
    expect(entry?.request.headers.get('x-draft')).toBe('yes');
    expect(entry?.request.credentials).toBe('include');
    expect(await given.text()).toBe('kelp');
  });

  it('that are older than maxRetentionTime are not handed out, counted by size, and dead letters in the end', async () => {
    network();
    const made = make({ maxRetentionTime: 10 });
    const old = environment.now() - 11 * MINUTE_MS;
    await settled(made.queue.pushRequest({ request: request('old'), timestamp: old }));
    await push(made, 'young');
    expect(await settled(made.queue.size())).toBe(2);
    expect(await paths(made)).toEqual(['young']);
    expect(pathOf(await settled(made.queue.shiftRequest()))).toBe('young');
    expect(await settled(made.queue.shiftRequest())).toBeUndefined();
    await environment.advance(1);
    await sync(made);
    expect(await settled(count(made.queue.jobs))).toMatchObject({ pending: 0, dead: 1 });
  });

  it('stay for 7 days by default, as 0 minutes say nothing', async () => {
    for (const options of [{}, { maxRetentionTime: 0 }]) {
      const { queue } = make(options);
      const timestamp = environment.now() - 7 * 24 * 60 * MINUTE_MS;
      await settled(queue.pushRequest({ request: request('old'), timestamp: timestamp - 1 }));
      await settled(queue.pushRequest({ request: request('young'), timestamp: timestamp + 1 }));
      expect((await settled(queue.getAll())).map(pathOf)).toEqual(['young']);
    }
  });

  it('are refused without a Request', async () => {
    const { queue } = make();
    await expect(settled(queue.pushRequest({} as never))).rejects.toMatchObject({ code: 'InvalidOption' });
    await expect(
      settled(queue.unshiftRequest({ request: 'https://sea.example' } as never)),
    ).rejects.toMatchObject({
      code: 'InvalidOption',
    });
  });
});

describe('a replay', () => {
  it('sends all, in order', async () => {
    const fetched = network();
    const made = make();
    await push(made, 'a', 'b', 'c');
    await settled(made.queue.replayRequests());
    expect(fetched).toEqual(['a', 'b', 'c']);
    expect(await paths(made)).toEqual([]);
  });

  it('leaves what fails in its place, those behind it too, and rejects with queue-replay-failed', async () => {
    let isDown = true;
    const fetched = network((path) => (path === 'b' && isDown ? offline() : new Response(null)));
    const made = make();
    await push(made, 'a', 'b', 'c');
    await expect(settled(made.queue.replayRequests())).rejects.toMatchObject({ name: 'queue-replay-failed' });
    expect(await paths(made)).toEqual(['b', 'c']);
    expect(new Set(fetched)).toEqual(new Set(['a', 'b']));
    isDown = false;
    await environment.advance(MINUTE_MS);
    await settled(made.queue.replayRequests());
    expect(fetched.slice(-2)).toEqual(['b', 'c']);
  });

  it('keeps the order of what is pushed while it goes on', async () => {
    const made = make();
    const fetched = network((path, nth) => {
      if (nth === 1) void made.queue.pushRequest({ request: request('pushed') });
      return path === 'a' && nth === 1 ? offline() : new Response(null);
    });
    await push(made, 'a', 'b');
    await settled(made.queue.replayRequests());
    expect(fetched).toEqual(['a', 'a', 'b', 'pushed']);
  });

  it('makes a dead letter of what is refused, and tries again what the server failed', async () => {
    let status = 503;
    network((path) => new Response(null, { status: path === 'refused' ? 422 : status }));
    const made = make();
    await push(made, 'refused', 'failed');
    await expect(settled(made.queue.replayRequests())).rejects.toThrow();
    expect(await settled(count(made.queue.jobs))).toMatchObject({ pending: 1, dead: 1 });
    status = 200;
    await environment.advance(5 * MINUTE_MS);
    await settled(made.queue.replayRequests());
    expect(await settled(count(made.queue.jobs))).toMatchObject({ pending: 0, dead: 1, completed: 1 });
  });

  it('may be called by an onSync', async () => {
    const fetched = network();
    const said: string[] = [];
    const made = make({
      onSync: async ({ queue }) => {
        await queue.replayRequests();
        said.push('all is sent');
      },
    });
    await push(made, 'a', 'b');
    expect(await sync(made)).toBe('resolved');
    expect([fetched, said]).toEqual([['a', 'b'], ['all is sent']]);
  });

  it('of one origin is not held up by another that is gone', async () => {
    vi.stubGlobal('fetch', async ({ url }: Request) => {
      if (url.startsWith('https://gone.example')) throw offline();
      return new Response(null);
    });
    const made = make();
    await settled(
      made.queue.pushRequest({ request: new Request('https://gone.example/a', { method: 'POST' }) }),
    );
    await push(made, 'b');
    await expect(settled(made.queue.replayRequests())).rejects.toThrow();
    expect(await paths(made)).toEqual(['a']);
  });

  it('adds the fresh headers of `prepare`, and stores none', async () => {
    const tokens: (string | null)[] = [];
    vi.stubGlobal('fetch', async ({ headers }: Request) => {
      tokens.push(headers.get('authorization'));
      return new Response(null);
    });
    const made = make({ prepare: (sent) => sent.headers.set('authorization', 'fresh') });
    await settled(
      made.queue.pushRequest({ request: request('a', { headers: { authorization: 'CANARY' } }) }),
    );
    const { jobs } = await settled(list(made.queue.jobs, { state: 'pending' }));
    expect(JSON.stringify(jobs)).not.toContain('CANARY');
    await settled(made.queue.replayRequests());
    expect(tokens).toEqual(['fresh']);
  });
});

/** As the docs of Workbox have it. */
const classic: QueueOptions['onSync'] = async ({ queue }) => {
  for (let entry = await queue.shiftRequest(); entry !== undefined; entry = await queue.shiftRequest()) {
    try {
      await fetch(entry.request.clone());
    } catch (error) {
      await queue.unshiftRequest(entry);
      throw error;
    }
  }
};

describe('what an onSync shifts', () => {
  it('is sent in order, and gone, in one call', async () => {
    const fetched = network();
    const onSync = vi.fn(classic);
    const made = make({ onSync });
    await push(made, 'a', 'b', 'c');
    expect(await sync(made)).toBe('resolved');
    expect(fetched).toEqual(['a', 'b', 'c']);
    expect(await settled(made.queue.size())).toBe(0);
    expect(onSync).toHaveBeenCalledTimes(1);
  });

  it('is in its old place when it is unshifted, and what was sent before it is not sent again', async () => {
    let isDown = true;
    const fetched = network((path) => (path === 'b' && isDown ? offline() : new Response(null)));
    const made = make({ onSync: classic });
    await push(made, 'a', 'b', 'c');
    expect(await sync(made)).toBe('rejected');
    expect(await paths(made)).toEqual(['b', 'c']);
    isDown = false;
    expect(await sync(made)).toBe('resolved');
    expect(fetched).toEqual(['a', 'b', 'b', 'c']);
  });

  it('is still stored while it is sent: a service worker that is killed in the middle loses nothing', async () => {
    let seen: unknown;
    const made = make({ onSync: classic });
    network(() => new Response(null));
    const sent = globalThis.fetch;
    vi.stubGlobal('fetch', async (...args: Parameters<typeof fetch>) => {
      seen = await count(requestQueue(made.name, { store: store(), environment }));
      return sent(...args);
    });
    await push(made, 'a');
    await sync(made);
    expect(seen).toMatchObject({ active: 1 });
  });

  it('is not asked for again at once when all of it was put back: the browser is to try again', async () => {
    const onSync = vi.fn(async ({ queue }: { queue: Queue }) => {
      const entries = [];
      for (let entry = await queue.shiftRequest(); entry; entry = await queue.shiftRequest())
        entries.push(entry);
      for (const entry of entries.reverse()) await queue.unshiftRequest(entry);
    });
    const made = make({ onSync });
    network(offline);
    await push(made, 'a', 'b', 'c');
    expect(await sync(made)).toBe('rejected');
    expect(onSync).toHaveBeenCalledTimes(1);
    expect(await paths(made)).toEqual(['a', 'b', 'c']);
  });

  it('is not done for its page when it is put back changed: that hears of its end when it is sent', async () => {
    const told: unknown[] = [];
    vi.stubGlobal('clients', { get: async () => ({ postMessage: (end: unknown) => void told.push(end) }) });
    let isDown = true;
    const made = make({
      onSync: async ({ queue }) => {
        const entry = await queue.shiftRequest();
        if (entry === undefined) return;
        if (isDown) await queue.unshiftRequest({ ...entry, metadata: { tries: 1 } });
        else await fetch(entry.request);
      },
    });
    network();
    await settled(made.queue.pushRequest({ request: request('a'), clientId: 'tab' }));
    await sync(made);
    expect(told).toEqual([]);
    expect(await settled(made.queue.size())).toBe(1);
    isDown = false;
    expect(await sync(made)).toBe('resolved');
    expect(told).toMatchObject([{ type: 'holdfast:request-end', state: 'completed' }]);
  });

  it('is not too old: what outlived maxRetentionTime behind others is a dead letter', async () => {
    const onSync = vi.fn(classic);
    const fetched = network();
    const made = make({ onSync, maxRetentionTime: 1 });
    await push(made, 'a', 'b', 'c');
    // The second sync: a clock that jumped is in doubt for the first.
    for (let n = 0; n < 2; n += 1) {
      await environment.advance(2 * MINUTE_MS);
      await sync(made);
    }
    expect(fetched).toEqual([]);
    expect(await settled(count(made.queue.jobs))).toMatchObject({ pending: 0, active: 0, dead: 3 });
  });

  it('is put back with whatever its metadata holds', async () => {
    const made = make({
      onSync: async ({ queue }) => {
        const entry = await queue.shiftRequest();
        if (entry !== undefined) await queue.unshiftRequest(entry);
      },
    });
    network(offline);
    const metadata = { n: 1n, seen: new Map([['a', 1]]), tags: new Set(['x']) };
    await settled(made.queue.pushRequest({ request: request('a'), metadata }));
    await sync(made);
    expect(await settled(made.queue.getAll())).toMatchObject([{ metadata }]);
  });

  it('comes back when onSync throws without having put it back, as nothing says that it was sent', async () => {
    network();
    const made = make({
      onSync: async ({ queue }) => {
        await queue.shiftRequest();
        throw new Error('before it was sent');
      },
    });
    await push(made, 'a', 'b');
    expect(await sync(made)).toBe('rejected');
    expect(await paths(made)).toEqual(['a', 'b']);
  });

  it('comes back when the server refused it and onSync throws', async () => {
    network(() => new Response(null, { status: 500 }));
    const made = make({
      onSync: async ({ queue }) => {
        const entry = await queue.shiftRequest();
        if (entry && !(await fetch(entry.request)).ok) throw new Error('not ok');
      },
    });
    await push(made, 'a');
    expect(await sync(made)).toBe('rejected');
    expect(await paths(made)).toEqual(['a']);
  });

  it('is done when onSync ends well, however it was sent, and onSync is called again for the rest', async () => {
    const sent: (string | undefined)[] = [];
    const made = make({
      onSync: async ({ queue }) => {
        const entries = [];
        for (let entry = await queue.shiftRequest(); entry; entry = await queue.shiftRequest())
          entries.push(entry);
        for (const entry of entries) sent.push(pathOf(entry));
      },
    });
    await push(made, 'a', 'b', 'c');
    expect(await sync(made)).toBe('resolved');
    expect(sent).toEqual(['a', 'b', 'c']);
    expect(await settled(made.queue.size())).toBe(0);
  });

  it('is put back with what is new of it', async () => {
    const made = make({
      onSync: async ({ queue }) => {
        const entry = await queue.shiftRequest();
        if (entry) await queue.unshiftRequest({ ...entry, metadata: { tries: 1 } });
        throw new Error('later');
      },
    });
    await push(made, 'a', 'b');
    await sync(made);
    expect(await paths(made)).toEqual(['a', 'b']);
    expect((await settled(made.queue.getAll()))[0]?.metadata).toEqual({ tries: 1 });
  });

  it('goes to the end when it is pushed, and is there once', async () => {
    const made = make({
      onSync: async ({ queue }) => {
        const entry = await queue.shiftRequest();
        if (entry) await queue.pushRequest({ request: entry.request.clone() });
        throw new Error('later');
      },
    });
    await push(made, 'a', 'b');
    await sync(made);
    expect(await paths(made)).toEqual(['b', 'a']);
  });

  it('is popped from the end, and comes back too', async () => {
    let fails = true;
    const made = make({
      onSync: async ({ queue }) => {
        const entry = await queue.popRequest();
        expect([pathOf(entry), await queue.size()]).toEqual(['b', 1]);
        if (fails) throw new Error('later');
      },
    });
    await push(made, 'a', 'b');
    await sync(made);
    expect(await paths(made)).toEqual(['a', 'b']);
    fails = false;
    await sync(made);
    expect(await paths(made)).toEqual(['a']);
  });

  it('stays when the next is asked for before it was fetched, and keeps those behind it', async () => {
    const shifted: (string | undefined)[] = [];
    const made = make({
      onSync: async ({ queue }) => {
        for (let i = 0; i < 2; i += 1) shifted.push(pathOf(await queue.shiftRequest()));
        throw new Error('before it was sent');
      },
    });
    await push(made, 'a', 'b');
    await sync(made);
    expect(shifted).toEqual(['a', undefined]);
    expect(await paths(made)).toEqual(['a', 'b']);
  });

  it('is not all when another tab sends some: then the browser is to try again', async () => {
    network();
    const made = make({ onSync: classic });
    await push(made, 'a');
    const page = requestQueue(made.name, { store: store(), environment });
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const worker = work(page, { request: () => held });
    await environment.flush();
    expect(await sync(made)).toBe('rejected');
    letGo();
    await settled(worker.stop());
    expect(await sync(made)).toBe('resolved');
  });

  it('leaves fetch as it was', async () => {
    network();
    const before = globalThis.fetch;
    const made = make({ onSync: classic });
    const other = make({ onSync: classic });
    await push(made, 'a');
    await push(other, 'b');
    await Promise.all([sync(made), sync(other)]);
    expect(globalThis.fetch).toBe(before);
  });
});

describe('a page', () => {
  it('sees what waits and what is dead, retries and discards: it is an ordinary queue', async () => {
    network((_, nth) => new Response(null, { status: nth === 1 ? 422 : 200 }));
    const made = make();
    await push(made, 'a', 'b');
    await settled(made.queue.replayRequests());
    const page = requestQueue(made.name, { store: store(), environment });
    const { jobs } = await settled(list(page, { state: 'dead' }));
    expect(jobs.map(({ payload }) => (payload as { url: string }).url)).toEqual(['https://sea.example/a']);
    await settled(redrive(page, jobs[0]?.id ?? ''));
    await settled(drain(page, { request: requestHandler({ now: environment.now }) }));
    expect(await settled(get(page, jobs[0]?.id ?? ''))).toBeUndefined();
    expect(await settled(count(page))).toMatchObject({ pending: 0, dead: 0, completed: 2 });
  });
});

describe('the plugin', () => {
  const plugin = (options: ConstructorParameters<typeof BackgroundSyncPlugin>[1] = {}) =>
    new BackgroundSyncPlugin(`plugin ${++names}`, {
      store: store(),
      environment,
      scope: fakeScope(),
      ...options,
    });

  it('keeps what the network failed', async () => {
    const made = plugin();
    await settled(made.fetchDidFail({ request: request('a'), event: undefined }));
    expect((await settled(made.queue.getAll())).map(pathOf)).toEqual(['a']);
    expect(made.handlerDidError).toBeUndefined();
  });

  it('has a 202 for the page when it is told to, with the id of the job, and none for what it did not keep', async () => {
    const made = plugin({ respond: true });
    const state: Record<string, unknown> = {};
    await settled(made.fetchDidFail({ request: request('a'), event: { clientId: 'tab' }, state }));
    const response = await made.handlerDidError?.({ request: request('a'), state });
    const id = response?.headers.get('holdfast-job') ?? '';
    expect(response?.status).toBe(202);
    expect((await settled(get(made.queue.jobs, id)))?.payload).toMatchObject({ clientId: 'tab' });
    expect(await made.handlerDidError?.({ request: request('a'), state: {} })).toBeUndefined();
  });

  it('takes the page that a navigation makes for the one that asked', async () => {
    const made = plugin({ respond: (id) => new Response(id) });
    const event = { clientId: '', resultingClientId: 'new tab' };
    const state = {};
    await settled(made.fetchDidFail({ request: request('a'), event, state }));
    const id = (await (await made.handlerDidError?.({ request: request('a'), state }))?.text()) ?? '';
    expect((await settled(get(made.queue.jobs, id)))?.payload).toMatchObject({ clientId: 'new tab' });
  });
});

describe('a queue’s store', () => {
  const data = (path: string) => ({
    url: `https://sea.example/${path}`,
    method: 'POST',
    headers: { 'x-draft': 'yes' },
  });
  const open = () => new QueueStore(`store ${++names}`, { store: store(), environment });

  it('pushes, unshifts, pops, shifts, counts and deletes plain entries', async () => {
    const entries = open();
    for (const path of ['a', 'b', 'c', 'd'])
      await settled(
        entries.pushEntry({ requestData: data(path), timestamp: environment.now(), metadata: { path } }),
      );
    await settled(entries.unshiftEntry({ requestData: data('z'), timestamp: environment.now() }));
    const all = await settled(entries.getAll());
    expect(all.map(({ metadata }) => metadata)).toEqual([
      undefined,
      ...['a', 'b', 'c', 'd'].map((path) => ({ path })),
    ]);
    expect(all[1]).toMatchObject({
      id: expect.any(Number),
      requestData: data('a'),
      timestamp: environment.now(),
    });
    expect(await settled(entries.size())).toBe(5);
    expect((await settled(entries.shiftEntry()))?.requestData).toMatchObject(data('z'));
    expect((await settled(entries.popEntry()))?.requestData).toMatchObject(data('d'));
    await settled(entries.deleteEntry(all[2]?.id ?? -1));
    expect((await settled(entries.getAll())).map(({ metadata }) => metadata)).toEqual([
      { path: 'a' },
      { path: 'c' },
    ]);
  });

  it('refuses what no request can be made of, and keeps a navigation as one of the same origin', async () => {
    const name = `outbox ${++names}`;
    const queueStore = new QueueStore(name, { store: store(), environment });
    const entry = (requestData: object) => ({
      requestData: { url: 'https://sea.example/a', headers: {}, ...requestData },
      timestamp: environment.now(),
    });
    await expect(queueStore.pushEntry(entry({ url: 'ftp://sea.example/' }))).rejects.toThrow('http');
    await settled(queueStore.pushEntry(entry({ mode: 'navigate', method: 'POST' })));
    expect(await settled(queueStore.getAll())).toMatchObject([{ requestData: { mode: 'same-origin' } }]);
  });

  it('has the entries of the queue of its name', async () => {
    const made = make();
    await push(made, 'a');
    const entries = new QueueStore(made.name, { store: store(), environment });
    expect((await settled(entries.getAll())).map(({ requestData }) => requestData.url)).toEqual([
      'https://sea.example/a',
    ]);
  });
});

describe('a storable request', () => {
  it('goes through plain data and comes back', async () => {
    const given = request('a', {
      method: 'PUT',
      body: 'kelp',
      headers: { 'x-draft': 'yes' },
      mode: 'same-origin',
      credentials: 'omit',
      cache: 'reload',
      redirect: 'manual',
    });
    const storable = await StorableRequest.fromRequest(given);
    const data = JSON.parse(JSON.stringify({ ...storable.toObject(), body: undefined }));
    expect(data).toMatchObject({
      url: given.url,
      method: 'PUT',
      headers: { 'x-draft': 'yes' },
      mode: 'same-origin',
    });
    const again = storable.clone().toRequest();
    expect(await again.text()).toBe('kelp');
    expect([again.cache, again.credentials, again.redirect]).toEqual(['reload', 'omit', 'manual']);
    expect(await given.text()).toBe('kelp');
  });

  it('gives away copies', async () => {
    const storable = await StorableRequest.fromRequest(request('a', { body: 'kelp' }));
    const data = storable.toObject();
    data.headers['x-more'] = 'yes';
    new Uint8Array(data.body ?? new ArrayBuffer(1))[0] = 0;
    expect(storable.toObject().headers).not.toHaveProperty('x-more');
    expect(await storable.toRequest().text()).toBe('kelp');
  });

  it('is of the same origin where it was a navigation, and is refused without a URL', () => {
    const data = { url: 'https://sea.example/', headers: {}, mode: 'navigate' };
    expect(new StorableRequest(data).toObject().mode).toBe('same-origin');
    expect(() => new StorableRequest({} as never)).toThrow(/url/);
  });
});

it('the names of Serwist are the same things', () => {
  expect([BackgroundSyncQueue, BackgroundSyncQueueStore]).toEqual([Queue, QueueStore]);
});
