import { describe, expect, it } from 'vitest';
import type { EverySpec } from '../every-feature.ts';
import type { Opening } from './opening.ts';
import type { Scene } from './scene.ts';
import { bury, cancelled, complete, spec, T } from './spec.ts';

const key = { idempotencyKey: 'k' } as const;
const counts = (opening: Opening, id: string) => opening.store.countBatch({ queue: opening.queue, id });
const close = (opening: Opening, id: string) => opening.store.closeBatch({ queue: opening.queue, id }, T);

async function open({ a }: Scene, ...ids: string[]): Promise<void> {
  for (const id of ids)
    await a.store.putBatch({ queue: a.queue, id, whenDone: spec(`last of ${id}`, { priority: -9 }) }, T);
}

/** Batches and keys: a batch counts the jobs that carry its payloads, however they came to them. */
export function describeBatchKeys(scene: Scene): void {
  describe('a batch whose payload goes to a job that was there', () => {
    describeMembers(scene);
    describeOthers(scene);
  });
  describe('a job that took the payload of a batch', () => {
    describeExits(scene);
  });
}

function describeMembers(scene: Scene): void {
  for (const onDuplicate of ['replace', 'restart', 'debounce'] as const)
    it(`counts that job until it has ended, and its last job comes after it: ${onDuplicate}`, async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x', { ...key, payload: 'old' }));
      await open(scene, 'b');
      const [answer] = await b.enqueue(T, spec('y', { ...key, onDuplicate, batch: 'b', payload: 'new' }));
      expect(answer).toMatchObject({ id: 'x', status: 'replaced' });
      expect(await b.job('x')).toMatchObject({ batch: 'b', payload: 'new' });
      await close(a, 'b');
      expect(await counts(b, 'b')).toMatchObject({ total: 1, open: 1 });
      const held = await a.claimOne(T);
      expect(await b.claimIds(T)).toEqual([]);
      await b.settle(T, held, complete());
      const [last] = await a.claim(T);
      expect(last?.job).toMatchObject({ id: 'last of b', results: { batch: { total: 1, completed: 1 } } });
    });

  it('counts the follow-up of a job that runs, and not that one', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', key));
    const x = await b.claimOne(T);
    await open(scene, 'b');
    await a.enqueue(T, spec('y', { ...key, onDuplicate: 'replace', batch: 'b' }));
    await close(a, 'b');
    await b.settle(T, x, complete());
    expect(await counts(a, 'b')).toMatchObject({ total: 1, open: 1 });
    await b.settle(T, await a.claimOne(T), complete());
    expect(await b.claimIds(T)).toEqual(['last of b']);
  });

  it('counts one job once, whatever many of its payloads that takes, in one call or in more', async () => {
    const { a, b } = scene;
    await open(scene, 'b');
    const more = { ...key, onDuplicate: 'replace', batch: 'b' } as const;
    await a.enqueue(T, spec('x', more), spec('y', { ...more, payload: 2 }));
    await a.enqueue(T, spec('z', { ...more, payload: 3 }));
    expect(await counts(b, 'b')).toMatchObject({ total: 1, open: 1, cancelled: 0 });
  });

  it('does not count the job that it is a duplicate of, which took nothing', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...key, payload: 'old' }));
    await open(scene, 'b');
    const throttle = { onDuplicate: 'throttle', keyForMs: 9_000 } as const;
    await b.enqueue(T, spec('y', { ...key, batch: 'b' }), spec('z', { ...key, ...throttle, batch: 'b' }));
    expect(await counts(a, 'b')).toMatchObject({ total: 0 });
    expect(await a.job('x')).not.toHaveProperty('batch');
  });
}

function describeOthers(scene: Scene): void {
  for (const [whose, more] of [
    ['another batch', { batch: 'c' }],
    ['no batch', {}],
  ] as const)
    it(`counts a job as cancelled whose payload is replaced from ${whose}, and is over with it`, async () => {
      const { a, b } = scene;
      await open(scene, 'b', 'c');
      await a.enqueue(T, spec('x', { ...key, batch: 'b', delayMs: 9_000 }));
      await close(a, 'b');
      await b.enqueue(T, spec('y', { ...key, onDuplicate: 'replace', ...more }));
      expect(await counts(a, 'b')).toMatchObject({ total: 1, open: 0, cancelled: 1 });
      expect(await counts(a, 'c')).toMatchObject({ total: 'batch' in more ? 1 : 0 });
      expect(await b.claimIds(T)).toEqual(['last of b']);
      expect((await b.job('x')).batch).toBe('batch' in more ? 'c' : undefined);
      await b.settle(T + 9_000, await a.claimOne(T + 9_000), complete());
      expect(await counts(a, 'b')).toMatchObject({ total: 1, cancelled: 1, completed: 0 });
    });

  it('is refused with its whole call when it is closed', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...key, payload: 'old' }));
    await open(scene, 'b');
    await close(a, 'b');
    const late = spec('y', { ...key, onDuplicate: 'replace', batch: 'b', payload: 'new' });
    await expect(b.enqueue(T, spec('z'), late)).rejects.toMatchObject({ code: 'InvalidOption' });
    expect(await b.job('x')).toMatchObject({ payload: 'old' });
    expect(await a.get('z')).toBeUndefined();
  });
}

function describeExits(scene: Scene): void {
  const took = async (more: Partial<EverySpec> = {}) => {
    await scene.a.enqueue(T, spec('x', key));
    await open(scene, 'b');
    await scene.b.enqueue(T, spec('y', { ...key, onDuplicate: 'replace', batch: 'b', ...more }));
    await close(scene.a, 'b');
  };
  const EXITS: Readonly<
    Record<string, readonly [keyof EverySpec | 'end', (scene: Scene) => Promise<unknown>]>
  > = {
    completed: ['end', async ({ a, b }) => b.settle(T, await a.claimOne(T), complete())],
    dead: ['end', async ({ a, b }) => b.settle(T, await a.claimOne(T), bury())],
    'cancelled while it waits': ['end', ({ b }) => b.cancel(T, 'x')],
    'cancelled while it runs': ['end', async ({ a, b }) => b.settle(T, await a.claimOne(T), cancelled)],
    dropped: [
      'end',
      ({ b }) => b.enqueueWithin({ maxDepth: 1, drops: 'oldest' }, T, spec('z', { delayMs: 9_000 })),
    ],
    'dead of its crashes': [
      'maxCrashes',
      async ({ a, b }) => {
        await a.claimOne(T);
        await b.reclaim(T, { goneWorkers: ['worker'] });
      },
    ],
    'dead of its age': ['maxAgeMs', ({ b }) => b.reclaim(T + 1)],
    'dead, and removed': [
      'end',
      async ({ a, b }) => {
        await b.settle(T, await a.claimOne(T), bury());
        await a.remove(T, 'x');
      },
    ],
    'dead, redriven and dead again': [
      'end',
      async ({ a, b }) => {
        await b.settle(T, await a.claimOne(T), bury());
        await a.redrive(T, 'x');
        await b.settle(T, await a.claimOne(T), bury());
      },
    ],
  };
  for (const [how, [option, leave]] of Object.entries(EXITS))
    it(`is counted once when it is ${how}`, async () => {
      const { a, b } = scene;
      await took(option === 'end' ? {} : { [option]: 1 });
      await leave(scene);
      const end = how.split(/[ ,]/)[0] === 'dropped' ? 'cancelled' : (how.split(/[ ,]/)[0] as 'completed');
      expect(await counts(b, 'b')).toMatchObject({ total: 1, open: 0, [end]: 1 });
      expect(await a.claimIds(T + 1)).toEqual(['last of b']);
      expect(await a.claimIds(T + 1)).toEqual([]);
    });

  it('keeps the last job waiting when it is redriven before anybody heard that it had died', async () => {
    const { a, b } = scene;
    await took({ maxCrashes: 1 });
    await a.claimOne(T);
    expect(await b.reclaim(T, { goneWorkers: ['worker'] })).toMatchObject({ dead: ['x'] });
    await b.redrive(T, 'x');
    const held = await a.claimOne(T);
    expect(held.job.id).toBe('x');
    expect(await b.claimIds(T)).toEqual([]);
    await b.settle(T, held, complete());
    expect(await a.claimIds(T)).toEqual(['last of b']);
  });
}
