import { describe, expect, it } from 'vitest';
import type { JobSpec } from '../../core/kernel/messages.ts';
import type { Scene } from './scene.ts';
import { bury, cancelled, complete, retry, spec, T } from './spec.ts';

const key = { idempotencyKey: 'note 1' } as const;
const replace = { ...key, onDuplicate: 'replace' } as const;
const debounce = { ...key, onDuplicate: 'debounce' } as const;
const enqueued = (id: string) => [{ id, status: 'enqueued' }];
const duplicate = (id: string) => [{ id, status: 'duplicate' }];
const replaced = (id: string) => [{ id, status: 'replaced' }];

/** What happens to a key whose job runs: that one has read its payload, so the last edit follows it. */
export function describeFollowUps(scene: Scene): void {
  describe('follow-ups', () => {
    describeActiveHolder(scene);
    describeFollowUp(scene);
    describeKeyOfTwo(scene);
  });
}

function describeActiveHolder(scene: Scene): void {
  it('keep answers a duplicate of the job that runs', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', key));
    await b.claimOne(T);
    expect(await a.enqueue(T, spec('y', key))).toEqual(duplicate('x'));
    expect(await b.count()).toMatchObject({ pending: 0, active: 1 });
  });

  for (const [what, more] of [
    ['replace', replace],
    ['debounce', debounce],
  ] as const)
    it(`${what} stores one follow-up, which the next ${what} replaces`, async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x', { ...key, payload: 1 }));
      const x = await b.claimOne(T);
      expect(await a.enqueue(T, spec('y', { ...more, payload: 2 }))).toEqual(enqueued('y'));
      expect(await b.enqueue(T, spec('z', { ...more, payload: 3 }))).toEqual(replaced('y'));
      expect(await b.job('y')).toMatchObject({ state: 'pending', parked: true, payload: 3 });
      expect(await a.claimIds(T)).toEqual([]);
      expect((await a.job('x')).payload).toBe(1);
      await a.settle(T, x, complete());
      expect(await b.claim(T)).toMatchObject([{ job: { id: 'y', payload: 3 } }]);
      expect(await a.count()).toMatchObject({ pending: 0, active: 1, completed: 1 });
    });
}

/** A job that runs and has this follow-up. */
async function running({ a, b }: Scene, follower: JobSpec) {
  await a.enqueue(T, spec('x', key));
  const x = await b.claimOne(T);
  await a.enqueue(T, follower);
  return x;
}

function describeFollowUp(scene: Scene): void {
  for (const [how, outcome] of [
    ['is buried', bury()],
    ['is cancelled', cancelled],
  ] as const)
    it(`a follow-up runs after the job that ran ${how}`, async () => {
      const { a, b } = scene;
      const x = await running(scene, spec('y', replace));
      expect(await a.exchange(T, [[x, outcome]], {})).toMatchObject({ jobs: [{ job: { id: 'y' } }] });
      expect(await b.job('y')).toMatchObject({ state: 'active', parked: false });
    });

  it('a follow-up waits while the job before it is retried', async () => {
    const { a, b } = scene;
    await a.settle(T, await running(scene, spec('y', replace)), retry(T + 10));
    expect(await b.claimIds(T + 9)).toEqual([]);
    const again = await a.claimOne(T + 10);
    expect(again.job).toMatchObject({ id: 'x', attempt: 2 });
    expect(await b.claimIds(T + 10)).toEqual([]);
    await b.settle(T + 10, again, complete());
    expect(await a.claimIds(T + 10)).toEqual(['y']);
  });

  it('a follow-up is not due before its own runAt', async () => {
    const { a, b } = scene;
    await a.settle(T, await running(scene, spec('y', { ...debounce, delayMs: 500 })), complete());
    expect(await b.look(T)).toMatchObject({ jobs: [], nextAt: T + 500 });
    expect(await a.claimIds(T + 500)).toEqual(['y']);
  });
}

function describeKeyOfTwo(scene: Scene): void {
  it('a follow-up that is cancelled leaves the key to the job that runs', async () => {
    const { a, b } = scene;
    const x = await running(scene, spec('y', replace));
    expect(await b.cancel(T, 'y')).toEqual(['cancelled']);
    expect(await a.enqueue(T, spec('z', key))).toEqual(duplicate('x'));
    await b.settle(T, x, complete());
    expect(await a.enqueue(T, spec('z', key))).toEqual(enqueued('z'));
  });

  it('a job that died may not take its key back from its follow-up', async () => {
    const { a, b } = scene;
    await a.settle(T, await running(scene, spec('y', replace)), bury());
    expect(await b.redrive(T, 'x')).toEqual(['duplicate']);
    expect(await a.job('x')).toMatchObject({ state: 'dead' });
  });

  for (const [first, second] of [
    [undefined, 'doc'],
    ['doc', undefined],
    ['doc', 'other'],
  ] as const)
    it(`a follow-up waits whatever the lanes: ${first ?? 'none'}, then ${second ?? 'none'}`, async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x', { ...key, ...(first && { lane: first }) }));
      const x = await b.claimOne(T);
      const follower = spec('y', { ...replace, ...(second && { lane: second }) });
      expect(await a.enqueue(T, follower)).toMatchObject(enqueued('y'));
      expect(await b.claimIds(T)).toEqual([]);
      await a.settle(T, x, complete());
      expect(await b.claimIds(T)).toEqual(['y']);
    });

  it('a follow-up into a lane runs in the order of the lane', async () => {
    const { a, b } = scene;
    const lane = 'doc';
    await a.enqueue(T, spec('x', { ...key, lane }), spec('other', { lane }));
    const x = await b.claimOne(T);
    await a.enqueue(T, spec('y', { ...replace, lane }));
    await b.settle(T, x, complete());
    const other = await a.claimOne(T);
    expect(other.job.id).toBe('other');
    expect(await b.claimIds(T)).toEqual([]);
    await b.settle(T, other, complete());
    expect(await a.claimIds(T)).toEqual(['y']);
  });
}
