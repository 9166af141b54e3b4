import { storeCalls } from '../../src/testing/store-calls.ts';
import 'fake-indexeddb/auto';
import {
  count,
  createQueue,
  drain,
  every,
  job,
  listSchedules,
  pause,
  schedule,
  schedules,
  work,
} from 'holdfast';
import { createHoldfastStores, indexedDBStore } from 'holdfast/indexeddb';
import { describe, expect, it, vi } from 'vitest';
import { deleteDatabase, freshName, openDatabase } from '../chromium/database.ts';
import { latch } from './scene.ts';

const jobs = { push: job<string>() };

describe('a database that is deleted while it is in use', () => {
  it('is an event with what this context held and knew, and the queue goes on with a new one', async () => {
    const name = freshName();
    const queue = createQueue({ name: 'sync', jobs, store: indexedDBStore(name) });
    const lost = vi.fn();
    const stale = vi.fn();
    queue.on('store:lost', lost);
    queue.on('job:stale', stale);
    const end = latch();
    const ran: string[] = [];
    const push = async (word: string) => {
      ran.push(word);
      if (word === 'first') await end.promise;
    };
    const { id } = await queue.enqueue('push', 'first');
    const worker = work(queue, { push }, { concurrency: 1 });
    await vi.waitFor(() => expect(ran).toEqual(['first']));
    await pause(queue);
    await queue.enqueue('push', 'second');
    const counts = await count(queue);
    await deleteDatabase(name);
    end.open();
    await vi.waitFor(() => expect(lost).toHaveBeenCalled());
    expect(lost.mock.calls).toEqual([[{ queue: 'sync', jobs: [{ id, name: 'push' }], counts }]]);
    expect(counts).toMatchObject({ pending: 1, active: 1 });
    await queue.enqueue('push', 'third');
    await vi.waitFor(() => expect(ran).toEqual(['first', 'third']));
    expect(stale).toHaveBeenCalledTimes(1);
    await worker.stop();
    await queue.close();
  });

  it('is an event in every context that used it, whichever makes the new one', async () => {
    const name = freshName();
    const [one, other] = [storeCalls(indexedDBStore(name)), storeCalls(indexedDBStore(name))];
    const lost = vi.fn();
    const enqueuer = createQueue({ name: 'sync', jobs, store: indexedDBStore(name) });
    one.onNotice?.(({ kind }) => lost('one', kind));
    other.onNotice?.(({ kind }) => lost('other', kind));
    enqueuer.on('store:lost', ({ jobs: held }) => lost('enqueuer', held.length));
    await Promise.all([one, other].map((store) => store.count({ queue: 'q' })));
    await enqueuer.enqueue('push', 'x');
    await deleteDatabase(name);
    for (const store of [one, other]) await store.count({ queue: 'q' });
    await enqueuer.enqueue('push', 'y');
    await vi.waitFor(() => expect(lost).toHaveBeenCalledTimes(3));
    expect(lost.mock.calls.toSorted()).toEqual([
      ['enqueuer', 0],
      ['one', 'lost'],
      ['other', 'lost'],
    ]);
    await Promise.all([one.close(), other.close(), enqueuer.close()]);
  });

  it('is none where the connection was only dropped, or is of the app and opened anew', async () => {
    const name = freshName();
    const databases: IDBDatabase[] = [];
    const open = async () => {
      const database = await openDatabase(name, createHoldfastStores);
      databases.push(database);
      return database;
    };
    const store = storeCalls(indexedDBStore({ name, open }));
    const lost = vi.fn();
    store.onNotice?.(lost);
    await store.count({ queue: 'q' });
    for (let drops = 0; drops < 3; drops++) {
      databases.at(-1)?.close();
      await store.count({ queue: 'q' });
    }
    expect(databases).toHaveLength(4);
    expect(lost).not.toHaveBeenCalled();
    await store.close();
  });

  it('gets the schedules again that its queue declares', async () => {
    const name = freshName();
    const use = [schedules({ tidy: schedule({ name: 'push', payload: 'x', recurrence: every(60_000) }) })];
    const queue = createQueue({ name: 'sync', jobs, use, store: indexedDBStore(name) });
    const lost = vi.fn();
    queue.on('store:lost', lost);
    await drain(queue, { push: () => {} });
    await deleteDatabase(name);
    await count(queue);
    await vi.waitFor(() => expect(lost).toHaveBeenCalled());
    expect(await listSchedules(queue)).toEqual([]);
    await drain(queue, { push: () => {} });
    expect(await listSchedules(queue)).toMatchObject([{ id: 'tidy' }]);
    await queue.close();
  });
});
