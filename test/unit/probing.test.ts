import { drain, gates, job, work } from 'holdfast';
import { online } from 'holdfast/browser';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type FakePage, fakePage } from './fake-page.ts';
import { ended, latch, setScene } from './scene.ts';

let page: FakePage;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  page = fakePage();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** A gate whose probe answers what `way.isThere` says; `at` is when it was asked, in ms. */
function probed(options: { readonly everyMs?: number } = {}) {
  const start = Date.now();
  const at: number[] = [];
  const signals: AbortSignal[] = [];
  const way = { isThere: true as boolean | Promise<boolean> };
  const gate = online({
    ...options,
    probe: (signal) => {
      at.push(Date.now() - start);
      signals.push(signal);
      return way.isThere;
    },
  });
  const told: unknown[] = [];
  const subscribe = () =>
    gate.subscribe(() => void Promise.resolve(gate.isOpen()).then((is) => told.push(is)));
  return { gate, at, signals, way, told, subscribe };
}

describe('online({ probe })', () => {
  it('is closed until the first probe has answered, and open when it says so', async () => {
    const { gate, subscribe } = probed();
    const end = subscribe();
    const first = gate.isOpen();
    expect(first).toBeInstanceOf(Promise);
    await pass(0);
    expect(await first).toBe(true);
    expect(gate.isOpen()).toBe(true);
    end();
  });

  it('asks once a minute at most while it is open, however often it is looked at', async () => {
    const { gate, at, subscribe } = probed();
    const end = subscribe();
    for (let second = 0; second < 300; second++) {
      void gate.isOpen();
      void gate.isOpen();
      await pass(1_000);
    }
    expect(at).toEqual([0, 60_000, 120_000, 180_000, 240_000]);
    end();
  });

  it('goes on with its last answer while it asks again', async () => {
    const { gate, way, told, subscribe } = probed();
    const end = subscribe();
    void gate.isOpen();
    await pass(60_000);
    const slow = latch<boolean>();
    way.isThere = slow.promise;
    expect(gate.isOpen()).toBe(true);
    await pass(1_000);
    expect(gate.isOpen()).toBe(true);
    slow.open(false);
    await pass(0);
    expect(gate.isOpen()).toBe(false);
    expect(told.at(-1)).toBe(false);
    end();
  });

  it('that is closed asks by itself, less and less often, and tells when it opens', async () => {
    const { gate, at, way, told, subscribe } = probed({ everyMs: 30_000 });
    way.isThere = false;
    const end = subscribe();
    void gate.isOpen();
    await pass(125_000);
    expect(at).toEqual([0, 5_000, 15_000, 35_000, 65_000, 95_000, 125_000]);
    way.isThere = true;
    await pass(30_000);
    expect(told.at(-1)).toBe(true);
    expect(at).toHaveLength(8);
    end();
  });

  it.each<[string, (page: FakePage) => void, (page: FakePage) => void]>([
    ['while the browser says that it is offline', (at) => at.connectTo(false), (at) => at.connectTo(true)],
    ['while the page is hidden', (at) => at.show(false), (at) => at.show(true)],
  ])('asks nothing %s, and again soon after that', async (_, leave, back) => {
    const { gate, at, way, subscribe } = probed();
    way.isThere = false;
    const end = subscribe();
    void gate.isOpen();
    await pass(1_000);
    leave(page);
    for (let i = 0; i < 100; i++) {
      void gate.isOpen();
      await pass(10_000);
    }
    expect(at).toEqual([0]);
    back(page);
    await pass(0);
    expect(at).toHaveLength(2);
    end();
  });

  it('is open by the word of the browser alone while the page is hidden', async () => {
    const { gate, way, subscribe } = probed();
    way.isThere = false;
    const end = subscribe();
    void gate.isOpen();
    await pass(1_000);
    expect(gate.isOpen()).toBe(false);
    page.show(false);
    expect(gate.isOpen()).toBe(true);
    page.connectTo(false);
    expect(gate.isOpen()).toBe(false);
    end();
  });

  it('forgets what it knew when the network comes back', async () => {
    const { gate, at, way, subscribe } = probed();
    const end = subscribe();
    void gate.isOpen();
    await pass(20_000);
    page.connectTo(false);
    expect(gate.isOpen()).toBe(false);
    way.isThere = false;
    page.connectTo(true);
    const asked = gate.isOpen();
    expect(asked).toBeInstanceOf(Promise);
    await pass(0);
    expect(await asked).toBe(false);
    expect(at).toEqual([0, 20_000]);
    end();
  });

  it('asks no more than once in 5 s by a network that comes and goes', async () => {
    const { at, subscribe, gate } = probed();
    const end = subscribe();
    for (let i = 0; i < 200; i++) {
      page.connectTo(i % 2 === 1);
      void gate.isOpen();
      await pass(100);
    }
    expect(at.length).toBeGreaterThan(2);
    at.slice(1).forEach((instant, i) => void expect(instant - (at[i] ?? 0)).toBeGreaterThanOrEqual(5_000));
    end();
  });

  it('takes a probe for a no that does not answer in time, and aborts it', async () => {
    const { gate, way, signals, subscribe } = probed();
    way.isThere = new Promise(() => {});
    const end = subscribe();
    const asked = gate.isOpen();
    await pass(4_999);
    expect(signals[0]?.aborted).toBe(false);
    await pass(1);
    expect(await asked).toBe(false);
    expect(signals[0]?.aborted).toBe(true);
    end();
  });

  it.each<[string, () => boolean | Promise<boolean>]>([
    ['rejects', () => Promise.reject(new TypeError('failed to fetch'))],
    [
      'throws',
      () => {
        throw new TypeError('failed to fetch');
      },
    ],
    ['returns something else', () => 'yes' as never],
  ])('takes a probe for a no that %s, and throws nothing', async (_, probe) => {
    const gate = online({ probe });
    const asked = gate.isOpen();
    await pass(0);
    expect(await asked).toBe(false);
  });

  it('sends one probe for all jobs and workers that share it', async () => {
    const { gate, at } = probed();
    const names = ['a', 'b', 'c'] as const;
    const { queue, environment } = setScene(
      { a: job(), b: job(), c: job() },
      { use: [gates({ a: gate, b: gate, c: gate })] },
    );
    for (const name of names) await queue.enqueue(name, 'x');
    const ran: string[] = [];
    const workers = names.map((name) => work(queue, { [name]: () => void ran.push(name) }));
    await pass(0);
    await environment.flush();
    expect(ran.toSorted()).toEqual(['a', 'b', 'c']);
    expect(at).toEqual([0]);
    const stopped = workers.map((worker) => worker.stop());
    await environment.flush();
    await Promise.all(stopped.map(ended));
    expect(page.listeners).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('that is left in the middle of a probe leaves no timer and no listener, and aborts it', async () => {
    const { gate, way, signals, subscribe } = probed();
    way.isThere = new Promise(() => {});
    const end = subscribe();
    const asked = gate.isOpen();
    await pass(1);
    end();
    expect(await asked).toBe(false);
    expect(signals[0]?.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
    expect(page.listeners).toEqual([]);
  });

  it('asks nothing by itself when nobody is subscribed', async () => {
    const { gate, at, way } = probed();
    way.isThere = false;
    void gate.isOpen();
    await pass(600_000);
    expect(at).toEqual([0]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is waited for by a drain', async () => {
    const { gate } = probed();
    const { queue, environment } = setScene({ push: job<string>() }, { use: [gates({ push: gate })] });
    await queue.enqueue('push', 'x');
    const drained = drain(queue, { push: () => {} });
    await pass(0);
    await environment.flush();
    expect(await ended(drained)).toMatchObject({ completed: 1 });
  });

  it('takes a clock that was set back for a reason to ask anew', async () => {
    const { gate, at, subscribe } = probed();
    const end = subscribe();
    void gate.isOpen();
    await pass(10_000);
    vi.setSystemTime(Date.now() - 3_600_000);
    void gate.isOpen();
    await pass(0);
    expect(at).toHaveLength(2);
    end();
  });
});

describe('online({ probe: url })', () => {
  const answers = (status: number) => {
    const asked: unknown[] = [];
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
      asked.push([String(url), init]);
      if (status < 0) throw new TypeError('failed to fetch');
      return { status };
    });
    return asked;
  };

  it.each([
    [204, true],
    [404, true],
    [405, true],
    [500, false],
    [511, false],
    [0, false],
    [-1, false],
  ])('that answers by %i: open is %s', async (status, isOpen) => {
    answers(status);
    const asked = online({ probe: '/ping' }).isOpen();
    await pass(0);
    expect(await asked).toBe(isOpen);
  });

  it('sends a HEAD without credentials and past the cache, and follows no redirect', async () => {
    const asked = answers(204);
    void online({ probe: new URL('https://notes.example/ping') }).isOpen();
    await pass(0);
    const init = { method: 'HEAD', cache: 'no-store', credentials: 'omit', redirect: 'manual' };
    expect(asked).toMatchObject([['https://notes.example/ping', init]]);
  });
});

it.each<[string, () => unknown, RegExp]>([
  ['a probe that is none', () => online({ probe: 5 as never }), /probe.*5.*a URL or a function/],
  ['an empty one', () => online({ probe: '' }), /probe.*a URL or a function/],
  ['more often than every 5 s', () => online({ probe: '/x', everyMs: 4_999 }), /everyMs.*4999.*5000/],
  ['no time at all', () => online({ probe: '/x', timeoutMs: 0 }), /timeoutMs.*0.*1 or more/],
  ['how often without a probe', () => online({ everyMs: 60_000 } as never), /everyMs.*a probe beside it/],
  ['an unknown option', () => online({ url: '/x' } as never), /url.*only probe, everyMs, timeoutMs/],
])('online refuses %s at once, and says why', (_, make, message) => {
  expect(make).toThrow(
    expect.objectContaining({ code: 'InvalidOption', message: expect.stringMatching(message) }),
  );
});
