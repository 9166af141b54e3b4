import { env } from 'cloudflare:workers';
import { deserializeError, drain, get, job } from 'holdfast';
import { httpFront, queueClient } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';
import { fakedFront, HOUR_MS, JSON_TYPE, letter, openFront } from './front-scene.ts';

const problem = (answer: Response) => answer.json<{ status: number; detail?: string; issues?: unknown[] }>();

describe('POST …/jobs', () => {
  it('stores a job, and answers 201, its id and where it is', async () => {
    const { name, client, post } = openFront();
    const answer = await post(letter({ id: 'my/own id' }));
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe(`/${name}/closed/api/jobs/my%2Fown%20id`);
    expect(await answer.json()).toEqual({ id: 'my/own id', status: 'enqueued' });
    expect(await get(client, 'my/own id')).toMatchObject({ name: 'letter', payload: { to: 'a' } });
  });

  it('chooses an id when none is given', async () => {
    const { client, post, call } = openFront();
    const answer = await post(letter());
    const { id } = await answer.json<{ id: string }>();
    expect(await get(client, id)).toMatchObject({ payload: { to: 'a' } });
    const looked = await call(answer.headers.get('location')!.replace(/^.*\/api/, ''));
    expect(looked.status).toBe(200);
  });

  it('stores a job once, however often it is sent: the same id answers 200 and duplicate', async () => {
    const { post, stored, client } = openFront();
    const body = letter({ id: 'once' });
    const answers = await Promise.all([1, 2, 3, 4].map(() => post(body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 201]);
    const again = await post(letter({ id: 'once', payload: { to: 'another' } }));
    expect(again.status).toBe(200);
    expect(again.headers.get('location')).toMatch(/\/api\/jobs\/once$/);
    expect(await again.json()).toEqual({ id: 'once', status: 'duplicate' });
    expect(await stored()).toBe(1);
    expect(await get(client, 'once')).toMatchObject({ payload: { to: 'a' } });
  });

  it('takes a lane, an idempotency key and a delay', async () => {
    const { post, client } = openFront();
    const options = { lane: 'doc', idempotencyKey: 'k', delayMs: HOUR_MS };
    await post(letter({ id: 'one', options }));
    const job = await get(client, 'one');
    expect(job).toMatchObject({ lane: 'doc', idempotencyKey: 'k' });
    expect(job!.runAt - job!.enqueuedAt).toBe(HOUR_MS);
    expect(await (await post(letter({ options }))).json()).toEqual({ id: 'one', status: 'duplicate' });
  });

  it.each<[string, unknown]>([
    ['an option that is not for outsiders', letter({ options: { priority: 100 } })],
    ['how often it is tried', letter({ options: { maxAttempts: 1e6 } })],
    ['an instant', letter({ options: { runAt: 0 } })],
    ['headers', letter({ options: { headers: { traceparent: '00-1' } } })],
    ['tags', letter({ options: { tags: ['eu'] } })],
    [
      'what replaces a job of somebody else',
      letter({ options: { idempotencyKey: 'k', onDuplicate: 'replace' } }),
    ],
    ['a second id among the options', letter({ options: { id: 'x' } })],
    ['options that are none', letter({ options: [] })],
    ['options that are nothing', letter({ options: null })],
    ['a field that nobody knows', letter({ queue: 'other' })],
    ['a delay of two years', letter({ options: { delayMs: 2 * 366 * 24 * HOUR_MS } })],
    ['a negative delay', letter({ options: { delayMs: -1 } })],
    ['a delay that is a text', letter({ options: { delayMs: '5' } })],
    ['a lane that is too long', letter({ options: { lane: 'x'.repeat(513) } })],
    ['a lane with control characters', letter({ options: { lane: 'a\u0000b' } })],
    ['a key that is no text', letter({ options: { idempotencyKey: {} } })],
    ['an id that is too long', letter({ id: 'x'.repeat(513) })],
    ['an id that is no text', letter({ id: 7 })],
    ['an id that no path can have', letter({ id: '..' })],
    ['a name that is no text', { name: ['letter'], payload: { to: 'a' } }],
    ['no name', { payload: { to: 'a' } }],
    ['a list', [letter()]],
    ['null', null],
    ['a text', 'letter'],
  ])('refuses %s with 422 and why, and stores nothing', async (_, body) => {
    const { post, stored } = openFront();
    const answer = await post(body);
    expect(answer.status).toBe(422);
    expect(await problem(answer)).toMatchObject({ status: 422, detail: expect.stringMatching(/expected/) });
    expect(await stored()).toBe(0);
  });

  it('refuses a payload that its schema refuses with 422 and the issues, and repeats nothing of it', async () => {
    const { post, stored } = openFront();
    const answer = await post({ name: 'letter', payload: { to: 5, text: 'my secret' } });
    expect(answer.status).toBe(422);
    const told = await answer.text();
    expect(JSON.parse(told)).toMatchObject({
      detail: 'payload.to is not valid: expected a text',
      issues: [{ path: ['to'], message: 'expected a text' }],
    });
    expect(told).not.toContain('secret');
    expect(await stored()).toBe(0);
  });

  it('refuses so that the caller has an error with its code and issues again, also when only the object knows the schema', async () => {
    const queue = queueClient(env.MAILER, crypto.randomUUID(), { jobs: { letter: job() } });
    const front = httpFront({ queue, jobs: { letter: job() }, authorize: () => true });
    const send = (body: unknown) =>
      front(
        new Request('https://q.example/jobs', {
          method: 'POST',
          headers: JSON_TYPE,
          body: JSON.stringify(body),
        }),
      );
    const answer = await send(letter({ payload: { to: 5 } }));
    expect(deserializeError(await answer.json())).toMatchObject({
      name: 'PayloadError',
      code: 'Payload',
      message: 'payload.to is not valid: expected a text',
      issues: [{ path: ['to'], message: 'expected a text' }],
    });
    const wrong = await send(letter({ options: { delayMs: -1 } }));
    expect(deserializeError(await wrong.json())).toMatchObject({ code: 'InvalidOption' });
  });

  it('refuses a payload that is nested too deep with 422', async () => {
    const { call, stored } = openFront();
    const body = `{"name":"send","payload":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    const answer = await call('/jobs', { method: 'POST', headers: JSON_TYPE, body });
    expect(answer.status).toBe(422);
    expect((await problem(answer)).detail?.length).toBeLessThanOrEqual(500);
    expect(await stored()).toBe(0);
  });

  it('keeps __proto__ of a payload as the plain key that it is, and refuses it beside the payload', async () => {
    const { call, client } = openFront();
    const post = (body: string) => call('/jobs', { method: 'POST', headers: JSON_TYPE, body });
    const hostile = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"to":"a"}';
    expect((await post(`{"name":"letter","id":"p","payload":${hostile}}`)).status).toBe(201);
    const kept = (await get(client, 'p'))?.payload as object;
    expect(JSON.stringify(kept)).toBe(hostile);
    expect(Object.getPrototypeOf(kept)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    for (const key of ['__proto__', 'constructor'])
      expect((await post(`{"name":"letter","payload":{"to":"a"},"${key}":{"name":"send"}}`)).status).toBe(
        422,
      );
    expect((await post('{"name":"__proto__","payload":1}')).status).toBe(403);
  });

  it.each([
    ['nothing', ''],
    ['half of it', '{"name":"letter","payload":{"to"'],
    ['a form', 'name=letter'],
    ['bytes that are no UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22])],
  ])('refuses what is no JSON with 400: %s', async (_, body) => {
    const { call, stored } = openFront();
    const answer = await call('/jobs', { method: 'POST', headers: JSON_TYPE, body });
    expect(answer.status).toBe(400);
    expect(await stored()).toBe(0);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'text/plain; application/json',
    'application/jsonp',
    '',
  ])('refuses a content type that is not JSON, as other sites could send it: "%s"', async (type) => {
    const { call, stored } = openFront();
    const body = new Blob([JSON.stringify(letter())]);
    const answer = await call('/jobs', {
      method: 'POST',
      ...(type === '' ? {} : { headers: { 'content-type': type } }),
      body,
    });
    expect(answer.status).toBe(415);
    expect(await stored()).toBe(0);
  });

  it.each(['application/json; charset=utf-8', 'Application/JSON', 'application/json ;charset=utf-8'])(
    'takes JSON however its type is written: %s',
    async (type) => {
      expect((await openFront().post(letter(), { headers: { 'content-type': type } })).status).toBe(201);
    },
  );
});

describe('GET …/jobs/:id', () => {
  it('says where a job stands, and nothing of what is in it', async () => {
    const { post, call, client } = openFront();
    const payload = { to: 'my secret' };
    await post(letter({ id: 'a b/c', payload, options: { delayMs: HOUR_MS, lane: 'secret lane' } }));
    const answer = await call('/jobs/a%20b%2Fc');
    expect(answer.status).toBe(200);
    const { enqueuedAt, runAt } = (await get(client, 'a b/c'))!;
    expect(await answer.json()).toEqual({
      id: 'a b/c',
      name: 'letter',
      state: 'pending',
      attempt: 1,
      enqueuedAt,
      runAt,
    });
  });

  it('says that a job is dead, and not why', async () => {
    const { client, call } = openFront();
    // No handler of the object takes letters.
    await client.enqueue('letter', { to: 'a' }, { id: 'x', maxAttempts: 1 });
    await drain(client, {
      letter: () => {
        throw new Error('the secret of the handler');
      },
    });
    const told = await (await call('/jobs/x')).text();
    expect(JSON.parse(told)).toMatchObject({ id: 'x', state: 'dead', finishedAt: expect.any(Number) });
    expect(told).not.toContain('secret');
    expect(told).not.toContain('stack');
  });

  it('is 404 for a job that is not there, or whose name the caller may not see: the same', async () => {
    const { client, call } = openFront();
    await client.enqueue('letter', { to: 'a' }, { id: 'x' });
    const hidden = await call('/jobs/x', { token: 'sends' });
    const missing = await call('/jobs/y', { token: 'sends' });
    expect([hidden.status, missing.status]).toEqual([404, 404]);
    expect(await hidden.text()).toBe(await missing.text());
    expect((await call('/jobs/x')).status).toBe(200);
  });

  it.each(['x'.repeat(513), '%00', '%', '%ff', '%ED%A0%80', 'x'.repeat(10_000)])(
    'is 404 for an id that no job can have: %s',
    async (id) => {
      expect((await openFront().call(`/jobs/${id}`)).status).toBe(404);
    },
  );

  it('has the same headers and no body for HEAD', async () => {
    const { client, call } = openFront();
    await client.enqueue('letter', { to: 'a' }, { id: 'x' });
    const answer = await call('/jobs/x', { method: 'HEAD' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(await answer.text()).toBe('');
    expect((await call('/jobs/y', { method: 'HEAD' })).status).toBe(404);
    const { front } = fakedFront();
    const bare = await front(new Request('https://q.example/jobs/y', { method: 'HEAD' }));
    expect(bare.body).toBeNull();
  });
});

describe('another request', () => {
  it.each([
    ['GET', '/jobs', 'POST'],
    ['PUT', '/jobs', 'POST'],
    ['DELETE', '/jobs/x', 'GET, HEAD'],
    ['POST', '/jobs/x', 'GET, HEAD'],
    ['PATCH', '/jobs/x', 'GET, HEAD'],
  ])('%s %s is 405, and says what is allowed', async (method, path, allow) => {
    const answer = await openFront().call(path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe(allow);
  });

  it.each(['/', '/job', '/jobs/', '/jobs/x/', '/jobs/x/payload', '/jobsx', '/xjobs'])(
    'to %s is 404, for whatever method',
    async (path) => {
      const { call } = openFront();
      for (const method of ['GET', 'POST', 'OPTIONS'])
        expect((await call(path, { method })).status).toBe(404);
    },
  );
});

describe('every answer', () => {
  it('is JSON, not to be stored and not to be taken for anything else', async () => {
    const { call, post } = openFront();
    const answers = [
      await post(letter({ id: 'x' })),
      await post(letter({ id: 'x' })),
      await call('/jobs/x'),
      await call('/jobs/y'),
      await call('/jobs'),
      await call('/nothing'),
      await post(7),
      await post(letter(), { token: '' }),
      await post(letter(), { token: 'throws' }),
      await post(letter(), { headers: { 'content-type': 'text/html' } }),
      await call('/jobs', { method: 'POST', headers: JSON_TYPE, body: '<script>alert(1)</script>' }),
    ];
    for (const answer of answers) {
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      expect(answer.headers.get('content-type')).toMatch(
        answer.status < 300 ? /^application\/json/ : /^application\/problem\+json/,
      );
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
      const body = await answer.text();
      expect(body).not.toContain('<script');
      if (answer.status >= 400) expect(JSON.parse(body)).toMatchObject({ status: answer.status });
    }
    expect(answers.map(({ status }) => status)).toEqual([
      201, 200, 200, 404, 405, 404, 422, 401, 500, 415, 400,
    ]);
  });
});
