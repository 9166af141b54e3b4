import { describe, expect, it } from 'vitest';
import { APP } from './front.ts';
import { fakedFront, JSON_TYPE, letter, openFront } from './front-scene.ts';

describe('authorize', () => {
  const looks: readonly (readonly [
    string,
    (front: ReturnType<typeof openFront>, token: string) => Promise<Response>,
  ])[] = [
    ['POST', ({ post }, token) => post(letter(), { token })],
    ['GET', ({ call }, token) => call('/jobs/x', { token })],
    ['HEAD', ({ call }, token) => call('/jobs/x', { token, method: 'HEAD' })],
  ];

  it.each(looks)('is asked for %s: without permission it is 401, and nothing is stored', async (_, look) => {
    const front = openFront();
    for (const token of ['', 'unknown', 'null', 'no']) expect((await look(front, token)).status).toBe(401);
    expect(await front.stored()).toBe(0);
  });

  it.each(looks)('may answer %s itself, and may answer later', async (method, look) => {
    const front = openFront();
    const answer = await look(front, 'login');
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toBe('https://login.example/');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await front.stored()).toBe(0);
    expect((await look(front, 'later')).status).toBe(method === 'POST' ? 201 : 404);
  });

  it.each(looks)(
    'that throws, or answers what is no permission, is 500 for %s without a word why',
    async (method, look) => {
      const front = openFront();
      for (const token of ['throws', 'user', 'word']) {
        const answer = await look(front, token);
        expect(answer.status).toBe(500);
        const expected = { title: 'Internal Server Error', status: 500 };
        if (method !== 'HEAD') expect(await answer.json()).toEqual(expected);
      }
      expect(await front.stored()).toBe(0);
    },
  );

  it('is asked before the body is read', async () => {
    let pulled = 0;
    const body = new ReadableStream({ pull: () => void pulled++ }, { highWaterMark: 0 });
    const { front, asked } = fakedFront({ authorize: () => false });
    const answer = await front(
      new Request('https://q.example/jobs', { method: 'POST', headers: JSON_TYPE, body }),
    );
    expect(answer.status).toBe(401);
    expect(pulled).toBe(0);
    expect(asked).toEqual([]);
  });

  it('that reads the body itself is told so, by onError', async () => {
    const errors: unknown[] = [];
    const authorize = async (request: Request) => (await request.text()) !== '';
    const { front, asked } = fakedFront({ authorize, onError: (error) => errors.push(error) });
    const body = JSON.stringify(letter());
    const answer = await front(
      new Request('https://q.example/jobs', { method: 'POST', headers: JSON_TYPE, body }),
    );
    expect(answer.status).toBe(500);
    expect(errors).toMatchObject([{ message: expect.stringContaining('clone') }]);
    expect(asked).toEqual([]);
  });

  it('permits names: others are refused with 403, whether there are such jobs or not', async () => {
    const { post, stored } = openFront();
    expect((await post({ name: 'send', payload: { n: 1 } }, { token: 'sends' })).status).toBe(201);
    const refusals = ['letter', 'unhandled', 'nonsense', 'toString'].map(async (name) => {
      const answer = await post({ name, payload: { to: 'a' } }, { token: 'sends' });
      return { status: answer.status, body: await answer.text() };
    });
    const [first, ...others] = await Promise.all(refusals);
    expect(first!.status).toBe(403);
    for (const other of others) expect(other).toEqual(first);
    expect(await stored()).toBe(1);
  });

  it('permits no name that the front does not offer', async () => {
    const { post, client, call } = openFront();
    expect((await post({ name: 'unhandled', payload: 1 })).status).toBe(403);
    await client.enqueue('unhandled', 1, { id: 'inner' });
    expect((await call('/jobs/inner')).status).toBe(404);
  });
});

describe('pages of other origins', () => {
  const preflight = (origin: string, method = 'POST') => ({
    method: 'OPTIONS',
    token: '',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'content-type',
    },
  });
  const corsHeaders = (answer: Response) =>
    [...answer.headers.keys()].filter((name) => name.startsWith('access-control-'));

  it('may not call when nothing was said of them: the preflight is refused', async () => {
    const { call, post } = openFront('closed');
    const refused = await call('/jobs', preflight(APP));
    expect(refused.status).toBe(405);
    const answer = await post(letter(), { headers: { origin: APP } });
    for (const one of [refused, answer]) expect(corsHeaders(one)).toEqual([]);
    expect(answer.headers.get('vary')).toBeNull();
  });

  it('may call when they are named: the preflight asks for no permission and says what is allowed', async () => {
    const { call } = openFront('paged');
    const answer = await call('/jobs', preflight(APP));
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'authorization, content-type',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '600',
      'cache-control': 'no-store',
      vary: 'Origin',
    });
    const ofJob = await call('/jobs/x', preflight(APP, 'GET'));
    expect(ofJob.headers.get('access-control-allow-methods')).toBe('GET, HEAD');
  });

  it('hear the answers, refusals too, and may read where the job is', async () => {
    const { post, call } = openFront('paged');
    const origin = 'http://localhost:5173';
    const answers = [
      await post(letter(), { headers: { origin } }),
      await post(7, { headers: { origin } }),
      await call('/jobs/x', { token: '', headers: { origin } }),
      await call('/jobs/x', { token: 'throws', headers: { origin } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 422, 401, 500]);
    for (const answer of answers) {
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
      expect(answer.headers.get('access-control-expose-headers')).toBe('location, retry-after');
      expect(answer.headers.get('vary')).toBe('Origin');
    }
  });

  it.each([
    'https://evil.example',
    'https://app.example.evil.example',
    'https://app.example:8443',
    'http://app.example',
    'https://APP.example',
    'https://sub.app.example',
    'null',
    '*',
  ])('that are not named exactly may not: %s', async (origin) => {
    const { call, post } = openFront('paged');
    const refused = await call('/jobs', preflight(origin));
    expect(refused.status).toBe(403);
    const answer = await post(letter(), { headers: { origin } });
    for (const one of [refused, answer]) {
      expect(corsHeaders(one)).toEqual([]);
      expect(one.headers.get('vary')).toBe('Origin');
    }
  });

  it('send no cookies unless that was said', async () => {
    const { call, post } = openFront('open');
    const answers = [await call('/jobs', preflight(APP)), await post(letter(), { headers: { origin: APP } })];
    for (const answer of answers) {
      expect(answer.headers.get('access-control-allow-origin')).toBe(APP);
      expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });

  it('send no OPTIONS that is no preflight', async () => {
    const answer = await openFront('paged').call('/jobs', { method: 'OPTIONS', headers: { origin: APP } });
    expect(answer.status).toBe(405);
  });
});
