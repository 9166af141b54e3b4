import {
  type CallMessage,
  createQueue,
  defineJobs,
  enqueueMany,
  expose,
  job,
  listAll,
  memoryStore,
  type Queue,
  remoteQueue,
} from 'holdfast';
import { queueClient } from 'holdfast/edge';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { laterTask } from '../../src/core/queue/later-task.ts';
import { everything } from './everything.ts';

const jobs = defineJobs({ push: job<unknown>() });
const DEPTH = 4;

/** Four objects that hold so many jobs each. `first`: ids begin there, and lead elsewhere with each. */
function openShards(first: number) {
  const environment = {
    ...fakeEnvironment({ now: 1_750_000_000_000 }),
    yield: () => laterTask({}),
  };
  for (let i = 0; i < first; i++) environment.id();
  const objects = new Map<string, ReturnType<typeof expose>>();
  const object = (name: string) => {
    const open = () =>
      createQueue({ name: 'sync', jobs, store: memoryStore(), environment, maxDepth: DEPTH });
    const serve = objects.get(name) ?? expose(open(), everything);
    objects.set(name, serve);
    return {
      holdfast: ({ layout: _, ...message }: { readonly layout: unknown }) => serve(structuredClone(message)),
    };
  };
  return queueClient({} as never, 'sync', { jobs, shards: 4, object: object as never, environment });
}

async function storedTimes(queue: Queue<typeof jobs>, payload: string): Promise<number> {
  let times = 0;
  for await (const found of listAll(queue, { state: 'pending' })) if (found.payload === payload) times += 1;
  return times;
}

const push = (payload: string, options: object = {}) => ({ name: 'push' as const, payload, ...options });

describe('what is enqueued together over several objects', () => {
  it('is stored once, also when one object accepts its part and another refuses it', async () => {
    for (let first = 0; first < 20; first++) {
      const queue = openShards(first);
      for (let i = 0; i < DEPTH; i++) await queue.enqueue('push', 'full', { lane: 'L' });
      const [alone, pair] = await Promise.allSettled([
        queue.enqueue('push', 'alone'),
        enqueueMany(queue, [push('a'), push('b', { lane: 'L' })]),
      ]);
      expect(await storedTimes(queue, 'alone')).toBe(alone.status === 'fulfilled' ? 1 : 0);
      expect(await storedTimes(queue, 'a')).toBeLessThanOrEqual(1);
      expect(await storedTimes(queue, 'b')).toBe(0);
      expect(pair).toMatchObject({ status: 'rejected', reason: { code: 'QueueFull' } });
    }
  });

  it('is tried without the others: who has room in every object is accepted, once', async () => {
    let accepted = 0;
    for (let first = 0; first < 20; first++) {
      const queue = openShards(first);
      for (let i = 1; i < DEPTH; i++) await queue.enqueue('push', 'full', { lane: 'L' });
      const [one, other] = await Promise.allSettled([
        enqueueMany(queue, [push('a'), push('b', { lane: 'L' })]),
        enqueueMany(queue, [push('c'), push('d', { lane: 'L' })]),
      ]);
      for (const payload of 'abcd') expect(await storedTimes(queue, payload)).toBeLessThanOrEqual(1);
      expect(await storedTimes(queue, 'b')).toBe(one.status === 'fulfilled' ? 1 : 0);
      expect(await storedTimes(queue, 'd')).toBe(other.status === 'fulfilled' ? 1 : 0);
      if (one.status === 'fulfilled') {
        accepted += 1;
        expect(one.value).toHaveLength(2);
        expect(await storedTimes(queue, 'a')).toBe(1);
      }
    }
    expect(accepted).toBeGreaterThan(0);
  });
  it('goes where it went, when the answer to a queue before them was lost', async () => {
    for (let first = 0; first < 20; first++) {
      const front = openShards(first);
      const serve = expose(front, everything);
      let lost = 0;
      const send = async (message: CallMessage) => {
        const reply = await serve(structuredClone(message));
        if (message.call === 'enqueue' && lost++ === 0)
          throw Object.assign(new Error('the connection was lost'), { retryable: true });
        return structuredClone(reply);
      };
      const environment = fakeEnvironment({ now: 1_750_000_000_000 });
      for (let i = 0; i < first; i++) environment.id();
      const queue = remoteQueue({ name: 'sync', jobs, send, environment });
      const ends = Promise.all(['a', 'b', 'c'].map((payload) => queue.enqueue('push', payload)));
      await environment.advance(1_000);
      expect((await ends).map(({ status }) => status)).toEqual(['enqueued', 'enqueued', 'enqueued']);
      for (const payload of 'abc') expect(await storedTimes(front, payload)).toBe(1);
    }
  });
});
