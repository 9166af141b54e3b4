import { describe, expect, it } from 'vitest';
import type { KeepRules } from '../../core/features/results/keep-rules.ts';
import { alike, type Scene } from './scene.ts';
import { bury, complete, spec, T } from './spec.ts';

const HOUR = 3_600_000;
/** A year. */
const AHEAD = T + 365 * 24 * HOUR;
const key = { idempotencyKey: 'note 1' } as const;

/** What is remembered for a time, by a clock that was ahead, is forgotten in time when it is right. */
export function describeRelativeMemory(scene: Scene): void {
  describe('what a clock that was ahead remembered', () => {
    describeKeys(scene);
    describeEnded(scene);
  });
}

function describeKeys(scene: Scene): void {
  it('a key is held no longer than its time', async () => {
    const { a, b } = scene;
    await a.enqueue(AHEAD, spec('x', { ...key, keyForMs: HOUR }));
    await b.settle(AHEAD, await a.claimOne(AHEAD), complete());
    await b.look(T);
    expect(await a.enqueue(T + HOUR - 1, spec('y', key))).toMatchObject([{ status: 'duplicate' }]);
    expect(await a.enqueue(T + HOUR, spec('z', key))).toMatchObject([{ status: 'enqueued' }]);
  });

  it('a throttled key lets the next go when its window is over', async () => {
    const { a, b } = alike(scene);
    const throttle = { ...key, keyForMs: HOUR, onDuplicate: 'throttle' } as const;
    await a.enqueue(AHEAD, spec('x', throttle));
    await b.look(T, { names: ['nobody'] });
    expect(await a.enqueue(T + HOUR - 1, spec('y', throttle))).toMatchObject([{ status: 'duplicate' }]);
    expect(await b.enqueue(T + HOUR, spec('z', throttle))).toMatchObject([{ id: 'z', status: 'enqueued' }]);
  });
}

function describeEnded(scene: Scene): void {
  it('an id is remembered no longer than dedupeMs, and as long', async () => {
    const { a, b } = scene;
    await a.enqueue(AHEAD, spec('x', { dedupeMs: HOUR }));
    await b.settle(AHEAD, await a.claimOne(AHEAD), complete());
    await b.look(T);
    const again = spec('x', { known: true, dedupeMs: HOUR });
    expect(await a.enqueue(T + HOUR - 1, again)).toMatchObject([{ status: 'duplicate' }]);
    expect(await b.enqueue(T + HOUR, again)).toMatchObject([{ status: 'enqueued' }]);
    expect(await a.count()).toMatchObject({ pending: 1, completed: 1 });
  });

  it('the id of a call that was answered with another job is remembered no longer than dedupeMs', async () => {
    const { a, b } = scene;
    const keyed = { ...key, keyForMs: 2 * HOUR } as const;
    await a.enqueue(AHEAD, spec('x', keyed));
    await b.settle(AHEAD, await a.claimOne(AHEAD), complete());
    const other = spec('y', { ...key, known: true, dedupeMs: HOUR });
    expect(await a.enqueue(AHEAD, other)).toMatchObject([{ id: 'x', status: 'duplicate' }]);
    await b.look(T);
    const { idempotencyKey: _, ...again } = other;
    expect(await a.enqueue(T + HOUR - 1, again)).toMatchObject([{ status: 'duplicate' }]);
    expect(await b.enqueue(T + HOUR, again)).toMatchObject([{ status: 'enqueued' }]);
  });

  it('completed jobs go when nothing keeps them any more, those that were right with the others', async () => {
    const { a, b } = alike(scene);
    for (const [id, at] of [
      ['wrong', AHEAD],
      ['right', T],
    ] as const) {
      await a.enqueue(at, spec(id, { keepResultMs: HOUR }));
      await b.settle(at, await a.claimOne(at), complete());
    }
    await a.store.prune({ queue: a.queue, limit: 100 }, T + HOUR - 1);
    expect(await b.listIds('completed')).toHaveLength(2);
    await a.store.prune({ queue: a.queue, limit: 100 }, T + HOUR);
    expect(await b.listIds('completed')).toEqual([]);
  });

  it('dead jobs go when their age is over', async () => {
    const { a, b } = scene;
    const keep: KeepRules = { dead: { ageMs: HOUR } };
    await a.enqueue(AHEAD, spec('x'));
    await b.settle(AHEAD, await a.claimOne(AHEAD), bury());
    await b.look(T);
    await a.store.prune({ queue: a.queue, limit: 100, keep }, T + HOUR - 1);
    expect(await b.listIds('dead')).toEqual(['x']);
    await a.store.prune({ queue: a.queue, limit: 100, keep }, T + HOUR);
    expect(await b.listIds('dead')).toEqual([]);
  });
}
