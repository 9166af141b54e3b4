import { describe, expect, it } from 'vitest';
import { log } from '../../core/features/log/log.ts';
import type { Outcome } from '../../core/kernel/messages.ts';
import { everyFeature } from '../every-feature.ts';
import { storeCalls } from '../store-calls.ts';
import type { Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { after, bury, cancelled, complete, spec, specs, T } from './spec.ts';

const settleOne = async ({ a, b }: Scene, outcome: Outcome, now = T) => {
  const held = await b.claimOne(now);
  await a.settle(now, held, outcome);
  return held.job;
};

/** Looks until nothing more is to be told. Answers who ended thereby. */
async function hear(opening: Opening, now = T) {
  const heard = { buried: [] as string[], cancelled: [] as string[] };
  for (let looks = 0; looks < 50; looks++) {
    const answer = await opening.look(now, { names: ['nobody'] });
    heard.buried.push(...(answer.buried ?? []).map(({ id }) => id));
    heard.cancelled.push(...(answer.cancelled ?? []));
    if (answer.nextAt === undefined || answer.nextAt > now) return heard;
  }
  throw new Error('there is always more to be told');
}

/** charge → ship → tell, and the first of them has died. */
async function died(scene: Scene): Promise<void> {
  await scene.a.enqueue(T, spec('charge'), after('ship', ['charge']), after('tell', ['ship']));
  await settleOne(scene, bury());
  await hear(scene.a);
  expect(await scene.a.count()).toMatchObject({ dead: 3, pending: 0 });
}

const order = async (scene: Scene): Promise<string[]> => {
  const ran: string[] = [];
  for (;;) {
    const [held] = await scene.b.claim(T, { limit: 1 });
    if (held === undefined) return ran;
    ran.push(held.job.id);
    await scene.a.settle(T, held, complete());
  }
};

export function describeFlowRedriving(scene: Scene): void {
  describe('a flow that is redriven', () => {
    describeOrder(scene);
    describeAlone(scene);
    describeNamesakes(scene);
  });
  describe('who waits for a job that ends', () => {
    describeEnds(scene);
  });
}

function describeOrder(scene: Scene): void {
  it.each([[['charge', 'ship', 'tell']], [['tell', 'ship', 'charge']], [['ship', 'charge', 'tell']]])(
    'keeps its order, in whatever order it is redriven: %s',
    async (ids) => {
      const { a, b } = scene;
      await died(scene);
      expect(new Set(await a.redrive(T, ...ids))).toEqual(new Set(['redriven']));
      expect(await b.job('ship')).toMatchObject({ state: 'pending', parked: true, blockedBy: ['charge'] });
      expect(await order(scene)).toEqual(['charge', 'ship', 'tell']);
      expect(await a.count()).toMatchObject({ dead: 0, completed: 3 });
    },
  );

  it('comes back with its first step: those that died of it wait for it again, and so on', async () => {
    const { a, b } = scene;
    await died(scene);
    expect(await b.redrive(T, 'charge')).toEqual(['redriven']);
    expect(await a.count()).toMatchObject({ pending: 3, dead: 0 });
    await settleOne(scene, bury());
    await hear(a);
    expect(await a.count()).toMatchObject({ pending: 0, dead: 3 });
    await b.redrive(T, 'charge');
    expect(await order(scene)).toEqual(['charge', 'ship', 'tell']);
  });

  it('comes back in bounded parts, and none is forgotten', async () => {
    const { a, b, harness } = scene;
    await a.enqueue(T, spec('x'), ...specs('y', 250).map(({ id }) => after(id, ['x'])));
    await settleOne(scene, bury());
    await hear(a);
    const before = harness.steps();
    await b.redrive(T, 'x');
    expect(harness.steps().written - before.written).toBeLessThan(900);
    expect((await a.count()).pending).toBeLessThan(251);
    await settleOne(scene, complete());
    await hear(a);
    expect(await b.claimIds(T, { limit: 1_000 })).toHaveLength(250);
    expect(await a.count()).toMatchObject({ dead: 0 });
  });

  it('does not bury who waits for a job that lives again before all have heard of its death', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { maxCrashes: 1 }), after('y', ['x']));
    await b.claimOne(T);
    await b.reclaim(T, { goneWorkers: ['worker'] });
    await a.redrive(T, 'x');
    expect(await hear(a)).toEqual({ buried: [], cancelled: [] });
    expect(await order(scene)).toEqual(['x', 'y']);
  });
}

function describeAlone(scene: Scene): void {
  it('a step stays dead while one that it waits for is dead or gone without having completed', async () => {
    const { a, b } = scene;
    await died(scene);
    expect(await a.redrive(T, 'ship', 'tell')).toEqual(['blocked', 'blocked']);
    await b.remove(T, 'charge');
    expect(await a.redrive(T, 'ship')).toEqual(['blocked']);
    expect(await order(scene)).toEqual([]);
  });

  it('a step runs without them when that is asked for', async () => {
    const { a, b } = scene;
    await died(scene);
    const request = { queue: a.queue, ids: ['ship'], alone: true };
    expect(await a.store.redrive(request, T)).toEqual(['redriven']);
    expect((await b.job('tell')).blockedBy).toEqual(['ship']);
    expect(await order(scene)).toEqual(['ship', 'tell']);
    expect(await a.listIds('dead')).toEqual(['charge']);
  });

  it('a step waits for those alone that have not completed, and has what the others returned', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y', { priority: -1 }), after('z', ['x', 'y']));
    await settleOne(scene, bury());
    await settleOne(scene, { kind: 'complete', result: { value: 7 } });
    expect(await b.job('z')).toMatchObject({ state: 'dead', blockedBy: ['x'] });
    await a.redrive(T, 'x', 'z');
    await settleOne(scene, complete());
    expect((await b.claimOne(T)).job).toMatchObject({ id: 'z', results: { y: 7 } });
  });

  it('a step of two dead ones comes back with the last of them', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'), spec('y'), after('z', ['x', 'y']));
    await settleOne(scene, bury());
    await settleOne(scene, bury());
    await hear(a);
    await a.redrive(T, 'x');
    expect(await b.job('z')).toMatchObject({ state: 'dead' });
    await a.redrive(T, 'y');
    expect(await b.job('z')).toMatchObject({ state: 'pending', blockedBy: ['x', 'y'] });
  });
}

function describeNamesakes(scene: Scene): void {
  it('a step waits for that very job, not for one that has taken its id', async () => {
    const { a, b } = scene;
    await died(scene);
    await b.remove(T, 'charge');
    await a.enqueue(T, spec('charge'));
    expect(await a.redrive(T, 'ship')).toEqual(['blocked']);
    await settleOne(scene, complete());
    await hear(a);
    expect(await b.job('ship')).toMatchObject({ state: 'dead', blockedBy: ['charge'] });
  });

  it('is forgotten with its dead steps: nothing comes back that was removed', async () => {
    const { a, b } = scene;
    await died(scene);
    await b.remove(T, 'ship');
    await a.redrive(T, 'charge');
    await a.enqueue(T, spec('ship'));
    expect(await order(scene)).toEqual(['charge', 'ship']);
  });
}

function describeEnds(scene: Scene): void {
  const room = { maxDepth: 2, drops: 'oldest' } as const;
  const ENDS: Readonly<
    Record<string, readonly ['buried' | 'cancelled', (scene: Scene) => Promise<unknown>]>
  > = {
    dies: ['buried', (set) => settleOne(set, bury())],
    'crashes its owners': [
      'buried',
      async ({ a, b }) => {
        await b.claimOne(T);
        await a.reclaim(T, { goneWorkers: ['worker'] });
      },
    ],
    'is cancelled while it waits': ['cancelled', ({ b }) => b.cancel(T, 'x')],
    'is cancelled while it runs': ['cancelled', (set) => settleOne(set, cancelled)],
    'is cleared': ['cancelled', ({ b }) => b.store.cancel({ queue: b.queue, ids: ['x'], waiting: true }, T)],
    'is dropped': ['cancelled', ({ b }) => b.enqueueWithin(room, T, spec('z', { name: 'mail' }))],
    'is too old': ['buried', ({ b }) => b.reclaim(T + 1_000)],
  };
  for (const [how, [list, end]] of Object.entries(ENDS))
    it(`hears of it when that ${how}, and who ends thereby is told, logged and counted`, async () => {
      const { a, harness } = scene;
      const logging = storeCalls(await harness.open(), [...everyFeature(), log({ size: 50 })]);
      await a.store.putBatch({ queue: a.queue, id: 'b' }, T);
      await a.enqueue(
        T,
        spec('x', { maxCrashes: 1, ...(how === 'is too old' && { maxAgeMs: 1_000 }) }),
        after('y', ['x'], { batch: 'b' }),
      );
      await end(scene);
      const claim = { names: {}, limit: 1, leaseMs: 1_000, idle: true };
      const now = how === 'is too old' ? T + 1_000 : T;
      const request = { queue: a.queue, workerId: 'w', settle: [], claim };
      const { buried = [], cancelled: gone = [] } = await logging.exchange(request, now);
      const told = { buried: buried.map(({ id }) => id), cancelled: [...gone] };
      expect(told[list].filter((id) => id === 'y')).toEqual(
        how === 'dies' || how === 'is cancelled while it runs' ? [] : ['y'],
      );
      const state = list === 'buried' ? 'dead' : 'cancelled';
      expect(await a.store.countBatch({ queue: a.queue, id: 'b' })).toMatchObject({
        total: 1,
        open: 0,
        [state]: 1,
      });
      expect((await a.count()).cancelled).toBe(list === 'buried' ? 0 : how === 'is dropped' ? 1 : 2);
      const entries = await logging.log({ queue: a.queue, after: 0, limit: 50 });
      if (told[list].includes('y'))
        expect(entries).toContainEqual(expect.objectContaining({ id: 'y', to: state }));
    });

  it('hears nothing when a dead job is removed or pruned: it heard of the death', async () => {
    const { a, b } = scene;
    await died(scene);
    await b.remove(T, 'charge');
    expect(await hear(a)).toEqual({ buried: [], cancelled: [] });
    expect(await a.listIds('dead')).toEqual(['ship', 'tell']);
  });
}
