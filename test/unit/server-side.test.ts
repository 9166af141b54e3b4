import { count, createQueue, drain, gates, job, memoryStore } from 'holdfast';
import { online } from 'holdfast/browser';
import { indexedDBStore } from 'holdfast/indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

afterEach(() => void vi.unstubAllGlobals());

const missing = () => undefined;
const forbidden = () => ({
  open() {
    throw new DOMException('access is denied in this context', 'SecurityError');
  },
});
const hidden = () => {
  throw new DOMException('the operation is insecure', 'SecurityError');
};

describe('where there is no IndexedDB', () => {
  beforeEach(() => {
    // What other tests in this process have brought.
    vi.stubGlobal('indexedDB', undefined);
  });

  const jobs = { push: job<string>() };

  it.each([
    ['missing', missing],
    ['forbidden', forbidden],
    ['forbidden even to be looked at', hidden],
  ])(
    'as it is %s, a queue over it can be made, and its use says that nothing will be stored',
    async (_, get) => {
      Object.defineProperty(globalThis, 'indexedDB', { get, configurable: true });
      const app = {
        name: 'notes',
        open: () => Promise.reject(new ReferenceError('indexedDB is not defined')),
      };
      const stores = [indexedDBStore('notes'), ...(get === forbidden ? [] : [indexedDBStore(app)])];
      for (const store of stores) {
        const queue = createQueue({ name: 'sync', jobs, store });
        const refused = { code: 'StoreUnavailable', retryable: false };
        await expect(queue.enqueue('push', 'x')).rejects.toMatchObject(refused);
        await expect(count(queue)).rejects.toMatchObject(refused);
        await queue.close();
      }
    },
  );

  it('and nothing that says whether it is online, a gate can be made of that', async () => {
    const use = [gates({ push: online() })];
    const queue = createQueue({ name: 'sync', jobs, store: indexedDBStore('notes'), use });
    await expect(queue.enqueue('push', 'x')).rejects.toMatchObject({ code: 'StoreUnavailable' });
    await queue.close();
  });

  it('a worker says so once, and is over', async () => {
    const queue = createQueue({ name: 'sync', jobs, store: indexedDBStore('notes') });
    const errors: unknown[] = [];
    queue.on('worker:error', ({ error }) => errors.push(error));
    expect(await drain(queue, { push: () => {} })).toMatchObject({ completed: 0 });
    expect(errors).toMatchObject([{ code: 'StoreUnavailable' }]);
    await queue.close();
  });

  it('an app can take the memory store instead', async () => {
    const queue = createQueue({ name: 'sync', jobs, store: memoryStore() });
    await queue.enqueue('push', 'x');
    expect(await drain(queue, { push: () => {} })).toMatchObject({ completed: 1 });
    await queue.close();
  });
});
