import { describe, expect, it } from 'vitest';
import type { ExplainRequest } from '../../core/kernel/messages.ts';
import type { Scene } from './scene.ts';
import { bury, release, retry, spec, specs, T } from './spec.ts';

export function describeExplaining(scene: Scene): void {
  describe('explain', () => {
    it('finds nothing that keeps a job which the next claim takes', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'));
      expect(await b.waits(T, 'x')).toEqual([]);
      expect(await a.claimIds(T)).toEqual(['x']);
    });

    it('answers the job as get does, and nothing where nothing is', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'));
      expect(await b.store.explain({ queue: b.queue, id: 'x' }, T)).toEqual({
        job: await a.job('x'),
        waits: [],
      });
      expect(await b.store.explain({ queue: b.queue, id: 'y' }, T)).toBeUndefined();
      expect(await b.store.explain({ queue: 'nowhere', id: 'x' }, T)).toBeUndefined();
    });

    it('tells until when a job is not due: by its delay, a backoff or a release', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('delayed', { delayMs: 700 }), spec('retried'), spec('released'));
      await b.exchange(
        T,
        [...(await b.claim(T))].map((held) => [
          held,
          held.job.id === 'retried' ? retry(T + 5) : release(T + 9),
        ]),
      );
      expect(await a.waits(T, 'delayed')).toEqual([{ why: 'not-due', until: T + 700 }]);
      expect(await a.waits(T, 'retried')).toEqual([{ why: 'not-due', until: T + 5 }]);
      expect(await a.waits(T, 'released')).toEqual([{ why: 'not-due', until: T + 9 }]);
      expect(await a.waits(T + 9, 'released')).toEqual([]);
    });

    it('tells pauses of the queue and of the name, and holds with their end', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'), spec('m', { name: 'mail' }));
      await a.pause(T, 'job');
      await a.hold(T, 'mail', T + 50);
      expect(await b.waits(T, 'x')).toEqual([{ why: 'paused', name: 'job' }]);
      expect(await b.waits(T, 'm')).toEqual([{ why: 'held', until: T + 50 }]);
      await b.pause(T);
      expect(await a.waits(T, 'x')).toEqual([{ why: 'paused' }]);
      expect(await a.waits(T, 'm')).toEqual([{ why: 'paused' }, { why: 'held', until: T + 50 }]);
    });

    it('tells the lane that a job is parked in', async () => {
      const { a, b } = scene;
      await a.enqueue(T, ...specs('x', 2, { lane: 'doc' }));
      expect(await b.waits(T, 'x0')).toEqual([]);
      expect(await b.waits(T, 'x1')).toEqual([{ why: 'lane', lane: 'doc' }]);
    });

    it('tells that a job runs alone, as it crashed its owners', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'));
      let now = T;
      for (let crashes = 0; crashes < 2; crashes++) {
        now = (await a.job('x')).runAt;
        await a.claimOne(now);
        await b.reclaim(now, { goneWorkers: ['worker'] });
      }
      const { runAt } = await a.job('x');
      expect(await b.waits(runAt, 'x')).toEqual([{ why: 'suspect', crashes: 2 }]);
    });

    it('tells the limits over all workers that keep it waiting, of those that it is asked about', async () => {
      const { a, b } = scene;
      const known = { job: { version: 1, slots: 9, maxActive: 1 } };
      const rated = { mail: { version: 1, slots: 9, rate: { limit: 1, perMs: 1_000 } } };
      const waits = async (id: string, asked: Omit<ExplainRequest, 'queue' | 'id'>, now = T) =>
        (await b.store.explain({ queue: b.queue, id, ...asked }, now))?.waits;
      await a.enqueue(T, ...specs('x', 2), ...specs('m', 2, { name: 'mail' }));
      expect(await waits('x1', { names: known, maxActive: 1 })).toEqual([]);
      await a.claim(T, { names: { ...known, ...rated }, limit: 4 });
      expect(await waits('x1', { names: known })).toEqual([{ why: 'max-active', limit: 1, name: 'job' }]);
      expect(await waits('x1', { maxActive: 2 })).toEqual([{ why: 'max-active', limit: 2 }]);
      expect(await waits('m1', { names: rated })).toEqual([{ why: 'rate', until: T + 1_000 }]);
      expect(await waits('m1', { names: rated }, T + 1_000)).toEqual([]);
      expect(await waits('m1', {})).toEqual([]);
    });

    it('tells that the rate of its key keeps it waiting, before a claim has put it off and after', async () => {
      const { a, b } = scene;
      const names = { job: { version: 1, slots: 9, rate: { limit: 1, perMs: 1_000 } } };
      const waits = async () => (await b.store.explain({ queue: b.queue, id: 'x1', names }, T))?.waits;
      await a.enqueue(T, ...specs('x', 2, { rateKey: 'k' }));
      await a.claim(T, { names, limit: 1 });
      expect(await waits()).toEqual([{ why: 'rate', until: T + 1_000 }]);
      await a.claim(T, { names });
      expect(await waits()).toEqual([{ why: 'rate', until: T + 1_000 }]);
    });

    it('gives no reasons for a job that runs or is dead: the job says it', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'), spec('y'));
      const held = await b.claimOne(T);
      expect(await a.store.explain({ queue: a.queue, id: 'x' }, T)).toMatchObject({
        job: { state: 'active', lease: { workerId: 'worker' } },
        waits: [],
      });
      await b.settle(T, held, bury());
      expect(await a.store.explain({ queue: a.queue, id: 'x' }, T)).toMatchObject({
        job: { state: 'dead', errors: [{ message: 'the server answered 500' }] },
        waits: [],
      });
    });
  });
}
