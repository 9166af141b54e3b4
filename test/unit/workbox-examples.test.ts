import { count, drain, memoryBacking, memoryStore } from 'holdfast';
import { requestHandler } from 'holdfast/requests';
import { type FakeEnvironment, fakeEnvironment } from 'holdfast/testing';
import { requestQueue } from 'holdfast/workbox';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeScope } from './service-worker-scope.ts';
import {
  discard,
  keepWrites,
  openOutbox,
  openPlugin,
  openQueue,
  saveLastEdit,
  sendAgain,
  showDead,
  watchOutbox,
} from './workbox-examples.ts';

let environment: FakeEnvironment;
beforeEach(() => {
  environment = fakeEnvironment();
  // Names are of a context, and each test is one.
  delete (globalThis as Record<symbol, unknown>)[Symbol.for('holdfast.workbox.names')];
});
afterEach(() => vi.unstubAllGlobals());

const request = (path: string, body: string) =>
  new Request(`https://notes.example${path}`, { method: 'POST', body });

/** What it comes to, on a clock that goes on by itself. */
async function ended<T>(promise: Promise<T>): Promise<T> {
  let isOver = false;
  void promise
    .finally(() => {
      isOver = true;
    })
    .catch(() => undefined);
  for (let i = 0; i < 300 && !isOver; i += 1) {
    await environment.flush();
    await new Promise((resolve) => setImmediate(resolve));
    if (i > 5 && !isOver) await environment.advance(1_000);
  }
  return promise;
}

/** Keeps what the server was sent. */
function serve(...statuses: number[]) {
  const seen: unknown[] = [];
  vi.stubGlobal('fetch', async (sent: Request) => {
    seen.push([new URL(sent.url).pathname, await sent.text(), sent.headers.get('authorization')]);
    return new Response(null, { status: statuses.shift() ?? 204 });
  });
  return seen;
}

describe('the examples of docs/migrating-from-workbox.md', () => {
  it('keep what the network failed, and send it with a fresh token when the browser wakes the service worker', async () => {
    const scope = fakeScope();
    const seen = serve(503);
    const plugin = openPlugin(async () => 'fresh', { store: memoryStore(), environment, scope });
    await ended(plugin.fetchDidFail({ request: request('/notes/1', 'first') }));
    const [sync] = scope.dispatch('sync', { tag: 'workbox-background-sync:outbox' });
    await ended(sync?.promise ?? Promise.reject());
    expect(seen).toEqual([
      ['/notes/1', 'first', 'Bearer fresh'],
      ['/notes/1', 'first', 'Bearer fresh'],
    ]);
  });

  it('say so when all is sent', async () => {
    serve();
    const said: string[] = [];
    const scope = fakeScope();
    const queue = openQueue((text) => said.push(text), { store: memoryStore(), environment, scope });
    await ended(queue.pushRequest({ request: request('/notes/1', 'first') }));
    const [sync] = scope.dispatch('sync', { tag: 'workbox-background-sync:outbox' });
    await ended(sync?.promise ?? Promise.reject());
    expect(said).toEqual(['All is sent.']);
  });

  it('show in a page what waits and what is dead, send it again and discard it', async () => {
    serve(422, 422);
    const backing = memoryBacking();
    const open = { environment, scope: fakeScope() };
    const plugin = openPlugin(async () => 'fresh', { ...open, store: memoryStore({ backing }) });
    const page = requestQueue('outbox', { environment, store: memoryStore({ backing }) });
    const shown: number[][] = [];
    const stop = watchOutbox(page, (waiting, dead) => shown.push([waiting, dead]));
    await environment.advance(50);
    for (const path of ['/notes/1', '/notes/2'])
      await ended(plugin.fetchDidFail({ request: request(path, 'refused') }));
    await environment.advance(50);
    expect(shown.at(-1)).toEqual([2, 0]);
    await ended(plugin.queue.replayRequests());
    const dead: string[] = [];
    await ended(showDead(page, (text) => dead.push(text)));
    expect(dead.map((text) => text.replace(/^.*?: /, ''))).toEqual([
      'https://notes.example/notes/1 the server answered 422',
      'https://notes.example/notes/2 the server answered 422',
    ]);
    const [first = '', second = ''] = dead.map((text) => text.replace(/: .*/, ''));
    expect(await ended(discard(page, first))).toBe('removed');
    expect(await ended(sendAgain(page, second))).toBe('redriven');
    await ended(plugin.queue.replayRequests());
    expect(await ended(count(page))).toMatchObject({ pending: 0, dead: 0 });
    stop();
  });

  it('keep all writes in the order in which they were made', async () => {
    const seen = serve(500);
    const outbox = openOutbox({ store: memoryStore(), environment });
    const scope = fakeScope();
    const keep = keepWrites(outbox, () => 'fresh', scope);
    vi.spyOn(Date, 'now').mockImplementation(() => environment.now());
    for (const body of ['first', 'second']) {
      const response = await ended(keep({ request: request('/notes/1', body), clientId: 'tab' }));
      expect(response.status).toBe(202);
    }
    const [sync] = scope.dispatch('sync', { tag: 'holdfast:outbox' });
    await ended(sync?.promise ?? Promise.reject());
    expect(seen.map((each) => (each as string[])[1])).toEqual(['first', 'first', 'second']);
    vi.restoreAllMocks();
  });

  it('send only the last edit', async () => {
    const seen = serve();
    const outbox = openOutbox({ store: memoryStore(), environment });
    for (const text of ['one', 'two']) await ended(saveLastEdit(outbox, request('/notes/1', text)));
    await ended(drain(outbox, { request: requestHandler({ now: environment.now }) }));
    expect(seen).toEqual([['/notes/1', 'two', null]]);
  });
});
