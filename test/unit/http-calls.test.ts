import { count, createQueue, defineJobs, enqueueMany, get, job, memoryStore, StoreError } from 'holdfast';
import { type HttpHostOptions, httpHost, httpQueue } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';

const jobs = defineJobs({ push: job<unknown>() });
const JSON_TYPE = { 'content-type': 'application/json' };

function openHost(options: Partial<HttpHostOptions> = {}) {
  const queue = createQueue({ name: 'sync', jobs, store: memoryStore(), maxDepth: 2 });
  const told: unknown[] = [];
  const serve = httpHost(
    queue,
    { enqueueMany, get },
    {
      authorize: (request) => request.headers.get('authorization') === 'Bearer ann' && 'ann',
      onError: (error) => told.push(error),
      ...options,
    },
  );
  const post = (body: unknown, headers: Record<string, string> = { authorization: 'Bearer ann' }) =>
    serve(
      new Request('https://queue.example/calls', {
        method: 'POST',
        headers: { ...JSON_TYPE, ...headers },
        body: JSON.stringify(body),
      }),
    );
  return { queue, told, serve, post };
}

const asksFor = (id: string) => ({ v: 1, call: 'get', args: { id } });

/** After its head. */
function brokenOff(): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"v":1,'));
      controller.error(new TypeError('terminated'));
    },
  });
  return new Response(body, { headers: JSON_TYPE });
}

describe('a queue over HTTP', () => {
  it('is called by a POST of JSON, as it can be typed by hand', async () => {
    const { queue, post } = openHost();
    await queue.enqueue('push', 'x', { id: 'mail-17' });
    const answer = await post(asksFor('mail-17'));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toMatchObject({ v: 1, now: expect.any(Number), answer: { id: 'mail-17' } });
  });

  it('has no default for authorize', () => {
    const { queue } = openHost();
    expect(() => httpHost(queue, { get }, {} as never)).toThrow('authorize is undefined');
  });

  it.each([
    ['nobody', {}, 401],
    ['somebody else', { authorization: 'Bearer bob' }, 401],
  ])('refuses %s, and nothing is stored', async (_, headers, status) => {
    const { queue, post } = openHost();
    const spec = { id: 'a', known: false, name: 'push', version: 1, priority: 0, payload: 1 };
    expect((await post({ v: 1, call: 'enqueue', args: { jobs: [spec] } }, headers)).status).toBe(status);
    expect(await count(queue)).toMatchObject({ pending: 0 });
  });

  it('sends what authorize answers instead, and says nothing of what it throws', async () => {
    const instead = openHost({ authorize: () => Response.redirect('https://login.example/') });
    expect((await instead.post(asksFor('x'))).status).toBe(302);
    const thrower = openHost({
      authorize: () => {
        throw new Error('the secret of the session store');
      },
    });
    const answer = await thrower.post(asksFor('x'));
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain('secret');
    expect(thrower.told).toHaveLength(1);
  });

  it.each([
    ['what was not exposed', { v: 1, call: 'count' }, 422],
    ['an unknown argument', { v: 1, call: 'get', args: { id: 'x', all: true } }, 422],
    ['another version', { v: 9, call: 'get', args: { id: 'x' } }, 422],
    ['no call', 'hello', 422],
  ])('refuses %s by problem details', async (_, body, status) => {
    const answer = await openHost().post(body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ code: 'InvalidOption', detail: expect.any(String) });
  });

  it('takes no other method, no other type and no more bytes than it says', async () => {
    const { serve, post } = openHost({ maxBytes: 50 });
    expect((await serve(new Request('https://queue.example/calls'))).status).toBe(405);
    expect((await post(asksFor('x'.repeat(50)))).status).toBe(413);
    const form = new Request('https://queue.example/calls', { method: 'POST', body: 'a=1' });
    expect((await serve(form)).status).toBe(415);
  });
});

describe('an httpQueue', () => {
  const clientOf = (fetch: (url: string, init: RequestInit) => Promise<Response>, headers = {}) =>
    httpQueue('https://queue.example/calls', {
      jobs,
      fetch,
      headers,
      tries: 2,
      environment: {
        now: () => 5,
        setTimer: (callback) => {
          queueMicrotask(callback);
          return () => undefined;
        },
        yield: async () => undefined,
        id: () => crypto.randomUUID(),
      },
    });

  it('sends its headers, and rejects as the host refuses', async () => {
    const { queue, serve } = openHost();
    const fetch = (url: string, init: RequestInit) => serve(new Request(url, init));
    const ann = clientOf(fetch, () => ({ authorization: 'Bearer ann' }));
    await enqueueMany(
      ann,
      [1, 2].map((n) => ({ name: 'push' as const, payload: n })),
    );
    expect(await count(queue)).toMatchObject({ pending: 2 });
    await expect(ann.enqueue('push', 3)).rejects.toMatchObject({ code: 'QueueFull' });
    await expect(count(ann)).rejects.toMatchObject({ code: 'InvalidOption' });
    await expect(get(clientOf(fetch), 'x')).rejects.toMatchObject({ code: 'NotPermitted' });
  });

  it('repeats what passes: no network, a server in between that is away', async () => {
    for (const first of [
      () => Promise.reject(new TypeError('fetch failed')),
      async () => new Response('bad gateway', { status: 502 }),
    ]) {
      let calls = 0;
      const client = clientOf(async () => {
        calls += 1;
        return calls === 1 ? first() : Response.json({ v: 1, now: 5 });
      });
      expect(await get(client, 'x')).toBeUndefined();
      expect(calls).toBe(2);
    }
    const away = clientOf(() => Promise.reject(new TypeError('fetch failed')));
    await expect(get(away, 'x')).rejects.toThrow(StoreError);
  });

  it.each<[string, () => Response]>([
    ['breaks off', brokenOff],
    ['is 500', () => new Response('no', { status: 500 })],
    ['is 522, of a server in between', () => new Response('no', { status: 522 })],
  ])('repeats a call whose answer %s, and a job is stored once', async (_, lost) => {
    const { queue, serve } = openHost();
    let calls = 0;
    const client = clientOf(
      async (url, init) => {
        const answer = await serve(new Request(url, init));
        calls += 1;
        return calls === 1 ? lost() : answer;
      },
      { authorization: 'Bearer ann' },
    );
    expect(await client.enqueue('push', 1)).toMatchObject({ status: 'enqueued' });
    expect(calls).toBe(2);
    expect(await count(queue)).toMatchObject({ pending: 1 });
    const away = clientOf(async () => lost());
    await expect(away.enqueue('push', 1)).rejects.toMatchObject({ code: 'Store', retryable: true });
  });

  it('refuses a payload that JSON would change, before it calls', async () => {
    const client = clientOf(() => Promise.reject(new Error('nobody is to be called')));
    for (const payload of [
      new Date(5),
      new Map(),
      Number.NaN,
      -0,
      1n,
      [undefined],
      { deep: [new Uint8Array(1)] },
    ])
      await expect(client.enqueue('push', payload)).rejects.toMatchObject({ code: 'Payload' });
  });
});
