import { describe, expect, it } from 'vitest';
import { LEASE_MS, type Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { bury, complete, spec, T } from './spec.ts';

const doc = { lane: 'doc', onLaneDeath: 'halt' } as const;

export function describeHalting(scene: Scene): void {
  describe('a lane that halts when its head dies', () => {
    describeWaiting(scene);
    describeGoingOn(scene);
    describePolicy(scene);
  });
}

/** The lane of x, y and z, whose head has died. */
async function halted({ a, b }: Scene): Promise<void> {
  await a.enqueue(T, spec('x', doc), spec('y', doc), spec('z', doc));
  expect(await a.settle(T, await b.claimOne(T), bury())).toBe('settled');
}

function describeWaiting(scene: Scene): void {
  it('nothing in it runs, and there is no instant to wait for', async () => {
    const { a, b } = scene;
    await halted(scene);
    expect(await b.look(T + 1)).toEqual({ settled: [], jobs: [] });
    expect(await a.count()).toMatchObject({ pending: 2, active: 0, dead: 1 });
  });

  it('the dead job says that it halts its lane, and those behind it whom they wait for', async () => {
    const { a, b } = scene;
    await halted(scene);
    expect(await b.job('x')).toMatchObject({
      state: 'dead',
      haltsLane: true,
      lane: 'doc',
      onLaneDeath: 'halt',
    });
    expect((await a.list({ state: 'dead' })).jobs).toMatchObject([{ id: 'x', haltsLane: true }]);
    expect(await b.job('y')).toMatchObject({ parked: true, haltedBy: 'x' });
  });

  it('what is enqueued into it waits, also when nothing else does', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', doc));
    await a.settle(T, await b.claimOne(T), bury());
    await b.enqueue(T + 1, spec('y', { lane: 'doc' }), spec('other', { lane: 'else' }));
    expect(await a.claimIds(T + 1)).toEqual(['other']);
    expect(await a.job('y')).toMatchObject({ parked: true, haltedBy: 'x' });
  });

  it('a head that dies of crashes halts it too', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...doc, maxCrashes: 1 }), spec('y', doc));
    await b.claimOne(T);
    expect(await a.reclaim(T + LEASE_MS)).toMatchObject({ dead: ['x'] });
    expect(await b.claimIds(T + LEASE_MS)).toEqual([]);
  });

  it('jobs that wait in it can be cancelled', async () => {
    const { a, b } = scene;
    await halted(scene);
    expect(await b.cancel(T, 'y')).toEqual(['cancelled']);
    await a.redrive(T, 'x');
    await a.settle(T, await b.claimOne(T), complete());
    expect(await b.claimIds(T)).toEqual(['z']);
  });
}

function describeGoingOn(scene: Scene): void {
  it('redriven, the dead job goes first again, in its old place', async () => {
    const { a, b } = scene;
    await halted(scene);
    expect(await a.redrive(T + 5, 'x')).toEqual(['redriven']);
    const x = await b.claimOne(T + 5);
    expect(x.job).toMatchObject({ id: 'x', failures: 0 });
    expect(x.job.haltsLane).toBeUndefined();
    expect(await a.claimIds(T + 5)).toEqual([]);
    await a.settle(T + 5, x, complete());
    expect(await inTurn(a, b)).toEqual(['y', 'z']);
  });

  it('redriven, it goes before the follow-up of its key that waits behind it', async () => {
    const { a, b } = scene;
    const keyed = { ...doc, idempotencyKey: 'k' };
    await a.enqueue(T, spec('x', keyed));
    await b.settle(T, await a.claimOne(T), bury());
    await a.enqueue(T, spec('y', keyed));
    expect(await b.redrive(T, 'x')).toEqual(['redriven']);
    await b.settle(T, await a.claimOne(T), complete());
    expect(await b.claimIds(T)).toEqual(['y']);
  });

  it('redriven and dead again, it halts its lane again', async () => {
    const { a, b } = scene;
    await halted(scene);
    await a.redrive(T, 'x');
    await b.settle(T, await a.claimOne(T), bury());
    expect(await a.claimIds(T)).toEqual([]);
    expect(await a.job('x')).toMatchObject({ haltsLane: true });
  });

  it('removed, it lets the lane go on with the next', async () => {
    const { a, b } = scene;
    await halted(scene);
    expect(await b.remove(T, 'x')).toEqual(['removed']);
    expect(await inTurn(a, b)).toEqual(['y', 'z']);
    await a.enqueue(T, spec('later', doc));
    expect(await b.claimIds(T)).toEqual(['later']);
  });

  it('a job of the lane that had died before and is redriven meanwhile waits behind it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('w', { lane: 'doc' }));
    await a.settle(T, await b.claimOne(T), bury());
    await halted(scene);
    expect(await a.redrive(T, 'w')).toEqual(['redriven']);
    expect(await b.claimIds(T)).toEqual([]);
    await a.remove(T, 'x');
    expect(await inTurn(a, b)).toEqual(['w', 'y', 'z']);
  });
}

async function inTurn(a: Opening, b: Opening): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const [next, ...more] = await b.claim(T + 9);
    expect(more).toEqual([]);
    if (next === undefined) return ids;
    ids.push(next.job.id);
    await a.settle(T + 9, next, complete());
  }
}

function describePolicy(scene: Scene): void {
  it('the policy is that of the head that dies, not of those behind it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { lane: 'doc' }), spec('y', doc), spec('z', { lane: 'doc' }));
    await a.settle(T, await b.claimOne(T), bury());
    const y = await b.claimOne(T);
    expect(y.job.id).toBe('y');
    await a.settle(T, y, bury());
    expect(await b.claimIds(T)).toEqual([]);
  });

  it('a lane that is halted keeps no other waiting', async () => {
    const { a, b } = scene;
    await halted(scene);
    await a.enqueue(
      T,
      spec('p', { ...doc, lane: 'page' }),
      spec('q', { ...doc, lane: 'page' }),
      spec('free'),
    );
    await a.settle(T, await b.claimOne(T), bury());
    expect(await b.claimIds(T)).toEqual(['free']);
    await a.remove(T, 'p');
    expect(await b.claimIds(T)).toEqual(['q']);
  });
}
