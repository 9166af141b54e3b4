import { describe, expect, it } from 'vitest';
import type { Scene } from './scene.ts';
import { bury, cancelled, complete, retry, spec, T } from './spec.ts';
import { openBare } from './witness.ts';

const key = { idempotencyKey: 'note 1' } as const;
const held = { ...key, keyForMs: 1_000 } as const;
const throttle = { ...held, onDuplicate: 'throttle' } as const;
const enqueued = (id: string) => [{ id, status: 'enqueued' }];
const duplicate = (id: string) => [{ id, status: 'duplicate' }];
const replaced = (id: string) => [{ id, status: 'replaced' }];

export function describeKeyTimes(scene: Scene): void {
  describe('keys held for a time', () => {
    describeHolding(scene);
    describeRenewing(scene);
    describeTakingAway(scene);
    describeMemory(scene);
  });
  describe('throttling', () => describeThrottle(scene));
  describe('the longest wait of a debounced job', () => describeMaxWait(scene));
  describe('keys and time on a page without the feature', () => describeLacking(scene));
}

function describeHolding(scene: Scene): void {
  for (const [how, outcome] of [
    ['completed', complete()],
    ['died', bury()],
  ] as const)
    it(`a key is held for its time after its job ${how}, to the ms`, async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x', held));
      await b.settle(T + 10, await a.claimOne(T), outcome);
      expect(await a.enqueue(T + 999, spec('y', key))).toEqual(duplicate('x'));
      expect(await b.enqueue(T + 1_000, spec('z', key))).toEqual(enqueued('z'));
    });

  it('a key whose time is over is held until its job is done all the same', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', held));
    expect(await b.enqueue(T + 5_000, spec('y', key))).toEqual(duplicate('x'));
    await b.settle(T + 5_000, await a.claimOne(T + 5_000), complete());
    expect(await a.enqueue(T + 5_000, spec('z', key))).toEqual(enqueued('z'));
  });

  it('a duplicate does not lengthen the time', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', held));
    await b.settle(T, await a.claimOne(T), complete());
    await a.enqueue(T + 900, spec('y', held));
    expect(await b.enqueue(T + 1_000, spec('z', key))).toEqual(enqueued('z'));
  });

  it('inside one batch the second of a key is a duplicate of the first, whose time counts', async () => {
    const { a, b } = scene;
    const batch = [spec('x', held), spec('y', throttle), spec('z', { ...key, keyForMs: 9_000 })];
    expect(await a.enqueue(T, ...batch)).toEqual([...enqueued('x'), ...duplicate('x'), ...duplicate('x')]);
    await b.settle(T, await a.claimOne(T), complete());
    expect(await b.enqueue(T + 999, spec('v', key))).toEqual(duplicate('x'));
    expect(await b.enqueue(T + 1_000, spec('w', key))).toEqual(enqueued('w'));
  });

  it('a key held for a time is one per queue and job name', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', held));
    await b.settle(T, await a.claimOne(T), complete());
    expect(await b.enqueue(T, spec('y', { ...held, name: 'mail' }))).toEqual(enqueued('y'));
    expect(await b.inQueue('other').enqueue(T, spec('z', held))).toEqual(enqueued('z'));
  });
}

function describeRenewing(scene: Scene): void {
  for (const onDuplicate of ['replace', 'debounce'] as const)
    it(`what brings a newer payload (${onDuplicate}) is accepted once the job has ended`, async () => {
      const { a, b } = scene;
      await a.enqueue(T, spec('x', held));
      await b.settle(T, await a.claimOne(T), complete());
      expect(await a.enqueue(T + 10, spec('y', { ...key, onDuplicate, payload: 2 }))).toEqual(enqueued('y'));
      expect(await b.claim(T + 10)).toMatchObject([{ job: { id: 'y', payload: 2 } }]);
    });

  it('a job that is replaced holds its key from then on, when the newcomer says so', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', held));
    const newer = spec('y', { ...held, onDuplicate: 'replace', payload: 2 });
    expect(await b.enqueue(T + 500, newer)).toEqual(replaced('x'));
    await b.settle(T + 500, await a.claimOne(T + 500), complete());
    expect(await a.enqueue(T + 1_499, spec('z', key))).toEqual(duplicate('x'));
    expect(await a.enqueue(T + 1_500, spec('z', key))).toEqual(enqueued('z'));
  });

  it('a batch of mixed policies ends as if they had come one after the other', async () => {
    const { a, b } = scene;
    const batch = [
      spec('v', throttle),
      spec('w', { ...held, onDuplicate: 'replace', payload: 2 }),
      spec('x', key),
      spec('y', { ...key, onDuplicate: 'debounce', delayMs: 300, payload: 3 }),
      spec('z', throttle),
    ];
    const statuses = (await a.enqueue(T, ...batch)).map(({ id, status }) => `${status} ${id}`);
    expect(statuses).toEqual(['enqueued v', 'replaced v', 'duplicate v', 'replaced v', 'duplicate v']);
    expect(await b.claimIds(T + 299)).toEqual([]);
    expect(await b.claim(T + 300)).toMatchObject([{ job: { id: 'v', payload: 3 } }]);
  });
}

function describeTakingAway(scene: Scene): void {
  it('who cancels a waiting job frees its key', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', held));
    await b.cancel(T, 'x');
    expect(await a.enqueue(T, spec('y', key))).toEqual(enqueued('y'));
  });

  it('a running job that ends cancelled frees its key', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', held), spec('y', { ...held, idempotencyKey: 'other' }));
    const [x, y] = await a.claim(T);
    await b.settle(T, x as NonNullable<typeof x>, cancelled);
    await b.cancel(T, 'y');
    await b.settle(T, y as NonNullable<typeof y>, retry(T));
    expect(await a.enqueue(T, spec('v', key))).toEqual(enqueued('v'));
    expect(await a.enqueue(T, spec('w', { idempotencyKey: 'other' }))).toEqual(enqueued('w'));
  });

  it('who removes a dead job frees its key', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', held));
    await b.settle(T, await a.claimOne(T), bury());
    await a.remove(T, 'x');
    expect(await b.enqueue(T, spec('y', key))).toEqual(enqueued('y'));
  });

  it('taking a job away frees no key that another job holds by now', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', held));
    await b.settle(T, await a.claimOne(T), bury());
    await a.enqueue(T + 1_000, spec('y', held));
    await b.settle(T + 1_000, await a.claimOne(T + 1_000), complete());
    await a.remove(T + 1_000, 'x');
    expect(await b.enqueue(T + 1_999, spec('z', key))).toEqual(duplicate('y'));
  });

  it('a dead job is redriven while it holds its key itself, and not while another does', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', held));
    await b.settle(T, await a.claimOne(T), bury());
    expect(await a.redrive(T, 'x')).toEqual(['redriven']);
    await b.settle(T, await a.claimOne(T), bury());
    await a.enqueue(T + 1_000, spec('y', held));
    await b.settle(T + 1_000, await a.claimOne(T + 1_000), complete());
    const edited = { queue: b.queue, ids: ['x'], edit: { payload: 2, version: 1 } };
    expect(await b.store.redrive(edited, T + 1_999)).toEqual(['duplicate']);
    expect(await b.store.redrive(edited, T + 2_000)).toEqual(['redriven']);
  });
}

function describeMemory(scene: Scene): void {
  it('keys that are held for a time are free when this feature is abandoned, and nothing is left of them', async () => {
    const { a } = scene;
    const lacks = await openBare(scene);
    await a.enqueue(T, spec('x', held));
    await a.settle(T, await a.claimOne(T), complete());
    expect(await lacks.abandon(T, 'keys')).toEqual({ freed: 0, dropped: 1 });
    expect(await lacks.enqueue(T, spec('y', key))).toEqual(enqueued('y'));
    expect(await lacks.abandon(T, 'keys')).toEqual({ freed: 0, dropped: 0 });
    expect(await a.enqueue(T, spec('z', { ...held, idempotencyKey: 'other' }))).toEqual(enqueued('z'));
    await lacks.settle(T, await lacks.claimOne(T), complete());
    await lacks.settle(T, await lacks.claimOne(T), complete());
    expect(await a.enqueue(T, spec('v', { idempotencyKey: 'other' }))).toEqual(duplicate('z'));
  });

  it('keys that are over are swept, and none that is held yet', async () => {
    const { a, b } = scene;
    const timed = (i: number) => ({ idempotencyKey: `k${i}`, keyForMs: i % 2 === 0 ? 100 : 90_000 });
    const keys = Array.from({ length: 40 }, (_, i) => i);
    await a.enqueue(T, ...keys.map((i) => spec(`x${i}`, timed(i))));
    // Each settlement sweeps on from where the one before it stopped: far enough to begin again.
    for (const claimed of await b.claim(T + 200, { limit: 40 })) await a.settle(T + 200, claimed, complete());
    const answers = await b.enqueue(T + 300, ...keys.map((i) => spec(`y${i}`, { idempotencyKey: `k${i}` })));
    expect(answers.map(({ status }) => status)).toEqual(
      keys.map((i) => (i % 2 === 0 ? 'enqueued' : 'duplicate')),
    );
  });

  it('keys that are over and swept are looked at no more', async () => {
    const { a, b, harness } = scene;
    const readsToSettle = async (id: string) => {
      await a.enqueue(T + 200, spec(id));
      const claimed = await b.claimOne(T + 200);
      const before = harness.steps().read;
      await b.settle(T + 200, claimed, complete());
      return harness.steps().read - before;
    };
    const reads = await readsToSettle('before');
    for (let i = 0; i < 20; i++) {
      await a.enqueue(T, spec(`x${i}`, { idempotencyKey: `k${i}`, keyForMs: 100 }));
      await b.settle(T, await b.claimOne(T), complete());
    }
    for (let i = 0; i < 20; i++) await readsToSettle(`y${i}`);
    expect(await readsToSettle('after')).toBeLessThanOrEqual(reads);
  });
}

function describeThrottle(scene: Scene): void {
  it('within its window a key is accepted once, whether its job is done or not', async () => {
    const { a, b } = scene;
    expect(await a.enqueue(T, spec('x', throttle))).toEqual(enqueued('x'));
    expect(await b.enqueue(T + 1, spec('y', throttle))).toEqual(duplicate('x'));
    await b.settle(T + 2, await a.claimOne(T + 2), complete());
    expect(await a.enqueue(T + 999, spec('y', throttle))).toEqual(duplicate('x'));
    expect(await a.enqueue(T + 1_000, spec('z', throttle))).toEqual(enqueued('z'));
  });

  it('after its window the next is accepted although the first waits still, and runs behind it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', throttle));
    expect(await b.enqueue(T + 1_000, spec('y', throttle))).toEqual(enqueued('y'));
    expect(await a.enqueue(T + 1_999, spec('z', throttle))).toEqual(duplicate('y'));
    const [first] = await a.claim(T + 2_000);
    expect(first?.job.id).toBe('x');
    expect(await b.claimIds(T + 2_000)).toEqual([]);
    await b.settle(T + 2_000, first as NonNullable<typeof first>, complete());
    expect(await a.claimIds(T + 2_000)).toEqual(['y']);
  });

  it('the window of a key that was enqueued without a time begins with the job that holds it', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', key));
    expect(await b.enqueue(T + 999, spec('y', throttle))).toEqual(duplicate('x'));
    expect(await b.enqueue(T + 1_000, spec('z', throttle))).toEqual(enqueued('z'));
  });
}

function describeMaxWait(scene: Scene): void {
  it('a debounced job is not moved further than that from when it was enqueued', async () => {
    const { a, b } = scene;
    const debounce = { ...key, onDuplicate: 'debounce', delayMs: 400, maxWaitMs: 1_000 } as const;
    await a.enqueue(T, spec('x', debounce));
    // What was said of its time is spent.
    expect(await a.get('x')).not.toHaveProperty('maxWaitMs');
    for (const [i, ms] of [300, 600, 900].entries())
      expect(await b.enqueue(T + ms, spec(`y${i}`, { ...debounce, payload: ms }))).toMatchObject(
        replaced('x'),
      );
    expect(await a.claimIds(T + 999)).toEqual([]);
    expect(await b.claim(T + 1_000)).toMatchObject([{ job: { id: 'x', payload: 900 } }]);
  });

  it('one that waits longer already is due at once', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { ...key, delayMs: 9_000 }));
    const debounce = { ...key, onDuplicate: 'debounce', delayMs: 400, maxWaitMs: 1_000 } as const;
    expect(await b.enqueue(T + 5_000, spec('y', debounce))).toMatchObject(replaced('x'));
    expect(await a.claimIds(T + 5_000)).toEqual(['x']);
  });
}

function describeLacking(scene: Scene): void {
  it('a key is held there for the time that another page said', async () => {
    const { a } = scene;
    const bare = await openBare(scene);
    await a.enqueue(T, spec('x', held));
    await bare.settle(T + 10, await bare.claimOne(T), complete());
    expect(await bare.enqueue(T + 999, spec('y', key))).toEqual(duplicate('x'));
    expect(await bare.enqueue(T + 1_000, spec('z', key))).toEqual(enqueued('z'));
  });

  it('who cancels a job there frees its key', async () => {
    const { a } = scene;
    const bare = await openBare(scene);
    await a.enqueue(T, spec('x', held));
    await bare.cancel(T, 'x');
    expect(await a.enqueue(T + 1, spec('y', key))).toEqual(enqueued('y'));
  });

  for (const onDuplicate of ['debounce', 'throttle'] as const)
    it(`what says ${onDuplicate} loses nothing there: it replaces what waits, and follows what runs`, async () => {
      const bare = await openBare(scene);
      const words = { ...held, onDuplicate } as const;
      await bare.enqueue(T, spec('x', key));
      expect(await bare.enqueue(T, spec('y', { ...words, payload: 2 }))).toEqual(replaced('x'));
      expect(await bare.get('x')).toMatchObject({ state: 'pending', payload: 2, runAt: T });
      await bare.claimOne(T);
      expect(await bare.enqueue(T, spec('z', words))).toEqual(enqueued('z'));
    });
}
