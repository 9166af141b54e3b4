import {
  count,
  defineJobs,
  drain,
  type EnqueueItem,
  enqueueMany,
  exportJobs,
  type Feature,
  get,
  hold,
  job,
  keys,
  memoryBacking,
  owner,
  purge,
  remoteQueue,
  work,
} from 'holdfast';
import { describe, expect, it } from 'vitest';
import { deaf, ended, setScene, untilAborted } from './scene.ts';

const jobs = defineJobs({ push: job<string>() });

/** Two owners and a queue without one, over the same rows. */
function setOwners<const Use extends readonly Feature[] = readonly []>(...use: Use) {
  const backing = memoryBacking();
  const ann = setScene(jobs, { backing, use: [...use, owner('ann')] });
  const { environment } = ann;
  return {
    backing,
    environment,
    ann: ann.queue,
    again: setScene(jobs, { backing, environment, use: [...use, owner('ann')] }).queue,
    bob: setScene(jobs, { backing, environment, use: [...use, owner('bob')] }).queue,
    none: setScene(jobs, { backing, environment, use }).queue,
  };
}

describe('an owner', () => {
  it('has jobs that no other owner, and nobody without one, sees or claims', async () => {
    const { ann, again, bob, none, environment } = setOwners();
    const ran: string[] = [];
    const { id } = await ann.enqueue('push', 'a');
    for (const [name, queue] of Object.entries({ bob, none }))
      work(queue, { push: (word) => void ran.push(`${name} ${word}`) });
    await environment.advance(60_000);
    expect(ran).toEqual([]);
    expect(await get(bob, id)).toBeUndefined();
    expect(await count(none)).toMatchObject({ pending: 0 });
    work(again, { push: (word) => void ran.push(`ann ${word}`) });
    await environment.advance(100);
    expect(ran).toEqual(['ann a']);
  });

  it('is not told in the names that the queue shows', async () => {
    const { ann, environment } = setOwners();
    const idle: string[] = [];
    ann.on('queue:idle', ({ queue }) => idle.push(queue));
    const { id } = await ann.enqueue('push', 'a', { delayMs: 1_000 });
    work(ann, { push: () => {} });
    await environment.flush();
    expect([ann.name, (await get(ann, id))?.queue, ...idle]).toEqual(['sync', 'sync', 'sync']);
  });

  it('has keys, lanes, ids and limits of its own', async () => {
    const { ann, bob } = setOwners();
    const own = { id: 'x', idempotencyKey: 'k', lane: 'doc' };
    await ann.enqueue('push', 'a', own);
    expect(await bob.enqueue('push', 'b', own)).toEqual({ id: 'x', status: 'enqueued' });
    expect(await ann.enqueue('push', 'c', own)).toEqual({ id: 'x', status: 'duplicate' });
  });

  it('hears hints of its own queue', async () => {
    const { ann, again, bob, environment } = setOwners();
    const ran: string[] = [];
    work(ann, { push: (word) => void ran.push(word) });
    await environment.advance(1_000);
    await bob.enqueue('push', 'b');
    await again.enqueue('push', 'a');
    await environment.advance(10);
    expect(ran).toEqual(['a']);
  });

  it('cannot be made of what a store keeps for itself', () => {
    for (const who of ['', 'a\u0003b', 'a\u0001', 5, null, 'x'.repeat(513)])
      expect(() => owner(who as string)).toThrow(/owner is .*: expected a text/);
  });

  it('is no matter of a page whose queue is elsewhere: its host says whose it is', () => {
    const elsewhere = { name: 'sync', jobs, use: [owner('ann')], send: async () => undefined };
    expect(() => remoteQueue(elsewhere)).toThrow(
      'use is "owner": expected no feature that says whose the queue is',
    );
  });

  it('keeps its jobs over close, for the next login', async () => {
    const { ann, again, environment } = setOwners();
    await ann.enqueue('push', 'a');
    await ann.close();
    const drained = drain(again, { push: () => {} });
    await environment.flush();
    expect(await ended(drained)).toMatchObject({ completed: 1 });
  });
});

describe('export', () => {
  it('reads jobs in every state, and what enqueues them again', async () => {
    const { ann, bob, environment } = setOwners();
    const own = { lane: 'doc', priority: 10, maxAttempts: 1, tags: ['t'], headers: { trace: '1' } };
    await ann.enqueue('push', 'done', { id: 'done' });
    await ann.enqueue('push', 'dies', { id: 'dies', ...own });
    const drained = drain(ann, { push: (word) => word === 'dies' && Promise.reject(new Error('no')) });
    await environment.flush();
    await ended(drained);
    await ann.enqueue('push', 'runs', { id: 'runs', maxAgeMs: 9_000 });
    work(ann, { push: deaf });
    await environment.advance(1_000);
    const runAt = environment.now() + 5_000;
    await ann.enqueue('push', 'later', { id: 'later', runAt, maxAgeMs: 700, idempotencyKey: 'k' });
    const seen = [];
    for await (const one of exportJobs(ann)) seen.push(one);
    expect(seen.map(({ job: { id, state } }) => `${id} ${state}`).sort()).toEqual([
      'dies dead',
      'done completed',
      'later pending',
      'runs active',
    ]);
    const items = Object.fromEntries(seen.map(({ job: { id }, item }) => [id, item]));
    expect(items).toEqual({
      done: undefined,
      dies: { id: 'dies', name: 'push', payload: 'dies', ...own },
      runs: { id: 'runs', name: 'push', payload: 'runs', priority: 0, maxAgeMs: 8_000 },
      later: {
        id: 'later',
        name: 'push',
        payload: 'later',
        priority: 0,
        runAt,
        maxAgeMs: 700,
        idempotencyKey: 'k',
      },
    });
    const again = seen.flatMap(({ item }) => (item === undefined ? [] : [item as EnqueueItem<typeof jobs>]));
    expect((await enqueueMany(bob, again)).map(({ status }) => status)).toEqual(Array(3).fill('enqueued'));
  });

  it('takes the age of a job along that waits behind others', async () => {
    const { ann } = setOwners();
    await ann.enqueue('push', 'head', { lane: 'doc' });
    await ann.enqueue('push', 'behind', { lane: 'doc', maxAgeMs: 700 });
    const items = [];
    for await (const { item } of exportJobs(ann)) items.push(item);
    expect(items).toMatchObject([{ payload: 'head' }, { payload: 'behind', maxAgeMs: 700 }]);
  });

  it('reads page by page, however many there are', async () => {
    const { queue, store } = setScene(jobs);
    await enqueueMany(
      queue,
      Array.from({ length: 250 }, (_, i) => ({ name: 'push', payload: String(i) })),
    );
    const words = [];
    for await (const { item } of exportJobs(queue)) words.push(Number(item?.payload));
    expect(words.sort((a, b) => a - b)).toEqual(Array.from({ length: 250 }, (_, i) => i));
    for (const { method, request } of store.calls)
      if (method === 'list') expect(request).toMatchObject({ limit: 100 });
  });
});

describe('purge', () => {
  it('removes all that the owner had, and nothing of another', async () => {
    const { backing, ann, bob, none, environment } = setOwners(keys());
    for (const queue of [ann, bob, none]) {
      await queue.enqueue('push', 'a', { idempotencyKey: 'k', keyForMs: 90_000, maxAgeMs: 90_000 });
      await enqueueMany(
        queue,
        Array.from({ length: 3 }, (_, i) => ({ name: 'push', payload: String(i), lane: 'l' })),
      );
      await queue.enqueue('push', 'dies', { maxAttempts: 1, priority: 'high' });
      const drained = drain(queue, { push: (word) => word === 'dies' && Promise.reject(new Error('no')) });
      await environment.flush();
      await ended(drained);
      await queue.enqueue('push', 'b', { id: 'b', delayMs: 5 });
      await hold(queue, 'push', environment.now() + 90_000);
    }
    const streams = backing.queues.size;
    expect(await purge(ann)).toEqual({ removed: 2, asked: 0 });
    expect([...backing.queues.keys()].filter((stream) => stream.includes('ann'))).toEqual([]);
    expect(backing.queues.size).toBe(streams - 1);
    for (const queue of [bob, none]) expect(await count(queue)).toMatchObject({ pending: 1, dead: 1 });
    expect(await ann.enqueue('push', 'a', { idempotencyKey: 'k' })).toMatchObject({ status: 'enqueued' });
  });

  it('asks running jobs to stop and waits for them', async () => {
    const { queue, environment } = setScene(jobs);
    const reasons: unknown[] = [];
    queue.on('job:cancelled', ({ id }) => reasons.push(id));
    work(queue, { push: untilAborted });
    await queue.enqueue('push', 'a', { id: 'a' });
    await queue.enqueue('push', 'b', { id: 'b', delayMs: 9_000 });
    await environment.flush();
    const purged = purge(queue);
    await environment.advance(200);
    expect(await ended(purged)).toEqual({ removed: 1, asked: 1 });
    expect(reasons).toEqual(['a']);
  });

  it('takes the lease of a handler that is deaf, after the grace', async () => {
    const { queue, environment, store } = setScene(jobs);
    const lost: string[] = [];
    queue.on('lease:lost', ({ job: { id } }) => lost.push(id));
    work(queue, { push: deaf });
    await queue.enqueue('push', 'a', { id: 'a' });
    await environment.flush();
    const purged = purge(queue, { graceMs: 2_000 });
    await environment.advance(1_900);
    expect(await count(queue)).toMatchObject({ active: 1 });
    await environment.advance(200);
    expect(await ended(purged)).toEqual({ removed: 1, asked: 1 });
    expect(lost).toEqual(['a']);
    expect(store.callsOf('purge')).toBeLessThanOrEqual(5); // Once a second, not for each thing that it does itself.
  });

  it('can be called again when the store failed it', async () => {
    const { queue, store } = setScene(jobs);
    await enqueueMany(queue, [{ name: 'push', payload: 'a' }]);
    store.failNext('purge', new Error('no store'));
    await expect(purge(queue)).rejects.toThrow('no store');
    expect(await purge(queue)).toEqual({ removed: 1, asked: 0 });
  });

  it('refuses options that it does not know', async () => {
    const { queue } = setScene(jobs);
    await expect(purge(queue, { graceMs: -1 })).rejects.toThrow('graceMs is -1');
    await expect(purge(queue, { force: true } as never)).rejects.toThrow('purge options is "force"');
  });
});
