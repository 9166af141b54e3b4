import fc from 'fast-check';
import * as holdfast from 'holdfast';
import {
  createQueue,
  deserializeError,
  HoldfastError,
  type HoldfastErrorCode,
  job,
  memoryStore,
  PayloadError,
  type SerializedError,
  StoreError,
  serializeError,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { hostile, hostileOptions, isPolluted } from './hostile-values.ts';

const cause = new TypeError('fetch failed');

/** One of each class, with all that it can carry. */
const errors: readonly HoldfastError[] = [
  new holdfast.InvalidOptionError('lane', 7, 'a text'),
  new PayloadError('payload.to', 'is not valid', [{ message: 'expected a text', path: ['to', '0'] }]),
  new holdfast.QueueFullError('sync', 'maxDepth', 10, 11),
  new StoreError('the disk failed', { retryable: true, cause }),
  new holdfast.StoreBlockedError('notes', 'stood still for 10000 ms'),
  new holdfast.StoreUnavailableError('there is no IndexedDB', cause),
  new holdfast.StoreOutdatedError('notes', cause),
  new holdfast.StoreClosedError('queue "sync"'),
  new holdfast.UnknownJobError('push', ['pull']),
  new holdfast.MiddlewareError('auth', 'threw', cause),
  new holdfast.NotPermittedError('get'),
  new holdfast.DeadLetterError('no such note', { cause, status: 404 }),
  new holdfast.UnreachableError('nobody answered', { reason: 'busy', retryAfterMs: 5_000, cause }),
  new holdfast.ServerError('the server failed', { status: 500, cause }),
  new holdfast.RetryLaterError({ delayMs: 5_000, hold: true, cause }),
  new holdfast.LeaseLostError('x'),
  new holdfast.JobCancelledError('x'),
  new holdfast.JobDeadError('x', { name: 'TypeError', message: 'no', attempt: 3, at: 1_000 }),
  new holdfast.JobGoneError('x'),
  new holdfast.ResultNotKeptError('x'),
  new holdfast.JobReleasedError('x'),
  new holdfast.JobTimeoutError('x', 1_000),
  new holdfast.WorkerStoppedError(),
];

/** All that a caller can read of an error, but its stack. */
function readable(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, cause: origin } = error;
  return { ...error, name, message, cause: origin === undefined ? undefined : readable(origin) };
}

const borders: readonly (readonly [string, (data: SerializedError) => unknown])[] = [
  ['JSON', (data) => JSON.parse(JSON.stringify(data))],
  ['structured clone', (data) => structuredClone(data)],
];

const crossed = (thrown: unknown) => deserializeError(structuredClone(serializeError(thrown)));

describe('an error of holdfast', () => {
  it.each(
    borders.flatMap(([border, cross]) => errors.map((error) => [error.name, border, error, cross] as const)),
  )('%s crosses by %s with all that callers read of it', (_, __, error, cross) => {
    const there = deserializeError(cross(serializeError(error)));
    expect(readable(there)).toEqual(readable(error));
    expect(there).toBeInstanceOf(HoldfastError);
    expect(String(there)).toBe(String(error));
  });

  it('is in this list, of whatever class it is', () => {
    const classes = Object.values(holdfast).filter(
      (one) => typeof one === 'function' && one.prototype instanceof HoldfastError,
    );
    const tried = new Set(errors.map((error) => error.constructor));
    expect(classes.filter((one) => !tried.has(one as never))).toEqual([]);
  });

  it('crosses a message port with its code, which structured clone alone would lose', async () => {
    const queue = createQueue({ name: 'q', jobs: { push: job() }, store: memoryStore() });
    const refused = await queue.enqueue('nope' as 'push', null).catch((error: unknown) => error);
    const { port1, port2 } = new MessageChannel();
    const arrived = new Promise<unknown>((resolve) => {
      port2.onmessage = ({ data }) => resolve(data);
    });
    port1.postMessage(serializeError(refused));
    const there = deserializeError(await arrived);
    port1.close();
    expect([there.name, there.code]).toEqual(['UnknownJobError', 'UnknownJob']);
    await queue.close();
  });

  it('keeps the code and text of a newer version, and what that says more', () => {
    const newer = Object.assign(new HoldfastError('Eclipse' as HoldfastErrorCode, 'no light', cause), {
      retryable: true,
      phase: 3,
    });
    const there = crossed(newer);
    expect(there).toBeInstanceOf(HoldfastError);
    expect(readable(there)).toEqual(readable(newer));
  });

  it('is known by code and name, also of another copy of the package', () => {
    class HoldfastErrorOfAnotherCopy extends Error {
      readonly code = 'Store';
      readonly retryable = true;
      override readonly name = 'StoreError';
    }
    expect(crossed(new HoldfastErrorOfAnotherCopy('away'))).toMatchObject({ code: 'Store', retryable: true });
  });
});

describe('any other error', () => {
  it.each([
    ['of the language', new RangeError('too far'), { name: 'RangeError', message: 'too far' }],
    ['of the platform', new DOMException('gone', 'AbortError'), { name: 'AbortError', message: 'gone' }],
    [
      'with a code of its own',
      Object.assign(new Error('no such file'), { code: 'ENOENT', path: '/secret' }),
      { name: 'Error', message: 'no such file', code: 'ENOENT' },
    ],
    ['that is a text', 'gone', { name: 'NonError', message: '"gone"' }],
    ['that is nothing', undefined, { name: 'NonError', message: 'undefined' }],
    ['that is an object', { secret: 1 }, { name: 'NonError', message: 'an object' }],
  ])('%s crosses with its name and message, and nothing else of it', (_, thrown, expected) => {
    expect(serializeError(thrown)).toEqual(expected);
    const there = crossed(thrown);
    expect(readable(there)).toEqual({ ...expected, cause: undefined });
    expect(there).not.toBeInstanceOf(HoldfastError);
  });

  it('crosses with its causes, four at most, though they go round', () => {
    const round = new Error('round');
    round.cause = new Error('and', { cause: round });
    let there: unknown = crossed(round);
    const messages: string[] = [];
    for (; there instanceof Error; there = there.cause) messages.push(there.message);
    expect(messages).toEqual(['round', 'and', 'round', 'and', 'round']);
  });
});

describe('what crosses', () => {
  it('is bounded: texts, issues and fields', () => {
    const issue = { message: 'm'.repeat(5_000), path: Array.from({ length: 50 }, () => 'p'.repeat(5_000)) };
    const many = new PayloadError(
      'x',
      'y'.repeat(5_000),
      Array.from({ length: 500 }, () => issue),
    );
    const fields = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`field${i}`, i]));
    const sent = serializeError(Object.assign(many, fields));
    expect(sent.message).toHaveLength(2_048);
    expect(sent.issues).toHaveLength(100);
    expect(sent.issues?.[0]?.message).toHaveLength(200);
    expect(sent.issues?.[0]?.path).toEqual(Array.from({ length: 20 }, () => 'p'.repeat(200)));
    expect(Object.keys(sent).length).toBeLessThan(30);
  });

  it('is an error of problem details as well', () => {
    const body = {
      title: 'Service Unavailable',
      status: 503,
      code: 'QueueFull',
      detail: 'the queue is full',
    };
    expect(deserializeError(body)).toMatchObject({
      name: 'QueueFullError',
      code: 'QueueFull',
      message: 'the queue is full',
      status: 503,
    });
    const bare = deserializeError({ title: 'Unauthorized', status: 401 });
    expect([bare.name, bare.message, bare.code]).toEqual(['Error', 'Unauthorized', undefined]);
  });

  it('is plain and bounded, whatever was thrown', () => {
    const asError = fc
      .tuple(hostile, hostileOptions({ code: 'Store', name: 'StoreError' }))
      .map(([origin, fields]) => () => {
        const error = new StoreError('x', { retryable: true, cause: origin() });
        try {
          const given = fields();
          return typeof given === 'object' ? Object.assign(error, given) : error;
        } catch {
          return error;
        }
      });
    fc.assert(
      fc.property(fc.oneof(hostile, asError), (make) => {
        const sent = serializeError(make());
        expect(JSON.stringify(structuredClone(sent)).length).toBeLessThan(100_000);
        expect(serializeError(deserializeError(sent))).toEqual(sent);
      }),
    );
    expect(isPolluted()).toBe(false);
  });

  it('is believed in nothing: whatever comes, it is an error that can be shown', () => {
    const issues = [
      { message: 'm', path: ['a'] },
      { message: 1, path: [] },
      { message: 'm', path: [1] },
      7,
      null,
    ];
    const fields = {
      name: 'PayloadError',
      code: 'Payload',
      message: 'no',
      retryable: true,
      issues,
      lastError: { message: 'x', attempt: 'y' },
      cause: { name: 'Error', message: 'why' },
      detail: 'd',
      title: 't',
      toString: 'a text',
      constructor: 1,
      stack: 'false',
      status: 1,
    };
    const withPrototype = fc.constant((): unknown =>
      JSON.parse(
        '{"name":"StoreError","code":"Store","message":"m","__proto__":{"polluted":1},"constructor":{}}',
      ),
    );
    fc.assert(
      fc.property(fc.oneof(hostile, hostileOptions(fields), withPrototype), (make) => {
        const error = deserializeError(make());
        expect(error).toBeInstanceOf(Error);
        expect(Object.getPrototypeOf(error)).toBe(
          error instanceof HoldfastError ? HoldfastError.prototype : Error.prototype,
        );
        expect(`${error}`.length).toBeLessThan(3_000);
        for (const { message, path } of error.issues ?? [])
          expect([message, ...path].every((text) => typeof text === 'string')).toBe(true);
        expect([undefined, true, false]).toContain(error.retryable);
        expect(error.stack).not.toBe('false');
      }),
    );
    expect(isPolluted()).toBe(false);
  });
});
