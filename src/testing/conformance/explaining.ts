import { describe, expect, it } from 'vitest';
import { markOf } from '../../core/kernel/worked.ts';
import type { FeaturedExplain } from '../every-feature.ts';
import type { Opening } from './opening.ts';
import { alike, type Scene } from './scene.ts';
import { bury, release, retry, spec, specs, T } from './spec.ts';

const BELIEVED_MS = 900_000;
const EVERY_MS = 300_000;

/** An exchange of somebody who runs this name, has nothing to settle and no room for more. */
const mark = ({ store, queue }: Opening, now: number, name: string, version = 1) =>
  store.exchange({ queue, workerId: 'idle', settle: [], runs: [markOf(name, version)] }, now);

/** Why a job waits, for somebody who runs nothing himself. */
async function workers({ store, queue }: Opening, now: number, id: string) {
  return (await store.explain({ queue, id, asksWorkers: true }, now))?.waits;
}

const claimOf = ({ queue }: Opening) => ({
  queue,
  workerId: 'worker',
  settle: [],
  claim: { names: { job: { version: 1, slots: 2 } }, limit: 2, leaseMs: 30_000, idle: false },
});

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
      const { a, b } = alike(scene);
      const known = { job: { version: 1, slots: 9, maxActive: 1 } };
      const rated = { mail: { version: 1, slots: 9, rate: { limit: 1, perMs: 1_000 } } };
      const waits = async (id: string, asked: Omit<FeaturedExplain, 'id'>, now = T) =>
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
      const { a, b } = alike(scene);
      const names = { job: { version: 1, slots: 9, rate: { limit: 1, perMs: 1_000 } } };
      const waits = async () => (await b.store.explain({ queue: b.queue, id: 'x1', names }, T))?.waits;
      await a.enqueue(T, ...specs('x', 2, { rateKey: 'k' }));
      await a.claim(T, { names, limit: 1 });
      expect(await waits()).toEqual([{ why: 'rate', until: T + 1_000 }]);
      await a.claim(T, { names });
      expect(await waits()).toEqual([{ why: 'rate', until: T + 1_000 }]);
    });

    it('says no-worker to whoever asks for it, until somebody leaves a mark that he runs such jobs, and 15 minutes later', async () => {
      const { a, b } = alike(scene);
      await a.enqueue(T, spec('x'));
      expect(await a.waits(T, 'x')).toEqual([]);
      expect(await workers(a, T, 'x')).toEqual([{ why: 'no-worker' }]);
      await mark(b, T, 'job');
      expect(await workers(a, T, 'x')).toEqual([]);
      expect(await workers(a, T + BELIEVED_MS - 1, 'x')).toEqual([]);
      expect(await workers(a, T + BELIEVED_MS, 'x')).toEqual([{ why: 'no-worker' }]);
    });

    it('believes a mark of its own name, for payloads that are understood, beside other reasons', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('old', { version: 2 }), spec('new', { version: 4 }));
      await a.enqueue(T, spec('mail', { name: 'mail' }), spec('proto', { name: '__proto__', delayMs: 5 }));
      await mark(b, T, 'job', 3);
      await mark(b, T, '__proto__');
      expect(await workers(a, T, 'old')).toEqual([]);
      expect(await workers(a, T, 'new')).toEqual([{ why: 'no-worker' }]);
      expect(await workers(a, T, 'mail')).toEqual([{ why: 'no-worker' }]);
      expect(await workers(a, T, 'proto')).toEqual([{ why: 'not-due', until: T + 5 }]);
    });

    it('a mark is renewed when five of its minutes are over, and not written before', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'));
      const isWorked = async (now: number) => (await workers(b, now, 'x'))?.length === 0;
      await mark(b, T, 'job');
      await mark(a, T + EVERY_MS - 1, 'job');
      expect(await isWorked(T + BELIEVED_MS)).toBe(false);
      await mark(a, T + EVERY_MS, 'job');
      expect(await isWorked(T + EVERY_MS + BELIEVED_MS - 1)).toBe(true);
      expect(await isWorked(T + EVERY_MS + BELIEVED_MS)).toBe(false);
    });

    it('a mark costs nothing where the queue is written anyway', async () => {
      const { a, b, harness } = scene;
      await a.enqueue(T, ...specs('x', 4));
      const written = async (runs: readonly string[]) => {
        const before = harness.steps().written;
        const { jobs } = await b.store.exchange({ ...claimOf(b), runs }, T);
        expect(jobs).toHaveLength(2);
        return harness.steps().written - before;
      };
      const without = await written([]);
      expect(await written([markOf('job', 1)])).toBe(without);
      expect(await workers(a, T, 'x3')).toEqual([]);
    });

    it('a mark lives no longer than its length, however the clock is set', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'));
      await mark(b, T + 10 * BELIEVED_MS, 'job');
      expect(await workers(a, T, 'x')).toEqual([{ why: 'no-worker' }]);
      await b.exchange(T, []);
      expect(await workers(a, T, 'x')).toEqual([]);
      expect(await workers(a, T + BELIEVED_MS, 'x')).toEqual([{ why: 'no-worker' }]);
    });

    it('marks are at most a hundred, and the last that were left', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'), spec('y', { name: 'name 150' }));
      await mark(b, T, 'job');
      const names = Array.from({ length: 150 }, (_, n) => `name ${n + 1}`);
      for (const name of names) await mark(b, T + 1, name);
      expect(await workers(a, T + 1, 'x')).toEqual([{ why: 'no-worker' }]);
      expect(await workers(a, T + 1, 'y')).toEqual([]);
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
