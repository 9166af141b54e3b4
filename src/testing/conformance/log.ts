import { describe, expect, it } from 'vitest';
import { log } from '../../core/features/log/log.ts';
import { everyFeature } from '../every-feature.ts';
import { storeCalls } from '../store-calls.ts';
import { byId, Opening } from './opening.ts';
import { QUEUE, type Scene } from './scene.ts';
import { bury, cancelled, complete, release, retry, spec, specs, T, unbegun } from './spec.ts';

const logOf = ({ store, queue }: Opening, after = 0, limit = 1_000) => store.log({ queue, after, limit });

export function describeLog(scene: Scene): void {
  /** Two openings that log. */
  async function logging(size = 1_000) {
    const open = async () =>
      new Opening(storeCalls(await scene.harness.open(), [...everyFeature(), log({ size })]), QUEUE);
    return { a: await open(), b: await open() };
  }
  const steps = async (opening: Opening) =>
    (await logOf(opening)).map(({ n, at, id, to }) => `${n} ${at - T} ${id} ${to}`);

  describe('the log', () => {
    it('tells a job that was claimed and did not begin as released', async () => {
      const { a } = await logging();
      await a.enqueue(T, spec('x'));
      await a.settle(T, await a.claimOne(T), unbegun);
      expect((await logOf(a)).map(({ to }) => to)).toEqual(['enqueued', 'claimed', 'released']);
    });

    it('tells each transition of a job once, in order, with when and by whom', async () => {
      const { a, b } = await logging();
      await a.enqueue(T, spec('x'));
      await b.settle(T + 2, await b.claimOne(T + 1), retry(T + 3));
      await a.settle(T + 5, await a.claimOne(T + 4), release(T + 6));
      await a.claimOne(T + 7);
      await b.reclaim(T + 8, { goneWorkers: ['worker'] });
      const { runAt } = await a.job('x');
      await b.settle(runAt, await b.claimOne(runAt), bury());
      await a.redrive(runAt, 'x');
      await b.settle(runAt, await a.claimOne(runAt), complete(spec('y')));
      const log = await logOf(b);
      expect(log.map(({ n, to, id }) => `${n} ${id} ${to}`)).toEqual([
        '1 x enqueued',
        '2 x claimed',
        '3 x retried',
        '4 x claimed',
        '5 x released',
        '6 x claimed',
        '7 x reclaimed',
        '8 x claimed',
        '9 x dead',
        '10 x redriven',
        '11 x claimed',
        '12 x completed',
        '13 y enqueued',
      ]);
      expect(log[0]).toEqual({ n: 1, at: T, id: 'x', to: 'enqueued', name: 'job' });
      expect(log[1]).toEqual({
        n: 2,
        at: T + 1,
        id: 'x',
        to: 'claimed',
        name: 'job',
        workerId: 'worker',
        attempt: 1,
      });
      expect(log[2]).toMatchObject({ error: 'the server answered 500' });
    });

    it('tells cancels and removals, and nothing of what changed nothing', async () => {
      const { a, b } = await logging();
      await a.enqueue(T, spec('x'), spec('y'), spec('z'));
      await a.enqueue(T, spec('x', { known: true }));
      const held = byId(await b.claim(T, { limit: 2 }));
      await a.cancel(T, 'x', 'z', 'nothing');
      await b.exchange(T, [
        [held('x'), cancelled],
        [held('y'), bury()],
        [{ id: 'y', fence: 999 }, complete()],
      ]);
      await b.remove(T, 'y');
      expect((await steps(a)).slice(5)).toEqual([
        '6 0 z cancelled',
        '7 0 x cancelled',
        '8 0 y dead',
        '9 0 y removed',
      ]);
    });

    it('keeps the last ones: all that were asked for, and at most a hundred more', async () => {
      const { a, b } = await logging(50);
      for (let i = 0; i < 40; i++) await (i % 2 ? a : b).enqueue(T + i, ...specs(`${i} `, 10));
      const log = await logOf(a);
      expect(log.length).toBeGreaterThanOrEqual(50);
      expect(log.length).toBeLessThanOrEqual(150);
      expect(log.map(({ n }) => n)).toEqual(log.map((_, i) => 400 - log.length + 1 + i));
      await b.enqueue(T + 40, ...specs('many', 1_000));
      const last = await logOf(a);
      expect(last.at(-1)).toMatchObject({ n: 1_400, id: 'many999' });
      expect(last.length).toBeLessThanOrEqual(150);
    });

    it('is empty once it is abandoned, and goes on with its next number where it comes back', async () => {
      const { a, b } = await logging();
      await a.enqueue(T, spec('x'), spec('y'));
      expect(await scene.b.abandon(T, 'log')).toEqual({ freed: 0, dropped: 1 });
      expect(await logOf(b)).toEqual([]);
      await b.enqueue(T, spec('z'));
      expect(await steps(a)).toEqual(['3 0 z enqueued']);
    });

    it('is read from a number on, so many at a time', async () => {
      const { a, b } = await logging();
      await a.enqueue(T, ...specs('x', 250));
      expect((await logOf(b, 0, 3)).map(({ id }) => id)).toEqual(['x0', 'x1', 'x2']);
      expect((await logOf(b, 240)).map(({ n }) => n)).toEqual([
        241, 242, 243, 244, 245, 246, 247, 248, 249, 250,
      ]);
      expect(await logOf(b, 250)).toEqual([]);
    });

    it('tells those that died as they waited for one that did', async () => {
      const { a, b } = await logging();
      await a.enqueue(T, spec('x'), spec('y', { dependsOn: { x: 'x' } }));
      await b.settle(T, await b.claimOne(T), bury());
      await a.look(T);
      expect((await steps(a)).slice(3)).toEqual(['4 0 x dead', '5 0 y dead']);
    });

    it('is empty where no opening logs, and then costs nothing', async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'));
      await b.settle(T, await b.claimOne(T), complete());
      expect(await logOf(a)).toEqual([]);
    });
  });
}
