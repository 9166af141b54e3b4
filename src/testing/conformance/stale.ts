import { describe, expect, it } from 'vitest';
import { byId } from './opening.ts';
import type { Scene } from './scene.ts';
import { standing } from './settle.ts';
import { bury, cancelled, complete, release, retry, spec, specs, T } from './spec.ts';

export function describeStale(scene: Scene): void {
  describe('stale settlements', () => {
    describeWithoutLease(scene);
    describeRepeats(scene);
  });
}

function describeWithoutLease(scene: Scene): void {
  const outcomes = [complete(spec('never')), retry(T), release(T), bury(), cancelled];

  for (const outcome of outcomes)
    it(`${outcome.kind} without the lease is stale and writes nothing`, async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x'), spec('y'));
      const x = await b.claimOne(T, { worker: 'one' });
      const before = await standing(a, ['x', 'y']);
      const { fence } = x;
      expect(await a.settle(T, { id: 'x', fence: fence + 1 }, outcome, 'one')).toBe('stale');
      expect(await b.settle(T, { id: 'x', fence: fence - 1 }, outcome, 'one')).toBe('stale');
      expect(await a.settle(T, x, outcome, 'two')).toBe('stale');
      expect(await b.settle(T, { id: 'y', fence }, outcome, 'one')).toBe('stale');
      expect(await a.settle(T, { id: 'unknown', fence }, outcome, 'one')).toBe('stale');
      expect(await standing(b, ['x', 'y'])).toEqual(before);
      expect(await b.get('never')).toBeUndefined();
    });
}

function describeRepeats(scene: Scene): void {
  it('a repeated settle is stale and counts once', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await b.claimOne(T);
    await a.settle(T, x, complete(spec('y')));
    expect(await b.settle(T, x, complete(spec('z')))).toBe('stale');
    expect(await a.settle(T, x, bury())).toBe('stale');
    expect(await b.count()).toMatchObject({ pending: 1, active: 0, completed: 1, dead: 0 });
  });

  it('a job settled twice in one exchange is settled once', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await b.claimOne(T);
    const { settled } = await a.exchange(T, [
      [x, complete()],
      [x, retry(T)],
    ]);
    expect(settled).toEqual(['settled', 'stale']);
    expect(await b.count()).toMatchObject({ pending: 0, active: 0, completed: 1 });
  });

  it('a stale settlement spoils neither the others nor the claim', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    const held = byId(await b.claim(T, { limit: 2 }));
    const wrong = { id: 'x0', fence: held('x0').fence + 9 };
    const { settled, jobs } = await a.exchange(
      T,
      [
        [wrong, complete()],
        [held('x1'), complete()],
      ],
      {},
    );
    expect(settled).toEqual(['stale', 'settled']);
    expect(jobs.map(({ job }) => job.id)).toEqual(['x2']);
    expect(await b.job('x0')).toMatchObject({ state: 'active' });
  });

  it('the fence of an earlier claim is stale after the job was given back and claimed again', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const first = await b.claimOne(T);
    await a.settle(T, first, release(T));
    expect(await a.settle(T, first, complete())).toBe('stale');
    const second = await a.claimOne(T);
    expect(await b.settle(T, first, complete())).toBe('stale');
    expect(await b.settle(T, second, complete())).toBe('settled');
  });
}
