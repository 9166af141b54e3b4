import { describe, expect, it } from 'vitest';
import type { Scene } from './scene.ts';
import { bury, complete, retry, spec, specs, T } from './spec.ts';

const full = { code: 'QueueFull', name: 'QueueFullError' };

export function describeLimits(scene: Scene): void {
  describe('limits', () => {
    describeDepth(scene);
    describeTraces(scene);
    describeRoom(scene);
    describeEdges(scene);
    describeBytes(scene);
  });
}

function describeDepth(scene: Scene): void {
  it('a queue takes as many jobs as its depth, and not one more', async () => {
    const { a, b } = scene;
    await a.enqueueWithin({ maxDepth: 3 }, T, ...specs('x', 2));
    await b.enqueueWithin({ maxDepth: 3 }, T, spec('y'));
    await expect(a.enqueueWithin({ maxDepth: 3 }, T, spec('z'))).rejects.toMatchObject(full);
    expect(await b.count()).toMatchObject({ pending: 3 });
    expect(await b.get('z')).toBeUndefined();
  });

  it('a batch that does not fit as a whole is refused as a whole', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 2));
    await expect(b.enqueueWithin({ maxDepth: 3 }, T, spec('y'), spec('z'))).rejects.toMatchObject(full);
    expect(await a.count()).toMatchObject({ pending: 2 });
    expect(await a.claimIds(T)).toEqual(['x0', 'x1']);
  });

  it('a refused batch replaces nothing either', async () => {
    const { a, b } = scene;
    const key = { idempotencyKey: 'k', onDuplicate: 'replace' } as const;
    await a.enqueue(T, spec('x', { ...key, payload: 1 }));
    const batch = [spec('y', { ...key, payload: 2 }), spec('z')];
    await expect(b.enqueueWithin({ maxDepth: 1 }, T, ...batch)).rejects.toMatchObject(full);
    expect((await a.job('x')).payload).toBe(1);
  });

  it('a refused batch forgets nothing either', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { known: true, dedupeMs: 1_000 }));
    await b.settle(T, await a.claimOne(T), complete());
    const before = await b.get('x');
    const again = b.enqueueWithin({ maxDepth: 0 }, T + 5_000, spec('x', { known: true }));
    await expect(again).rejects.toMatchObject(full);
    expect(before).toMatchObject({ state: 'completed' });
    expect(await a.get('x')).toEqual(before);
  });
}

/** A job due at T + 5,000 and a running one, in a queue that has seen T + 10,000. */
async function timed({ a, b }: Scene) {
  await a.enqueue(T, spec('held'), spec('x', { delayMs: 5_000 }));
  await b.claimOne(T, { leaseMs: 50_000 });
  await a.enqueue(T + 10_000, spec('seen', { name: 'witness' }));
}

function describeTraces(scene: Scene): void {
  it('a refused batch takes no place in the order', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await expect(b.enqueueWithin({ maxDepth: 1 }, T, ...specs('y', 5))).rejects.toMatchObject(full);
    await a.enqueue(T, spec('z'));
    expect((await b.job('z')).seq).toBe((await a.job('x')).seq + 1);
  });

  it('a refused batch brings no later instant', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { delayMs: 5_000 }));
    await expect(b.enqueueWithin({ maxDepth: 1 }, T + 10_000, spec('y'))).rejects.toMatchObject(full);
    expect(await a.claimIds(T)).toEqual([]);
    expect(await b.claimIds(T + 4_999)).toEqual([]);
  });

  it('a refused batch sets back no clock', async () => {
    const { a, b } = scene;
    await timed(scene);
    await expect(b.enqueueWithin({ maxDepth: 1 }, T - 60_000, spec('y'))).rejects.toMatchObject(full);
    expect((await a.job('held')).lease?.until).toBe(T + 50_000);
    expect(await b.claimIds(T + 10_000)).toEqual(['x']);
  });

  it('an accepted batch that brings a clock set back meets the rows as that moves them', async () => {
    const { a, b } = scene;
    const key = { idempotencyKey: 'k' } as const;
    await a.enqueue(T, spec('x', { ...key, delayMs: 5_000 }));
    await b.enqueue(T + 10_000, spec('seen', { name: 'witness' }));
    const edit = spec('y', { ...key, onDuplicate: 'replace', payload: 2 });
    expect(await a.enqueueWithin({ maxDepth: 2 }, T - 60_000, edit)).toEqual([
      { id: 'x', status: 'replaced' },
    ]);
    expect(await b.claim(T - 60_000)).toMatchObject([{ job: { id: 'x', payload: 2 } }]);
    expect(await a.count()).toMatchObject({ pending: 1, active: 1 });
  });
}

function describeRoom(scene: Scene): void {
  it('running, delayed and parked jobs count; dead ones do not', async () => {
    const { a, b } = scene;
    await a.enqueue(
      T,
      spec('dies'),
      spec('runs'),
      spec('later', { delayMs: 5_000 }),
      ...specs('l', 2, { lane: 'doc' }),
    );
    await b.settle(T, await a.claimOne(T), bury());
    await b.claimOne(T);
    await expect(a.enqueueWithin({ maxDepth: 4 }, T, spec('x'))).rejects.toMatchObject(full);
    expect(await a.enqueueWithin({ maxDepth: 5 }, T, spec('x'))).toEqual([{ id: 'x', status: 'enqueued' }]);
  });

  it('jobs that end make room, jobs that are retried do not', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    await b.settle(T, await a.claimOne(T), retry(T));
    await expect(a.enqueueWithin({ maxDepth: 1 }, T, spec('y'))).rejects.toMatchObject(full);
    await b.settle(T, await a.claimOne(T), complete());
    expect(await b.enqueueWithin({ maxDepth: 1 }, T, spec('y'))).toEqual([{ id: 'y', status: 'enqueued' }]);
  });

  it('duplicates and replacements need no room', async () => {
    const { a, b } = scene;
    const key = { idempotencyKey: 'k' } as const;
    await a.enqueue(T, spec('x', { ...key, known: true }));
    const batch = [
      spec('x', { known: true }),
      spec('y', key),
      spec('z', { ...key, onDuplicate: 'replace', payload: 2 }),
    ];
    const answers = await b.enqueueWithin({ maxDepth: 1 }, T, ...batch);
    expect(answers.map(({ status }) => status)).toEqual(['duplicate', 'duplicate', 'replaced']);
  });
}

function describeEdges(scene: Scene): void {
  it('two openings that fill a queue at once do not overfill it', async () => {
    const { a, b } = scene;
    const batches = [a, b, a, b].map((opening, index) =>
      opening.enqueueWithin({ maxDepth: 5 }, T, ...specs(`${index}/`, 2)).then(
        () => 2,
        () => 0,
      ),
    );
    const stored = (await Promise.all(batches)).reduce<number>((sum, count) => sum + count, 0);
    expect(stored).toBe(4);
    expect(await a.count()).toMatchObject({ pending: 4 });
  });

  it('what a handler enqueues with its completion is never refused', async () => {
    const { a, b } = scene;
    await a.enqueueWithin({ maxDepth: 1, maxBytes: 100_000 }, T, spec('x'));
    expect(await b.settle(T, await a.claimOne(T), complete(...specs('y', 3)))).toBe('settled');
    expect(await a.count()).toMatchObject({ pending: 3 });
    await expect(a.enqueueWithin({ maxDepth: 3 }, T, spec('z'))).rejects.toMatchObject(full);
  });

  it('each queue has its own depth', async () => {
    const { a, b } = scene;
    await a.enqueue(T, ...specs('x', 3));
    const other = b.inQueue('other');
    expect(await other.enqueueWithin({ maxDepth: 1 }, T, spec('y'))).toEqual([
      { id: 'y', status: 'enqueued' },
    ]);
  });
}

function describeBytes(scene: Scene): void {
  const payload = 'a'.repeat(1_000);

  it('a queue takes as many bytes as it may hold, and not one more', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { payload }));
    const one = (await b.count()).bytes;
    await b.enqueueWithin({ maxBytes: 2 * one }, T, spec('y', { payload }));
    await expect(a.enqueueWithin({ maxBytes: 3 * one - 1 }, T, spec('z', { payload }))).rejects.toMatchObject(
      full,
    );
    expect(await b.count()).toMatchObject({ pending: 2, bytes: 2 * one });
  });

  it('a batch too large as a whole is refused as a whole', async () => {
    const { a, b } = scene;
    const batch = specs('x', 3, { payload });
    await expect(a.enqueueWithin({ maxBytes: 2_500 }, T, ...batch)).rejects.toMatchObject(full);
    expect(await b.count()).toMatchObject({ pending: 0, bytes: 0 });
  });

  it('jobs that end give their bytes back', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { payload }));
    const maxBytes = (await b.count()).bytes;
    await expect(a.enqueueWithin({ maxBytes }, T, spec('y', { payload }))).rejects.toMatchObject(full);
    await b.settle(T, await a.claimOne(T), complete());
    expect(await b.enqueueWithin({ maxBytes }, T, spec('y', { payload }))).toEqual([
      { id: 'y', status: 'enqueued' },
    ]);
  });

  it('a replacement needs the bytes by which it is larger', async () => {
    const { a, b } = scene;
    const key = { idempotencyKey: 'k', onDuplicate: 'replace' } as const;
    await a.enqueue(T, spec('x', { ...key, payload }));
    const maxBytes = (await b.count()).bytes;
    const same = spec('y', { ...key, payload: payload.replaceAll('a', 'b') });
    expect(await b.enqueueWithin({ maxBytes }, T, same)).toEqual([{ id: 'x', status: 'replaced' }]);
    const larger = spec('z', { ...key, payload: `${payload}${payload}` });
    await expect(a.enqueueWithin({ maxBytes }, T, larger)).rejects.toMatchObject(full);
    expect((await b.job('x')).payload).toBe(same.payload);
  });

  it('a duplicate needs no bytes', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { payload, idempotencyKey: 'k' }));
    const maxBytes = (await b.count()).bytes;
    const again = spec('y', { payload, idempotencyKey: 'k' });
    expect(await b.enqueueWithin({ maxBytes }, T, again)).toEqual([{ id: 'x', status: 'duplicate' }]);
  });
}
