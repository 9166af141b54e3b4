import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DeadLetterError, get, job, ServerError, send, UnreachableError, work } from 'holdfast';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reachOf } from '../../src/core/work/reach.ts';
import { ended, setScene } from './scene.ts';

/** A real server: the path says what it answers. */
const answers: Record<string, (response: ServerResponse, request: IncomingMessage) => void> = {
  '/json': (response) => response.setHeader('content-type', 'application/problem+json').end('{}'),
  '/nothing': (response) => response.writeHead(204).end(),
  '/empty': (response) => response.setHeader('content-length', '0').end(),
  '/portal': (response) => response.setHeader('content-type', 'text/html').end('<h1>Sign in</h1>'),
  '/elsewhere': (response) => response.writeHead(302, { location: `${elsewhere}/json` }).end(),
  '/here': (response) => response.writeHead(302, { location: '/json' }).end(),
  '/missing': (response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>404</h1>'),
  '/broken': (response) => response.writeHead(500).end(),
  '/gone': (response) => response.destroy(),
  '/silent': () => undefined,
  '/echo': (response, request) => request.pipe(response),
};

const servers: Server[] = [];
let origin = '';
let elsewhere = '';

async function startServer(): Promise<string> {
  const server = createServer((request, response) => answers[request.url ?? '']?.(response, request));
  servers.push(server);
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

beforeAll(async () => {
  [origin, elsewhere] = await Promise.all([startServer(), startServer()]);
});

afterAll(() => {
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
});

const thrownBy = (sending: Promise<unknown>): Promise<unknown> =>
  sending.then(
    () => undefined,
    (error: unknown) => error,
  );

it('a response of status 2xx is returned, and its body is left to the caller', async () => {
  const response = await send(`${origin}/echo`, { method: 'POST', body: 'kelp' });
  expect(await response.text()).toBe('kelp');
});

it('takes a Request as fetch does', async () => {
  const request = new Request(`${origin}/echo`, { method: 'PUT', body: 'kelp' });
  expect(await (await send(request)).text()).toBe('kelp');
});

it.each<[string, number, unknown]>([
  ['/missing', 404, DeadLetterError],
  ['/broken', 500, ServerError],
])('%s: status %i throws as throwForStatus does', async (path, status, kind) => {
  const error = await thrownBy(send(origin + path));
  expect(error).toBeInstanceOf(kind);
  expect(error).toMatchObject({ status });
});

it('a bad URL throws from building the request, and says nothing of the server', async () => {
  const error = await thrownBy(send('http://'));
  expect(error).toBeInstanceOf(TypeError);
  expect(reachOf(error)).toEqual({ kind: 'silent' });
});

it('a body for GET throws from building the request, before anything is sent', async () => {
  const error = await thrownBy(send(`${origin}/echo`, { body: 'kelp' }));
  expect(error).toBeInstanceOf(TypeError);
  expect(reachOf(error)).toEqual({ kind: 'silent' });
});

it('a connection that ends without an answer is nobody reached', async () => {
  const error = await thrownBy(send(`${origin}/gone`));
  expect(error).toBeInstanceOf(UnreachableError);
  expect(error).toMatchObject({ reason: 'network' });
});

it('a port where nobody listens is nobody reached', async () => {
  const server = createServer();
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => {
    server.close(closed);
  });
  expect(await thrownBy(send(`http://127.0.0.1:${port}`))).toMatchObject({
    code: 'Unreachable',
    reason: 'network',
  });
});

describe('a signal', () => {
  const silentTo = (controller: AbortController) =>
    thrownBy(send(`${origin}/silent`, { signal: controller.signal }));

  it('aborted by time is a server that did not answer', async () => {
    const controller = new AbortController();
    const sending = silentTo(controller);
    controller.abort(new DOMException('too late', 'TimeoutError'));
    expect(await sending).toMatchObject({ code: 'Unreachable', reason: 'timeout' });
  });

  it('aborted for anything else throws its reason', async () => {
    const controller = new AbortController();
    const sending = silentTo(controller);
    const reason = new Error('the user left');
    controller.abort(reason);
    expect(await sending).toBe(reason);
  });

  it('of a request that was built before counts as well, unless another is given', async () => {
    const [own, given] = [new AbortController(), new AbortController()];
    const [reason, other] = [new Error('the user left'), new Error('the worker was stopped')];
    const request = () => new Request(`${origin}/silent`, { signal: own.signal });
    const sending = [thrownBy(send(request())), thrownBy(send(request(), { signal: given.signal }))];
    own.abort(reason);
    given.abort(other);
    expect(await Promise.all(sending)).toEqual([reason, other]);
  });

  it('of a handler whose timeoutMs is over says that nobody was reached', async () => {
    const { queue, environment } = setScene({ push: job<string>({ timeoutMs: 1_000 }) });
    const { id } = await queue.enqueue('push', 'x');
    let sent: Promise<unknown> = Promise.resolve();
    const worker = work(queue, {
      push: (_, { signal }) => {
        const sending = send(`${origin}/silent`, { signal });
        sent = thrownBy(sending);
        return sending;
      },
    });
    await environment.advance(1_000);
    expect(await sent).toMatchObject({ code: 'Unreachable', reason: 'timeout' });
    await environment.advance(0);
    expect((await get(queue, id))?.errors.at(-1)?.name).toBe('UnreachableError');
    await ended(worker.stop());
  });
});

describe('expect', () => {
  it.each<[string, 'json' | 'same-origin']>([
    ['/json', 'json'],
    ['/nothing', 'json'],
    ['/empty', 'json'],
    ['/here', 'json'],
    ['/portal', 'same-origin'],
  ])('%s is an answer of the server where %s is expected', async (path, expected) => {
    expect((await send(origin + path, { expect: expected })).ok).toBe(true);
  });

  it.each<[string, 'json' | 'same-origin']>([
    ['/portal', 'json'],
    ['/elsewhere', 'json'],
    ['/elsewhere', 'same-origin'],
  ])('%s is nobody reached where %s is expected', async (path, expected) => {
    const error = await thrownBy(send(origin + path, { expect: expected }));
    expect(error).toMatchObject({ code: 'Unreachable', reason: 'portal' });
  });

  it('a refusal of the server may be HTML where JSON is expected', async () => {
    expect(await thrownBy(send(`${origin}/missing`, { expect: 'json' }))).toBeInstanceOf(DeadLetterError);
  });

  it('a function sees answers of every status and says which are of the server', async () => {
    const seen: number[] = [];
    const see = (response: Response): boolean => {
      seen.push(response.status);
      return response.status !== 404;
    };
    expect((await send(`${origin}/portal`, { expect: see })).status).toBe(200);
    expect(await thrownBy(send(`${origin}/missing`, { expect: see }))).toMatchObject({ reason: 'portal' });
    expect(seen).toEqual([200, 404]);
  });

  it('of another kind is refused before anything is sent', async () => {
    expect(await thrownBy(send(`${origin}/json`, { expect: 'html' as 'json' }))).toMatchObject({
      code: 'InvalidOption',
      message: `expect is "html": expected 'json', 'same-origin' or a function`,
    });
  });
});

describe('what a throw says of the server', () => {
  it.each<[string, unknown, unknown]>([
    ['an error of the handler says nothing', new TypeError('x is undefined'), { kind: 'silent' }],
    ['a death by the handler says nothing', new DeadLetterError('no title'), { kind: 'silent' }],
    ['nothing thrown says nothing', undefined, { kind: 'silent' }],
    ['a refusal with a status got through', new DeadLetterError('no', { status: 422 }), { kind: 'through' }],
    [
      'a status of 500 is an answer',
      new ServerError('ouch', { status: 500 }),
      { kind: 'answered', reason: 'status 500' },
    ],
    ['an unreachable server', new UnreachableError('gone'), { kind: 'unreached', reason: 'network' }],
    [
      'a server that asks for patience closes',
      new UnreachableError('wait', { reason: 'busy', retryAfterMs: 1.5 }),
      { kind: 'unreached', reason: 'busy', retryAfterMs: 2, closes: true },
    ],
    [
      'a server that asks for years asks for a day',
      new UnreachableError('wait', { reason: 'busy', retryAfterMs: 1.75e12 }),
      { kind: 'unreached', reason: 'busy', retryAfterMs: 86_400_000, closes: true },
    ],
    [
      'a server that wants a sign-in closes',
      new UnreachableError('who', { reason: 'signed-out' }),
      { kind: 'unreached', reason: 'signed-out', closes: true },
    ],
    [
      'an error of another copy of the package counts by its code',
      { code: 'Unreachable', reason: 'kelp', retryAfterMs: Number.NaN },
      { kind: 'unreached', reason: 'network' },
    ],
    [
      'Chromium without a network',
      new TypeError('Failed to fetch'),
      { kind: 'unreached', reason: 'network' },
    ],
    [
      'Firefox without a network',
      new TypeError('NetworkError when attempting to fetch resource.'),
      { kind: 'unreached', reason: 'network' },
    ],
  ])('%s', (_, thrown, reach) => {
    expect(reachOf(thrown)).toEqual(reach);
  });

  it('what throws when it is looked at says nothing', () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('no');
        },
      },
    );
    expect(reachOf(hostile)).toEqual({ kind: 'silent' });
  });
});

it('a negative retryAfterMs is refused at once', () => {
  expect(() => new UnreachableError('x', { retryAfterMs: -1 })).toThrow(
    'retryAfterMs is -1: expected a number of ms, 0 or more',
  );
});
