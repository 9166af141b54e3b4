import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../core/kernel/messages.ts';
import { byId, type Held } from './opening.ts';
import type { Scene } from './scene.ts';
import { bury, complete, release, retry, spec, T } from './spec.ts';

const key = { idempotencyKey: 'k' } as const;
const replace = { ...key, onDuplicate: 'replace' } as const;

/** Several outcomes in one exchange: they take effect one after the other. */
export function describeBatches(scene: Scene): void {
  describe('a settled batch', () => {
    describeHolders(scene);
    describeLeavers(scene);
  });
}

/** A job `x` that holds the key and a job `z` without one, both running; settled in one exchange, in this order. */
async function settled(
  { a, b }: Scene,
  first: readonly ['x' | 'z', Outcome],
  second: readonly ['x' | 'z', Outcome],
) {
  await a.enqueue(T, spec('x', { ...key, payload: 1 }), spec('z'));
  const held = byId(await b.claim(T));
  const batch = [first, second].map(([id, outcome]): [Held, Outcome] => [held(id), outcome]);
  const answer = await a.exchange(T, batch);
  expect(answer.settled).toEqual(['settled', 'settled']);
}

function describeHolders(scene: Scene): void {
  for (const [what, outcome] of [
    ['retried', retry(T)],
    ['released', release(T)],
  ] as const)
    it(`replaces in a job that is ${what} before, and stores no follow-up`, async () => {
      const { a, b } = scene;
      await settled(scene, ['x', outcome], ['z', complete(spec('y', { ...replace, payload: 2 }))]);
      expect(await a.count()).toMatchObject({ pending: 1, active: 0, completed: 1 });
      expect(await b.claim(T)).toMatchObject([{ job: { id: 'x', payload: 2 } }]);
    });

  it('stores a follow-up of a job that is retried after', async () => {
    const { a, b } = scene;
    await settled(scene, ['z', complete(spec('y', { ...replace, payload: 2 }))], ['x', retry(T)]);
    expect(await b.job('y')).toMatchObject({ parked: true, payload: 2 });
    expect(await a.claim(T)).toMatchObject([{ job: { id: 'x', payload: 1 } }]);
  });
}

function describeLeavers(scene: Scene): void {
  for (const [what, outcome] of [
    ['completes', complete()],
    ['dies', bury()],
  ] as const)
    it(`frees the key of a job that ${what} before, and not of one that does after`, async () => {
      const { a, b } = scene;
      const [before, after] = [a.inQueue('before'), a.inQueue('after')];
      await settled({ ...scene, a: before, b: before }, ['x', outcome], ['z', complete(spec('y', key))]);
      await settled({ ...scene, a: after, b: after }, ['z', complete(spec('y', key))], ['x', outcome]);
      expect(await b.inQueue('before').claimIds(T)).toEqual(['y']);
      expect(await b.inQueue('after').claimIds(T)).toEqual([]);
    });
}
