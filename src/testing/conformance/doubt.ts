import { describe, expect, it } from 'vitest';
import type { ExchangeAnswer, ExchangeRequest } from '../../core/kernel/messages.ts';
import { type Opening, WORKER } from './opening.ts';
import type { Scene } from './scene.ts';
import { complete, spec, specs, T } from './spec.ts';

/** After an exchange whose answer was lost a worker names what it holds: what else is under its name, it never heard of. */
export function describeDoubt(scene: Scene): void {
  describe('after a lost answer', () => {
    it('leases that the worker does not name are given back, uncounted', async () => {
      const { a, b } = scene;
      await a.enqueue(T, ...specs('x', 3));
      await a.claim(T);
      expect(await doubt(a, T, ['x1'])).toEqual({ settled: [], jobs: [] });
      expect(await b.job('x0')).toMatchObject({ state: 'pending', failures: 0, crashes: 0 });
      expect(await b.job('x1')).toMatchObject({ state: 'active' });
      expect(await b.claimIds(T, { worker: 'other' })).toEqual(['x0', 'x2']);
      expect(await b.count()).toMatchObject({ pending: 0, active: 3 });
    });

    it('what is settled by the same call counts as named', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'));
      const { fence, job } = await a.claimOne(T);
      const settle = [{ id: job.id, fence, outcome: complete() }];
      expect(await doubt(a, T, [], settle)).toEqual({ settled: ['settled'], jobs: [] });
      expect(await b.count()).toMatchObject({ pending: 0, active: 0, completed: 1 });
    });

    it('what is settled under the fence of an earlier claim is not named by that', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'));
      const { fence, job } = await a.claimOne(T);
      await b.reclaim(T, { goneWorkers: [WORKER] });
      const { runAt } = await a.job('x');
      await a.claimOne(runAt);
      const settle = [{ id: job.id, fence, outcome: complete() }];
      expect((await doubt(a, runAt, [], settle)).settled).toEqual(['stale']);
      expect(await b.job('x')).toMatchObject({ state: 'pending', crashes: 1 });
    });

    it('what other workers hold stays theirs', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'));
      await b.claim(T, { worker: 'other' });
      await doubt(a, T, []);
      expect(await a.job('x')).toMatchObject({ state: 'active' });
    });

    it('a lease given back is stale for who learns of it later', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'));
      const lost = await a.claimOne(T);
      await doubt(a, T, []);
      expect(await b.settle(T, lost, complete())).toBe('stale');
    });

    it('a job given back by a clock that was set back is due now', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x', { delayMs: 3_600_000 }));
      await a.claim(T + 3_600_000);
      await doubt(a, T, []);
      expect(await b.claimIds(T)).toEqual(['x']);
    });

    it('a job that is settled under its fence, and under another behind that, is done', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'));
      const { fence } = await a.claimOne(T);
      const outcome = { kind: 'complete' } as const;
      const settle = [fence, fence - 1].map((one) => ({ id: 'x', fence: one, outcome }));
      expect((await doubt(a, T, [], settle)).settled).toEqual(['settled', 'stale']);
      expect(await b.count()).toMatchObject({ pending: 0, active: 0, completed: 1 });
    });

    it('a job given back keeps its lane', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x', { lane: 'doc' }), spec('y', { lane: 'doc' }));
      await a.claim(T);
      await doubt(a, T, []);
      expect(await b.claimIds(T)).toEqual(['x']);
    });

    it('a job that was asked to stop meanwhile is cancelled, and its lane goes on', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x', { lane: 'doc' }), spec('y', { lane: 'doc' }));
      await a.claim(T);
      expect(await b.cancel(T, 'x')).toEqual(['requested']);
      await doubt(a, T, []);
      expect(await b.get('x')).toBeUndefined();
      expect(await b.count()).toMatchObject({ pending: 1, active: 0, cancelled: 1 });
      expect(await b.claimIds(T)).toEqual(['y']);
    });
  });
}

function doubt(
  { store, queue }: Opening,
  now: number,
  held: readonly string[],
  settle: ExchangeRequest['settle'] = [],
): Promise<ExchangeAnswer> {
  return store.exchange({ queue, workerId: WORKER, settle, held }, now);
}
