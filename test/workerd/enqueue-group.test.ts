import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { durableObjectStore } from 'holdfast/durable-object';
import { describe, expect, it } from 'vitest';
import { type StoreCalls, storeCalls } from '../../src/testing/store-calls.ts';
import { claimOf, NOW, spec } from '../chromium/specs.ts';

const CALLS = 32;
const ids = Array.from({ length: CALLS }, (_, n) => `job ${n}`);

interface Scene {
  readonly store: StoreCalls;
  readonly storage: DurableObjectStorage;
  readonly written: () => number;
}

function inFreshObject(act: (scene: Scene) => Promise<void>): Promise<void> {
  return runInDurableObject(env.PLAIN.get(env.PLAIN.newUniqueId()), (_object, state) => {
    let written = 0;
    const onStep = (kind: 'read' | 'written', rows: number) => {
      if (kind === 'written') written += rows;
    };
    const store = storeCalls(durableObjectStore(state, { onStep }));
    return act({ store, storage: state.storage, written: () => written });
  });
}

const enqueueOf = (store: StoreCalls, id: string, limits: { maxDepth?: number } = {}) =>
  store.enqueue({ queue: 'q', jobs: [spec(id)], ...limits }, NOW);

describe('enqueues that come to a Durable Object together', () => {
  it('write the row of the queue twice at most: for the first, and for all others', () =>
    inFreshObject(async ({ store, written }) => {
      await enqueueOf(store, 'before');
      await store.count({ queue: 'q' });
      const before = written();
      await Promise.all(ids.map((id) => enqueueOf(store, id)));
      expect(written() - before).toBeLessThanOrEqual(2 * CALLS + 2);
    }));

  it('keep the order in which they came', () =>
    inFreshObject(async ({ store }) => {
      await Promise.all(ids.map((id) => enqueueOf(store, id)));
      const { jobs } = await store.exchange(claimOf('w', CALLS), NOW);
      expect(jobs.map(({ job }) => job.id)).toEqual(ids);
    }));

  it('have each its own answer', () =>
    inFreshObject(async ({ store }) => {
      const answers = await Promise.all(ids.map((id) => enqueueOf(store, id)));
      expect(answers).toEqual(ids.map((id) => [{ id, status: 'enqueued' }]));
    }));

  it('are refused one by one: whoever finds the queue full costs nobody else his place', () =>
    inFreshObject(async ({ store }) => {
      const ends = await Promise.allSettled(
        ids.map((id, n) => enqueueOf(store, id, n % 4 === 3 ? { maxDepth: 1 } : {})),
      );
      expect(ends.map(({ status }) => status)).toEqual(
        ids.map((_, n) => (n % 4 === 3 ? 'rejected' : 'fulfilled')),
      );
      expect(await store.count({ queue: 'q' })).toMatchObject({ pending: (3 * CALLS) / 4 });
    }));

  it('have each queue of its own', () =>
    inFreshObject(async ({ store }) => {
      const queues = ids.map((_, n) => `q${n % 3}`);
      const calls = queues.map((queue, n) => store.enqueue({ queue, jobs: [spec(`job ${n}`)] }, NOW));
      await Promise.all(calls);
      const counts = await Promise.all(['q0', 'q1', 'q2'].map((queue) => store.count({ queue })));
      expect(counts.map(({ pending }) => pending)).toEqual([11, 11, 10]);
    }));

  it('are refused when the store is closed before their turn', () =>
    inFreshObject(async ({ store }) => {
      const [first, second] = [enqueueOf(store, 'first'), enqueueOf(store, 'second')];
      const closing = store.close();
      await expect(first).resolves.toMatchObject([{ status: 'enqueued' }]);
      await expect(second).rejects.toMatchObject({ code: 'StoreClosed' });
      await closing;
    }));
});
