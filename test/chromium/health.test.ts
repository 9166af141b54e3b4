import { createQueue, job } from 'holdfast';
import { indexedDBStore, requestPersistence } from 'holdfast/indexeddb';
import { expect, it, vi } from 'vitest';
import { freshName } from './database.ts';

const jobs = { push: job<string>() };

it('the health of a store is what the browser says; what it lacks is named and absent, and no error', async () => {
  const store = indexedDBStore(freshName());
  const queue = createQueue({ name: 'sync', jobs, store });
  await queue.enqueue('push', 'x');
  const health = await store.health();
  const { estimate, persisted, persist } = (navigator.storage ?? {}) as Partial<StorageManager>;
  expect(health).toMatchObject({ locks: true, channel: true, version: 3, opened: 1, lost: 0 });
  expect(health.missing).toEqual(
    Object.entries({ estimate, persisted, persist })
      .filter(([, method]) => method === undefined)
      .map(([name]) => `navigator.storage.${name}`),
  );
  expect(typeof health.persisted).toBe(persisted ? 'boolean' : 'undefined');
  if (estimate) expect(health.quota).toBeGreaterThan(health.usage ?? Number.NaN);
  else expect([health.usage, health.quota]).toEqual([undefined, undefined]);
  expect(health.canPersist).toBe(persist !== undefined && health.persisted !== true);
  await queue.close();
});

it('asking to keep what is stored resolves or is left to the user, and never rejects', async () => {
  const persist = (navigator.storage as Partial<StorageManager> | undefined)?.persist;
  // Firefox asks its user, who is not there.
  const asked = persist && vi.spyOn(navigator.storage, 'persist').mockResolvedValue(false);
  expect(await requestPersistence()).toBe(persist ? false : undefined);
  asked?.mockRestore();
});

it('store:low is measured by the browser, once for many enqueues, where it can be', async () => {
  const there = typeof navigator.storage?.estimate === 'function';
  const asked = there && vi.spyOn(navigator.storage, 'estimate').mockResolvedValue({ usage: 9, quota: 10 });
  const queue = createQueue({ name: 'sync', jobs, store: indexedDBStore(freshName()) });
  const low = vi.fn();
  queue.on('store:low', low);
  for (let i = 0; i < 20; i++) await queue.enqueue('push', 'x');
  if (asked) {
    await vi.waitFor(() => expect(low.mock.calls).toEqual([[{ queue: 'sync', usage: 9, quota: 10 }]]));
    expect(asked).toHaveBeenCalledTimes(1);
    asked.mockRestore();
  } else expect(low).not.toHaveBeenCalled();
  await queue.close();
});
