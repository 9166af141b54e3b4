import { describe, expect, it } from 'vitest';
import type { Scene } from './scene.ts';
import { complete, retry, spec, T } from './spec.ts';

const key = { idempotencyKey: 'note 1' } as const;
const replace = { ...key, onDuplicate: 'replace' } as const;
const restart = { ...key, onDuplicate: 'restart' } as const;

/** A payload that was corrected starts anew. */
export function describeRestarting(scene: Scene): void {
  describe('restart', () => {
    describeAnew(scene);
    describePlaces(scene);
  });
  describe('what a job keeps of its own when a newcomer takes its place', () => {
    describeKept(scene);
  });
}

/** A job that has failed and crashed once, and waits for its backoff. */
async function failing({ a, b }: Scene) {
  await a.enqueue(T, spec('x', { ...key, payload: 'wrong', maxAttempts: 3, maxAgeMs: 60_000 }));
  await a.claimOne(T);
  await b.reclaim(T, { goneWorkers: ['worker'] });
  await b.settle(T, await a.claimOne(T), retry(T + 50_000));
  return b.job('x');
}

function describeAnew(scene: Scene): void {
  it('forgets failures, crashes and errors, and takes the newcomer’s payload, time, priority, overrides and facts', async () => {
    const { a, b } = scene;
    const { seq, enqueuedAt } = await failing(scene);
    const newer = { payload: 'right', priority: 10, maxAttempts: 5, maxAgeMs: 9_000, tags: ['t'] };
    expect(await a.enqueue(T + 10, spec('y', { ...restart, ...newer, rateKey: 'r' }))).toEqual([
      { id: 'x', status: 'replaced' },
    ]);
    expect(await b.job('x')).toMatchObject({
      ...{ payload: 'right', priority: 10, maxAttempts: 5, tags: ['t'], rateKey: 'r' },
      ...{ failures: 0, crashes: 0, errors: [], attempt: 1, runAt: T + 10, expiresAt: T + 9_010 },
      ...{ seq, enqueuedAt },
    });
    expect(await a.claimIds(T + 10)).toEqual(['x']);
    expect(await b.get('y')).toBeUndefined();
  });

  it('waits for the newcomer’s own instant, sooner or later than its old one', async () => {
    const { a, b } = scene;
    await failing(scene);
    await a.enqueue(T + 10, spec('y', { ...restart, delayMs: 90_000 }));
    expect(await b.claimIds(T + 90_009)).toEqual([]);
    await a.enqueue(T + 90_009, spec('z', { ...restart, runAt: T + 90_020 }));
    expect(await b.look(T + 90_019)).toMatchObject({ jobs: [], nextAt: T + 90_020 });
    expect(await b.claimIds(T + 90_020)).toEqual(['x']);
  });

  it('goes among those of its new priority, and behind those of the same that waited', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', key), spec('w'), spec('urgent', { priority: 5 }));
    await a.enqueue(T + 1, spec('y', restart));
    expect(await b.claimIds(T + 1, { limit: 2 })).toEqual(['urgent', 'w']);
    await a.enqueue(T + 2, spec('v'), spec('z', { ...restart, priority: 100 }));
    expect(await b.claimIds(T + 2)).toEqual(['x', 'v']);
    expect(await a.count()).toMatchObject({ pending: 0, active: 4 });
  });

  it('is a new job where there is none, and inside one call as between two', async () => {
    const { a, b } = scene;
    expect(await a.enqueue(T, spec('x', restart), spec('y', { ...restart, priority: 3 }))).toEqual([
      { id: 'x', status: 'enqueued' },
      { id: 'x', status: 'replaced' },
    ]);
    expect(await b.claim(T)).toMatchObject([{ job: { id: 'x', priority: 3 } }]);
  });
}

function describePlaces(scene: Scene): void {
  it('stores a follow-up of the job that runs, which has the newcomer’s own options', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', key));
    const x = await b.claimOne(T);
    const newer = { ...restart, payload: 2, priority: 7, maxAttempts: 2 };
    expect(await a.enqueue(T, spec('y', newer))).toEqual([{ id: 'y', status: 'enqueued' }]);
    expect(await a.claimIds(T)).toEqual([]);
    await b.settle(T, x, complete());
    expect(await a.claim(T)).toMatchObject([{ job: { id: 'y', payload: 2, priority: 7, maxAttempts: 2 } }]);
  });

  it('keeps its place in its lane, as the head and as one that is parked', async () => {
    const { a, b } = scene;
    const lane = { lane: 'doc' };
    await a.enqueue(T, spec('x', { ...key, ...lane }), spec('second', lane));
    await a.enqueue(T, spec('y', { ...restart, ...lane, delayMs: 100, priority: -5 }));
    expect(await b.claimIds(T + 99)).toEqual([]);
    await a.enqueue(T + 100, spec('third', { idempotencyKey: 'other', ...lane }), spec('fourth', lane));
    await a.enqueue(
      T + 100,
      spec('z', { idempotencyKey: 'other', onDuplicate: 'restart', ...lane, payload: 3 }),
    );
    const order: string[] = [];
    for (let turn = 0; turn < 4; turn++) {
      const claimed = await b.claimOne(T + 100);
      order.push(claimed.job.id);
      await b.settle(T + 100, claimed, complete());
    }
    expect(order).toEqual(['x', 'second', 'third', 'fourth']);
  });
}

function describeKept(scene: Scene): void {
  it('replace tells the priority, the instant and the failures that stay', async () => {
    const { a, b } = scene;
    await failing(scene);
    const [answer] = await a.enqueue(T + 10, spec('y', { ...replace, priority: 10 }));
    expect(answer).toEqual({ id: 'x', status: 'replaced', kept: ['priority', 'runAt', 'failures'] });
    expect(await b.job('x')).toMatchObject({ priority: 0, runAt: T + 50_000, failures: 1 });
  });

  it('debounce tells the priority and the failures', async () => {
    const { a } = scene;
    await failing(scene);
    const debounce = { ...key, onDuplicate: 'debounce', delayMs: 100, priority: 1 } as const;
    const [answer] = await a.enqueue(T + 10, spec('y', debounce));
    expect(answer?.kept).toEqual(['priority', 'failures']);
  });

  it('restart, and a follow-up, tell the lane that stays, and what is to become of it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...key, lane: 'doc', onLaneDeath: 'halt' }));
    const other = { ...restart, lane: 'other' };
    expect((await a.enqueue(T, spec('y', other)))[0]?.kept).toEqual(['lane', 'onLaneDeath']);
    await b.claimOne(T);
    expect(await a.enqueue(T, spec('z', other))).toEqual([
      { id: 'z', status: 'enqueued', kept: ['lane', 'onLaneDeath'] },
    ]);
  });

  it('is not told of a job that is as the newcomer would be', async () => {
    const { a } = scene;
    await a.enqueue(T, spec('x', key));
    expect(await a.enqueue(T + 5, spec('y', replace))).toEqual([{ id: 'x', status: 'replaced' }]);
  });
}
