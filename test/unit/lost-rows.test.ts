import { memoryBacking, memoryStore } from 'holdfast';
import { describe, expect, it } from 'vitest';
import { storeCalls } from '../../src/testing/store-calls.ts';

const T = 1_750_000_000_000;
const queue = 'sync';
const spec = (id: string, more = {}) => ({
  ...{ id, known: false, name: 'job', version: 1, priority: 0, payload: 'text' },
  ...more,
});
const claim = { names: { job: { version: 1, slots: 9 } }, limit: 9, leaseMs: 30_000, idle: true };
const error = { name: 'Error', message: 'no', attempt: 1, at: T };

describe('a running job whose row the browser lost', () => {
  it.each([
    ['owner vanishes', undefined],
    ['attempt is to be retried', { kind: 'retry', runAt: T, error }],
    ['attempt is its last', { kind: 'bury', error }],
  ] as const)(
    'ends when its %s: those that wait for it hear of it, and its batch counts it',
    async (_, outcome) => {
      const backing = memoryBacking();
      const store = storeCalls(memoryStore({ backing }));
      await store.putBatch({ queue, id: 'b' }, T);
      const lane = { lane: 'doc' };
      const after = spec('y', { dependsOn: { x: 'x' } });
      await store.enqueue(
        { queue, jobs: [spec('x', { batch: 'b', ...lane }), spec('next', lane), after] },
        T,
      );
      const held = (await store.exchange({ queue, workerId: 'w', settle: [], claim }, T)).jobs[0];
      if (held === undefined) throw new Error('nothing was claimed');
      const { id, name, seq } = held.job;
      backing.queues.get(queue)?.dropJobs([{ id, name, version: 1, rank: 0, due: 0, seq }]);
      if (outcome === undefined) await store.reclaim({ queue, limit: 9, goneWorkers: ['w'] }, T);
      else await store.exchange({ queue, workerId: 'w', settle: [{ id, fence: held.fence, outcome }] }, T);
      const { jobs } = await store.exchange({ queue, workerId: 'v', settle: [], claim }, T);
      expect(jobs.map(({ job }) => job.id)).toEqual(['next']);
      expect(await store.get({ queue, id: 'y' })).toBeUndefined();
      expect(await store.countBatch({ queue, id: 'b' })).toMatchObject({ total: 1, open: 0, cancelled: 1 });
      expect(await store.count({ queue })).toMatchObject({ pending: 0, active: 1, cancelled: 2 });
    },
  );
});
