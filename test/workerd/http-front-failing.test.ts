import { env } from 'cloudflare:workers';
import { deserializeError, HoldfastError, PayloadError, QueueFullError, StoreError } from 'holdfast';
import { httpFront, queueClient } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';
import { APP } from './front.ts';
import { type FrontOptions, fakedFront, JSON_TYPE, letter } from './front-scene.ts';
import { jobs, use } from './worker.ts';

describe('a queue that fails', () => {
  const failing = async (fails: unknown, onError: (error: unknown) => void = () => {}) => {
    const { front } = fakedFront({ fails, onError });
    const body = JSON.stringify(letter());
    const url = 'https://q.example/jobs';
    return Promise.all([
      front(new Request(url, { method: 'POST', headers: JSON_TYPE, body })),
      front(new Request(`${url}/x`)),
    ]);
  };

  it.each([
    ['is full', new QueueFullError('inner name', 'maxDepth', 10, 11), '30'],
    ['cannot be reached', new StoreError('object inner name failed', { retryable: true }), '5'],
  ])('as it %s answers 503, when to come back, and nothing of itself', async (_, error, seconds) => {
    for (const answer of await failing(error)) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe(seconds);
      const told = await answer.text();
      expect(told).not.toContain('inner');
      const { code, retryable } = deserializeError(JSON.parse(told));
      expect([code, retryable]).toEqual([error.code, (error as StoreError).retryable]);
    }
  });

  it.each([
    ['a store that will not mend', new StoreError('inner', { retryable: false })],
    ['a definition that is wrong', new HoldfastError('InvalidOption', 'inner')],
    ['a job that the queue does not know', new HoldfastError('UnknownJob', 'inner')],
    ['a mistake', new TypeError('inner is not a function')],
    ['nothing at all', null],
    ['a text', 'inner'],
  ])('with %s answers 500 without detail, and tells onError', async (_, error) => {
    const told: unknown[] = [];
    for (const answer of await failing(error, (one) => told.push(one))) {
      expect(answer.status).toBe(500);
      expect(await answer.json()).toEqual({ title: 'Internal Server Error', status: 500 });
    }
    expect(told).toEqual([error, error]);
  });

  it('is no excuse for authorize: what that throws is never told, whatever it is', async () => {
    for (const error of [
      new QueueFullError('inner', 'maxDepth', 1, 2),
      new PayloadError('inner', 'is wrong'),
    ]) {
      const authorize = () => Promise.reject(error);
      const { front } = fakedFront({ authorize });
      const answer = await front(new Request('https://q.example/jobs/x'));
      expect(await answer.json()).toEqual({ title: 'Internal Server Error', status: 500 });
    }
  });

  it('answers also when onError throws', async () => {
    const answers = await failing(new Error('inner'), () => {
      throw new Error('the listener is broken');
    });
    expect(answers.map(({ status }) => status)).toEqual([500, 500]);
  });
});

describe('the options', () => {
  const queue = queueClient(env.MAILER, 'unused', { jobs, use });
  const good: FrontOptions = { queue, jobs, authorize: () => true };

  it.each<[string, object, string]>([
    ['no authorize', { authorize: undefined }, 'authorize is undefined'],
    ['an authorize that is no function', { authorize: true }, 'authorize is true'],
    ['no queue', { queue: undefined }, 'queue is undefined'],
    ['a queue that cannot be asked', { queue: { enqueue: () => {} } }, 'queue is an object'],
    ['no jobs', { jobs: undefined }, 'jobs is undefined'],
    ['names that are none', { names: 'send' }, 'names is "send"'],
    ['a name that no job has', { names: ['send', 'sent'] }, 'names[1] is "sent"'],
    ['a bound of nothing', { maxBytes: 0 }, 'maxBytes is 0'],
    ['an onError that is no function', { onError: 'log' }, 'onError is "log"'],
    ['CORS for whoever', { cors: true }, 'cors is true'],
    ['CORS without origins', { cors: {} }, 'cors.origins is undefined'],
    ['CORS for *', { cors: { origins: ['*'] } }, 'cors.origins[0] is "*"'],
    ['CORS for null', { cors: { origins: ['null'] } }, 'cors.origins[0] is "null"'],
    ['an origin with a path', { cors: { origins: [`${APP}/`] } }, `cors.origins[0] is "${APP}/"`],
    ['an origin that is a pattern', { cors: { origins: ['https://*.app.example'] } }, 'cors.origins[0] is'],
    [
      'an origin with its default port',
      { cors: { origins: ['https://a.example:443'] } },
      'cors.origins[0] is',
    ],
    ['an origin in capitals', { cors: { origins: ['https://A.example'] } }, 'cors.origins[0] is'],
    ['credentials that are no yes or no', { cors: { origins: [], credentials: 1 } }, 'cors.credentials is 1'],
    ['an option that nobody knows', { autorize: () => true }, 'httpFront options is "autorize"'],
  ])('are checked at once: %s', (_, options, message) => {
    expect(() => httpFront({ ...good, ...options } as FrontOptions)).toThrow(message);
  });

  it('may name the origin of an app that is no site', async () => {
    const origin = 'capacitor://localhost';
    const { front } = fakedFront({ cors: { origins: [origin] } });
    const answer = await front(new Request('https://q.example/jobs/x', { headers: { origin } }));
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
  });

  it('bound the body as they say', async () => {
    const { front } = fakedFront({ maxBytes: 100 });
    const send = async (bytes: number) => {
      const body = JSON.stringify(letter({ payload: { to: 'x'.repeat(bytes) } }));
      return (
        await front(new Request('https://q.example/jobs', { method: 'POST', headers: JSON_TYPE, body }))
      ).status;
    };
    expect([await send(20), await send(100)]).toEqual([201, 413]);
  });
});
