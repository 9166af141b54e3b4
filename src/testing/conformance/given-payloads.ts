import { describe, expect, it } from 'vitest';
import type { Scene } from './scene.ts';
import { spec, T } from './spec.ts';

/** What a page can hold besides JSON: it is stored exactly as it was at the call, or refused with its place. */
export function describeGivenPayloads(scene: Scene): void {
  describe('what is given as a payload', () => {
    describeKept(scene);
    describeRefused(scene);
    describeReading(scene);
  });
}

/** As a framework's store does: whatever is read through it is behind a proxy too. */
function observed<Value extends object>(value: Value): Value {
  return new Proxy(value, {
    get(target, key, receiver) {
      const isNative = target instanceof Map || target instanceof Set;
      const item: unknown = Reflect.get(target, key, isNative ? target : receiver);
      if (isNative && typeof item === 'function' && key !== 'constructor') return item.bind(target);
      return typeof item === 'object' && item !== null && !(item instanceof Date) ? observed(item) : item;
    },
  });
}

const unseen = <Value extends object>(value: Value, key: PropertyKey): Value =>
  Object.defineProperty(value, key, { value: 'unseen', enumerable: false });

const withHoles = (): unknown[] => Object.assign([], { 1: 'one', 3: undefined });

/** A view over memory that another thread may write to, where pages have such. */
const shared = (): Uint8Array =>
  new Uint8Array(typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(3) : new SharedArrayBuffer(3));

const halfFloats = (): unknown => {
  const { Float16Array: Floats = Float32Array } = globalThis as unknown as {
    readonly Float16Array?: typeof Float32Array;
  };
  return Floats.from([0, 1.5, -2]);
};

/** Name → what is given, and what it is. */
const kept: Readonly<Record<string, () => readonly [given: unknown, stored: unknown]>> = {
  'an object without a prototype, as a plain one': () => [
    Object.assign(Object.create(null), { a: 1, constructor: 2 }),
    { a: 1, constructor: 2 },
  ],
  'keys that mean something to JSON, promises and classes': () => {
    const text = '{"toJSON":"no","then":[1],"constructor":"c","prototype":null,"length":9,"valueOf":0}';
    return [JSON.parse(text), JSON.parse(text)];
  },
  'an array with holes': () => [withHoles(), withHoles()],
  'what a proxy around plain objects and arrays reads as': () => {
    const value = () => ({ id: 1, tags: ['a', { b: [undefined, 2] }], at: new Date(T), n: { u: undefined } });
    return [observed(value()), value()];
  },
  'a Map and a Set behind a proxy that has their methods': () => {
    const value = () => ({ m: new Map([['k', { z: 1 }]]), s: new Set([1, 'b']) });
    return [observed(value()), value()];
  },
  'objects and arrays without what is not enumerable': () => [
    unseen({ a: unseen([1], '__ob__') }, Symbol('hidden')),
    { a: [1] },
  ],
  'an object without its methods under symbols': () => [
    { a: 1, [Symbol.iterator]: () => [][Symbol.iterator](), [Symbol.for('dispose')]: () => undefined },
    { a: 1 },
  ],
  'an array whose prototype an old framework has changed': () => [
    Object.setPrototypeOf([1, 2], Object.create(Array.prototype)),
    [1, 2],
  ],
  'a view on memory that is shared, as a copy': () => [shared(), new Uint8Array(3)],
  'floats of half precision': () => [halfFloats(), halfFloats()],
};

function describeKept(scene: Scene): void {
  for (const [what, sample] of Object.entries(kept))
    it(`keeps ${what}`, async () => {
      const { a, b } = scene;
      const [given, stored] = sample();
      await a.enqueue(T, spec('x', { payload: given }), spec('y', { payload: [new Date(T), given] }));
      expect((await b.job('x')).payload).toStrictEqual(stored);
      const [x, y] = await b.claim(T);
      expect(x?.job.payload).toStrictEqual(stored);
      expect(y?.job.payload).toStrictEqual([new Date(T), stored]);
    });
}

const revoked = (value: object): object => {
  const { proxy, revoke } = Proxy.revocable(value, {});
  revoke();
  return proxy;
};

/** Its memory has gone to somebody else. */
function detached<Value extends ArrayBuffer | Uint8Array<ArrayBuffer>>(value: Value): Value {
  structuredClone(value, { transfer: [value instanceof ArrayBuffer ? value : value.buffer] });
  return value;
}

class List extends Array<number> {}
class Day extends Date {}
class Tags extends Set<string> {}
class Words extends Uint16Array<ArrayBuffer> {}

/** As a library of immutable collections has. */
function namedMap(): object {
  class Entries {
    readonly size = 0;
  }
  Object.defineProperty(Entries, 'name', { value: 'Map' });
  return new Entries();
}

const SET = 'only plain objects, arrays, Date, Map, Set, ArrayBuffer and typed arrays can be stored';

/** Name → what is given, and why it is refused: the path of what is given comes before it. */
const refused: Readonly<Record<string, () => readonly [given: unknown, why: string]>> = {
  'a value under a symbol': () => [
    { [Symbol('note')]: 1 },
    ' has the key Symbol(note): only texts can be keys',
  ],
  'an array with more than its items': () => [
    'ab'.match(/b/),
    '.index was added to an Array: it would be lost',
  ],
  'an empty array with a property': () => [Object.assign([], { a: 1 }), '.a was added to an Array'],
  'an array with a hole and a property': () => [
    Object.assign([], { 1: 1, a: 1 }),
    '.a was added to an Array',
  ],
  'a Map with a property': () => [
    Object.assign(new Map(), { a: 1 }),
    '.a was added to a Map: it would be lost',
  ],
  'a Date with a property': () => [Object.assign(new Date(T), { a: 1 }), '.a was added to a Date'],
  'a class that extends Array': () => [List.of(1), ` is a List: ${SET}`],
  'a class that extends Date': () => [new Day(T), ` is a Day: ${SET}`],
  'a class that extends Set': () => [new Tags(['a']), ` is a Tags: ${SET}`],
  'a class that extends a typed array': () => [Words.of(1), ` is a Words: ${SET}`],
  'a class that is only called Map': () => [namedMap(), ` is a Map: ${SET}`],
  'an object that inherits data': () => [Object.create({ a: 1 }), ` is no plain object: ${SET}`],
  'an object that inherits data, and nothing else': () => [
    Object.create(Object.assign(Object.create(null), { a: 1 })),
    ` is no plain object: ${SET}`,
  ],
  'a Date that was never made': () => [Object.create(Date.prototype), ` is a Date: ${SET}`],
  'a Date behind a proxy': () => [new Proxy(new Date(T), {}), ` is a Date: ${SET}`],
  'a Map behind a proxy that knows nothing of it': () => [new Proxy(new Map(), {}), ' cannot be read: '],
  'bytes behind a proxy': () => [new Proxy(new Uint8Array(2), {}), ` is a Uint8Array: ${SET}`],
  'a buffer that was never made': () => [Object.create(ArrayBuffer.prototype), ' cannot be read: '],
  'a buffer that was transferred': () => [detached(new ArrayBuffer(8)), ' cannot be read: '],
  'bytes that were transferred': () => [detached(new Uint8Array(8)), ' cannot be read: '],
  'a proxy that was revoked': () => [revoked({}), ' cannot be read: '],
  'an array behind a proxy that was revoked': () => [revoked([]), ' cannot be read: '],
  'a text in a box': () => [Object('text'), ` is a String: ${SET}`],
  'the arguments of a call': () => [
    (function () {
      // biome-ignore lint/complexity/noArguments: it is what is given here
      return arguments;
    })(),
    ` is an Arguments: ${SET}`,
  ],
  'a view that is no typed array': () => [new DataView(new ArrayBuffer(2)), ` is a DataView: ${SET}`],
  'a pattern': () => [/x/, ` is a RegExp: ${SET}`],
  'a getter that throws': () => [
    {
      get text() {
        throw new RangeError('gone');
      },
    },
    '.text cannot be read: gone',
  ],
  'a getter of a nested object that throws': () => [
    {
      a: 1,
      b: [
        {
          get: observed({
            get c(): never {
              throw new Error('gone');
            },
          }),
        },
      ],
    },
    '.b[0].get.c cannot be read: gone',
  ],
};

function describeRefused(scene: Scene): void {
  for (const [what, sample] of Object.entries(refused))
    it(`refuses ${what}, and says where it is and why`, async () => {
      const { a, b } = scene;
      const [given, why] = sample();
      const refusal = (payload: unknown) =>
        a.enqueue(T, spec('x', { payload })).then(
          () => 'it was stored',
          ({ name, message }) => `${name}: ${message}`,
        );
      expect(await refusal(given)).toContain(`PayloadError: payload${why}`);
      expect(await refusal({ items: [0, 1, 2, { at: given }] })).toContain(`payload.items[3].at${why}`);
      expect(await refusal(new Map([['k', [given]]]))).toContain(`payload.get("k")[0]${why}`);
      expect(await b.count()).toMatchObject({ pending: 0, bytes: 0 });
    });

  it('refuses memory that is shared, where there is such', async () => {
    if (typeof SharedArrayBuffer === 'undefined') return;
    const enqueued = scene.a.enqueue(T, spec('x', { payload: new SharedArrayBuffer(8) }));
    await expect(enqueued).rejects.toThrow(` is a SharedArrayBuffer: ${SET}`);
  });

  it('refuses a text of more than 8 MiB', async () => {
    const payload = { text: 'x'.repeat(8 * 1024 * 1024) };
    const enqueued = scene.a.enqueue(T, spec('x', { payload }));
    await expect(enqueued).rejects.toThrow('payload is larger than 8388608 bytes');
  });
}

function describeReading(scene: Scene): void {
  it('reads each property once', async () => {
    const { a, b } = scene;
    let reads = 0;
    const payload = {
      get text() {
        reads += 1;
        return `read ${reads}`;
      },
    };
    await a.enqueue(T, spec('x', { payload }));
    expect((await b.job('x')).payload).toStrictEqual({ text: 'read 1' });
    expect(reads).toBe(1);
  });

  it('counts bytes and items by what they are, not by what they say of themselves', async () => {
    const { a, b } = scene;
    const bytes = Object.defineProperty(new Uint8Array(8), 'byteLength', { value: -1e9 });
    const list = new Proxy([], { get: (of, key) => (key === 'length' ? 'many' : Reflect.get(of, key)) });
    await a.enqueue(T, spec('x', { payload: bytes }), spec('y', { payload: list }));
    const counted = (await b.count()).bytes;
    expect(Number.isSafeInteger(counted)).toBe(true);
    expect(counted).toBeGreaterThanOrEqual(8);
  });
}
