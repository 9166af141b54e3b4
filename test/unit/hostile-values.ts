import fc from 'fast-check';

const refuse = (): never => {
  throw new TypeError('a hostile value');
};
const revoked = (of: object): object => {
  const { proxy, revoke } = Proxy.revocable(of, {});
  revoke();
  return proxy;
};
const refusing = (of: object): object =>
  new Proxy(of, { get: refuse, ownKeys: refuse, getPrototypeOf: refuse });
const withGetter = (key: PropertyKey): object =>
  Object.defineProperty({}, key, { enumerable: true, get: refuse });
const tagged = (tag: string, fields: object = {}): object => ({ [Symbol.toStringTag]: tag, ...fields });
const polluting = (): object =>
  JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
const endless = (of: object): object =>
  Object.defineProperty(of, Symbol.iterator, {
    *value() {
      for (;;) yield [1, 1];
    },
  });
const listOf = (length: number): unknown[] => Object.assign([], { length });
const huge = 'x'.repeat(10_000_000);

/** What nobody should give, and somebody will. Made anew each time: some of it can be used once. */
const MAKERS: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => Number.NaN,
  () => -0,
  () => Number.POSITIVE_INFINITY,
  () => -1e308,
  () => 2 ** 53,
  () => 8.64e15,
  () => 10n ** 400n,
  () => '',
  () => 'a\u0000b\u0001c',
  () => '\ud800',
  () => '__proto__',
  () => huge,
  () => Symbol('hostile'),
  () => Symbol.iterator,
  () => () => refuse(),
  () => refuse,
  () => class Own {},
  () => [],
  () => [[]],
  () => listOf(2 ** 32 - 1),
  () => Object.assign([], { 1: 1 }),
  () => ({}),
  () => Object.create(null),
  () => ({ toString: refuse, valueOf: refuse, toJSON: refuse, [Symbol.toPrimitive]: refuse }),
  () => polluting(),
  () => revoked({}),
  () => revoked([]),
  () => revoked(refuse),
  () => refusing({}),
  () => refusing([]),
  () => new Proxy([], { get: (_, key) => (key === 'length' ? Number.MAX_SAFE_INTEGER : undefined) }),
  () => withGetter('name'),
  () => withGetter('payload'),
  () => withGetter('id'),
  () => withGetter('then'),
  () => withGetter('constructor'),
  () => withGetter(Symbol.toStringTag),
  () => new Date(Number.NaN),
  () => Object.create(Date.prototype),
  () => Object.create(Map.prototype),
  () => Object.create(Error.prototype),
  () => new Proxy(new Date(0), {}),
  () => new Proxy(new Map(), {}),
  () => new Map([[{ key: 1 }, new Map([[Symbol.iterator, 1]])]]),
  () => new Map([[{ key: 1 }, [1]]]),
  () => endless([1, 2]),
  () => endless(new Map([[1, 2]])),
  () => endless(new Set([1])),
  () => new WeakMap(),
  () => Promise.resolve(1),
  () =>
    new (class Note {
      text = 'x';
    })(),
  () => new SharedArrayBuffer(8),
  () => new Uint8Array(new SharedArrayBuffer(8)),
  () => structuredCloned(new ArrayBuffer(8)),
  () => structuredCloned(new Uint8Array(8)),
  () => new ArrayBuffer(8, { maxByteLength: 16 }),
  () => new DataView(new ArrayBuffer(8)),
  () => tagged('Blob', { size: 'x' }),
  () => tagged('File'),
  () => tagged('Date'),
  () => tagged('Map'),
  () => tagged('Uint8Array'),
  () => Object.defineProperty(new Uint8Array(2), Symbol.toStringTag, { value: 'Array' }),
  () => Object.defineProperty(new Uint8Array(2), Symbol.toStringTag, { value: 'Function' }),
  () => ({ aborted: 'no', addEventListener: 1 }),
  () => ({ [huge.slice(0, 100_000)]: Symbol('x') }),
  () => Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`k${i}`, i])),
  () => nested(10_000),
  () => circular(),
  () => globalThis,
];

/** As its sender is left with it: detached. */
function structuredCloned<T extends ArrayBuffer | Uint8Array>(value: T): T {
  structuredClone(value, {
    transfer: [value instanceof ArrayBuffer ? value : (value.buffer as ArrayBuffer)],
  });
  return value;
}

function nested(depth: number): object {
  let value: object = {};
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { value };
  return value;
}

function circular(): object {
  const value: Record<string, unknown> = {};
  value.self = [value];
  return value;
}

/** How to make a value: fast-check itself could not hold all of them. */
export type Recipe = () => unknown;

export const hostile: fc.Arbitrary<Recipe> = fc.constantFrom(...MAKERS);

export const good = <T>(value: T): fc.Arbitrary<() => T> => fc.constant(() => value);

/** Every recipe there is, for what is to be tried with all of them. */
export const hostileRecipes: readonly (readonly [string, Recipe])[] = MAKERS.map((make) => [
  String(make).replaceAll(/\s+/g, ' ').slice(0, 100),
  make,
]);

/** Objects with some of these keys, hostile or good, and shapes that are none. */
export function hostileOptions(fields: Readonly<Record<string, unknown>>): fc.Arbitrary<Recipe> {
  const field = (key: string) =>
    fc.oneof({ weight: 5, arbitrary: good(fields[key]) }, { weight: 1, arbitrary: hostile });
  const recipes = Object.fromEntries(Object.keys(fields).map((key) => [key, field(key)]));
  const made = fc.oneof(fc.record(recipes), fc.record(recipes, { requiredKeys: [] })).map(
    (chosen): Recipe =>
      () =>
        Object.fromEntries(Object.entries(chosen).map(([key, make]) => [key, (make as Recipe)()])),
  );
  return fc.oneof({ weight: 3, arbitrary: made }, { weight: 1, arbitrary: hostile });
}

const CODES = ['InvalidOption', 'Payload', 'QueueFull', 'Store', 'StoreClosed', 'UnknownJob'];

/** What a call that was given hostile values may come to: `undefined` when it went through, else its error, which is typed and short. */
export async function typedError(
  call: () => unknown,
): Promise<{ code: string; message: string } | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    if (!CODES.includes(code)) throw error;
    if (message.length > 2_000) throw new Error(`a message of ${message.length} characters`);
    return { code, message };
  }
}

/** No property that a hostile object carried has reached what all objects share. */
export const isPolluted = (): boolean => 'polluted' in {} || 'polluted' in (() => {});
