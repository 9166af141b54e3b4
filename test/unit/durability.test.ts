import 'fake-indexeddb/auto';
import { createQueue, type Durability, drain, enqueueMany, get, job } from 'holdfast';
import { indexedDBStore } from 'holdfast/indexeddb';
import { fakeEnvironment } from 'holdfast/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { freshName } from '../chromium/database.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** A queue over a store, and how sure each transaction that writes is to be. */
function scene(durability?: Durability) {
  const asked: (string | undefined)[] = [];
  const { transaction } = IDBDatabase.prototype;
  vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementation(function (this: IDBDatabase, ...given) {
    const [, mode, options] = given;
    if (mode === 'readwrite') asked.push(options?.durability);
    return Reflect.apply(transaction, this, given);
  });
  const store = indexedDBStore(freshName(), durability === undefined ? {} : { durability });
  const environment = fakeEnvironment();
  const queue = createQueue({ name: 'sync', jobs: { push: job<string>() }, store, environment });
  return { queue, asked, environment };
}

describe('an enqueue over IndexedDB', () => {
  it.each([
    ['strict by default', undefined, undefined, 'strict'],
    ['as sure as its store says', 'relaxed', undefined, 'relaxed'],
    ['as sure as it says itself: relaxed', 'strict', 'relaxed', 'relaxed'],
    ['as sure as it says itself: strict', 'relaxed', 'strict', 'strict'],
  ] as const)('is %s', async (_what, ofStore, own, wanted) => {
    const { queue, asked } = scene(ofStore);
    const options = own === undefined ? {} : { durability: own };
    const { id } = await queue.enqueue('push', 'x', options);
    expect(asked).toEqual([wanted]);
    expect(await get(queue, id)).not.toHaveProperty('durability');
  });

  it('is as sure as the strictest of its tick', async () => {
    const { queue, asked } = scene();
    const relaxed = { durability: 'relaxed' } as const;
    await Promise.all([queue.enqueue('push', 'x', relaxed), queue.enqueue('push', 'y')]);
    await enqueueMany(queue, [
      { name: 'push', payload: 'x', ...relaxed },
      { name: 'push', payload: 'y', ...relaxed },
    ]);
    expect(asked).toEqual(['strict', 'relaxed']);
  });

  it('is refused with a word that there is not', async () => {
    const { queue } = scene();
    await expect(queue.enqueue('push', 'x', { durability: 'none' as Durability })).rejects.toThrow(
      'durability is "none": expected strict, relaxed',
    );
    expect(() => scene('none' as Durability)).toThrow('durability is "none": expected strict, relaxed');
  });

  it('alone is strict: what a worker writes is relaxed, as its loss means that something runs again', async () => {
    const { queue, asked, environment } = scene();
    await queue.enqueue('push', 'x');
    asked.splice(0);
    const isOver = vi.fn();
    void drain(queue, { push: () => undefined }).then(isOver);
    await vi.waitFor(async () => {
      await environment.flush();
      expect(isOver).toHaveBeenCalled();
    });
    expect(new Set(asked)).toEqual(new Set(['relaxed']));
  });
});
