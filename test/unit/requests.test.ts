import {
  checkpoints,
  count,
  createQueue,
  defineJobs,
  drain,
  type Feature,
  get,
  memoryBacking,
  memoryStore,
  redrive,
  retryNow,
  work,
} from 'holdfast';
import {
  acceptedResponse,
  enqueueRequest,
  keepRequest,
  onRequestEnd,
  type RequestEnd,
  type RequestHandlerOptions,
  requestHandler,
  requestJob,
  requestOf,
  storeRequest,
  tellClients,
} from 'holdfast/requests';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { endOf } from '../../src/browser/replay/request-ends.ts';
import { setScene } from './scene.ts';

const URL_OF_NOTES = 'https://sea.example/api/notes?draft=1#top';
const post = (body: BodyInit | null = 'kelp', init: RequestInit = {}) =>
  new Request(URL_OF_NOTES, { method: 'POST', body, ...init });

/** As a service worker sees it: scripts cannot make one. */
const navigation = (request: Request): Request => {
  const seen: Request = Object.defineProperty(request, 'mode', { value: 'navigate' });
  return seen;
};

/** Responses that no script can make. */
const special = (type: 'opaque' | 'opaqueredirect'): Response =>
  Object.defineProperties(new Response(null), {
    type: { value: type },
    status: { value: 0 },
    ok: { value: false },
  });

/** Stands for the network: what it is asked, and its answers, the last of which goes on. */
function network(...answers: (Response | (() => Response | Promise<Response>))[]) {
  const asked: Request[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    asked.push(request);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === undefined) throw new TypeError('fetch failed');
    return typeof answer === 'function' ? answer() : answer.type === 'default' ? answer.clone() : answer;
  });
  return asked;
}

const jobs = defineJobs({ request: requestJob() });
const scene = (use: readonly Feature[] = []) => setScene(jobs, { use });
const sendAll = async ({ queue, environment }: ReturnType<typeof scene>, options?: RequestHandlerOptions) => {
  const drained = drain(
    queue,
    { request: requestHandler({ now: environment.now, ...options }) },
    { lift: true },
  );
  await environment.flush();
  return drained;
};

afterEach(() => vi.unstubAllGlobals());

describe('a stored request', () => {
  it('is made again with all that fetch goes by', async () => {
    const init = {
      method: 'PUT',
      headers: { 'x-draft': 'yes' },
      mode: 'same-origin',
      credentials: 'include',
      cache: 'no-store',
      redirect: 'manual',
      referrerPolicy: 'no-referrer',
      integrity: 'sha256-abc=',
      keepalive: true,
    } as const;
    const again = requestOf(await storeRequest(new Request(URL_OF_NOTES, { ...init, body: 'kelp' })));
    const { method, mode, credentials, cache, redirect, referrerPolicy, integrity, keepalive } = again;
    expect({ method, mode, credentials, cache, redirect, referrerPolicy, integrity, keepalive }).toEqual({
      ...init,
      headers: undefined,
    });
    expect(again.url).toBe(URL_OF_NOTES);
    expect(again.headers.get('x-draft')).toBe('yes');
    expect(await again.text()).toBe('kelp');
  });

  it('leaves the request to be read by others', async () => {
    const request = post();
    await storeRequest(request);
    expect(await request.text()).toBe('kelp');
  });

  it.each(['GET', 'HEAD'])('has no body for %s', async (method) => {
    expect(await storeRequest(new Request(URL_OF_NOTES, { method }))).not.toHaveProperty('body');
  });

  it('has no body where there was none, or an empty one', async () => {
    expect(await storeRequest(new Request(URL_OF_NOTES, { method: 'DELETE' }))).not.toHaveProperty('body');
    expect(await storeRequest(post(''))).not.toHaveProperty('body');
  });

  it('of a navigation is one of the same origin, as scripts can make no navigation', async () => {
    const stored = await storeRequest(navigation(post()));
    expect(stored).toMatchObject({ mode: 'same-origin', navigation: true });
    expect(requestOf(stored).mode).toBe('same-origin');
  });

  it('is refused when its body was read already, with what to do', async () => {
    const request = post();
    await request.text();
    await expect(storeRequest(request)).rejects.toMatchObject({ code: 'Payload', message: /clone/ });
  });

  it('is refused when its body is too large, and the error says how large and what is allowed', async () => {
    await expect(storeRequest(post('x'.repeat(11)), { maxBodyBytes: 10 })).rejects.toMatchObject({
      code: 'Payload',
      message: 'request.body has 11 bytes, and at most 10 are stored: upload large files in parts',
    });
    await expect(storeRequest(post('x'.repeat(7 * 1024 * 1024 + 1)))).rejects.toMatchObject({
      code: 'Payload',
    });
  });

  it('is refused when its URL is not one of http or https', async () => {
    await expect(storeRequest(new Request('data:text/plain,kelp'))).rejects.toMatchObject({
      code: 'Payload',
    });
  });
});

describe('headers that carry credentials', () => {
  const secret = {
    authorization: 'Bearer CANARY',
    'proxy-authorization': 'CANARY',
    'x-api-key': 'CANARY',
    'x-auth-token': 'CANARY',
    accesstoken: 'CANARY',
    requestverificationtoken: 'CANARY',
    'x-clientsecret': 'CANARY',
    'x-csrf-token': 'CANARY',
    'x-csrftoken': 'CANARY',
    'x-session-id': 'CANARY',
    'x-amz-security-token': 'CANARY',
  };

  it('are not stored, only their names, and those of the app’s own neither', async () => {
    const headers = {
      ...secret,
      'x-tide': 'CANARY',
      'content-type': 'text/plain',
      'idempotency-key': 'mine',
    };
    const { queue } = scene();
    const { id } = await enqueueRequest(queue, post('kelp', { headers }), { secretHeaders: ['X-Tide'] });
    const { payload } = (await get(queue, id))!;
    expect(payload).toMatchObject({
      headers: { 'content-type': 'text/plain', 'idempotency-key': 'mine' },
      omitted: [...Object.keys(secret), 'x-tide'].sort(),
    });
    expect(JSON.stringify(payload)).not.toContain('CANARY');
  });

  it('are added anew at each attempt by `prepare`, which may wait and may return another request', async () => {
    const asked = network(new Response(null, { status: 503 }), new Response(null));
    const s = scene();
    await enqueueRequest(s.queue, post('kelp', { headers: secret }));
    const options: RequestHandlerOptions = {
      async prepare(request, { job, attempt }) {
        request.headers.set('authorization', `Bearer ${attempt} ${job.id}`);
        return new Request(request, { headers: [...request.headers, ['x-prepared', 'yes']] });
      },
    };
    await sendAll(s, options);
    await s.environment.advance(60_000);
    await sendAll(s, options);
    expect(asked.length).toBe(2);
    expect(asked.map(({ headers }) => headers.get('authorization')?.slice(0, 8))).toEqual([
      'Bearer 1',
      'Bearer 1',
    ]);
    expect(asked[1]?.headers.get('x-prepared')).toBe('yes');
    expect(asked[1]?.headers.get('x-api-key')).toBeNull();
  });

  it('the headers that the browser sets itself are not stored', async () => {
    const stored = await storeRequest(
      Object.defineProperty(post(), 'headers', {
        value: new Map([
          ['user-agent', 'x'],
          ['sec-ch-ua', 'x'],
          ['upgrade-insecure-requests', '1'],
          ['accept', 'x/y'],
        ]),
      }),
    );
    expect(stored.headers).toEqual({ accept: 'x/y' });
  });
});

describe('the idempotency key', () => {
  const keyFor = async (
    init: RequestInit,
    options?: RequestHandlerOptions,
    origin = 'https://sea.example',
  ) => {
    vi.stubGlobal('location', { origin });
    const asked = network(new Response(null));
    const s = scene();
    await enqueueRequest(s.queue, post('kelp', init), { id: 'job 1' });
    await sendAll(s, options);
    return asked[0]?.headers.get('idempotency-key');
  };

  it('is the id of the job, for the own origin', async () => expect(await keyFor({})).toBe('job%201'));
  it('is not sent to other origins, as it would make a preflight', async () =>
    expect(await keyFor({}, {}, 'https://shore.example')).toBeNull());
  it('is sent to other origins on request', async () =>
    expect(await keyFor({}, { idempotencyKey: 'always' }, 'https://shore.example')).toBe('job%201'));
  it('is never sent in no-cors', async () =>
    expect(await keyFor({ mode: 'no-cors' }, { idempotencyKey: 'always' })).toBeNull());
  it('is that of the request, if it has one', async () =>
    expect(await keyFor({ headers: { 'idempotency-key': 'mine' } })).toBe('mine'));
  it('is not sent when the app wants none', async () =>
    expect(await keyFor({}, { idempotencyKey: 'never' })).toBeNull());
});

describe('a request is sent', () => {
  let asked: Request[] = [];
  const sentWith = async (answer: Response, request = post()) => {
    asked = network(answer);
    const s = scene();
    const { id } = await enqueueRequest(s.queue, request);
    await sendAll(s);
    const { pending, dead, completed } = await count(s.queue);
    const errors = (await get(s.queue, id))?.errors ?? [];
    return { pending, dead, completed, error: errors.at(-1)?.message };
  };
  const left = (pending: number, dead: number, completed = 0) => ({ pending, dead, completed });

  it('and is done when it is taken', async () =>
    expect(await sentWith(new Response(null, { status: 201 }))).toMatchObject(left(0, 0, 1)));
  it('and is done when the response is opaque', async () =>
    expect(await sentWith(special('opaque'), post('kelp', { mode: 'no-cors' }))).toMatchObject(
      left(0, 0, 1),
    ));
  it('and is dead when it is refused', async () =>
    expect(await sentWith(new Response(null, { status: 422 }))).toEqual({
      ...left(0, 1),
      error: 'the server answered 422',
    }));
  it.each([500, 501])('and is tried again after %i, as others may get through', async (status) =>
    expect(await sentWith(new Response(null, { status }))).toMatchObject(left(1, 0)),
  );
  it.each([401, 408, 429, 502, 503, 504])('and waits after %i, without an attempt', async (status) =>
    expect(await sentWith(new Response(null, { status }))).toMatchObject(left(1, 0)),
  );
  it('and is dead when it is redirected and must not follow: that is no failure of the network', async () => {
    for (const redirect of ['manual', 'error'] as const) {
      expect(await sentWith(special('opaqueredirect'), post('kelp', { redirect }))).toEqual({
        ...left(0, 1),
        error: 'the server answered with a redirect, which is not followed',
      });
      // The browser would take the other for a network that failed.
      expect(asked[0]?.redirect).toBe('manual');
    }
  });
  it('and is done when it was a navigation, and is redirected, as forms are', async () =>
    expect(
      await sentWith(special('opaqueredirect'), navigation(post('kelp', { redirect: 'manual' }))),
    ).toMatchObject(left(0, 0, 1)));
  it('without being kept alive when it, and others that are kept alive, have more than 64 KiB', async () => {
    const asked: Request[] = [];
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    vi.stubGlobal('fetch', async (request: Request) => {
      asked.push(request);
      await held;
      return new Response(null);
    });
    const s = scene();
    for (const [id, size] of [
      ['a', 40_000],
      ['b', 40_000],
      ['c', 20_000],
    ] as const)
      await enqueueRequest(s.queue, post('x'.repeat(size), { keepalive: true }), { id, lane: id });
    const worker = work(s.queue, { request: requestHandler({ now: s.environment.now }) });
    await s.environment.flush();
    expect(asked.map(({ keepalive }) => keepalive)).toEqual([true, false, true]);
    letGo();
    await Promise.all([worker.stop(), s.environment.flush()]);
  });
  it('no more after maxAgeMs, also when it waited behind others; and again when it is redriven', async () => {
    const asked = network(new Response(null, { status: 503 }), new Response(null));
    const s = scene([checkpoints()]);
    const ids: string[] = [];
    for (const body of ['1', '2']) ids.push((await enqueueRequest(s.queue, post(body))).id);
    const idle = work(s.queue, {});
    await s.environment.advance(8 * 86_400_000);
    await Promise.all([idle.stop(), s.environment.flush()]);
    await sendAll(s);
    expect(await count(s.queue)).toMatchObject({ pending: 0, dead: 2 });
    expect(asked).toEqual([]);
    await redrive(s.queue, ids[1] ?? '');
    await sendAll(s);
    expect(await count(s.queue)).toMatchObject({ pending: 1, dead: 1 });
    await s.environment.advance(60_000);
    await sendAll(s);
    expect(await count(s.queue)).toMatchObject({ completed: 1, dead: 1 });
    expect(await Promise.all(asked.map((request) => request.text()))).toEqual(['2', '2']);
  });
  it('and is dead when no request can be made of what is stored', async () => {
    const s = scene();
    await s.queue.enqueue('request', { url: 'javascript:alert(1)', method: 'POST', headers: {} });
    await sendAll(s);
    expect(await count(s.queue)).toMatchObject({ dead: 1 });
  });
});

describe('lanes and targets', () => {
  it('the lane is the URL without its query, the target is the origin', async () => {
    const { queue } = scene();
    const { id } = await enqueueRequest(queue, post());
    expect(await get(queue, id)).toMatchObject({
      lane: 'https://sea.example/api/notes',
      target: 'https://sea.example',
    });
  });

  it('the lane is a text, what a function says, or none', async () => {
    const { queue } = scene();
    const laneOf = async (lane: string | (() => string | undefined)) =>
      (await get(queue, (await enqueueRequest(queue, post(), { lane })).id))?.lane;
    expect([await laneOf('all'), await laneOf(() => 'mine'), await laneOf(() => undefined)]).toEqual([
      'all',
      'mine',
      undefined,
    ]);
  });

  it('those of one URL are sent in order, also when the first fails', async () => {
    const asked = network(new Response(null, { status: 503 }), new Response(null));
    const s = scene();
    for (const body of ['1', '2', '3']) await enqueueRequest(s.queue, post(body));
    await sendAll(s);
    await Promise.all([retryNow(s.queue), s.environment.flush()]);
    await sendAll(s);
    expect(await Promise.all(asked.map((request) => request.text()))).toEqual(['1', '1', '2', '3']);
  });

  /** Its body comes when it is let go, or fails. */
  function slowRequest() {
    let stream: ReadableStreamDefaultController | undefined;
    const body = new ReadableStream({
      start(controller) {
        stream = controller;
      },
    });
    const request = post(body, { duplex: 'half' } as RequestInit);
    return {
      request,
      letGo: () => {
        stream?.enqueue(new TextEncoder().encode('slow'));
        stream?.close();
      },
      fail: () => stream?.error(new Error('torn')),
    };
  }

  it('those that are kept at once keep the order of the calls, however long their bodies take to read', async () => {
    const { queue } = scene();
    const { request, letGo } = slowRequest();
    const both = [enqueueRequest(queue, request), enqueueRequest(queue, post('fast'))];
    setTimeout(letGo, 20);
    const jobs = await Promise.all(both.map(async (each) => get(queue, (await each).id)));
    expect(jobs.map((job) => job?.seq)).toEqual([1, 2]);
  });

  it('one whose body cannot be read, or does not end, holds up no other for long', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { queue } = scene();
      const torn = slowRequest();
      const refused = expect(enqueueRequest(queue, torn.request)).rejects.toMatchObject({ code: 'Payload' });
      const second = enqueueRequest(queue, post('second'));
      torn.fail();
      await refused;
      await second;
      const endless = slowRequest();
      void enqueueRequest(queue, endless.request).catch(() => undefined);
      const third = enqueueRequest(queue, post('third'));
      await vi.advanceTimersByTimeAsync(9_999);
      expect(await count(queue)).toMatchObject({ pending: 1 });
      await vi.advanceTimersByTimeAsync(1);
      await third;
      expect(await count(queue)).toMatchObject({ pending: 2 });
    } finally {
      vi.useRealTimers();
    }
  });

  it('a host that is gone holds up no other', async () => {
    const sent: string[] = [];
    vi.stubGlobal('fetch', async ({ url }: Request) => {
      if (url.startsWith('https://gone.example')) throw new TypeError('Failed to fetch');
      sent.push(url);
      return new Response(null);
    });
    const s = scene();
    for (let i = 0; i < 8; i += 1)
      await enqueueRequest(s.queue, new Request(`https://gone.example/${i}`, { method: 'POST' }));
    await enqueueRequest(s.queue, new Request('https://sea.example/note', { method: 'POST' }));
    await sendAll(s);
    expect(sent).toEqual(['https://sea.example/note']);
    expect(await count(s.queue)).toMatchObject({ pending: 8, dead: 0 });
  });
});

describe('the page', () => {
  it('gets a 202 with the id of the job in a header and in the body', async () => {
    const { queue } = scene();
    const response = await keepRequest(queue, post(), { id: 'ä 1' });
    expect(response.status).toBe(202);
    expect(response.headers.get('holdfast-job')).toBe('%C3%A4%201');
    expect(await response.json()).toEqual({ id: 'ä 1', state: 'pending' });
    expect((await get(queue, 'ä 1'))?.state).toBe('pending');
  });

  it('gets the response of the app, if that makes one', async () => {
    const { queue } = scene();
    const respond = (id: string) => new Response(`kept as ${id}`, { status: 200 });
    expect(await (await keepRequest(queue, post(), { id: '1', respond })).text()).toBe('kept as 1');
  });

  it('gets nothing before the request is stored', async () => {
    const { queue } = scene();
    await queue.close();
    await expect(keepRequest(queue, post())).rejects.toMatchObject({ code: 'StoreClosed' });
  });

  const told = async (status: number, clientId?: string) => {
    const posted: unknown[] = [];
    const clients = { get: async (id: string) => ({ postMessage: (m: RequestEnd) => posted.push([id, m]) }) };
    vi.stubGlobal('clients', clients);
    network(new Response(null, { status }));
    const s = scene();
    tellClients(s.queue);
    await enqueueRequest(s.queue, post(), { id: '1', ...(clientId && { clientId }) });
    await sendAll(s);
    return posted;
  };

  it('that asked, and no other, is told the end, with the status', async () => {
    const type = 'holdfast:request-end';
    expect(await told(201, 'tab')).toEqual([
      ['tab', { type, queue: 'sync', id: '1', state: 'completed', status: 201 }],
    ]);
    const error = { name: 'DeadLetterError', message: 'the server answered 404' };
    expect(await told(404, 'tab')).toEqual([
      ['tab', { type, queue: 'sync', id: '1', state: 'dead', status: 404, error }],
    ]);
    expect(await told(201)).toEqual([]);
    expect(await told(503, 'tab')).toEqual([]);
  });

  it('takes no message that is not of that shape', () => {
    const end = { type: 'holdfast:request-end', queue: 'sync', id: '1', state: 'dead', status: 404 };
    expect(endOf({ ...end, extra: 1, error: { name: 'E', message: 'm', stack: 's' } })).toEqual({
      ...end,
      error: { name: 'E', message: 'm' },
    });
    for (const other of [
      null,
      'x',
      {},
      { ...end, type: 'x' },
      { ...end, id: 1 },
      { ...end, queue: {} },
      { ...end, state: 'lost' },
    ])
      expect(endOf(other)).toBeUndefined();
    expect(onRequestEnd(() => {})).toBeTypeOf('function');
  });
});

describe('refused at once', () => {
  const refusal = expect.objectContaining({ code: 'InvalidOption' });
  it.each([
    ['prepare', { prepare: 1 }],
    ['idempotencyKey', { idempotencyKey: 'sometimes' }],
  ])('%s', (name, options) => {
    expect(() => requestHandler(options as never)).toThrow(refusal);
    expect(() => requestHandler(options as never)).toThrow(name);
  });
  it.each([
    ['maxBodyBytes', { maxBodyBytes: 0 }],
    ['maxBodyBytes', { maxBodyBytes: 8e6 }],
    ['clientId', { clientId: 1 }],
    ['lane', { lane: 1 }],
  ])('%s', async (name, options) => {
    const { queue } = scene();
    await expect(enqueueRequest(queue, post(), options as never)).rejects.toMatchObject({
      code: 'InvalidOption',
      message: expect.stringContaining(name),
    });
    expect(await count(queue)).toMatchObject({ pending: 0 });
  });
});

it('what one context kept another sends: any number of tabs share the queue', async () => {
  const backing = memoryBacking();
  const open = () => createQueue({ name: 'outbox', jobs, store: memoryStore({ backing }) });
  const asked = network(new Response(null));
  await enqueueRequest(open(), post());
  await drain(open(), { request: requestHandler() });
  expect(asked.length).toBe(1);
  expect(acceptedResponse('1').status).toBe(202);
});
