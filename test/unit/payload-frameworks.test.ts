import { count, defineJobs, get, job } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { setScene } from './scene.ts';

/** Imitations of what frameworks hand to apps, each as small as the trait that matters; the real ones behaved the same when they were tried. */
const jobs = defineJobs({ push: job<unknown>() });

const state = () => ({ id: 1, list: ['a', { b: 1 }], at: new Date(5), when: undefined });

const wrapped = (item: unknown, wrap: (value: object) => object): unknown =>
  typeof item === 'object' && item !== null && !(item instanceof Date) ? wrap(item) : item;

/** As Vue's `reactive`: wraps what is read, and knows its own way around a Map and a Set. */
function reactive(target: object): object {
  const methods: Readonly<Record<string, () => unknown>> = {
    *entries() {
      for (const [key, item] of target as Map<unknown, unknown>) yield [key, wrapped(item, reactive)];
    },
    *values() {
      for (const item of (target as Set<unknown>).values()) yield wrapped(item, reactive);
    },
  };
  const isCollection = target instanceof Map || target instanceof Set;
  return new Proxy(target, {
    get: (of, key, receiver) =>
      isCollection && Object.hasOwn(methods, key)
        ? methods[String(key)]
        : wrapped(Reflect.get(of, key, receiver), reactive),
  });
}

/** As Vue's `readonly`. */
const frozen = (target: object): object =>
  new Proxy(target, { get: (of, key) => wrapped(Reflect.get(of, key), frozen), set: () => false });

/** As a draft of Immer: a proxy around a record of its own that shows what it stands for. */
function draft(base: object): object {
  const target = Array.isArray(base) ? [{ base }] : { base };
  return new Proxy(target, {
    get: (_, key) => wrapped(Reflect.get(base, key), draft),
    has: (_, key) => key in base,
    ownKeys: () => Reflect.ownKeys(base),
    getPrototypeOf: () => Object.getPrototypeOf(base),
    getOwnPropertyDescriptor: (_, key) => {
      const property = Object.getOwnPropertyDescriptor(base, key);
      if (property === undefined) return undefined;
      return { ...property, writable: true, configurable: !(Array.isArray(base) && key === 'length') };
    },
  });
}

/** As MobX and Solid do: a hidden record on the object itself, a symbol its key. */
const administered = (target: object): object =>
  new Proxy(Object.defineProperty(target, Symbol('administration'), { value: {}, enumerable: false }), {});

/** As `$state` of Svelte: the items that came later are known to the proxy alone. */
function grown(...items: readonly unknown[]): object {
  const all = new Map<PropertyKey, unknown>(items.map((item, i) => [String(i), item]));
  return new Proxy([], {
    get: (of, key) => (key === 'length' ? all.size : all.has(key) ? all.get(key) : Reflect.get(of, key)),
    has: (of, key) => all.has(key) || key in of,
    ownKeys: (of) => [...Reflect.ownKeys(of), ...all.keys()] as string[],
    getOwnPropertyDescriptor: (of, key) =>
      all.has(key)
        ? { value: all.get(key), enumerable: true, configurable: true, writable: true }
        : Reflect.getOwnPropertyDescriptor(of, key),
  });
}

describe('what a framework wraps is stored as the data that it reads as:', () => {
  const collections = () => ({ map: new Map([['k', { tags: new Set(['a']) }]]), set: new Set([{ n: 1 }]) });
  it.each<[string, () => unknown, unknown]>([
    ['a reactive state', () => reactive(state()), state()],
    ['Maps and Sets in a reactive state', () => reactive(collections()), collections()],
    ['a read-only view of a reactive state', () => frozen(reactive(state())), state()],
    ['a draft that still lives', () => draft(state()), state()],
    ['a state with a hidden record', () => ({ part: administered(state()) }), { part: state() }],
    ['a list that grew behind its proxy', () => ({ list: grown(1, 'b', 3) }), { list: [1, 'b', 3] }],
  ])('%s', async (_, make, value) => {
    const { queue } = setScene(jobs);
    const { id } = await queue.enqueue('push', make());
    expect((await get(queue, id))?.payload).toStrictEqual(value);
  });
});

/** As `observable.map` of MobX: it has the methods of a Map and says that it is one. */
class ObservableMap {
  readonly #entries = new Map<unknown, unknown>();
  get [Symbol.toStringTag]() {
    return 'Map';
  }
  entries() {
    return this.#entries.entries();
  }
}

/** As the draft of a Map: its own entries are none, those that it stands for lie elsewhere. */
class DraftMap extends Map<unknown, unknown> {
  readonly base = new Map([['k', 1]]);
  override get size() {
    return this.base.size;
  }
}

/** As a node of Legend-State: each property is a node, and the value of a node only comes by `get()`. */
function node(value: unknown): object {
  const known: object = typeof value === 'object' && value !== null ? value : {};
  return new Proxy(
    {},
    {
      get: (_, key) =>
        typeof key === 'symbol'
          ? undefined
          : key in Object.prototype
            ? () => 0
            : node(Reflect.get(known, key)),
      ownKeys: () => Reflect.ownKeys(known),
      getPrototypeOf: () => null,
      getOwnPropertyDescriptor: (_, key) => Object.getOwnPropertyDescriptor(known, key),
    },
  );
}

class RefImpl {
  value = 1;
}

describe('what only stands for data is refused, with its place:', () => {
  it.each<[string, () => unknown, string]>([
    ['a ref', () => ({ list: [new RefImpl()] }), 'payload.list[0] is a RefImpl: '],
    ['a collection of its own', () => ({ map: new ObservableMap() }), 'payload.map is an ObservableMap: '],
    ['the draft of a Map', () => ({ map: new DraftMap() }), 'payload.map is a DraftMap: '],
    ['a node of a tree of observables', () => ({ at: node({ a: 1 }) }), 'payload.at is no plain object: '],
    ['a Date in a draft', () => draft({ at: draft(new Date(0)) }), 'payload.at is a Date: '],
    [
      'a state with methods',
      () => reactive({ count: 1, increase: () => undefined }),
      'payload.increase is a function: ',
    ],
  ])('%s', async (_, make, message) => {
    const { queue } = setScene(jobs);
    await expect(queue.enqueue('push', make())).rejects.toThrow(message);
    expect(await count(queue)).toMatchObject({ pending: 0, bytes: 0 });
  });
});
