import { describe, expect, it } from 'vitest';
import { alike, type Scene } from './scene.ts';
import { bury, cancelled, complete, retry, spec, T } from './spec.ts';

const key = { idempotencyKey: 'note 1' } as const;
const replace = { ...key, onDuplicate: 'replace' } as const;
const debounce = { ...key, onDuplicate: 'debounce' } as const;
const enqueued = (id: string) => [{ id, status: 'enqueued' }];
const duplicate = (id: string) => [{ id, status: 'duplicate' }];
const replaced = (id: string) => [{ id, status: 'replaced' }];

export function describeIdempotency(scene: Scene): void {
  describe('idempotency keys', () => {
    describeScope(scene);
    describeFreedom(scene);
    describePendingHolder(scene);
    describeReplaceElsewhere(scene);
    describeDebounce(scene);
  });
}

function describeScope(scene: Scene): void {
  it('one key, one job: the second is a duplicate of the first', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...key, payload: 1 }));
    expect(await b.enqueue(T, spec('y', { ...key, payload: 2 }))).toEqual(duplicate('x'));
    expect(await a.get('y')).toBeUndefined();
    expect(await b.claimIds(T)).toEqual(['x']);
  });

  it('two openings that use a key at once store one job', async () => {
    const { a, b } = scene;
    const answers = await Promise.all([a.enqueue(T, spec('x', key)), b.enqueue(T, spec('y', key))]);
    const statuses = answers.flat().map((answer) => answer.status);
    expect(statuses.sort()).toEqual(['duplicate', 'enqueued']);
    expect(new Set(answers.flat().map((answer) => answer.id)).size).toBe(1);
    expect(await a.count()).toMatchObject({ pending: 1 });
  });

  it('a key is one per queue and job name', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', key));
    expect(await b.enqueue(T, spec('y', { ...key, name: 'mail' }))).toEqual(enqueued('y'));
    expect(await b.inQueue('other').enqueue(T, spec('z', key))).toEqual(enqueued('z'));
    const batch = [spec('v', { idempotencyKey: 'k' }), spec('w', { idempotencyKey: 'k', name: 'mail' })];
    expect(await a.enqueue(T, ...batch)).toEqual([...enqueued('v'), ...enqueued('w')]);
  });

  it('a key is the same across payload versions', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', key));
    expect(await b.enqueue(T, spec('y', { ...key, version: 2 }))).toEqual(duplicate('x'));
  });

  it('duplicates inside one batch are found too', async () => {
    const { a, b } = scene;
    const batch = [spec('x', { ...key, payload: 1 }), spec('y', key), spec('z', { ...replace, payload: 3 })];
    expect(await a.enqueue(T, ...batch)).toEqual([...enqueued('x'), ...duplicate('x'), ...replaced('x')]);
    expect(await b.claim(T)).toMatchObject([{ job: { id: 'x', payload: 3 } }]);
    expect(await b.count()).toMatchObject({ pending: 0, active: 1 });
  });
}

function describeFreedom(scene: Scene): void {
  for (const [how, outcome] of [
    ['completed', complete()],
    ['dead', bury()],
    ['cancelled', cancelled],
  ] as const)
    it(`a job that is ${how} frees its key`, async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x', key));
      await a.settle(T, await b.claimOne(T), outcome);
      expect(await b.enqueue(T, spec('y', key))).toEqual(enqueued('y'));
      expect(await a.enqueue(T, spec('z', key))).toEqual(duplicate('y'));
    });

  it('a job cancelled while it waits frees its key', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', key));
    await b.cancel(T, 'x');
    expect(await a.enqueue(T, spec('y', key))).toEqual(enqueued('y'));
  });

  it('a job that completes frees its key for what it enqueues', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', key));
    await b.settle(T, await a.claimOne(T), complete(spec('y', key)));
    expect(await b.claimIds(T)).toEqual(['y']);
  });
}

function describePendingHolder(scene: Scene): void {
  it('keep changes nothing of the job that waits', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...key, payload: 'first', delayMs: 100 }));
    const [before, count] = [await b.job('x'), await b.count()];
    await b.enqueue(
      T + 5,
      spec('y', { ...key, onDuplicate: 'keep', payload: 'longer second', maxAttempts: 9 }),
    );
    expect(await a.job('x')).toEqual(before);
    expect(await a.count()).toEqual(count);
  });

  it('replace gives the job that waits the new payload and overrides, and leaves it its place', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...key, payload: 1, maxAttempts: 2 }), spec('y'));
    const { seq } = await b.job('x');
    const backoff = { kind: 'fixed', initialMs: 10 } as const;
    const newer = spec('z', {
      ...replace,
      payload: [2],
      maxAttempts: 7,
      maxCrashes: 4,
      timeoutMs: 99,
      backoff,
    });
    expect(await b.enqueue(T + 5, newer)).toEqual(replaced('x'));
    const [first, second] = await a.claim(T + 5);
    expect(first?.job).toMatchObject({
      id: 'x',
      seq,
      payload: [2],
      maxAttempts: 7,
      maxCrashes: 4,
      timeoutMs: 99,
      backoff,
    });
    expect(second?.job.id).toBe('y');
    expect(await a.get('z')).toBeUndefined();
    expect(await b.count()).toMatchObject({ pending: 0, active: 2 });
  });

  it('replace takes the version along with the payload', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', key));
    await b.enqueue(T, spec('y', { ...replace, version: 2, payload: 'new shape' }));
    expect(await a.claimIds(T)).toEqual([]);
    const names = { job: { version: 2, slots: 1 } };
    expect(await b.claim(T, { names })).toMatchObject([
      { job: { id: 'x', version: 2, payload: 'new shape' } },
    ]);
  });
}

function describeReplaceElsewhere(scene: Scene): void {
  it('replace does not move the instant at which a delayed job is due', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...key, delayMs: 100 }));
    await b.enqueue(T + 50, spec('y', { ...replace, delayMs: 100, payload: 2 }));
    expect(await a.claim(T + 100)).toMatchObject([{ job: { id: 'x', payload: 2 } }]);
  });

  it('replace reaches a job that waits for its retry, and forgets none of its failures', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...key, payload: 1 }));
    await b.settle(T, await a.claimOne(T), retry(T + 100));
    expect(await b.enqueue(T, spec('y', { ...replace, payload: 2 }))).toMatchObject(replaced('x'));
    expect(await a.claim(T + 100)).toMatchObject([{ job: { id: 'x', payload: 2, attempt: 2, failures: 1 } }]);
  });

  it('replace reaches a parked job', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('head', { lane: 'doc' }), spec('x', { ...key, lane: 'doc', payload: 1 }));
    expect(await b.enqueue(T, spec('y', { ...replace, lane: 'doc', payload: 2 }))).toEqual(replaced('x'));
    await b.settle(T, await a.claimOne(T), complete());
    expect(await a.claim(T)).toMatchObject([{ job: { id: 'x', payload: 2 } }]);
  });
}

function describeDebounce(scene: Scene): void {
  it('debounce takes the new payload and starts the delay anew', async () => {
    const { a, b } = alike(scene);
    await a.enqueue(T, spec('x', { ...debounce, delayMs: 1_000, payload: 1 }));
    expect(await b.enqueue(T + 500, spec('y', { ...debounce, delayMs: 1_000, payload: 2 }))).toEqual(
      replaced('x'),
    );
    expect(await a.look(T + 1_499)).toMatchObject({ jobs: [], nextAt: T + 1_500 });
    expect(await b.claim(T + 1_500)).toMatchObject([{ job: { id: 'x', payload: 2 } }]);
  });

  it('debounce moves a job to another runAt, sooner or later', async () => {
    const { a, b } = alike(scene);
    await a.enqueue(T, spec('x', key));
    await b.enqueue(T, spec('y', { ...debounce, runAt: T + 900 }));
    expect(await a.claimIds(T + 899)).toEqual([]);
    await b.enqueue(T, spec('z', { ...debounce, runAt: T + 300 }));
    expect(await a.look(T)).toMatchObject({ nextAt: T + 300 });
    expect(await b.claimIds(T + 300)).toEqual(['x']);
  });

  it('debounce moves a job out of the midst of others', async () => {
    const { a, b } = alike(scene);
    await a.enqueue(T, spec('x'), spec('y', key), spec('z'));
    await b.enqueue(T, spec('w', { ...debounce, delayMs: 500 }));
    expect(await a.claimIds(T)).toEqual(['x', 'z']);
    expect(await b.claimIds(T + 500)).toEqual(['y']);
  });

  it('bytes follow a payload that was replaced', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...key, payload: 'short' }), spec('y', { payload: 'a'.repeat(1_000) }));
    await b.enqueue(T, spec('z', { ...replace, payload: 'b'.repeat(500) }));
    await a.cancel(T, 'y');
    expect((await b.count()).bytes).toBeGreaterThanOrEqual(500);
    await b.settle(T, await a.claimOne(T), complete());
    expect((await a.count()).bytes).toBe(0);
  });
}
