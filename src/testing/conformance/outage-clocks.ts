import { describe, expect, it } from 'vitest';
import { answered, DAY_MS, fail, probeAt, succeed, unreached, whenSure } from './outage-scene.ts';
import type { Scene } from './scene.ts';
import { spec, specs, T, unbegun } from './spec.ts';

const HOUR_MS = 3_600_000;
/** How long a clock that jumped forward is in doubt. */
const DOUBT_MS = 90_000;
const aged = { maxAgeMs: 100_000 } as const;

/** Targets that are closed while a clock is wrong. */
export function describeOutageClocks(scene: Scene): void {
  describe('outages and clocks that are wrong', () => {
    describeDoubtedProbes(scene);
    describeLengths(scene);
  });
}

function describeDoubtedProbes(scene: Scene): void {
  it('a closed target is tried by the next job whose age is not in doubt, and those before it come when the clock is right', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3), ...specs('old', 30, aged), spec('y'));
    // The first to be tried is behind the one that closed it.
    await fail(a, T + 10, await b.claim(T, { limit: 3 }));
    const first = await b.claimOne(T + HOUR_MS);
    const asked = [first.job.id];
    let now = T + 10_000;
    await a.settle(now, first, unbegun);
    for (let probe = 0; probe < 4; probe += 1) {
      now = await probeAt(b, now);
      const job = await b.claimOne(now);
      asked.push(job.job.id);
      await fail(a, now + 1, [job]);
    }
    expect(asked).toEqual(['y', 'x0', 'x1', 'x2', 'old0']);
  });

  it('where all are in doubt nobody tries it, and it is asked about again when they are sure, not at once', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3, aged));
    await fail(a, T + 10, await b.claim(T, { limit: 3 }));
    const answer = await b.look(T + HOUR_MS);
    expect(answer.jobs).toEqual([]);
    expect(answer.nextAt).toBeGreaterThan(T + HOUR_MS + 1_000);
    expect(answer.nextAt).toBeLessThanOrEqual(T + HOUR_MS + DOUBT_MS);
    // The clock is right again: nothing has died, and the first comes.
    const now = T + 20_000;
    await a.look(now, { names: [] });
    expect(await b.claimIds(await probeAt(b, now))).toEqual(['x0']);
    expect(await b.count()).toMatchObject({ pending: 2, dead: 0 });
  });

  it('while it is tried by more than one, those in doubt take nobody’s place', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 4), ...specs('old', 30, aged), ...specs('y', 9));
    await fail(a, T + 10, await b.claim(T, { limit: 3 }));
    const at = await probeAt(b, T + 10);
    await succeed(a, at, await b.claimOne(at));
    expect(await b.claimIds(T + HOUR_MS, { limit: 9 })).toEqual(['y0', 'y1']);
  });
}

function describeLengths(scene: Scene): void {
  it('that a job fails since a clock was ahead is so since that was set right, however late it is tried again', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const ahead = T + 10 * HOUR_MS;
    await fail(a, ahead, [await b.claimOne(ahead)], { met: answered });
    await a.look(T + 10_000, { names: [] });
    const later = await whenSure(b, T + 12 * HOUR_MS);
    expect((await fail(a, later, [await b.claimOne(later)], { met: answered })).settled).toEqual(['spared']);
    const last = await whenSure(b, T + DAY_MS + 10_000);
    expect((await fail(a, last, [await b.claimOne(last)], { met: answered })).settled).toEqual(['expired']);
  });

  it('and so is that others got through beside it', async () => {
    const { a, b } = scene;
    const besideOthers = async (now: number) => {
      await a.enqueue(now, spec(`good ${now}`, { priority: 50 }));
      await succeed(b, now + 1, await a.claimOne(now));
      return (await fail(a, now + 2, [await b.claimOne(now + 2)])).settled;
    };
    await a.enqueue(T, spec('x'));
    await fail(a, T, [await b.claimOne(T)]);
    expect(await besideOthers(T + 10 * HOUR_MS)).toEqual(['spared']);
    await a.look(T + 10_000, { names: [] });
    expect(await besideOthers(await whenSure(b, T + 12 * HOUR_MS))).toEqual(['spared']);
    expect(await besideOthers(await whenSure(b, T + DAY_MS - HOUR_MS))).toEqual(['spared']);
    expect(await besideOthers(await whenSure(b, T + DAY_MS + 10_000))).toEqual(['expired']);
  });

  it('a job that came to its turn by a clock that was ahead tries its closed target when it is its turn by the right one', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('head', { lane: 'l' }), spec('next', { lane: 'l' }));
    const head = await b.claimOne(T);
    const ahead = T + DAY_MS;
    await succeed(a, ahead, head);
    const next = await b.claimOne(ahead);
    const now = T + 10_000;
    await a.look(now, { names: [] });
    await fail(a, now + 1, [next], { met: unreached({ closes: true }) });
    expect(await b.claimIds(await probeAt(b, now + 1))).toEqual(['next']);
  });

  it('what was written after the step stays as it is', async () => {
    const { a, b } = scene;
    // Where a third waits, two do not close their target.
    await a.enqueue(T, ...specs('x', 2), spec('later', { delayMs: 9 * DAY_MS }));
    const [x, y] = await b.claim(T);
    const hours = (count: number) => T + count * HOUR_MS;
    await fail(a, hours(10), x === undefined ? [] : [x], { met: answered });
    await a.look(T + 10_000, { names: [] });
    const first = await whenSure(b, hours(5));
    await fail(a, first, y === undefined ? [] : [y], { met: answered });
    const early = await whenSure(b, hours(28));
    const again = await b.claim(early);
    expect((await fail(a, early, again, { met: answered })).settled).toEqual(['expired', 'spared']);
  });
}
