import { describe, expect, it } from 'vitest';
import { LEASE_MS, type Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { complete, failure, retry, spec, T } from './spec.ts';

/** An hour: a step back that no network time correction makes. */
const BACK = T - 3_600_000;

/** Lets the queue see an instant by a call that changes it. */
async function see(opening: Opening, now: number): Promise<void> {
  await opening.enqueue(now, spec(`seen ${now}`, { name: 'witness' }));
}

export function describeClocks(scene: Scene): void {
  describe('a clock that steps back', () => {
    describeTimed(scene);
    describeHeld(scene);
    describeUntouched(scene);
    describeNotice(scene);
    describeLeased(scene);
    describeParked(scene);
    describeSeen(scene);
    describeSmall(scene);
  });
}

function describeTimed(scene: Scene): void {
  it('makes due now what was due between now and the last instant seen', async () => {
    const { a, b } = scene;
    await a.enqueue(
      T,
      spec('x', { delayMs: 5_000 }),
      spec('y', { delayMs: 10_000 }),
      spec('z', { delayMs: 10_001 }),
    );
    await see(b, T + 10_000);
    expect(await a.claimIds(BACK)).toEqual(['x', 'y']);
    expect(await b.claimIds(BACK + 10_000)).toEqual([]);
  });

  it('leaves an instant that somebody named, also one that the old clock had passed', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { runAt: T + 5_000 }), spec('y', { runAt: T + 20_000 }));
    await see(b, T + 10_000);
    expect(await a.claimIds(BACK)).toEqual([]);
    expect(await b.job('x')).toMatchObject({ runAt: T + 5_000 });
    expect(await b.claimIds(T + 4_999)).toEqual([]);
    expect(await a.claimIds(T + 5_000)).toEqual(['x']);
    expect(await a.claimIds(T + 20_000)).toEqual(['y']);
  });

  it('makes a retry that was due before it due now', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await b.settle(T, await a.claimOne(T), retry(T + 500));
    await see(b, T + 600);
    expect(await a.claimIds(BACK)).toEqual(['x']);
  });

  it('ends the holds that were over by it, and no others', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('m', { name: 'mail' }));
    await a.hold(T, 'job', T + 5_000);
    await b.hold(T, 'mail', T + 20_000);
    await see(a, T + 10_000);
    expect(await b.claimIds(BACK, { names: ['job', 'mail'] })).toEqual(['x']);
    expect(await a.claimIds(T + 20_000, { names: ['mail'] })).toEqual(['m']);
  });
}

function describeHeld(scene: Scene): void {
  it('leaves a hold that was timed by a delay as long as it had left', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    await b.settle(T, await a.claimOne(T), retry(T, failure(), T + 20_000));
    await see(b, T + 8_000);
    expect(await a.look(BACK)).toMatchObject({ jobs: [], nextAt: BACK + 12_000 });
    expect(await b.claimIds(BACK + 11_999)).toEqual([]);
    expect(new Set(await a.claimIds(BACK + 12_000))).toEqual(new Set(['x', 'y']));
  });

  it('leaves a hold until an instant that somebody named, whatever else holds the name', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await b.settle(T, await a.claimOne(T), retry(T, failure(), T + 20_000));
    await a.hold(T, 'job', T + 15_000);
    await see(b, T + 8_000);
    expect(await a.claimIds(BACK + 12_000)).toEqual([]);
    expect(await b.claimIds(T + 14_999)).toEqual([]);
    expect(await a.claimIds(T + 15_000)).toEqual(['x']);
  });
}

function describeUntouched(scene: Scene): void {
  it('does not touch undelayed jobs, which are always due', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await b.enqueue(BACK, spec('y'));
    expect(await a.claimIds(BACK)).toEqual(['x', 'y']);
  });
}

/** Every call that is told the time. */
const calls: readonly (readonly [string, (opening: Opening) => Promise<unknown>])[] = [
  ['enqueue', (opening) => opening.enqueue(BACK, spec('other', { name: 'mail' }))],
  ['exchange', (opening) => opening.exchange(BACK, [])],
  ['extend', (opening) => opening.extend(BACK, [{ id: 'none', fence: 1 }])],
  ['reclaim', (opening) => opening.reclaim(BACK)],
  ['cancel', (opening) => opening.cancel(BACK, 'none')],
  ['redrive', (opening) => opening.redrive(BACK, 'none')],
  ['remove', (opening) => opening.remove(BACK, 'none')],
  ['prune', ({ store, queue }) => store.prune({ queue, limit: 1 }, BACK)],
  ['hold', (opening) => opening.hold(BACK, 'mail', BACK + 5)],
  ['pause', (opening) => opening.pause(BACK).then(() => opening.resume(BACK))],
];

function describeNotice(scene: Scene): void {
  for (const [method, call] of calls)
    it(`is noticed whichever call sees it first: ${method}`, async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x', { delayMs: 5_000 }));
      await see(b, T + 10_000);
      await call(a);
      expect(await b.claimIds(BACK)).toEqual(['x']);
    });

  it('is noticed by the queue that saw the later instant, and by no other', async () => {
    const { a, b } = scene;
    const other = b.inQueue('other');
    await other.enqueue(BACK, spec('y', { runAt: T + 5_000 }));
    await a.enqueue(T + 10_000, spec('x'));
    expect(await other.claimIds(BACK)).toEqual([]);
    expect(await other.claimIds(T + 5_000)).toEqual(['y']);
  });

  it('can step back again', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { delayMs: 5_000 }));
    await see(b, T + 10_000);
    await a.enqueue(BACK, spec('y', { delayMs: 5_000 }));
    await see(b, BACK + 10_000);
    expect(await a.claimIds(BACK - 50_000)).toHaveLength(2);
  });
}

function describeLeased(scene: Scene): void {
  it('restarts each lease at its own length', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'));
    await a.claimOne(T, { leaseMs: 7_000 });
    await b.claimOne(T + 100, { leaseMs: 9_000 });
    await b.enqueue(BACK, spec('z'));
    expect((await a.job('x')).lease?.until).toBe(BACK + 7_000);
    expect((await a.job('y')).lease?.until).toBe(BACK + 9_000);
    expect((await b.reclaim(BACK + 6_999)).reclaimed).toEqual([]);
    expect((await a.reclaim(BACK + 7_000)).reclaimed).toEqual(['x']);
    expect((await b.reclaim(BACK + 9_000)).reclaimed).toEqual(['y']);
  });

  it('restarts an extended lease at the length it was extended by', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await a.claimOne(T, { leaseMs: 7_000 });
    await b.extend(T + 10, [x], { leaseMs: 20_000 });
    await a.reclaim(BACK);
    expect((await b.job('x')).lease?.until).toBe(BACK + 20_000);
  });

  it('takes no lease away: its owner settles as before', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await a.claimOne(T);
    expect((await b.reclaim(BACK)).reclaimed).toEqual([]);
    expect(await b.settle(BACK, x, complete())).toBe('settled');
  });

  it('wakes for the restarted lease', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await a.claimOne(T, { leaseMs: 7_000 });
    expect(await b.look(BACK, { worker: 'two' })).toMatchObject({ nextAt: BACK + 7_000 });
  });
}

function describeParked(scene: Scene): void {
  const doc = { lane: 'doc' };

  it('holds up no lane: who waited in it undelayed is due at once', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', doc), spec('y', doc));
    await a.settle(BACK, await b.claimOne(T), complete());
    expect(await b.claimIds(BACK)).toEqual(['y']);
  });

  it('holds up no lane: who was due in it by the old clock is due at once', async () => {
    const { a, b } = scene;
    await a.enqueue(
      T,
      spec('x', doc),
      spec('y', { ...doc, delayMs: 5_000 }),
      spec('z', { ...doc, delayMs: 50_000 }),
    );
    const x = await b.claimOne(T);
    await see(b, T + 10_000);
    const y = (await a.exchange(BACK, [[x, complete()]], {})).jobs[0];
    expect(y?.job.id).toBe('y');
    if (y) await b.settle(BACK, y, complete());
    expect(await a.claimIds(BACK + 49_999)).toEqual([]);
    expect(await b.claimIds(BACK + 50_000)).toEqual(['z']);
  });

  it('holds up no follow-up', async () => {
    const { a, b } = scene;
    const key = { idempotencyKey: 'k', onDuplicate: 'replace' } as const;
    await a.enqueue(T, spec('x', key));
    const x = await b.claimOne(T);
    await a.enqueue(T, spec('y', key));
    await b.settle(BACK, x, complete());
    expect(await a.claimIds(BACK)).toEqual(['y']);
  });
}

function describeSeen(scene: Scene): void {
  it('is measured from instants that claims saw, also those that found nothing', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { delayMs: 5_000 }));
    await b.claim(T + 10_000, { names: ['mail'] });
    expect(await a.claimIds(BACK)).toEqual(['x']);
  });

  it('is measured from instants that extensions saw', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await a.claimOne(T);
    await b.extend(T + 600_000, [x]);
    await a.enqueue(T + 300_000, spec('y'));
    expect((await b.job('x')).lease?.until).toBe(T + 300_000 + LEASE_MS);
  });
}

function describeSmall(scene: Scene): void {
  it('by two seconds changes nothing', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('held'), spec('x', { delayMs: 9_999 }));
    await b.claimOne(T, { leaseMs: 50_000 });
    await see(b, T + 10_000);
    expect(await a.claimIds(T + 8_000)).toEqual([]);
    expect((await a.job('held')).lease?.until).toBe(T + 50_000);
    expect(await b.job('x')).toMatchObject({ runAt: T + 9_999 });
    expect(await b.claimIds(T + 9_999)).toEqual(['x']);
  });

  it('by more than two seconds is a step', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('held'), spec('x', { delayMs: 9_999 }));
    await b.claimOne(T, { leaseMs: 50_000 });
    await see(b, T + 10_000);
    expect(await a.claimIds(T + 7_999)).toEqual(['x']);
    expect((await a.job('held')).lease?.until).toBe(T + 57_999);
  });
}
