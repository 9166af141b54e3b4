import { describe, expect, it } from 'vitest';
import type { EverySpec } from '../every-feature.ts';
import type { Opening } from './opening.ts';
import { alike, type Scene } from './scene.ts';
import { bury, complete, spec, specs, T } from './spec.ts';

const HOUR_MS = 3_600_000;
/** As an enqueue with an id of the caller's own comes to the store. */
const own = (id: string, more: Partial<EverySpec> = {}): EverySpec =>
  spec(id, { known: true, dedupeMs: HOUR_MS, idempotencyKey: 'k', ...more });

const run = async (opening: Opening, now = T) => opening.settle(now, await opening.claimOne(now), complete());

export function describeOwnIds(scene: Scene): void {
  describe('an id of the caller’s own that its first call did not give to a job', () => {
    describeAnswers(scene);
    describeMemory(scene);
    describePaths(scene);
  });
}

function describeAnswers(scene: Scene): void {
  for (const onDuplicate of ['keep', 'replace', 'restart', 'debounce', 'throttle'] as const)
    it(`is no second run after the job has ended that its call was answered with: ${onDuplicate}`, async () => {
      const { a, b } = scene;
      const call = own('x', {
        onDuplicate,
        payload: 'x',
        ...(onDuplicate === 'throttle' && { keyForMs: 1_000 }),
      });
      await a.enqueue(T, spec('holder', { idempotencyKey: 'k' }));
      const [first] = await a.enqueue(T, call);
      expect(first).toMatchObject({
        id: 'holder',
        status: onDuplicate === 'keep' || onDuplicate === 'throttle' ? 'duplicate' : 'replaced',
      });
      await run(b);
      expect(await b.enqueue(T + 2_000, call)).toEqual([{ id: 'holder', status: 'duplicate' }]);
      expect(await a.claimIds(T + 2_000)).toEqual([]);
      expect(await a.count()).toMatchObject({ pending: 0, completed: 1 });
    });

  it('is a duplicate of that job while it waits, runs or is dead, and brings no older payload back', async () => {
    const { a, b } = scene;
    const duplicate = [{ id: 'holder', status: 'duplicate' }];
    const older = own('older', { onDuplicate: 'replace', payload: 'older' });
    await a.enqueue(T, spec('holder', { idempotencyKey: 'k' }));
    await a.enqueue(T, older);
    await a.enqueue(T, own('newer', { onDuplicate: 'replace', payload: 'newer' }));
    expect(await b.enqueue(T + 2 * HOUR_MS, older)).toEqual(duplicate);
    expect(await b.job('holder')).toMatchObject({ payload: 'newer' });
    const held = await b.claimOne(T);
    expect(await a.enqueue(T, older)).toEqual(duplicate);
    await b.settle(T, held, bury());
    expect(await a.enqueue(T + 2 * HOUR_MS, older)).toEqual(duplicate);
    expect(await a.count()).toMatchObject({ pending: 0, active: 0, dead: 1 });
  });

  it('is remembered also when that job runs already, and was not to be remembered itself', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('holder', { idempotencyKey: 'k' }));
    const held = await b.claimOne(T);
    await a.enqueue(T, own('x'));
    await b.settle(T + 5, held, complete());
    expect(await a.enqueue(T + HOUR_MS, own('x'))).toEqual([{ id: 'holder', status: 'duplicate' }]);
  });

  it('is remembered also when that job had ended, and its key was held by time', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('holder', { idempotencyKey: 'k', keyForMs: 1_000 }));
    await run(b);
    const duplicate = [{ id: 'holder', status: 'duplicate' }];
    expect(await a.enqueue(T + 500, own('x'))).toEqual(duplicate);
    expect(await b.enqueue(T + 2_000, own('x'))).toEqual(duplicate);
    expect(await b.enqueue(T + 500 + HOUR_MS, own('x'))).toEqual([{ id: 'x', status: 'enqueued' }]);
  });

  it('is one job inside a call', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('holder', { idempotencyKey: 'k' }));
    expect(await b.enqueue(T, own('x'), spec('x', { known: true, payload: 2 }))).toEqual([
      { id: 'holder', status: 'duplicate' },
      { id: 'holder', status: 'duplicate' },
    ]);
    expect(await a.count()).toMatchObject({ pending: 1 });
  });
}

function describeMemory(scene: Scene): void {
  it('is remembered for dedupeMs after that job completed, and not longer', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('holder', { idempotencyKey: 'k' }), own('x', { dedupeMs: 1_000 }));
    await run(b, T + 5_000);
    expect(await a.enqueue(T + 5_999, own('x'))).toEqual([{ id: 'holder', status: 'duplicate' }]);
    expect(await a.enqueue(T + 6_001, own('x'))).toEqual([{ id: 'x', status: 'enqueued' }]);
    expect(await b.claimIds(T + 6_001)).toEqual(['x']);
  });

  it('is free when somebody takes that job away, as the id of that job is', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('holder', { idempotencyKey: 'k' }), own('x'));
    await b.cancel(T, 'holder');
    expect(await a.enqueue(T, own('x'))).toEqual([{ id: 'x', status: 'enqueued' }]);
    await b.settle(T, await b.claimOne(T), bury());
    await a.remove(T, 'x');
    expect(await a.enqueue(T, own('x'))).toEqual([{ id: 'x', status: 'enqueued' }]);
  });

  it('stands for that very job: one that takes its id later is another', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('holder', { idempotencyKey: 'k' }), own('x'));
    await b.cancel(T, 'holder');
    await a.enqueue(T, spec('holder'));
    expect(await a.enqueue(T, own('x'))).toEqual([{ id: 'x', status: 'enqueued' }]);
  });

  it('is remembered when its dead job was pruned, for dedupeMs from its death', async () => {
    const { a, b } = alike(scene);
    await a.enqueue(T, own('x'));
    await b.settle(T, await b.claimOne(T), bury());
    const pruned = await b.store.prune({ queue: b.queue, keep: { dead: { ageMs: 1 } }, limit: 9 }, T + 5);
    expect(pruned).toMatchObject({ dead: 1 });
    expect(await a.enqueue(T + HOUR_MS - 1, own('x'))).toEqual([{ id: 'x', status: 'duplicate' }]);
    expect(await a.enqueue(T + HOUR_MS, own('x'))).toEqual([{ id: 'x', status: 'enqueued' }]);
  });

  it('is forgotten by and by: what is remembered takes no more rows than there are such ids', async () => {
    const { a, b, harness } = scene;
    await a.enqueue(T, spec('holder', { idempotencyKey: 'k' }));
    const calls = specs('x', 20, { known: true, dedupeMs: 1_000, idempotencyKey: 'k' });
    for (const call of calls) await a.enqueue(T, call);
    await run(b);
    await a.enqueue(T + 5_000, ...specs('y', 40));
    for (const claimed of await b.claim(T + 5_000, { limit: 40 }))
      await b.settle(T + 5_000, claimed, complete());
    const before = harness.steps();
    expect(await a.enqueue(T + 5_000, spec('x0', { known: true }))).toEqual([
      { id: 'x0', status: 'enqueued' },
    ]);
    // Nothing is remembered apart from jobs any more, so nothing is looked up for it.
    const alone = harness.steps().read - before.read;
    await a.enqueue(T + 5_000, spec('z0', { known: true }));
    expect(harness.steps().read - before.read - alone).toBe(alone);
  });
}

function describePaths(scene: Scene): void {
  it('is one job also when a completion brings the repeat', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('holder', { idempotencyKey: 'k' }), own('x'));
    await run(b);
    await a.enqueue(T, spec('parent'));
    await b.settle(T, await b.claimOne(T), complete(own('x')));
    expect(await a.claimIds(T)).toEqual([]);
  });

  it('is one job also when a completion brought the first', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('holder', { idempotencyKey: 'k', delayMs: 1 }), spec('parent'));
    await b.settle(T, await b.claimOne(T), complete(own('x', { onDuplicate: 'replace' })));
    await run(b, T + 1);
    expect(await a.enqueue(T + 2, own('x'))).toEqual([{ id: 'holder', status: 'duplicate' }]);
  });

  it('counts once in its batch, and is counted in no other', async () => {
    const { a, b } = alike(scene);
    for (const id of ['b', 'c']) await a.store.putBatch({ queue: a.queue, id }, T);
    await a.enqueue(T, spec('holder', { idempotencyKey: 'k', batch: 'b' }), own('x', { batch: 'b' }));
    await run(b);
    await a.enqueue(T, own('x', { batch: 'c' }), own('x', { batch: 'b' }));
    const counts = async (id: string) => a.store.countBatch({ queue: a.queue, id });
    expect(await counts('b')).toMatchObject({ total: 1, completed: 1 });
    expect(await counts('c')).toMatchObject({ total: 0 });
  });

  it('costs nothing to an id of the queue’s own', async () => {
    const { a, harness } = scene;
    const cost = async (id: string) => {
      const before = harness.steps();
      await a.enqueue(T, spec(id));
      const { read, written } = harness.steps();
      return { read: read - before.read, written: written - before.written };
    };
    await cost('first'); // It makes the queue.
    const alone = await cost('p');
    await a.enqueue(T, spec('holder', { idempotencyKey: 'k' }), own('x'));
    expect(await cost('q')).toEqual(alone);
  });
}
