import { describe, expect, it } from 'vitest';
import { count, createQueue, defineJobs, job } from '../../core/index.ts';
import type { Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { complete, spec, T } from './spec.ts';

const calls: Readonly<Record<string, (opening: Opening) => Promise<unknown>>> = {
  enqueue: (opening) => opening.enqueue(T, spec('y')),
  exchange: (opening) => opening.look(T),
  extend: (opening) => opening.extend(T, []),
  reclaim: (opening) => opening.reclaim(T),
  cancel: (opening) => opening.cancel(T, 'x'),
  redrive: (opening) => opening.redrive(T, 'x'),
  remove: (opening) => opening.remove(T, 'x'),
  prune: ({ store, queue }) => store.prune({ queue, limit: 1 }, T),
  hold: (opening) => opening.hold(T, 'job', T + 1),
  pause: (opening) => opening.pause(T),
  resume: (opening) => opening.resume(T),
  get: (opening) => opening.get('x'),
  list: (opening) => opening.list({ state: 'pending' }),
  count: (opening) => opening.count(),
};

export function describeClosing(scene: Scene): void {
  describe('close', () => {
    for (const [method, call] of Object.entries(calls))
      it(`after it ${method} rejects, and changes nothing`, async () => {
        const { a, b } = scene;
        await a.enqueue(T, spec('x'));
        const count = await b.count();
        await a.store.close();
        await expect(call(a)).rejects.toMatchObject({ code: 'StoreClosed', name: 'StoreClosedError' });
        expect(await b.count()).toEqual(count);
        expect(await b.claimIds(T)).toEqual(['x']);
      });

    it('closing twice is fine', async () => {
      const { a } = scene;
      await a.enqueue(T, spec('x'));
      await a.store.close();
      await expect(a.store.close()).resolves.toBeUndefined();
      await expect(a.count()).rejects.toMatchObject({ code: 'StoreClosed' });
    });

    it('closing an opening that was never used is fine', async () => {
      const { a, b } = scene;
      await a.store.close();
      await expect(a.count()).rejects.toMatchObject({ code: 'StoreClosed' });
      expect(await b.count()).toMatchObject({ pending: 0 });
    });

    it('the other openings go on, also with what the closed one had claimed', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'), spec('y'));
      const x = await a.claimOne(T);
      await a.store.close();
      expect(await b.settle(T, x, complete())).toBe('settled');
      expect(await b.claimIds(T)).toEqual(['y']);
    });

    it('of one queue leaves another queue over the same store object working', async () => {
      const { a, b } = scene;
      const open = (name: string) => createQueue({ name, jobs: defineJobs({ job: job() }), store: a.store });
      const [one, other] = [open('one'), open('other')];
      await one.enqueue('job', null);
      await one.close();
      await expect(count(one)).rejects.toMatchObject({ code: 'StoreClosed' });
      await other.enqueue('job', null);
      expect(await count(other)).toMatchObject({ pending: 1 });
      expect(await b.inQueue('one').count()).toMatchObject({ pending: 1 });
      await other.close();
      await expect(a.count()).rejects.toMatchObject({ code: 'StoreClosed' });
    });
  });
}
