import { describe, expect, it } from 'vitest';
import type { Rate } from '../../core/features/limits/rate-setting.ts';
import type { Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { bury, complete, release, retry, spec, specs, T } from './spec.ts';
import { openBare } from './witness.ts';

const rated = (rate: Rate, slots = 1_000) => ({ job: { version: 1, slots, rate } });
/** One each second, none ahead. */
const second: Rate = { limit: 1, perMs: 1_000, burst: 1 };
const keyed = (prefix: string, count: number, rateKey: string, more = {}) =>
  specs(prefix, count, { rateKey, ...more });

export function describeRates(scene: Scene): void {
  describe('rates', () => {
    describeNames(scene);
    describeTokens(scene);
    describeKeys(scene);
    describeLine(scene);
    describeClock(scene);
  });
}

/** Ids by the second in which they could first be claimed, as often as `everyMs`. */
async function claimedBy(opening: Opening, rate: Rate, from: number, untilMs: number, everyMs: number) {
  const at: [string, number][] = [];
  for (let ms = 0; ms <= untilMs; ms += everyMs)
    for (const id of await opening.claimIds(from + ms, { names: rated(rate), limit: 100, worker: `w${ms}` }))
      at.push([id, ms]);
  return at;
}

function describeNames(scene: Scene): void {
  it('after a rest a burst begins together, and then one each interval, over all openings', async () => {
    const { a, b } = scene;
    const rate: Rate = { limit: 2, perMs: 1_000, burst: 3 };
    await a.enqueue(T, ...specs('x', 6));
    expect(await a.claimIds(T, { names: rated(rate), limit: 2 })).toEqual(['x0', 'x1']);
    expect(await b.claimIds(T, { names: rated(rate), worker: 'w2' })).toEqual(['x2']);
    expect(await a.look(T, { names: rated(rate), worker: 'w3' })).toMatchObject({
      jobs: [],
      nextAt: T + 500,
    });
    expect(await a.claimIds(T + 499, { names: rated(rate), worker: 'w3' })).toEqual([]);
    expect(await b.claimIds(T + 500, { names: rated(rate), worker: 'w2' })).toEqual(['x3']);
    expect(await a.claimIds(T + 1_500, { names: rated(rate), worker: 'w3' })).toEqual(['x4', 'x5']);
  });

  it('the burst is the limit unless something else is said: 300 at 100 a second take 2 s', async () => {
    const { a, b } = scene;
    const rate: Rate = { limit: 100, perMs: 1_000 };
    await a.enqueue(T, ...specs('x', 300));
    const at = await claimedBy(b, rate, T, 2_000, 100);
    expect(at).toHaveLength(300);
    expect(at.filter(([, ms]) => ms === 0)).toHaveLength(100);
    expect(at.at(-1)?.[1]).toBe(2_000);
  });

  it('an interval that is no whole number of ms is kept all the same', async () => {
    const { a, b } = scene;
    const rate: Rate = { limit: 3, perMs: 1_000, burst: 1 };
    await a.enqueue(T, ...specs('x', 9));
    for (let i = 0; i < 9; i += 1) {
      const at = T + Math.floor((i * 1_000) / 3);
      if (i > 0) expect(await a.claimIds(at - 1, { names: rated(rate) })).toEqual([]);
      expect(await b.claimIds(at, { names: rated(rate) })).toEqual([`x${i}`]);
    }
  });

  it('a name that its rate keeps waiting stands in no other name’s way', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3, { priority: 10 }), ...specs('m', 3, { name: 'mail' }));
    const names = { ...rated(second), mail: { version: 1, slots: 9 } };
    expect(await b.claimIds(T, { names, limit: 3 })).toEqual(['x0', 'm0', 'm1']);
  });

  it('it keeps its order: what waits for the rate is claimed by priority, then by seq', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    await b.claim(T, { names: rated(second) });
    await a.enqueue(T + 1, spec('high', { priority: 5 }));
    expect((await claimedBy(b, second, T + 1_000, 3_000, 1_000)).map(([id]) => id)).toEqual([
      'high',
      'x1',
      'x2',
    ]);
  });
}

function describeTokens(scene: Scene): void {
  it('each attempt takes a token, a retry’s too', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await b.claimOne(T, { names: rated(second) });
    await a.settle(T, x, retry(T + 10));
    expect(await b.look(T + 10, { names: rated(second) })).toMatchObject({ jobs: [], nextAt: T + 1_000 });
    expect(await b.claimIds(T + 1_000, { names: rated(second) })).toEqual(['x']);
  });

  it('a job that was given back does not return its token: nobody knows whether it was used', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await a.settle(T, await b.claimOne(T, { names: rated(second) }), release(T));
    expect(await b.claimIds(T + 999, { names: rated(second) })).toEqual([]);
    expect(await b.claimIds(T + 1_000, { names: rated(second) })).toEqual(['x']);
  });

  it('a rate that was made faster is in force at once', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    await a.claim(T, { names: rated({ limit: 1, perMs: 86_400_000 }) });
    const fast: Rate = { limit: 100, perMs: 1_000, burst: 1 };
    expect(await b.look(T, { names: rated(fast) })).toMatchObject({
      jobs: [{ job: { id: 'x1' } }],
      nextAt: T + 10,
    });
    expect(await b.claimIds(T + 10, { names: rated(fast) })).toEqual(['x2']);
  });

  it('nothing that waits to become due is told to be asked for before its time', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y', { delayMs: 5_000 }));
    expect(await b.look(T, { names: rated(second), leaseMs: 60_000 })).toMatchObject({ nextAt: T + 5_000 });
  });
}

function describeKeys(scene: Scene): void {
  it('each rate key has the rate for itself', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...keyed('a', 2, 'ann'), ...keyed('b', 2, 'bob'), spec('plain'));
    expect(await b.claimIds(T, { names: rated(second) })).toEqual(['a0', 'b0', 'plain']);
    expect(await a.claimIds(T + 1_000, { names: rated(second), worker: 'w2' })).toEqual(['a1', 'b1']);
  });

  it('a throttled key does not stop the others, however many of its jobs stand before theirs', async () => {
    const { a, b } = scene;
    for (let i = 0; i < 3; i += 1) await a.enqueue(T, ...keyed(`a${i} `, 100, 'ann'));
    await a.enqueue(T, ...keyed('b', 2, 'bob'));
    const ids: string[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      const { jobs, nextAt, putOff } = await b.look(T, { names: rated(second), limit: 4 });
      ids.push(...jobs.map(({ job }) => job.id));
      if ((nextAt ?? 0) > T) break;
      expect(jobs.length + (putOff ?? 0)).toBeGreaterThan(0);
    }
    expect(ids).toEqual(['a0 0', 'b0']);
  });

  it('the same key under another name has a rate of its own', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { rateKey: 'ann' }), spec('m', { name: 'mail', rateKey: 'ann' }));
    const names = { ...rated(second), mail: { version: 1, slots: 9, rate: second } };
    expect(await b.claimIds(T, { names })).toEqual(['x', 'm']);
  });

  it('a key means nothing to a worker that knows no rate of the name', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...keyed('a', 3, 'ann'));
    expect(await b.claimIds(T)).toEqual(['a0', 'a1', 'a2']);
  });

  it('a job says its rate key', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { rateKey: 'ann' }));
    expect(await b.job('x')).toMatchObject({ rateKey: 'ann' });
  });
}

function describeLine(scene: Scene): void {
  it('jobs of one key go in their order, one each interval, and newcomers behind them', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...keyed('a', 4, 'ann'));
    expect(await b.claimIds(T, { names: rated(second) })).toEqual(['a0']);
    await a.enqueue(T + 900, ...keyed('late', 2, 'ann', { priority: 100 }));
    const at = await claimedBy(b, second, T + 1_000, 5_000, 500);
    expect(at).toEqual([
      ['a1', 0],
      ['a2', 1_000],
      ['a3', 2_000],
      ['late0', 3_000],
      ['late1', 4_000],
    ]);
  });

  it('when nobody was there at their turns they go on in their order, at their rate', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...keyed('a', 6, 'ann'));
    await b.claim(T, { names: rated(second) });
    const at = await claimedBy(b, second, T + 3_250, 4_000, 250);
    expect(at).toEqual([
      ['a1', 0],
      ['a2', 1_000],
      ['a3', 2_000],
      ['a4', 3_000],
      ['a5', 4_000],
    ]);
  });

  it('a worker is told when the first of them has its turn', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...keyed('a', 3, 'ann'));
    expect(await b.look(T, { names: rated(second), leaseMs: 60_000 })).toMatchObject({
      putOff: 2,
      nextAt: T + 1_000,
    });
  });

  it('each is put off once, not at every claim', async () => {
    const { a, b, harness } = scene;
    await a.enqueue(T, ...keyed('a', 50, 'ann'));
    await b.claim(T, { names: rated(second), limit: 5 });
    const { read, written } = harness.steps();
    for (let i = 1; i < 10; i += 1) await b.look(T + i, { names: rated(second), limit: 5 });
    const after = harness.steps();
    expect(after.written).toBe(written);
    expect(after.read - read).toBeLessThan(10 * 10);
  });

  it('those that are put off go at once when limits are abandoned, in their order, and nothing is left of their line', async () => {
    const { a, b } = scene;
    const lacks = await openBare(scene);
    await a.enqueue(T, ...keyed('a', 3, 'ann'), spec('later', { delayMs: 60_000, rateKey: 'ann' }));
    expect(await b.claimIds(T, { names: rated(second) })).toEqual(['a0']);
    expect(await lacks.abandon(T + 10, 'limits')).toEqual({ freed: 2, dropped: 1 });
    expect(await lacks.claimIds(T + 10)).toEqual(['a1', 'a2']);
    expect(await lacks.claimIds(T + 59_999)).toEqual([]);
    expect(await lacks.claimIds(T + 60_000)).toEqual(['later']);
    expect(await lacks.abandon(T + 60_000, 'limits')).toEqual({ freed: 0, dropped: 0 });
  });

  it('the head of a lane that is put off keeps its lane waiting', async () => {
    const { a, b } = scene;
    const doc = { lane: 'doc', rateKey: 'ann' };
    await a.enqueue(T, spec('x', { rateKey: 'ann' }), spec('y', doc), spec('z', { lane: 'doc' }));
    expect(await b.claimIds(T, { names: rated(second) })).toEqual(['x']);
    expect(await b.job('z')).toMatchObject({ parked: true });
    const y = await b.claimOne(T + 1_000, { names: rated(second) });
    expect(y.job.id).toBe('y');
    await a.settle(T + 1_000, y, complete());
    expect(await b.claimIds(T + 1_000, { names: rated(second) })).toEqual(['z']);
  });

  it('a job that failed or died takes its turn anew', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...keyed('a', 3, 'ann'));
    const first = await b.claimOne(T, { names: rated(second) });
    await a.settle(T, first, retry(T + 10));
    await b.look(T + 10, { names: rated(second) });
    const second_ = await b.claimOne(T + 1_000, { names: rated(second) });
    expect(second_.job.id).toBe('a1');
    await a.settle(T + 1_000, second_, bury());
    await a.redrive(T + 1_001, 'a1');
    await b.look(T + 1_001, { names: rated(second) });
    const at = await claimedBy(b, second, T + 2_000, 2_000, 500);
    expect(at).toEqual([
      ['a2', 0],
      ['a0', 1_000],
      ['a1', 2_000],
    ]);
  });
}

function describeClock(scene: Scene): void {
  it('a clock set back by an hour keeps a rate waiting no longer than it was to', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...keyed('a', 2, 'ann'), ...specs('x', 2));
    expect(await b.claimIds(T, { names: rated(second) })).toEqual(['a0', 'x0']);
    const back = T - 3_600_000;
    expect(await b.claimIds(back + 999, { names: rated(second) })).toEqual([]);
    expect(await b.claimIds(back + 1_999, { names: rated(second) })).toContain('x1');
    await a.enqueue(back + 2_000, ...keyed('late', 1, 'ann'));
    expect((await claimedBy(b, second, back + 2_000, 3_000, 500)).length).toBeGreaterThan(0);
  });
}
