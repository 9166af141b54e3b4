import { count, defineJobs, drain, job, PayloadError, work } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { ended, setScene } from './scene.ts';

const jobs = defineJobs({ push: job<unknown>() });

/** The payload as the handler of its job gets it. */
async function handled(payload: unknown): Promise<unknown> {
  const { queue, environment } = setScene(jobs);
  await queue.enqueue('push', payload);
  let got: unknown;
  const drained = drain(queue, {
    push: (value) => {
      got = value;
    },
  });
  await environment.flush();
  expect(await ended(drained)).toMatchObject({ completed: 1 });
  return got;
}

describe('a handler gets the payload as it was enqueued', () => {
  it.each<[string, unknown]>([
    ['a text', 'x'],
    ['nothing', undefined],
    ['null', null],
    ['a number', -0],
    ['NaN', Number.NaN],
    ['a bigint', 2n ** 80n],
    ['an object', { a: [1, { b: 'c' }], d: null, e: undefined }],
    ['a date', new Date(1_700_000_000_000)],
    ['a map', new Map([['a', new Set([1, 2])]])],
    ['bytes', new Uint8Array([1, 2, 3])],
    ['a buffer', new Uint16Array([1, 2]).buffer],
    ['what is named like a prototype', JSON.parse('{"__proto__": {"a": 1}, "constructor": 5}')],
  ])('%s', async (_, payload) => {
    const got = await handled(payload);
    expect(got).toStrictEqual(payload);
    if (typeof payload === 'object' && payload !== null) expect(got).not.toBe(payload);
  });

  it('a blob', async () => {
    const blob = new Blob(['x']);
    expect(await handled({ blob })).toEqual({ blob });
  });
});

describe('a payload that cannot be stored is refused with where and why, and nothing is stored:', () => {
  class Note {
    readonly text = 'x';
  }
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const trap = {
    get text() {
      throw new Error('no access');
    },
  };
  let deep: unknown = 1;
  for (let i = 0; i < 600; i++) deep = [deep];

  it.each<[string, unknown, string]>([
    ['a function', () => {}, 'payload is a function: it cannot be stored'],
    ['a function inside', { a: [{ b: () => {} }] }, 'payload.a[0].b is a function: it cannot be stored'],
    ['a symbol', { a: Symbol('x') }, 'payload.a is a symbol: it cannot be stored'],
    ['an instance of a class', { note: new Note() }, 'payload.note is a Note: only plain objects'],
    ['an error', new Error('x'), 'payload is an Error: only plain objects'],
    ['a promise', { a: Promise.resolve() }, 'payload.a is a Promise: only plain objects'],
    ['a cycle', { a: cycle }, 'payload.a.self refers back to an object that contains it'],
    ['a getter that throws', { a: trap }, 'payload.a.text cannot be read: no access'],
    ['depth without end', deep, 'is nested more than 500 deep'],
  ])('%s', async (_, payload, message) => {
    const { queue, store } = setScene(jobs);
    const refused = queue.enqueue('push', payload);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(PayloadError);
    await expect(refused).rejects.toMatchObject({ code: 'Payload' });
    expect(store.callsOf('enqueue')).toBe(0);
    expect(await count(queue)).toMatchObject({ pending: 0, bytes: 0 });
  });
});

it('each attempt gets a payload of its own: what a handler changes is not seen by the next', async () => {
  const { queue, environment } = setScene({ push: job<{ tags: string[] }>({ maxAttempts: 3 }) });
  await queue.enqueue('push', { tags: [] });
  const seen: string[][] = [];
  work(queue, {
    push: ({ tags }, { attempt }) => {
      seen.push([...tags]);
      tags.push(`attempt ${attempt}`);
      throw new Error('no');
    },
  });
  await environment.advance(60_000);
  expect(seen).toEqual([[], [], []]);
});
