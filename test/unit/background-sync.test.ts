import { count, fixed, job, UnreachableError } from 'holdfast';
import {
  type BackgroundSyncOptions,
  backgroundSync,
  requestSync,
  syncAfterEnqueue,
} from 'holdfast/service-worker';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { latch, setScene } from './scene.ts';
import { fakeScope } from './service-worker-scope.ts';

const TAG = 'holdfast:sync';
const DAY_MS = 86_400_000;
const jobs = { push: job<number>({ backoff: fixed({ delayMs: 30_000 }) }) };

/** A queue in a service worker, whose handler does what `push` does by then. */
function setWorker(options: BackgroundSyncOptions = {}, sync = true) {
  const scene = setScene(jobs);
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

  it('resolves when what is left is due tomorrow', async () => {
    const { queue, scope, environment } = setWorker();
    await queue.enqueue('push', 1, { delayMs: DAY_MS });
    const [held] = scope.dispatch('sync', { tag: TAG });
    await environment.flush();
    expect(held?.state).toBe('resolved');
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
    const registration = { ...scope.registration, active: { postMessage: (m: unknown) => posted.push(m) } };
    const end = syncAfterEnqueue(queue, { registration });
    await environment.flush();
    expect([scope.registered.length, posted]).toEqual([1, []]);
    scope.refusal = new DOMException('denied', 'NotAllowedError');
    await queue.enqueue('push', 1);
    await environment.flush();
    expect(posted).toEqual([{ holdfast: 'sync', tag: TAG, lift: false }]);
    end();
    await queue.enqueue('push', 2);
    await environment.flush();
    expect(posted).toHaveLength(1);
  });

  it('in a page without service workers asks nobody, and rejects nothing', async () => {
    vi.stubGlobal('navigator', {});
    await expect(requestSync('any')).resolves.toBeUndefined();
    vi.stubGlobal('navigator', { serviceWorker: { getRegistration: () => Promise.reject(new Error('no')) } });
    await expect(requestSync('any')).resolves.toBeUndefined();
  });
});
