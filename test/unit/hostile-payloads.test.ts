import { isDeepStrictEqual as isSame } from 'node:util';
import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { count, createQueue, defineJobs, get, job, list, memoryStore, type Store } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { describe, expect, it } from 'vitest';
import { freshName } from '../chromium/database.ts';
import { hostile, hostileRecipes, isPolluted, type Recipe, typedError } from './hostile-values.ts';
import { setScene } from './scene.ts';

const jobs = defineJobs({ push: job<unknown>() });

const stores: readonly (readonly [string, () => Store])[] = [
  ['memory', () => memoryStore()],
  ['IndexedDB, fake', () => indexedDBStore(freshName())],
];

/** Hostile values in the middle of good ones. */
const wrapped: fc.Arbitrary<Recipe> = fc
  .tuple(
    hostile,
    fc.constantFrom<((value: unknown) => unknown)[]>(
      (value) => ({ list: [1, value, 'x'] }),
      (value) => new Map([['key', value]]),
      (value) => new Map([[value, 1]]),
      (value) => new Set([value]),
      (value) => ({ __proto__: value }),
      (value) => Object.defineProperty({}, '__proto__', { value, enumerable: true }),
      (value) => ({ constructor: value, toJSON: value }),
      (value) => [value, value, { value }],
    ),
  )
  .map(
    ([make, wrap]): Recipe =>
      () =>
        wrap(make()),
  );

describe.each(stores)('a hostile payload in the store %s', (_, open) => {
  async function expectAllOrNothing(make: Recipe): Promise<void> {
    const store = open();
    const queue = createQueue({ name: 'q', jobs, store });
    const error = await typedError(() => queue.enqueue('push', make(), { id: 'x' }));
    const { pending, bytes } = await count(queue);
    const { jobs: listed } = await list(queue, { state: 'pending' });
    expect(pending).toBe(error === undefined ? 1 : 0);
    expect(Number.isSafeInteger(bytes)).toBe(true);
    expect(listed).toHaveLength(pending);
    const kept = await get(queue, 'x');
    expect(kept?.id).toBe(error === undefined ? 'x' : undefined);
    const again = await typedError(() => queue.enqueue('push', kept?.payload, { id: 'y' }));
    expect(again).toBeUndefined();
    if (error === undefined) expect(isSame((await get(queue, 'y'))?.payload, kept?.payload)).toBe(true);
    expect(isPolluted()).toBe(false);
    await store.close();
  }

  it.each(hostileRecipes)('is stored or refused whole: %s', (__, make) => expectAllOrNothing(make));

  it('is stored or refused whole, wherever in a payload it lies', () =>
    fc.assert(fc.asyncProperty(wrapped, expectAllOrNothing), {
      numRuns: 150,
      interruptAfterTimeLimit: 4_000,
    }));

  it('of JSON with any keys comes back as it was', () =>
    fc.assert(
      fc.asyncProperty(fc.jsonValue({ maxDepth: 3 }), async (value) => {
        const store = open();
        const queue = createQueue({ name: 'q', jobs, store });
        await queue.enqueue('push', value, { id: 'x' });
        expect(isSame((await get(queue, 'x'))?.payload, value)).toBe(true);
        await store.close();
      }),
      { numRuns: 100, interruptAfterTimeLimit: 1_000 },
    ));
});

describe('a payload', () => {
  const enqueue = (payload: unknown) => typedError(() => setScene(jobs).queue.enqueue('push', payload));
  const refused = { code: 'Payload' };

  it('that claims to be a list of four thousand million items is refused before they are counted', async () => {
    expect(await enqueue(Object.assign([], { length: 2 ** 32 - 1 }))).toMatchObject(refused);
  });

  it('that shares a large list a thousand times is refused in the time of one', async () => {
    const list = new Array(1_000_000).fill(null);
    expect(await enqueue(new Array(1_000).fill(list))).toMatchObject(refused);
  });

  it.each([
    ['Map', new Map([[1, 2]])],
    ['Set', new Set([1])],
    ['list', [1]],
  ])('that is a %s with an endless iterator is read by what it holds', async (_, value) => {
    const endless = Object.assign(value, {
      *[Symbol.iterator]() {
        for (;;) yield 1;
      },
    });
    expect(await enqueue(endless)).toBeUndefined();
  });

  it('that only calls itself a Blob is no Blob: its size does not become that of the queue', async () => {
    const { queue } = setScene(jobs);
    const fake = { [Symbol.toStringTag]: 'Blob', size: 'large' };
    expect(await typedError(() => queue.enqueue('push', fake))).toMatchObject(refused);
    expect(await count(queue)).toMatchObject({ pending: 0, bytes: 0 });
  });

  it('is copied by what its bytes are, never by the constructor that they name', async () => {
    const { queue } = setScene(jobs);
    let called = 0;
    const named = globalThis as { Hostile?: unknown };
    named.Hostile = function Hostile() {
      called += 1;
    };
    const bytes = Object.defineProperty(new Uint8Array([1, 2]), Symbol.toStringTag, { value: 'Hostile' });
    const { id } = await queue.enqueue('push', bytes);
    delete named.Hostile;
    expect((await get(queue, id))?.payload).toStrictEqual(new Uint8Array([1, 2]));
    expect(called).toBe(0);
  });

  it('with a key of any length is refused with a short message', async () => {
    const error = await enqueue({ ['k'.repeat(1_000_000)]: Symbol('x') });
    expect(error).toMatchObject(refused);
    expect(error?.message.length).toBeLessThan(1_000);
  });
});
