import { describe, expect, it } from 'vitest';
import type { Rate } from '../../core/features/limits/rate-setting.ts';
import type { ClaimedJob, Outcome } from '../../core/kernel/messages.ts';
import { type Opening, WORKER } from './opening.ts';
import type { Scene } from './scene.ts';
import { complete, release, spec, specs, T, unbegun } from './spec.ts';

/** One each second, none ahead. */
const second: Rate = { limit: 1, perMs: 1_000, burst: 1 };
const names = { job: { version: 1, slots: 1_000, rate: second } };
const WITHIN_MS = 300;
const claiming = { names, beginWithinMs: WITHIN_MS, leaseMs: 60_000 } as const;
const elsewhere = { ...claiming, worker: 'other' } as const;

/** A worker that says when its attempts begin pays for tokens by those instants. */
export function describeRateBegins(scene: Scene): void {
  describe('a rate, of attempts that begin after their claim,', () => {
    describeUnknown(scene);
    describeKnown(scene);
  });
}

/** By name, and with a key. */
const kinds = [
  ['of a name', {}],
  ['of a key', { rateKey: 'ann' }],
] as const;

function describeUnknown(scene: Scene): void {
  for (const [kind, more] of kinds) {
    it(`${kind} counts one as begun at the last instant at which it may, until it is known`, async () => {
      const { a, b } = scene;
      await a.enqueue(T, ...specs('x', 2, more));
      const { jobs, nextAt } = await b.look(T, { ...claiming, limit: 1 });
      expect(jobs).toMatchObject([{ job: { id: 'x0' }, beginBy: T + WITHIN_MS }]);
      expect(nextAt).toBeLessThanOrEqual(T + 1_000);
      const latest = T + WITHIN_MS + 1_000;
      expect(await a.claimIds(latest - 1, elsewhere)).toEqual([]);
      expect(await a.claimIds(latest, elsewhere)).toEqual(['x1']);
    });

    it(`${kind} has the token again of one that goes back unbegun`, async () => {
      const { a, b } = scene;
      await a.enqueue(T, ...specs('x', 2, more));
      const held = await b.claimOne(T, claiming);
      await a.settle(T + 200, held, unbegun);
      expect(await b.claimIds(T + 200, { ...elsewhere, limit: 1 })).toEqual(['x0']);
    });

    it(`${kind} keeps the token of one whose owner vanished`, async () => {
      const { a, b } = scene;
      await a.enqueue(T, ...specs('x', 2, more));
      await b.claimOne(T, claiming);
      await a.reclaim(T + 100, { goneWorkers: [WORKER] });
      expect(await b.claimIds(T + 1_099, elsewhere)).toEqual([]);
      expect(await b.claimIds(T + 1_100, { ...elsewhere, limit: 1 })).toHaveLength(1);
    });
  }

  it('counts each of a burst, and lets the rest of it go as soon as it is known that the first have begun', async () => {
    const { a, b } = scene;
    const rate: Rate = { limit: 2, perMs: 1_000, burst: 3 };
    const burst = { ...claiming, names: { job: { version: 1, slots: 9, rate } } };
    await a.enqueue(T, ...specs('x', 6));
    const first = await b.claim(T, burst);
    expect(first.map(({ job }) => job.id)).toEqual(['x0', 'x1']);
    for (const held of first) await began(a, held, T);
    const third = await b.claimOne(T, burst);
    expect(third.job.id).toBe('x2');
    await began(b, third, T);
    expect(await a.claimIds(T + 499, { ...burst, worker: 'other' })).toEqual([]);
    expect(await a.claimIds(T + 500, { ...burst, worker: 'other' })).toEqual(['x3']);
  });
}

function describeKnown(scene: Scene): void {
  for (const [kind, more] of kinds)
    for (const [how, tell] of [
      ['with the next exchange', began],
      ['with its outcome', (opening, held, at) => settled(opening, held, at, complete())],
      ['when it comes back', (opening, held, at) => settled(opening, held, at, release(at + 9_000))],
    ] as const satisfies readonly (readonly [string, Tell])[])
      it(`${kind} goes by when it began, as is told ${how}`, async () => {
        const { a, b } = scene;
        await a.enqueue(T, ...specs('x', 2, more));
        const held = await b.claimOne(T, claiming);
        await tell(a, held, T + 20);
        expect(await b.claimIds(T + 1_019, elsewhere)).toEqual([]);
        expect(await b.claimIds(T + 1_020, elsewhere)).toEqual(['x1']);
      });

  it('goes by the begins in whatever order it hears of them', async () => {
    const { a, b } = scene;
    const rate: Rate = { limit: 2, perMs: 1_000, burst: 2 };
    const two = { ...claiming, names: { job: { version: 1, slots: 9, rate } } };
    await a.enqueue(T, ...specs('x', 4));
    const first = await b.claimOne(T, two);
    const second_ = await b.claimOne(T + 400, two);
    await began(a, second_, T + 400);
    await began(b, first, T + 10);
    expect(await a.claimIds(T + 509, { ...two, worker: 'other' })).toEqual([]);
    expect(await a.claimIds(T + 1_000, { ...two, limit: 1, worker: 'other' })).toEqual(['x2']);
  });

  it('is told twice and paid once', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    const held = await b.claimOne(T, claiming);
    await began(a, held, T);
    await began(b, held, T);
    await settled(a, held, T, complete());
    expect(await b.claimIds(T + 1_000, elsewhere)).toEqual(['x1']);
  });

  it('is kept where its clock is set back', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    await b.claimOne(T, claiming);
    const back = T - 3_600_000;
    expect(await a.claimIds(back, elsewhere)).toEqual([]);
    expect(await a.claimIds(back + WITHIN_MS + 1_000, elsewhere)).toEqual(['y']);
  });
}

type Tell = (opening: Opening, held: ClaimedJob, at: number) => Promise<unknown>;

function began({ store, queue }: Opening, { job, fence }: ClaimedJob, at: number) {
  const began = [{ id: job.id, fence, at }];
  return store.exchange({ queue, workerId: WORKER, settle: [], began }, at);
}

function settled({ store, queue }: Opening, { job, fence }: ClaimedJob, at: number, outcome: Outcome) {
  const settle = [{ id: job.id, fence, outcome, beganAt: at }];
  return store.exchange({ queue, workerId: WORKER, settle }, at + 100);
}
