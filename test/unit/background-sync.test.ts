import { count, fixed, gates, job, list, memoryBacking, UnreachableError, work } from 'holdfast';
import {
  type BackgroundSyncOptions,
  backgroundSync,
  requestSync,
  syncAfterEnqueue,
} from 'holdfast/service-worker';
import type { FakeEnvironment } from 'holdfast/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { deaf, latch, type SceneOptions, setScene } from './scene.ts';
import { type FakeScope, fakeScope } from './service-worker-scope.ts';

const TAG = 'holdfast:sync';
const DAY_MS = 86_400_000;
const jobs = { push: job<number>({ backoff: fixed({ delayMs: 30_000 }) }) };

/** A queue in a service worker, whose handler does what `push` does by then. `beside`: the rows and the clock of another one. */
function setWorker(options: BackgroundSyncOptions = {}, sync = true, beside: SceneOptions<typeof jobs> = {}) {
  const scene = setScene(jobs, beside);
  const scope = fakeScope({ sync });
  const ran: number[] = [];
  const doing: { push: (payload: number) => unknown } = { push: () => {} };
  const synced = backgroundSync(
    scene.queue,
    {
      push: (payload) => {
        ran.push(payload);
        return doing.push(payload);
      },
    },
    { scope, ...options },
  );
  return { ...scene, scope, ran, doing, synced };
}

describe('a sync event', () => {
  it('runs what is due and resolves when nothing is left', async () => {
    const { queue, scope, ran, environment } = setWorker();
    await queue.enqueue('push', 1);
    const [held] = scope.dispatch('sync', { tag: TAG });
    await environment.flush();
    expect(ran).toEqual([1]);
    expect(held?.state).toBe('resolved');
  });

  it('of another tag begins nothing', async () => {
    const { queue, scope, ran, environment } = setWorker();
    await queue.enqueue('push', 1);
    expect(scope.dispatch('sync', { tag: 'other' })).toEqual([]);
    await environment.flush();
    expect(ran).toEqual([]);
  });

  it('waits for a retry that is near, and not for less than its backoff', async () => {
    const { queue, scope, ran, doing, environment } = setWorker();
    await queue.enqueue('push', 1);
    doing.push = () => {
      throw new Error('no');
    };
    const [held] = scope.dispatch('sync', { tag: TAG });
    await environment.flush();
    doing.push = () => {};
    await environment.advance(29_999);
    expect([ran.length, held?.state]).toEqual([1, 'held']);
    await environment.advance(1);
    expect([ran.length, held?.state]).toEqual([2, 'resolved']);
  });

  it('rejects when a server is out of reach, so that the browser tries again', async () => {
    const { queue, scope, doing, environment } = setWorker({ waitForMs: 0 });
    await queue.enqueue('push', 1);
    doing.push = () => {
      throw new UnreachableError('no network');
    };
    const [held] = scope.dispatch('sync', { tag: TAG });
    await environment.flush();
    expect(held?.state).toBe('rejected');
    expect(await count(queue)).toMatchObject({ pending: 1 });
  });

  it('rejects while what is due waits behind a closed gate, and resolves when that is due tomorrow', async () => {
    for (const [delayMs, state] of [
      [0, 'rejected'],
      [DAY_MS, 'resolved'],
    ] as const) {
      const gate = { isOpen: () => false, subscribe: () => () => undefined };
      const { queue, environment } = setScene({ push: job<number>() }, { use: [gates({ push: gate })] });
      const scope = fakeScope({ sync: true });
      backgroundSync(queue, { push: () => {} }, { scope });
      await queue.enqueue('push', 1, { delayMs });
      const [held] = scope.dispatch('sync', { tag: TAG });
      await environment.advance(170_000);
      expect(held?.state).toBe(state);
    }
  });

  it('resolves when what is left is due tomorrow', async () => {
    const { queue, scope, environment } = setWorker();
    await queue.enqueue('push', 1, { delayMs: DAY_MS });
    const [held] = scope.dispatch('sync', { tag: TAG });
    await environment.flush();
    expect(held?.state).toBe('resolved');
  });

  it('rejects while another tab runs a job, which comes back if that vanishes', async () => {
    const { queue, scope, environment } = setWorker({ waitForMs: 10_000 });
    const tab = work(queue, { push: deaf }, { leaseMs: DAY_MS });
    await queue.enqueue('push', 1);
    await environment.flush();
    const [held] = scope.dispatch('sync', { tag: TAG });
    await environment.advance(9_999);
    expect(held?.state).toBe('held');
    await environment.advance(1);
    expect(held?.state).toBe('rejected');
    void tab.stop({ graceMs: 0 });
  });

  it('that is the last chance asks for another when something is left, and rejects where that is refused', async () => {
    const { queue, scope, doing, environment } = setWorker({ waitForMs: 0 });
    doing.push = () => {
      throw new UnreachableError('no network');
    };
    await queue.enqueue('push', 1);
    await environment.flush();
    scope.registered.splice(0);
    const [first] = scope.dispatch('sync', { tag: TAG, lastChance: true });
    await environment.flush();
    expect([first?.state, scope.registered]).toEqual(['resolved', [TAG]]);
    scope.refusal = new DOMException('no window', 'InvalidAccessError');
    const [second] = scope.dispatch('sync', { tag: TAG, lastChance: true });
    await environment.flush();
    expect(second?.state).toBe('rejected');
  });

  it('ends after its deadline: what runs is given back, and the browser tries again', async () => {
    const { queue, scope, doing, environment } = setWorker({ deadlineMs: 20_000 });
    doing.push = () => latch().promise;
    await queue.enqueue('push', 1);
    const [held] = scope.dispatch('sync', { tag: TAG });
    await environment.advance(19_999);
    expect(held?.state).toBe('held');
    await environment.advance(1);
    expect(held?.state).toBe('rejected');
    const [left] = (await list(queue, { state: 'pending' })).jobs;
    expect(left).toMatchObject({ failures: 0, crashes: 0 });
  });

  it('lifts the waits for servers, also in the run that it joins', async () => {
    const { queue, scope, ran, doing, environment } = setWorker();
    doing.push = () => {
      throw new UnreachableError('no network');
    };
    await Promise.all([1, 2, 3, 4, 5, 6].map((payload) => queue.enqueue('push', payload)));
    scope.dispatch('message', { data: { holdfast: 'sync', tag: TAG, lift: false } });
    await environment.advance(30_000);
    const tried = ran.length;
    doing.push = () => {};
    const [held] = scope.dispatch('sync', { tag: TAG });
    await environment.flush();
    expect(ran.length).toBeGreaterThan(tried);
    await environment.advance(5_000);
    expect(held?.state).toBe('resolved');
    expect(await count(queue)).toMatchObject({ pending: 0, completed: 6 });
  });

  it('takes along what is stored while its run ends', async () => {
    const { queue, scope, ran, environment } = setWorker();
    await queue.enqueue('push', 1);
    // Stored after the last claim has found nothing, before the worker is over.
    queue.on('job:completed', () => {
      if (ran.length === 1) void queue.enqueue('push', 2);
    });
    const [held] = scope.dispatch('sync', { tag: TAG });
    await environment.flush();
    expect([ran, held?.state]).toEqual([[1, 2], 'resolved']);
  });

  it('rejects with nothing that is reported as unhandled', async () => {
    const { queue, scope, environment, doing } = setWorker({ waitForMs: 0 });
    doing.push = () => {
      throw new UnreachableError('no network');
    };
    await queue.enqueue('push', 1);
    const [held] = scope.dispatch('sync', { tag: TAG });
    await environment.flush();
    const reason = await held?.promise.catch((error: unknown) => error);
    const kept: string[] = [];
    const report = (given: unknown) => {
      const preventDefault = () => void kept.push('prevented');
      const stopImmediatePropagation = () => void kept.push('stopped');
      scope.dispatch('unhandledrejection', { reason: given, preventDefault, stopImmediatePropagation });
    };
    report(new Error('the app’s own'));
    expect(kept).toEqual([]);
    report(reason);
    expect(kept).toEqual(['prevented', 'stopped']);
  });

  it('shares the run that there is, and is held until that is over', async () => {
    const { queue, scope, ran, doing, environment } = setWorker();
    const handler = latch();
    doing.push = () => handler.promise;
    await queue.enqueue('push', 1);
    const [first] = scope.dispatch('message', { data: { holdfast: 'sync', tag: TAG, lift: false } });
    await environment.flush();
    const [second] = scope.dispatch('sync', { tag: TAG });
    await environment.flush();
    expect([first?.state, second?.state]).toEqual(['held', 'held']);
    handler.open();
    await environment.flush();
    expect([first?.state, second?.state, ran]).toEqual(['resolved', 'resolved', [1]]);
  });
});

describe('where there is no sync', () => {
  it('a fetch begins a run without being answered, at most one in 20 s, and only when something may be due', async () => {
    const { scope, ran, environment } = setWorker({ waitForMs: 0 }, false);
    const fetched = () => scope.dispatch('fetch').length;
    expect(fetched()).toBe(1);
    await environment.flush();
    await environment.advance(19_999);
    expect(fetched()).toBe(0);
    await environment.advance(60_000);
    expect(fetched()).toBe(0);
    await environment.advance(220_001);
    expect(fetched()).toBe(1);
    await environment.flush();
    expect(ran).toEqual([]);
  });

  it('a fetch runs what has become due', async () => {
    const { queue, scope, ran, doing, environment } = setWorker({ waitForMs: 0 }, false);
    doing.push = () => {
      if (ran.length === 1) throw new Error('no');
    };
    await queue.enqueue('push', 1);
    await environment.flush();
    await environment.advance(29_999);
    expect(scope.dispatch('fetch')).toEqual([]);
    await environment.advance(1);
    const [held] = scope.dispatch('fetch');
    await environment.flush();
    expect([ran, held?.state]).toEqual([[1, 1], 'resolved']);
  });

  it('nothing is listened to that costs pages time, where there is one', () => {
    expect(setWorker().scope.listened()).not.toContain('fetch');
    expect(setWorker({}, false).scope.listened()).toContain('fetch');
  });
});

describe('a message', () => {
  it.each([
    ['no object', 'sync'],
    ['another library’s', { type: 'sync', tag: TAG }],
    ['of another tag', { holdfast: 'sync', tag: 'other' }],
    ['without a tag', { holdfast: 'sync' }],
  ])('that is %s begins nothing', async (_, data) => {
    const { queue, scope, ran, environment } = setWorker();
    await queue.enqueue('push', 1);
    expect(scope.dispatch('message', { data })).toEqual([]);
    await environment.flush();
    expect(ran).toEqual([]);
  });

  it('asks for a sync when something is left, and never rejects', async () => {
    const { queue, scope, doing, environment } = setWorker({ waitForMs: 0 });
    doing.push = () => {
      throw new UnreachableError('no network');
    };
    await queue.enqueue('push', 1);
    await environment.flush();
    scope.registered.splice(0);
    const [held] = scope.dispatch('message', { data: { holdfast: 'sync', tag: TAG, lift: true } });
    await environment.flush();
    expect([held?.state, scope.registered]).toEqual(['resolved', [TAG]]);
    await queue.close();
    const [closed] = scope.dispatch('message', { data: { holdfast: 'sync', tag: TAG, lift: true } });
    await environment.flush();
    expect(closed?.state).toBe('resolved');
  });
});

describe('an option of backgroundSync', () => {
  it.each([
    ['deadlineMs', { deadlineMs: 170_001 }],
    ['deadlineMs', { deadlineMs: 999 }],
    ['waitForMs', { waitForMs: -1 }],
    ['graceMs', { graceMs: Number.NaN }],
    ['tag', { tag: '' }],
    ['concurrency', { concurrency: 0 }],
  ])('that is wrong throws at once: %s', (option, options) => {
    expect(() => setWorker(options)).toThrow(option);
  });

  it('that does not exist throws at once, as does a handler without a job', () => {
    const { queue } = setScene(jobs);
    expect(() => backgroundSync(queue, {}, { deadline: 1 } as never)).toThrow('deadline');
    expect(() => backgroundSync(queue, { other: () => {} } as never, { scope: fakeScope() })).toThrow(
      'other',
    );
  });

  it('periodicTag names the periodic syncs that run jobs, and stop ends all of it', async () => {
    const { queue, scope, ran, environment, synced } = setWorker({ periodicTag: 'daily' });
    await queue.enqueue('push', 1);
    expect(scope.dispatch('periodicsync', { tag: 'other' })).toEqual([]);
    const [held] = scope.dispatch('periodicsync', { tag: 'daily' });
    await environment.flush();
    expect([ran, held?.state]).toEqual([[1], 'resolved']);
    await synced.stop();
    expect(scope.listened()).toEqual([]);
  });
});

describe.each([
  ['with Background Sync', true],
  ['without it', false],
])('a backgroundSync that was stopped, %s,', (_, sync) => {
  const installing = (scope: FakeScope) => void scope.find();
  const waiting = (scope: FakeScope) => {
    scope.find().become('installed');
    scope.dispatch('message', { data: { holdfast: 'yield', tag: TAG } });
  };

  it.each([
    ['is being installed', installing],
    ['waits and has asked it to yield', waiting],
  ])('stays stopped when a new version %s', async (__, found) => {
    const { queue, scope, ran, environment, synced } = setWorker({}, sync);
    found(scope);
    await environment.flush();
    await synced.stop();
    await queue.enqueue('push', 1);
    expect(environment.timers).toBe(0);
    await environment.advance(60_000);
    expect([ran, scope.registered]).toEqual([[], []]);
  });

  it.each(['installed', 'redundant'])('stays stopped when a new version becomes %s', async (state) => {
    const { queue, scope, ran, environment, synced } = setWorker({}, sync);
    const next = scope.find();
    await environment.flush();
    await synced.stop();
    await queue.enqueue('push', 1);
    next.become(state);
    expect(environment.timers).toBe(0);
    await environment.advance(60_000);
    expect([ran, scope.registered]).toEqual([[], []]);
  });

  it('asks for nothing and runs nothing when it is asked to', async () => {
    const { queue, scope, ran, environment, synced } = setWorker({}, sync);
    const posted: unknown[] = [];
    scope.active = { postMessage: (message) => void posted.push(message) };
    await synced.stop();
    await queue.enqueue('push', 1);
    await synced.register();
    expect(await synced.run()).toEqual({
      ...{ completed: 0, retried: 0, released: 0, dead: 0, cancelled: 0, activeElsewhere: 0, closed: [] },
      nextAt: environment.now(),
    });
    await environment.advance(60_000);
    expect([ran, scope.registered, posted]).toEqual([[], [], []]);
    expect(await count(queue)).toMatchObject({ pending: 1 });
  });
});

describe('an enqueue', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('in the service worker asks for a sync, once for all of one turn', async () => {
    const { queue, scope, environment } = setWorker();
    await Promise.all([1, 2, 3].map((payload) => queue.enqueue('push', payload)));
    await environment.flush();
    expect(scope.registered).toEqual([TAG]);
  });

  it('runs at once where there is no sync', async () => {
    const { queue, ran, environment } = setWorker({}, false);
    await queue.enqueue('push', 1);
    await environment.flush();
    expect(ran).toEqual([1]);
  });

  it('in a page asks for a sync, and posts a message where that is refused', async () => {
    const { queue, environment } = setScene(jobs);
    const scope = fakeScope();
    const posted: unknown[] = [];
    scope.active = { postMessage: (message) => void posted.push(message) };
    const end = syncAfterEnqueue(queue, { registration: scope.registration });
    await environment.flush();
    expect([scope.registered.length, posted.splice(0)]).toEqual([
      1,
      [{ holdfast: 'sync', tag: TAG, lift: true }],
    ]);
    scope.refusal = new DOMException('denied', 'NotAllowedError');
    await queue.enqueue('push', 1);
    await environment.flush();
    expect(posted).toEqual([{ holdfast: 'sync', tag: TAG, lift: false }]);
    end();
    await queue.enqueue('push', 2);
    await environment.flush();
    expect(posted).toHaveLength(1);
  });

  it('in a page asks the registration of that, whatever else has its name', async () => {
    const scope = fakeScope();
    vi.stubGlobal('registration', { id: 'a form' });
    vi.stubGlobal('navigator', { serviceWorker: { getRegistration: async () => scope.registration } });
    await requestSync('any');
    expect(scope.registered).toEqual(['any']);
  });

  it.each([
    ['tag', { tag: '' }],
    ['tags', { tags: 'any' }],
  ])('is asked for with options that are checked at once: %s', (option, options) => {
    const { queue } = setScene(jobs);
    expect(() => requestSync(queue, options as never)).toThrow(option);
    expect(() => syncAfterEnqueue(queue, options as never)).toThrow(option);
    expect(() => requestSync({} as never)).toThrow('queue');
  });

  it('in a page without service workers asks nobody, and rejects nothing', async () => {
    vi.stubGlobal('navigator', {});
    await expect(requestSync('any')).resolves.toBeUndefined();
    vi.stubGlobal('navigator', { serviceWorker: { getRegistration: () => Promise.reject(new Error('no')) } });
    await expect(requestSync('any')).resolves.toBeUndefined();
  });
});

describe('a new version of the service worker', () => {
  /** The old one runs a job, and the new one is being installed. */
  async function setVersions() {
    const old = setWorker();
    const handler = latch();
    await old.queue.enqueue('push', 1);
    old.doing.push = () => handler.promise;
    const [held] = old.scope.dispatch('sync', { tag: TAG });
    await old.environment.flush();
    return { ...old, handler, held };
  }

  /** Asks as `askToYield` does. Returns what came of it. */
  function ask({ scope }: Pick<Awaited<ReturnType<typeof setVersions>>, 'scope'>) {
    const replies: unknown[] = [];
    const ports = [{ postMessage: (reply: unknown) => void replies.push(reply) }];
    scope.dispatch('message', { data: { holdfast: 'yield', tag: TAG }, ports });
    return replies;
  }

  it('is told when the old one has finished what it ran', async () => {
    const old = await setVersions();
    old.scope.find();
    const replies = ask(old);
    await old.environment.flush();
    expect(replies).toEqual(['heard']);
    old.handler.open();
    await old.environment.flush();
    expect(replies).toEqual(['heard', 'done']);
    expect(await count(old.queue)).toMatchObject({ pending: 0, active: 0, completed: 1 });
  });

  it('is told after the grace of what does not end: that is given back, uncounted', async () => {
    const old = await setVersions();
    old.scope.find();
    const replies = ask(old);
    await old.environment.advance(4_999);
    expect(replies).toEqual(['heard']);
    await old.environment.advance(1);
    expect(replies).toEqual(['heard', 'done']);
    const [job] = (await list(old.queue, { state: 'pending' })).jobs;
    expect(job).toMatchObject({ state: 'pending', failures: 0, crashes: 0 });
  });

  it('leaves the old one claiming nothing more once it takes over, whatever wakes that', async () => {
    const old = await setVersions();
    const next = old.scope.find();
    ask(old);
    old.handler.open();
    await old.environment.flush();
    next.become('installed');
    next.become('activating');
    await old.queue.enqueue('push', 2);
    const [held] = old.scope.dispatch('sync', { tag: TAG });
    await old.environment.advance(60_000);
    expect([old.ran, held?.state]).toEqual([[1], 'rejected']);
  });

  it.each([
    ['fails to install', 'redundant', 0],
    ['waits for the tabs of the old one', 'installed', 5_000],
    ['is slow to install', 'installing', 30_000],
  ])('that %s leaves the old one at work, after %s for %i ms', async (_, state, afterMs) => {
    const old = await setVersions();
    const next = old.scope.find();
    old.handler.open();
    await old.environment.flush();
    await old.queue.enqueue('push', 2);
    await old.environment.flush();
    if (state !== 'installing') next.become(state);
    old.scope.registered.splice(0);
    if (afterMs > 0) {
      await old.environment.advance(afterMs - 1);
      expect(old.scope.registered).toEqual([]);
    }
    await old.environment.advance(1);
    expect(old.scope.registered).toEqual([TAG]);
    old.scope.dispatch('sync', { tag: TAG });
    await old.environment.flush();
    expect(old.ran).toEqual([1, 2]);
  });

  it('is held in its install until the old one has given back, and asks for a sync when it is active', async () => {
    const { scope, environment } = setWorker();
    const asked: unknown[] = [];
    scope.active = { postMessage: (message, [port] = []) => void asked.push(message, port) };
    const [held] = scope.dispatch('install');
    await environment.flush();
    expect([asked[0], held?.state]).toEqual([{ holdfast: 'yield', tag: TAG }, 'held']);
    const port = asked[1] as MessagePort;
    port.postMessage('heard');
    await heard(environment, () => environment.timers === 1);
    await environment.advance(9_999);
    expect(held?.state).toBe('held');
    port.postMessage('done');
    await heard(environment, () => held?.state === 'resolved');
    port.close();
    scope.dispatch('activate');
    await environment.flush();
    expect(scope.registered).toEqual([TAG]);
  });

  it('hears of itself as of a newer one, and works all the same', async () => {
    const { queue, scope, ran, environment } = setWorker();
    const own = scope.find();
    scope.dispatch('install');
    for (const state of ['installed', 'activating']) own.become(state);
    scope.active = own;
    scope.dispatch('activate');
    own.become('activated');
    await queue.enqueue('push', 1);
    const [held] = scope.dispatch('sync', { tag: TAG });
    await environment.flush();
    expect([ran, held?.state]).toEqual([[1], 'resolved']);
  });

  it('that a page has take over by SKIP_WAITING is held until the old one has given back, which claims nothing more', async () => {
    const backing = memoryBacking();
    const old = setWorker({}, true, { backing });
    const { environment } = old;
    const next = old.scope.find();
    next.become('installed');
    await environment.advance(5_000);
    const handler = latch();
    old.doing.push = () => handler.promise;
    await old.queue.enqueue('push', 1);
    old.scope.dispatch('sync', { tag: TAG });
    await environment.flush();
    const fresh = setWorker({}, true, { backing, environment });
    fresh.scope.active = {
      postMessage: (data, ports) =>
        void old.scope.dispatch('message', { data, ports: ports as MessagePort[] }),
    };
    const [held] = fresh.scope.dispatch('message', { data: { type: 'SKIP_WAITING' } });
    await environment.advance(4_999);
    expect([old.ran, held?.state]).toEqual([[1], 'held']);
    await environment.advance(1);
    await heard(environment, () => held?.state === 'resolved');
    const [given] = (await list(old.queue, { state: 'pending' })).jobs;
    expect(given).toMatchObject({ failures: 0, crashes: 0 });
    next.become('activating');
    old.scope.dispatch('sync', { tag: TAG });
    await environment.advance(60_000);
    expect(old.ran).toEqual([1]);
    fresh.scope.dispatch('sync', { tag: TAG });
    await environment.flush();
    expect([old.ran, fresh.ran]).toEqual([[1], [1]]);
  });

  it('that no old one precedes takes over by SKIP_WAITING at once', async () => {
    const { scope, environment } = setWorker();
    const [held] = scope.dispatch('message', { data: { type: 'SKIP_WAITING' } });
    await environment.flush();
    expect(held?.state).toBe('resolved');
  });

  it('asks again each second until it has taken over by SKIP_WAITING, as in Chromium the old one may be started anew', async () => {
    const { scope, environment } = setWorker();
    const own = scope.find();
    own.become('installed');
    const [held] = scope.dispatch('message', { data: { type: 'SKIP_WAITING' } });
    await environment.advance(2_000);
    expect([scope.skipped, held?.state]).toEqual([3, 'held']);
    own.become('activating');
    await environment.advance(10_000);
    expect([scope.skipped, held?.state]).toEqual([3, 'resolved']);
  });

  it('waits three seconds for an old one that does not hear', async () => {
    const { scope, environment } = setWorker();
    scope.active = { postMessage: () => {} };
    const [held] = scope.dispatch('install');
    await environment.advance(2_999);
    expect(held?.state).toBe('held');
    await environment.advance(1);
    expect(held?.state).toBe('resolved');
  });
});

/** What a port brings comes in a task of the platform. */
async function heard(environment: FakeEnvironment, isThere: () => boolean): Promise<void> {
  while (!isThere()) await environment.flush();
}
