import { describe, expect, it } from 'vitest';
import type { JobSpec } from '../../core/kernel/messages.ts';
import type { Claiming } from './opening.ts';
import type { Scene } from './scene.ts';
import { complete, spec, specs, T } from './spec.ts';

/** Rows that a call may touch more in a deep queue than in a shallow one: a look ahead, a control row, a claim row. */
const SLACK = 8;
const DEEP = 2_000;
const TIMEOUT_MS = 60_000;

export function describeCost(scene: Scene): void {
  describe('cost', () => {
    describeClaimCost(scene);
    describeOthersCost(scene);
    describePastCost(scene);
    describeOtherCosts(scene);
    describeSteeringCosts(scene);
  });
}

/** Rows touched by `act`. */
async function steps({ harness }: Scene, act: () => Promise<unknown>): Promise<number> {
  const before = harness.steps();
  await act();
  const after = harness.steps();
  return after.read - before.read + after.written - before.written;
}

/** Enqueues in batches of a thousand. */
async function fill({ a, b }: Scene, jobs: readonly JobSpec[]): Promise<void> {
  for (let start = 0; start < jobs.length; start += 1_000)
    await (start % 2_000 ? b : a).enqueue(T, ...jobs.slice(start, start + 1_000));
}

/** Rows touched by claiming ten jobs in one opening and settling them in the other. */
async function costOfTen(scene: Scene, now = T, claiming: Claiming = {}): Promise<number> {
  const { a, b } = scene;
  let taken = 0;
  const cost = await steps(scene, async () => {
    const jobs = await a.claim(now, claiming);
    taken = jobs.length;
    const { settled } = await b.exchange(
      now,
      jobs.map((claimed) => [claimed, complete()]),
    );
    expect(new Set(settled)).toEqual(new Set(['settled']));
  });
  expect(taken).toBe(10);
  return cost;
}

/** What ten jobs cost when nothing else is there. */
async function alone(scene: Scene): Promise<number> {
  await fill(scene, specs('alone ', 10));
  return costOfTen(scene);
}

/** A test that knows the cost of ten jobs alone. */
function law(scene: Scene, sentence: string, act: (base: number) => Promise<void>): void {
  it(sentence, async () => act(await alone(scene)), TIMEOUT_MS);
}

function describeClaimCost(scene: Scene): void {
  it('the steps are counted: ten jobs cost at least ten reads and ten writes', async () => {
    const before = scene.harness.steps();
    await alone(scene);
    const after = scene.harness.steps();
    expect(after.read - before.read).toBeGreaterThanOrEqual(10);
    expect(after.written - before.written).toBeGreaterThanOrEqual(20);
  });

  law(scene, 'ten jobs cost the same whether ten or 2,000 wait', async (base) => {
    await fill(scene, specs('x', DEEP));
    expect(await costOfTen(scene)).toBeLessThanOrEqual(base + SLACK);
    expect(await costOfTen(scene)).toBeLessThanOrEqual(base + SLACK);
  });

  law(scene, 'jobs of the future cost nothing, at whatever priority', async (base) => {
    await fill(scene, specs('future ', DEEP / 2, { delayMs: 5_000 }));
    await fill(scene, specs('urgent ', DEEP / 2, { delayMs: 5_000, priority: 10 }));
    await fill(scene, specs('x', 10));
    expect(await costOfTen(scene)).toBeLessThanOrEqual(base + SLACK);
  });

  law(scene, 'jobs of the future cost nothing to jobs that came due before them', async (base) => {
    await fill(scene, specs('future ', DEEP, { delayMs: 5_000 }));
    await fill(scene, specs('x', 10, { delayMs: 4_000 }));
    expect(await costOfTen(scene, T + 4_000)).toBeLessThanOrEqual(base + SLACK);
  });
}

function describeOthersCost(scene: Scene): void {
  law(scene, 'jobs of other names cost nothing', async (base) => {
    await fill(scene, specs('foreign ', DEEP, { name: 'mail', priority: 10 }));
    await fill(scene, specs('x', 10));
    expect(await costOfTen(scene)).toBeLessThanOrEqual(base + SLACK);
  });

  law(scene, 'payloads too new to be claimed cost nothing', async (base) => {
    await fill(scene, specs('new ', DEEP, { version: 2, priority: 10 }));
    await fill(scene, specs('x', 10));
    expect(await costOfTen(scene)).toBeLessThanOrEqual(base + SLACK);
  });

  law(scene, 'jobs of a name without slots cost nothing', async (base) => {
    await fill(scene, specs('full ', DEEP, { name: 'mail', priority: 10 }));
    await fill(scene, specs('x', 10));
    const names = { job: { version: 1, slots: 10 }, mail: { version: 1, slots: 0 } };
    expect(await costOfTen(scene, T, { names })).toBeLessThanOrEqual(base + SLACK);
  });

  law(scene, 'jobs of a held name cost nothing', async (base) => {
    await fill(scene, specs('held ', DEEP, { name: 'mail', priority: 10 }));
    await scene.b.hold(T, 'mail', T + 5_000);
    await fill(scene, specs('x', 10));
    expect(await costOfTen(scene, T, { names: ['job', 'mail'] })).toBeLessThanOrEqual(base + SLACK);
  });
}

function describePastCost(scene: Scene): void {
  law(scene, 'jobs that were consumed before cost nothing', async (base) => {
    const { a, b } = scene;
    await fill(scene, specs('consumed ', DEEP));
    for (const _ of [1, 2]) {
      const jobs = await a.claim(T, { limit: 1_000 });
      await b.exchange(
        T,
        jobs.map((claimed) => [claimed, complete()]),
      );
    }
    await fill(scene, specs('x', 10));
    expect(await costOfTen(scene)).toBeLessThanOrEqual(base + SLACK);
  });

  law(scene, 'jobs that run cost nothing', async (base) => {
    const { a, b } = scene;
    await fill(scene, specs('running ', 1_000));
    expect(await a.claim(T, { limit: 500, worker: 'one' })).toHaveLength(500);
    expect(await b.claim(T, { limit: 500, worker: 'two' })).toHaveLength(500);
    await fill(scene, specs('x', 10));
    expect(await costOfTen(scene)).toBeLessThanOrEqual(base + SLACK);
  });

  law(scene, 'jobs parked in a lane cost nothing', async (base) => {
    await fill(scene, [
      spec('head', { lane: 'doc', name: 'mail' }),
      ...specs('parked ', DEEP, { lane: 'doc', priority: 10 }),
    ]);
    await fill(scene, specs('x', 10));
    expect(await costOfTen(scene)).toBeLessThanOrEqual(base + SLACK);
  });

  it(
    'a claim that finds nothing due costs a constant',
    async () => {
      const { a, b } = scene;
      await fill(scene, specs('future ', DEEP, { delayMs: 5_000 }));
      expect(await steps(scene, () => a.claim(T))).toBeLessThanOrEqual(SLACK);
      expect(await steps(scene, () => b.claim(T, { names: ['mail'] }))).toBeLessThanOrEqual(SLACK);
    },
    TIMEOUT_MS,
  );
}

function describeOtherCosts(scene: Scene): void {
  it(
    'a claim that ends by its bytes has read no more than it takes',
    async () => {
      const { a, b } = scene;
      await fill(scene, specs('small ', 3));
      const base = await steps(scene, () => a.claim(T, { limit: 3 }));
      await a.enqueue(T, ...specs('large ', 20, { payload: new Uint8Array(400_000) }));
      expect(await steps(scene, () => b.claim(T, { limit: 1_000 }))).toBeLessThanOrEqual(base + SLACK);
    },
    TIMEOUT_MS,
  );

  it(
    'a lane goes on at the same cost however long it is',
    async () => {
      const { a, b } = scene;
      const turn = async () => b.settle(T, await a.claimOne(T), complete());
      await fill(scene, specs('short ', 2, { lane: 'short' }));
      const base = await steps(scene, turn);
      await turn();
      await fill(scene, specs('long ', DEEP, { lane: 'long' }));
      expect(await steps(scene, turn)).toBeLessThanOrEqual(base + SLACK);
    },
    TIMEOUT_MS,
  );

  it(
    'an enqueue costs the same whether none or 2,000 wait',
    async () => {
      const { a, b } = scene;
      const limits = { maxDepth: 10_000, maxBytes: 10_000_000 };
      const job = (id: string) => spec(id, { known: true, idempotencyKey: id, lane: id, delayMs: 5 });
      const base = await steps(scene, () => a.enqueueWithin(limits, T, job('x')));
      await fill(scene, specs('waits ', DEEP));
      expect(await steps(scene, () => b.enqueueWithin(limits, T, job('y')))).toBeLessThanOrEqual(
        base + SLACK,
      );
    },
    TIMEOUT_MS,
  );
}

function describeSteeringCosts(scene: Scene): void {
  it(
    'a reclaim touches the jobs whose leases are over and no others',
    async () => {
      const { a, b } = scene;
      await fill(scene, specs('waits ', DEEP));
      await a.claimOne(T, { worker: 'gone' });
      await b.claimOne(T);
      const reclaim = () => b.reclaim(T, { goneWorkers: ['gone'] });
      expect(await steps(scene, reclaim)).toBeLessThanOrEqual(SLACK);
      expect(await a.count()).toMatchObject({ pending: DEEP - 1, active: 1 });
    },
    TIMEOUT_MS,
  );

  it(
    'a cancel touches the job it names and no other',
    async () => {
      const { a, b } = scene;
      await fill(scene, specs('waits ', DEEP));
      expect(await steps(scene, () => b.cancel(T, 'waits 1500'))).toBeLessThanOrEqual(SLACK);
      expect(await a.count()).toMatchObject({ pending: DEEP - 1 });
    },
    TIMEOUT_MS,
  );
}
