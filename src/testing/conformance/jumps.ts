import { describe, expect, it } from 'vitest';
import type { KeepRules } from '../../core/features/results/keep-rules.ts';
import { alike, type Scene } from './scene.ts';
import { bury, complete, failure, retry, spec, specs, T } from './spec.ts';

const HOUR = 3_600_000;
/** How long a jump is in doubt. */
const DOUBT = 90_000;
const aged = { maxAgeMs: 50_000 } as const;
const nobody = { names: ['nobody'] } as const;

/** A laptop that slept and a clock that was set forward look alike: what ends by itself waits for a second look. */
export function describeJumps(scene: Scene): void {
  describe('a clock that jumps forward', () => {
    for (const [name, ms] of [
      ['a minute', 60_000],
      ['a night', 10 * HOUR],
      ['a year', 8_760 * HOUR],
    ] as const)
      describe(`by ${name}`, () => describeAges(scene, T + ms));
    describeBystanders(scene);
    describeMemory(scene);
    describeHeld(scene);
    describeOften(scene);
  });
}

function describeAges(scene: Scene, ahead: number): void {
  it('and comes back before their ages are over has killed nothing and begun nothing that is too old', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', aged), spec('y', { ...aged, name: 'mail' }));
    for (const ms of [0, 1_000, 30_000, 40_000]) {
      const answer = await b.look(ahead + ms);
      expect(answer).toMatchObject({ jobs: [] });
      expect(answer.buried).toBeUndefined();
      expect(await a.reclaim(ahead + ms)).toMatchObject({ dead: [] });
    }
    expect(await a.claimIds(T + 45_000, { names: ['job', 'mail'] })).toEqual(['x', 'y']);
  });

  it('and stays has ended what is too old once a later look says the same', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', aged));
    expect(await b.look(ahead)).toMatchObject({ jobs: [], nextAt: expect.any(Number) });
    const { nextAt = 0 } = await a.look(ahead + 45_000);
    expect(nextAt).toBeGreaterThan(ahead + 45_000);
    expect(nextAt).toBeLessThanOrEqual(ahead + DOUBT);
    expect((await b.look(ahead + DOUBT)).buried).toMatchObject([{ id: 'x', state: 'dead' }]);
  });
}

function describeBystanders(scene: Scene): void {
  it('keeps nobody waiting behind what is too old by it, also if that are many', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('old', 30, aged), spec('x'), spec('later', { delayMs: HOUR + 5_000 }));
    const answer = await b.look(T + HOUR, { limit: 1 });
    expect(answer.jobs.map(({ job }) => job.id)).toEqual(['x']);
    expect(await a.look(T + HOUR)).toMatchObject({ jobs: [], nextAt: T + HOUR + 5_000 });
    expect(await a.claimIds(T + HOUR + 5_000)).toEqual(['later']);
    expect(await a.claimIds(T + 9_999, { limit: 100 })).toHaveLength(30);
  });

  it('makes due what is then due, and a job that was set since is too old when it is', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { delayMs: HOUR }));
    expect(await b.claimIds(T + 10 * HOUR)).toEqual(['x']);
    await a.enqueue(T + 10 * HOUR, spec('y', aged));
    expect(await b.claimIds(T + 10 * HOUR + 50_000)).toEqual([]);
    const { buried } = await b.look(T + 10 * HOUR + DOUBT, nobody);
    expect(buried).toMatchObject([{ id: 'y' }]);
  });

  it('and comes back has shortened no delay, and lengthened none', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { name: 'mail', delayMs: HOUR }));
    await b.look(T + 100 * HOUR);
    await b.look(T + 1_000);
    expect(await a.claimIds(T + HOUR - 1, { names: ['mail'] })).toEqual([]);
    expect(await a.claimIds(T + HOUR, { names: ['mail'] })).toEqual(['x']);
  });

  it('and comes back has lengthened no delay of those whose turn came meanwhile', async () => {
    const { a, b } = scene;
    const later = { delayMs: 10_000 } as const;
    await a.enqueue(T, spec('x', { lane: 'doc' }), spec('y', { ...later, lane: 'doc' }));
    await a.enqueue(T, spec('z', { ...later, dependsOn: { x: 'x' } }));
    const x = await b.claimOne(T);
    await b.settle(T + HOUR, x, complete());
    await b.look(T + HOUR, nobody);
    expect(await a.claimIds(T + 5_000)).toEqual([]);
    expect(await a.claimIds(T + 9_999)).toEqual([]);
    expect(new Set(await b.claimIds(T + 10_000))).toEqual(new Set(['y', 'z']));
  });
}

function describeMemory(scene: Scene): void {
  it('and comes back has forgotten no id and dropped no key', async () => {
    const { a, b } = scene;
    const remembered = spec('x', { known: true, dedupeMs: HOUR });
    const held = { idempotencyKey: 'k', keyForMs: HOUR } as const;
    await a.enqueue(T, remembered, spec('y', held));
    for (const job of await b.claim(T)) await a.settle(T, job, complete());
    await settleOne(scene, T + 10 * HOUR);
    expect(await a.enqueue(T + 1_000, remembered)).toMatchObject([{ status: 'duplicate' }]);
    expect(await b.enqueue(T + 1_000, spec('v', held))).toMatchObject([{ id: 'y', status: 'duplicate' }]);
  });

  it('and comes back has pruned no result and no dead job', async () => {
    const { a, b } = alike(scene);
    const keep: KeepRules = { dead: { ageMs: HOUR } };
    await a.enqueue(T, spec('x', { keepResultMs: HOUR }), spec('y'));
    const [x, y] = await b.claim(T);
    await a.settle(T, x as NonNullable<typeof x>, complete());
    await a.settle(T, y as NonNullable<typeof y>, bury());
    await settleOne(scene, T + 10 * HOUR, keep);
    expect(await b.listIds('completed')).toEqual(['x']);
    expect(await b.listIds('dead')).toEqual(['y']);
    // It stays, so they go.
    await b.look(T + 10 * HOUR + DOUBT, nobody);
    await settleOne(scene, T + 10 * HOUR + DOUBT, keep);
    expect(await b.listIds('completed')).toEqual([]);
    expect(await b.listIds('dead')).toEqual([]);
  });
}

/** What forgets does so with what is settled: a job of its own. */
async function settleOne({ a, b }: Scene, now: number, keep?: KeepRules): Promise<void> {
  await a.enqueue(now, spec(`z${now}`, { name: 'other' }));
  const { job, fence } = await b.claimOne(now, { names: ['other'] });
  const settle = [{ id: job.id, fence, outcome: complete() }];
  await a.store.exchange({ queue: a.queue, workerId: 'worker', settle, ...(keep && { keep }) }, now);
}

function describeHeld(scene: Scene): void {
  it('and comes back has ended no hold', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('m', { name: 'mail' }));
    await b.settle(T, await a.claimOne(T), retry(T + HOUR, failure(), T + HOUR));
    await a.hold(T, 'mail', T + HOUR);
    await b.look(T + 10 * HOUR, nobody);
    await b.look(T + 1_000, nobody);
    const names = ['job', 'mail'];
    expect(await a.claimIds(T + HOUR - 1, { names })).toEqual([]);
    expect(new Set(await a.claimIds(T + HOUR, { names }))).toEqual(new Set(['x', 'm']));
  });

  it('and comes back has forgiven no debt of a rate', async () => {
    const { a, b } = alike(scene);
    const known = { version: 1, slots: 9, rate: { limit: 1, perMs: HOUR, burst: 1 } };
    const names = { job: known, mail: known };
    await a.enqueue(T, ...specs('x', 2), ...specs('k', 2, { name: 'mail', rateKey: 'k' }));
    expect(await b.claimIds(T, { names })).toEqual(['x0', 'k0']);
    await b.look(T + 10 * HOUR, { names: { other: known } });
    expect(await a.claimIds(T + 1_000, { names })).toEqual([]);
    expect(await a.claimIds(T + HOUR - 1, { names })).toEqual([]);
    expect(new Set(await b.claimIds(T + HOUR, { names }))).toEqual(new Set(['x1', 'k1']));
  });
}

function describeOften(scene: Scene): void {
  it('twice in a row, and comes back, has killed nothing', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', aged));
    await b.look(T + HOUR);
    expect((await a.look(T + 10 * HOUR)).buried).toBeUndefined();
    expect(await b.claimIds(T + 2_000)).toEqual(['x']);
  });

  it.each([
    ['a second time, and comes back behind both', { first: T + HOUR, ahead: T + HOUR + 6_000, back: T }],
    ['a second time within seconds', { first: T, ahead: T + HOUR + 1_000, back: T + 2_000 }],
  ])(
    '%s, leaves what was held or owed in between as long as it had left',
    async (_, { first, ahead, back }) => {
      const { a, b } = alike(scene);
      const known = { version: 1, slots: 9, rate: { limit: 1, perMs: 10_000, burst: 1 } };
      const names = { mail: known, other: known };
      await a.enqueue(first, spec('x'), spec('y'), ...specs('m', 2, { name: 'mail' }));
      await a.enqueue(first, ...specs('k', 2, { name: 'other', rateKey: 'k' }));
      await b.look(T + HOUR, nobody);
      await b.settle(ahead, await a.claimOne(ahead), retry(ahead, failure(), ahead + 4_000));
      expect(await b.claimIds(ahead, { names })).toEqual(['m0', 'k0']);
      await b.look(T + 10 * HOUR, nobody);
      await b.look(back, nobody);
      expect(await a.claimIds(back + 3_999)).toEqual([]);
      expect(await a.claimIds(back + 4_000)).toHaveLength(2);
      expect(await b.claimIds(back + 9_999, { names })).toEqual([]);
      expect(new Set(await b.claimIds(back + 10_000, { names }))).toEqual(new Set(['m1', 'k1']));
    },
  );

  it('is believed by who looks seldom, too: two visits agree', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', aged));
    await b.look(T + HOUR);
    await b.look(T + HOUR + 5_000);
    expect((await a.look(T + 10 * HOUR)).buried).toMatchObject([{ id: 'x' }]);
  });

  it('is believed by who looks once an hour: at the third look', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', aged));
    for (const hour of [1, 2]) expect((await b.look(T + hour * HOUR)).buried).toBeUndefined();
    expect((await a.look(T + 3 * HOUR)).buried).toMatchObject([{ id: 'x' }]);
  });
}
