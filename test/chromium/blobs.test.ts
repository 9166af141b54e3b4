import {
  count,
  createQueue,
  defineJobs,
  drain,
  enqueueFlow,
  enqueueMany,
  flows,
  get,
  job,
  list,
  prepare,
  redrive,
} from 'holdfast';
import { createHoldfastStores, holdfastStoreNames, indexedDBStore } from 'holdfast/indexeddb';
import { describe, expect, it } from 'vitest';
import { storeCalls } from '../../src/testing/store-calls.ts';
import { answer, ended, freshName, NOW, openDatabase, spec } from './database.ts';

const jobs = defineJobs({ send: job<unknown>({ maxAttempts: 1 }), follow: job<unknown>() });
const blob = () => new Blob(['hello']);

/** Chromium and Firefox hold Blobs; WebKit may hold none. Asked without the store. */
async function holdsBlobs(): Promise<boolean> {
  const database = await openDatabase(freshName(), (upgraded) => upgraded.createObjectStore('a'));
  const transaction = database.transaction('a', 'readwrite');
  transaction.objectStore('a').put(blob(), 1);
  const how = await ended(transaction);
  database.close();
  return how === 'complete';
}

async function scene() {
  const name = freshName();
  const open = () => openDatabase(name, createHoldfastStores);
  const queue = createQueue({ name: 'q', jobs, store: indexedDBStore({ name, open }), use: [flows()] });
  const wordOf = (one: { readonly payload: unknown }) =>
    one.payload instanceof Blob ? one.payload.text() : JSON.stringify(one.payload);
  return {
    queue,
    open,
    /** What is counted and what is listed, as texts. */
    waiting: async () => {
      const { pending } = await count(queue);
      const { jobs: listed } = await list(queue, { state: 'pending' });
      return { pending, listed: await Promise.all(listed.map(wordOf)) };
    },
  };
}

const codeOf = (given: Promise<unknown>): Promise<unknown> =>
  given.then(
    () => 'stored',
    (error: { code?: unknown }) => error.code,
  );

describe('a payload with a Blob is stored, or refused with its error and nothing of it stored,', async () => {
  const holds = await holdsBlobs();
  const outcome = holds ? 'stored' : 'Payload';
  const withBlob = (kept: readonly string[], others: readonly string[] = []) => {
    const listed = [...(holds ? kept : []), ...others];
    return { pending: listed.length, listed };
  };

  it('by itself', async () => {
    const { queue, waiting } = await scene();
    expect(await codeOf(queue.enqueue('send', blob()))).toBe(outcome);
    expect(await waiting()).toEqual(withBlob(['hello']));
    await queue.close();
  });

  it('where it lies deep inside, and the error says where', async () => {
    const { queue } = await scene();
    const deep = queue.enqueue('send', { note: new Map([['files', [1, blob()]]]), at: new Date() });
    const error = await deep.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const refusal = {
      code: 'Payload',
      message: expect.stringMatching(/^payload\.note\S+\[1\] .*arrayBuffer/),
    };
    expect(error).toEqual(holds ? undefined : expect.objectContaining(refusal));
    await queue.close();
  });

  it('and takes no other enqueue of its moment along', async () => {
    const { queue, waiting } = await scene();
    const codes = await Promise.all([
      codeOf(queue.enqueue('send', 1)),
      codeOf(queue.enqueue('send', blob())),
      codeOf(queue.enqueue('send', 2)),
    ]);
    expect(codes).toEqual(['stored', outcome, 'stored']);
    const { pending, listed } = await waiting();
    expect({ pending, listed: new Set(listed) }).toEqual({
      pending: holds ? 3 : 2,
      listed: new Set(['1', '2', ...(holds ? ['hello'] : [])]),
    });
    await queue.close();
  });

  it('with the whole of its batch', async () => {
    const { queue, waiting } = await scene();
    const items = [1, blob(), 2].map((payload) => ({ name: 'send' as const, payload }));
    expect(await codeOf(enqueueMany(queue, items))).toBe(outcome);
    expect(await waiting()).toEqual(withBlob(['1', 'hello', '2']));
    await queue.close();
  });

  it('with the whole of its flow', async () => {
    const { queue, waiting } = await scene();
    const flow = enqueueFlow(queue, {
      first: { name: 'send', payload: 1 },
      last: { name: 'send', payload: blob(), dependsOn: ['first'] },
    });
    expect(await codeOf(flow)).toBe(outcome);
    expect(await waiting()).toEqual(withBlob(['1', 'hello']));
    await queue.close();
  });

  it('in the lane and with the key that it has', async () => {
    const { queue, waiting } = await scene();
    await queue.enqueue('send', 1, { lane: 'a' });
    expect(await codeOf(queue.enqueue('send', blob(), { lane: 'a', idempotencyKey: 'k' }))).toBe(outcome);
    expect(await codeOf(queue.enqueue('send', 'k', { lane: 'a', idempotencyKey: 'k' }))).toBe('stored');
    expect(await waiting()).toEqual(holds ? withBlob(['1', 'hello']) : withBlob([], ['1', '"k"']));
    await queue.close();
  });

  it('in the place of another, which otherwise stays as it is', async () => {
    const { queue, waiting } = await scene();
    const options = { idempotencyKey: 'k', onDuplicate: 'replace' } as const;
    await queue.enqueue('send', 'old', options);
    expect(await codeOf(queue.enqueue('send', blob(), options))).toBe(outcome);
    expect(await waiting()).toEqual(holds ? withBlob(['hello']) : withBlob([], ['"old"']));
    await queue.close();
  });

  it('as the payload that a dead job is redriven with, which otherwise stays dead', async () => {
    const { queue, waiting } = await scene();
    const { id } = await queue.enqueue('send', 'bad');
    await drain(queue, { send: () => Promise.reject(new Error('no')), follow: () => undefined });
    expect(await codeOf(redrive(queue, id, { payload: blob() }))).toBe(outcome);
    expect(await waiting()).toEqual(withBlob(['hello']));
    expect((await count(queue)).dead).toBe(holds ? 0 : 1);
    await queue.close();
  });

  it('in a transaction of the app, for which it is otherwise refused before there is one', async () => {
    const { queue, open, waiting } = await scene();
    const preparing = prepare(queue, 'send', blob());
    expect(await codeOf(preparing)).toBe(outcome);
    if (holds) {
      const database = await open();
      const transaction = database.transaction([...holdfastStoreNames], 'readwrite');
      const { committed } = (await preparing).addTo(transaction);
      expect(await codeOf(committed)).toBe('stored');
      database.close();
    }
    expect(await waiting()).toEqual(withBlob(['hello']));
    await queue.close();
  });

  it('and a transaction of the app that a store joins unprepared is aborted', async () => {
    const name = freshName();
    const open = () => openDatabase(name, createHoldfastStores);
    const store = storeCalls(indexedDBStore({ name, open }));
    const database = await open();
    const join = (id: string) => {
      const transaction = database.transaction([...holdfastStoreNames], 'readwrite');
      const request = { queue: 'q', jobs: [spec(id, { payload: blob() })] };
      return Promise.all([codeOf(store.enqueueIn?.(transaction, request, NOW) as never), ended(transaction)]);
    };
    expect(await join('x')).toEqual([holds ? 'Store' : 'Payload', 'abort']);
    expect(await join('y')).toEqual(holds ? ['stored', 'complete'] : ['Payload', 'abort']);
    expect(await store.count({ queue: 'q' })).toMatchObject({ pending: holds ? 1 : 0 });
    database.close();
    await store.close();
  });

  it('as what a handler enqueues, whose attempt otherwise fails', async () => {
    const { queue, waiting } = await scene();
    await queue.enqueue('send', 'first');
    await drain(queue, {
      send: async (payload, context) => {
        if (payload === 'first') context.enqueue('follow', blob());
      },
      follow: (_, context) => context.release({ delayMs: 60_000 }),
    });
    const { pending, completed, dead } = await count(queue);
    expect({ pending, completed, dead }).toEqual(
      holds ? { pending: 1, completed: 1, dead: 0 } : { pending: 0, completed: 0, dead: 1 },
    );
    expect(await waiting()).toEqual(withBlob(['hello']));
    const [lost] = (await list(queue, { state: 'dead' })).jobs;
    expect(lost?.errors.map(({ name }) => name)).toEqual(holds ? undefined : ['PayloadError']);
    await queue.close();
  });
});

describe('a transaction that completes although a write of it failed', () => {
  it('has stored nothing of what failed, and nobody is told that it has', async () => {
    const name = freshName();
    const open = async () => {
      const database = await openDatabase(name, createHoldfastStores);
      // An app that takes all errors of its database upon itself.
      database.addEventListener('error', (event) => event.preventDefault());
      return database;
    };
    const queue = createQueue({ name: 'q', jobs, store: indexedDBStore({ name, open }), use: [flows()] });
    await queue.enqueue('send', 1);
    const database = await open();
    const planting = database.transaction('holdfast.jobs', 'readwrite');
    const rows = planting.objectStore('holdfast.jobs');
    const [first] = await answer(rows.getAllKeys());
    // The keys of the next rows, taken.
    for (const seq of [2, 3]) rows.put({ id: 'other' }, String(first).replace(/1$/, String(seq)));
    expect(await ended(planting)).toBe('complete');
    expect(await codeOf(queue.enqueue('send', 2, { id: 'refused' }))).toBe('Store');
    expect(await get(queue, 'refused')).toBeUndefined();
    database.close();
    await queue.close();
  });
});
