import {
  count,
  defineJobs,
  enqueueMany,
  get,
  job,
  list,
  PayloadError,
  QueueFullError,
  StoreClosedError,
  StoreError,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { lostConnection, setScene } from './scene.ts';

const jobs = defineJobs({ say: job<unknown>() });

const outcomes = async (promises: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(promises)).map(({ status }) => status);

describe('enqueues of one tick', () => {
  it('share one call of the store, and each has its own answer', async () => {
    const { queue, store } = setScene(jobs);
    const answers = await Promise.all([
      queue.enqueue('say', 1, { id: 'a' }),
      enqueueMany(queue, [
        { name: 'say', payload: 2, id: 'b' },
        { name: 'say', payload: 3, id: 'a' },
      ]),
      queue.enqueue('say', 4, { id: 'c' }),
    ]);
    expect(store.callsOf('enqueue')).toBe(1);
    expect(answers).toEqual([
      { id: 'a', status: 'enqueued' },
      [
        { id: 'b', status: 'enqueued' },
        { id: 'a', status: 'duplicate' },
      ],
      { id: 'c', status: 'enqueued' },
    ]);
  });

  it('keep the order in which they were called', async () => {
    const { queue } = setScene(jobs);
    await Promise.all(Array.from({ length: 20 }, (_, i) => queue.enqueue('say', i)));
    const { jobs: found } = await list(queue, { state: 'pending' });
    expect(found.map(({ payload }) => payload)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  it('are not resolved before the store has answered', async () => {
    const { queue, store, environment } = setScene(jobs);
    const letGo = store.holdNext('enqueue');
    let resolved = false;
    const enqueued = queue.enqueue('say', 1).then(() => {
      resolved = true;
    });
    await environment.flush();
    expect(resolved).toBe(false);
    letGo();
    await enqueued;
  });

  it('that come while a call is under way share the next', async () => {
    const { queue, store, environment } = setScene(jobs);
    const letGo = store.holdNext('enqueue');
    const first = queue.enqueue('say', 0);
    await environment.flush();
    const others = [queue.enqueue('say', 1), queue.enqueue('say', 2)];
    await environment.flush();
    others.push(queue.enqueue('say', 3));
    await environment.flush();
    expect(store.callsOf('enqueue')).toBe(1);
    letGo();
    await Promise.all([first, ...others]);
    expect(store.callsOf('enqueue')).toBe(2);
  });

  it('are split at 1,000 jobs, and a batch is never split', async () => {
    const { queue, store } = setScene(jobs);
    const batch = (size: number) =>
      enqueueMany(
        queue,
        Array.from({ length: size }, (_, i) => ({ name: 'say', payload: i })),
      );
    await Promise.all([batch(600), batch(600), queue.enqueue('say', 'last')]);
    const sizes = store.calls.map(({ request }) => (request as { jobs: unknown[] }).jobs.length);
    expect(sizes).toEqual([600, 601]);
  });

  it('are split before a call would be larger than a store takes', async () => {
    const { queue, store } = setScene(jobs);
    const payload = 'x'.repeat(3_000_000);
    await Promise.all([1, 2, 3].map(() => queue.enqueue('say', payload)));
    expect(store.callsOf('enqueue')).toBe(2);
    expect(await count(queue)).toMatchObject({ pending: 3 });
  });

  it('are each accepted or refused by themselves: a full queue takes those that fit', async () => {
    const { queue } = setScene(jobs, { maxDepth: 2 });
    const answers = await outcomes([1, 2, 3, 4].map((n) => queue.enqueue('say', n)));
    expect(answers).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
    const { jobs: found } = await list(queue, { state: 'pending' });
    expect(found.map(({ payload }) => payload)).toEqual([1, 2]);
  });

  it('with a batch that does not fit: all of it is refused, and its neighbours are accepted', async () => {
    const { queue } = setScene(jobs, { maxDepth: 3 });
    const first = queue.enqueue('say', 'a');
    const batch = enqueueMany(
      queue,
      [1, 2, 3].map((payload) => ({ name: 'say', payload })),
    );
    const last = queue.enqueue('say', 'b');
    expect(await outcomes([first, batch, last])).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await expect(batch).rejects.toThrow(QueueFullError);
    expect(await count(queue)).toMatchObject({ pending: 2 });
  });

  it('with one that is invalid: it is refused, and its neighbours are accepted in one call', async () => {
    const { queue, store } = setScene(jobs);
    const bad = queue.enqueue('say', () => {});
    expect(await outcomes([queue.enqueue('say', 1), bad, queue.enqueue('say', 2)])).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    await expect(bad).rejects.toThrow(PayloadError);
    expect(store.callsOf('enqueue')).toBe(1);
  });
});

describe('what the caller changes after enqueue() changes no job', () => {
  it('payloads', async () => {
    const { queue } = setScene(jobs);
    const note = { text: 'as it was', tags: ['a'] };
    const enqueued = queue.enqueue('say', note);
    note.text = 'changed';
    note.tags.push('b');
    const { id } = await enqueued;
    expect((await get(queue, id))?.payload).toEqual({ text: 'as it was', tags: ['a'] });
  });

  it('options', async () => {
    const { queue } = setScene(jobs);
    const runAt = new Date(1_900_000_000_000);
    const backoff = { kind: 'fixed' as const, initialMs: 100 };
    const options = { runAt, backoff, priority: 5 };
    const enqueued = queue.enqueue('say', 1, options);
    runAt.setTime(0);
    backoff.initialMs = 1;
    options.priority = 6;
    const { id } = await enqueued;
    expect(await get(queue, id)).toMatchObject({
      runAt: 1_900_000_000_000,
      backoff: { kind: 'fixed', initialMs: 100 },
      priority: 5,
    });
  });

  it('batches', async () => {
    const { queue } = setScene(jobs);
    const items = [{ name: 'say' as const, payload: { n: 1 } }];
    const enqueued = enqueueMany(queue, items);
    items[0]!.payload.n = 2;
    items.push({ name: 'say', payload: { n: 3 } });
    await enqueued;
    const { jobs: found } = await list(queue, { state: 'pending' });
    expect(found.map(({ payload }) => payload)).toEqual([{ n: 1 }]);
  });
});

describe('an enqueue that the store fails', () => {
  const permanent = () => new StoreError('the disk is full', { retryable: false });

  it('is tried once more when the store says that this may help', async () => {
    const { queue, store } = setScene(jobs);
    store.failNext('enqueue', lostConnection());
    expect(await queue.enqueue('say', 1)).toMatchObject({ status: 'enqueued' });
    expect(store.callsOf('enqueue')).toBe(2);
  });

  it('rejects with the error of the store, and nothing is stored', async () => {
    const { queue, store } = setScene(jobs);
    const error = permanent();
    store.failNext('enqueue', error);
    await expect(queue.enqueue('say', 1)).rejects.toBe(error);
    expect(store.callsOf('enqueue')).toBe(1);
    const lost = lostConnection();
    store.failNext('enqueue', lost, { times: 2 });
    await expect(queue.enqueue('say', 1)).rejects.toBe(lost);
    expect(await count(queue)).toMatchObject({ pending: 0 });
  });

  it('rejects each enqueue of the tick, and the next tick is accepted', async () => {
    const { queue, store } = setScene(jobs);
    const up = store.failAll(permanent());
    expect(await outcomes([queue.enqueue('say', 1), queue.enqueue('say', 2)])).toEqual([
      'rejected',
      'rejected',
    ]);
    up();
    await queue.enqueue('say', 3);
    expect(await count(queue)).toMatchObject({ pending: 1 });
  });

  it('after its commit is not stored twice, and is answered as enqueued', async () => {
    const { queue, store } = setScene(jobs);
    store.failNext('enqueue', lostConnection(), { after: true });
    const answers = await Promise.all([queue.enqueue('say', 1), queue.enqueue('say', 2, { id: 'own' })]);
    expect(answers[0]).toMatchObject({ status: 'enqueued' });
    expect(await count(queue)).toMatchObject({ pending: 2 });
  });

  it('after its commit, and again at the repeat, is not stored twice by what is tried singly', async () => {
    const { queue, store } = setScene(jobs);
    store.failNext('enqueue', lostConnection(), { after: true });
    store.failNext('enqueue', lostConnection());
    await Promise.allSettled([queue.enqueue('say', 1), queue.enqueue('say', 2), queue.enqueue('say', 3)]);
    expect(await count(queue)).toMatchObject({ pending: 3 });
    const { jobs: found } = await list(queue, { state: 'pending' });
    expect(found.map(({ payload }) => payload)).toEqual([1, 2, 3]);
  });

  it('after its commit, at every call, is not stored twice', async () => {
    const { queue, store } = setScene(jobs);
    store.failNext('enqueue', lostConnection(), { times: 8, after: true });
    await Promise.allSettled([queue.enqueue('say', 1), queue.enqueue('say', 2)]);
    expect(await count(queue)).toMatchObject({ pending: 2 });
  });

  it('without an answer, and then for good: says that it may be stored, and is one job when repeated', async () => {
    const { queue, store } = setScene(jobs);
    store.failNext('enqueue', lostConnection(), { after: true });
    store.failNext('enqueue', permanent());
    const own = () => queue.enqueue('say', 1, { id: 'own' });
    await expect(own()).rejects.toMatchObject({
      code: 'Store',
      retryable: true,
      message: expect.stringContaining('it may be stored'),
      cause: { message: 'the disk is full' },
    });
    expect(await own()).toMatchObject({ status: 'duplicate' });
    expect(await count(queue)).toMatchObject({ pending: 1 });
  });

  it('without an answer, and then is closed: says that it may be stored', async () => {
    const { queue, store } = setScene(jobs);
    store.failNext('enqueue', lostConnection(), { after: true });
    store.failNext('enqueue', new StoreClosedError('the store'));
    await expect(queue.enqueue('say', 1)).rejects.toMatchObject({ code: 'Store', retryable: true });
  });

  it('for good says so to each of a tick: none of them is stored', async () => {
    const { queue, store } = setScene(jobs);
    const error = permanent();
    store.failNext('enqueue', error, { times: 3 });
    const both = [queue.enqueue('say', 1), queue.enqueue('say', 2)];
    for (const one of both) await expect(one).rejects.toBe(error);
    expect(await count(queue)).toMatchObject({ pending: 0 });
  });

  it('by an error of another copy of the package is tried once more all the same', async () => {
    const { queue, store } = setScene(jobs);
    const foreign = Object.assign(new Error('lost'), { code: 'Store', retryable: true });
    store.failNext('enqueue', foreign, { after: true });
    expect(await queue.enqueue('say', 1)).toMatchObject({ status: 'enqueued' });
    expect(await count(queue)).toMatchObject({ pending: 1 });
  });

  it('tells no event', async () => {
    const { queue, store } = setScene(jobs);
    const told: string[] = [];
    queue.on('job:enqueued', ({ id }) => told.push(id));
    store.failNext('enqueue', permanent());
    await expect(queue.enqueue('say', 1)).rejects.toThrow();
    expect(told).toEqual([]);
  });
});
