import { storeCalls } from '../../src/testing/store-calls.ts';
import 'fake-indexeddb/auto';
import { count, createQueue, drain, job, StoreOutdatedError, work } from 'holdfast';
import { createHoldfastStores, indexedDBStore } from 'holdfast/indexeddb';
import { describe, expect, it } from 'vitest';
import { deleteDatabase, freshName, openDatabase } from '../chromium/database.ts';
import { deaf, ended, setScene, untilAborted } from './scene.ts';

const jobs = { push: job<string>() };

describe('an old tab after a newer version of the app has upgraded the database', () => {
  it('refuses with a code of its own, not to be repeated, and its worker is over', async () => {
    const name = freshName();
    const queue = createQueue({ name: 'sync', jobs, store: indexedDBStore(name) });
    const errors: unknown[] = [];
    queue.on('worker:error', ({ error }) => errors.push(error));
    await count(queue);
    (await openDatabase(name, createHoldfastStores, 1_000)).close();
    const outdated = { code: 'StoreOutdated', retryable: false };
    await expect(queue.enqueue('push', 'x')).rejects.toMatchObject(outdated);
    expect(await drain(queue, { push: () => {} })).toMatchObject({ completed: 0 });
    expect(errors).toMatchObject([outdated]);
    await queue.close();
    await deleteDatabase(name);
  });

  it('refuses in the same words where the database is of the app', async () => {
    const name = freshName();
    (await openDatabase(name, createHoldfastStores, 3)).close();
    const app = { name, open: () => openDatabase(name, createHoldfastStores, 1) };
    const store = storeCalls(indexedDBStore(app));
    await expect(store.count({ queue: 'q' })).rejects.toMatchObject({ code: 'StoreOutdated' });
    await store.close();
  });

  it('stops its worker in the middle: what runs is aborted, nothing more begins, and nothing is tried again', async () => {
    const { queue, store, environment } = setScene(jobs);
    const errors: unknown[] = [];
    const begun: string[] = [];
    queue.on('worker:error', ({ error }) => errors.push(error));
    for (const word of ['heeds', 'deaf', 'short', 'next']) await queue.enqueue('push', word);
    let end = () => {};
    const push = (word: string, context: { readonly signal: AbortSignal }) => {
      begun.push(word);
      if (word === 'short') return new Promise<void>((resolve) => (end = resolve));
      return word === 'deaf' ? deaf() : untilAborted(word, context);
    };
    const worker = work(queue, { push }, { concurrency: 3 });
    await environment.flush();
    store.failAll(new StoreOutdatedError('notes'));
    end();
    await environment.flush();
    await ended(worker.stop());
    expect(begun).toEqual(['heeds', 'deaf', 'short']);
    expect(errors).toMatchObject([{ code: 'StoreOutdated' }]);
    const calls = store.calls.length;
    await environment.advance(120_000);
    expect(store.calls).toHaveLength(calls);
    expect(environment.timers).toBe(0);
  });
});
