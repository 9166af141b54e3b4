import { runInNewContext } from 'node:vm';
import { DeadLetterError, fixed, get, job, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { setScene } from './scene.ts';

/** The job after one attempt whose handler threw this. */
async function afterThrowing(thrown: () => unknown, options: { readonly maxAttempts?: number } = {}) {
  const { queue, environment } = setScene({ push: job({ backoff: fixed({ delayMs: 100 }) }) });
  const { id } = await queue.enqueue('push', null, options);
  const errors: unknown[] = [];
  queue.on('worker:error', ({ error }) => errors.push(error));
  work(queue, {
    push: () => {
      throw thrown();
    },
  });
  await environment.flush();
  expect(errors).toEqual([]);
  return get(queue, id);
}

const unreadable = {
  toString: () => {
    throw new Error('toString throws');
  },
};

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};

describe('a handler that throws', () => {
  it.each<[string, () => unknown, string]>([
    ['a string', () => 'out of paper', 'out of paper'],
    ['undefined', () => undefined, 'undefined'],
    ['null', () => null, 'null'],
    ['a number', () => 42, '42'],
    ['a symbol', () => Symbol('why'), 'Symbol(why)'],
    ['a plain object', () => ({ status: 500 }), '{"status":500}'],
    ['an object whose toString throws', () => unreadable, '{}'],
    [
      'an object that cannot be shown',
      () => ({ toJSON: unreadable.toString }),
      'a value that cannot be shown was thrown',
    ],
    ['an object that refers to itself', circular, 'a value that cannot be shown was thrown'],
    ['a promise', () => Promise.resolve(1), '{}'],
    ['a proxy that was revoked', revoked, 'a value that cannot be shown was thrown'],
  ])('%s fails its attempt like any other, and the error says what it was', async (_, thrown, message) => {
    expect(await afterThrowing(thrown)).toMatchObject({
      state: 'pending',
      failures: 1,
      errors: [{ name: 'NonError', message, attempt: 1 }],
    });
  });

  it('an error whose properties throw fails its attempt like any other', async () => {
    const hostile = Object.defineProperties(new Error('x'), {
      code: { get: unreadable.toString },
      message: { get: unreadable.toString },
    });
    expect(await afterThrowing(() => hostile)).toMatchObject({ state: 'pending', failures: 1 });
  });

  it('an error of another realm is kept with its name and message', async () => {
    const foreign = runInNewContext("new TypeError('from a frame')");
    expect(await afterThrowing(() => foreign)).toMatchObject({
      failures: 1,
      errors: [{ name: 'TypeError', message: 'from a frame' }],
    });
  });

  it('an error is kept with its name, message and stack, 2,048 characters of them', async () => {
    const job = await afterThrowing(() => new RangeError('y'.repeat(5_000)));
    const [error] = job?.errors ?? [];
    expect(error).toMatchObject({ name: 'RangeError', message: 'y'.repeat(2_048) });
    expect(error?.stack).toBeUndefined();
    const [short] = (await afterThrowing(() => new RangeError('short')))?.errors ?? [];
    expect(short?.stack).toContain('RangeError: short');
    expect((short?.stack?.length ?? 0) + 'short'.length).toBeLessThanOrEqual(2_048);
  });
});

describe('DeadLetterError', () => {
  it('makes the job dead at once, whatever attempts are left', async () => {
    expect(await afterThrowing(() => new DeadLetterError('the note is too long'))).toMatchObject({
      state: 'dead',
      failures: 1,
      errors: [{ name: 'DeadLetterError', message: 'the note is too long' }],
    });
  });
});

describe('an error of another copy of the package', () => {
  const foreign = (fields: object) => Object.assign(new Error('foreign'), fields);

  it('is known by its code: DeadLetter', async () => {
    expect(await afterThrowing(() => foreign({ code: 'DeadLetter' }))).toMatchObject({ state: 'dead' });
  });

  it('is known by its code, also from another realm', async () => {
    const thrown = runInNewContext("Object.assign(new Error('frame'), { code: 'DeadLetter' })");
    expect(await afterThrowing(() => thrown)).toMatchObject({ state: 'dead' });
  });

  it('is known by its code: RetryLater', async () => {
    const job = await afterThrowing(() => foreign({ code: 'RetryLater', delayMs: 5_000, hold: false }));
    expect(job).toMatchObject({ state: 'pending', runAt: (job?.enqueuedAt ?? 0) + 5_000 });
  });

  it.each([[Number.NaN], [-1], ['5'], [undefined]])(
    'with a delay of %s falls back to the backoff',
    async (delayMs) => {
      const job = await afterThrowing(() => foreign({ code: 'RetryLater', delayMs }));
      expect(job).toMatchObject({ state: 'pending', runAt: (job?.enqueuedAt ?? 0) + 100 });
    },
  );

  it('with a code of its own is like any other', async () => {
    expect(await afterThrowing(() => foreign({ code: 'ECONNRESET' }))).toMatchObject({ state: 'pending' });
  });
});

function circular() {
  const value: { self?: unknown } = {};
  value.self = value;
  return value;
}
