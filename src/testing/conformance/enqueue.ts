import { describe, expect, it } from 'vitest';
import { Opening } from './opening.ts';
import { QUEUE, type Scene } from './scene.ts';
import { complete, spec, specs, T } from './spec.ts';

export function describeEnqueue(scene: Scene): void {
  describe('enqueue', () => {
    describeAcceptance(scene);
    describeSizes(scene);
    describeSequence(scene);
    describePromise(scene);
    describeDelay(scene);
    describeApartness(scene);
    describeResemblance(scene);
  });
}

function describeAcceptance(scene: Scene): void {
  it('accepts a job, and another opening reads it as it was given', async () => {
    const { a, b } = scene;
    const overrides = {
      maxAttempts: 4,
      maxCrashes: 3,
      timeoutMs: 5_000,
      backoff: { kind: 'exponential', initialMs: 50, factor: 2, maxMs: 1_000, jitter: 'full' },
    } as const;
    const given = {
      name: 'mail',
      version: 3,
      priority: 7,
      lane: 'doc',
      idempotencyKey: 'k',
      payload: { n: 1 },
    };
    expect(await a.enqueue(T, spec('x', { ...given, ...overrides }))).toEqual([
      { id: 'x', status: 'enqueued' },
    ]);
    const job = await b.job('x');
    expect(job).toMatchObject({ id: 'x', queue: QUEUE, ...given, ...overrides });
    expect(job).toMatchObject({ state: 'pending', enqueuedAt: T, parked: false });
    expect(job).toMatchObject({ attempt: 1, failures: 0, crashes: 0, errors: [] });
    expect(job.lease).toBeUndefined();
    expect(job.finishedAt).toBeUndefined();
  });

  it('leaves out what was not given', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const job = await b.job('x');
    const { lane, idempotencyKey, maxAttempts, maxCrashes, backoff, timeoutMs } = job;
    const absent = [lane, idempotencyKey, maxAttempts, maxCrashes, backoff, timeoutMs];
    expect(absent).toEqual(absent.map(() => undefined));
  });

  it('answers one status per job, in input order', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    expect(await b.enqueue(T, spec('z'), spec('x', { known: true }), spec('y'))).toEqual([
      { id: 'z', status: 'enqueued' },
      { id: 'x', status: 'duplicate' },
      { id: 'y', status: 'enqueued' },
    ]);
  });
}

function describeSizes(scene: Scene): void {
  it('accepts an empty batch and stores nothing', async () => {
    const { a, b } = scene;
    expect(await a.enqueue(T)).toEqual([]);
    expect(await b.count()).toMatchObject({ pending: 0, bytes: 0 });
  });

  it('accepts a thousand jobs in one call and keeps their order', async () => {
    const { a, b } = scene;
    const batch = specs('x', 1_000);
    expect(await a.enqueue(T, ...batch)).toHaveLength(1_000);
    expect(await b.claimIds(T, { limit: 1_000 })).toEqual(batch.map(({ id }) => id));
  });

  it('refuses more than a thousand jobs in one call, and stores none', async () => {
    const { a, b } = scene;
    await expect(a.enqueue(T, ...specs('x', 1_001))).rejects.toMatchObject({ code: 'InvalidOption' });
    expect(await b.count()).toMatchObject({ pending: 0 });
  });
}

function describeSequence(scene: Scene): void {
  it('seq grows through batches, openings and job names', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('1'), spec('2', { name: 'mail' }));
    await b.enqueue(T - 500, spec('3', { priority: 100 }));
    await a.enqueue(T, spec('4', { delayMs: 1_000 }), spec('5', { lane: 'doc' }), spec('6', { lane: 'doc' }));
    const seqs = [];
    for (const id of ['1', '2', '3', '4', '5', '6']) seqs.push((await b.job(id)).seq);
    expect(seqs).toEqual([...new Set(seqs)].sort((one, other) => one - other));
  });

  it('a seq is never given twice, even when the queue ran empty', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const x = await b.claimOne(T);
    await a.settle(T, x, complete());
    await b.enqueue(T, spec('y'));
    expect((await a.job('y')).seq).toBeGreaterThan(x.job.seq);
  });

  it('two openings that enqueue at once lose nothing and share no seq', async () => {
    const { a, b } = scene;
    const [some, others] = [specs('a', 20), specs('b', 20)];
    await Promise.all([...some.map((job) => a.enqueue(T, job)), ...others.map((job) => b.enqueue(T, job))]);
    const { jobs } = await a.list({ state: 'pending' });
    expect(new Set(jobs.map((job) => job.id))).toEqual(new Set([...some, ...others].map(({ id }) => id)));
    expect(new Set(jobs.map((job) => job.seq)).size).toBe(40);
  });
}

function describePromise(scene: Scene): void {
  it('a job that cannot be stored refuses its whole batch', async () => {
    const { a, b } = scene;
    const batch = [spec('x'), spec('y', { payload: () => 1 }), spec('z')];
    await expect(a.enqueue(T, ...batch)).rejects.toMatchObject({ code: 'Payload' });
    expect(await b.count()).toMatchObject({ pending: 0, bytes: 0 });
    expect(await b.get('x')).toBeUndefined();
  });

  it('what was accepted is there for an opening made after all others were closed', async () => {
    const { a, b, harness } = scene;
    await a.enqueue(T, spec('x', { payload: { kept: true } }), spec('y'));
    await b.claimOne(T);
    await b.pause(T);
    await a.store.close();
    await b.store.close();
    const later = new Opening(await harness.open(), QUEUE);
    expect(await later.count()).toMatchObject({ pending: 1, active: 1, paused: true });
    expect(await later.job('x')).toMatchObject({ state: 'active', payload: { kept: true } });
  });
}

function describeDelay(scene: Scene): void {
  it('counts a delay from now', async () => {
    const { a, b } = scene;
    await a.enqueue(T + 7, spec('x', { delayMs: 1_000 }));
    expect((await b.job('x')).runAt).toBe(T + 1_007);
  });

  it('runAt wins over delayMs', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { runAt: T + 50, delayMs: 9_000 }));
    expect((await b.job('x')).runAt).toBe(T + 50);
    expect(await b.claimIds(T + 50)).toEqual(['x']);
  });

  it('a runAt that is past, or a delay of zero, is no delay: first in, first out', async () => {
    const { a, b } = scene;
    const batch = [spec('plain'), spec('past', { runAt: T - 5_000 }), spec('now', { runAt: T })];
    await a.enqueue(T, ...batch, spec('zero', { delayMs: 0 }), spec('last'));
    expect(await b.claimIds(T)).toEqual(['plain', 'past', 'now', 'zero', 'last']);
  });
}

function describeApartness(scene: Scene): void {
  it('a queue knows nothing of the jobs of another queue', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x'));
    const other = b.inQueue('other');
    expect(await other.claimIds(T)).toEqual([]);
    expect(await other.get('x')).toBeUndefined();
    expect(await other.listIds('pending')).toEqual([]);
    expect(await other.cancel(T, 'x')).toEqual(['unknown']);
    expect(await b.claimIds(T)).toEqual(['x']);
  });

  it('the same id may live in two queues', async () => {
    const { a, b } = scene;
    await a.enqueue(T, spec('x', { known: true, payload: 'here' }));
    expect(await b.inQueue('other').enqueue(T, spec('x', { known: true, payload: 'there' }))).toEqual([
      { id: 'x', status: 'enqueued' },
    ]);
    expect((await b.job('x')).payload).toBe('here');
    expect((await a.inQueue('other').job('x')).payload).toBe('there');
  });
}

function describeResemblance(scene: Scene): void {
  it('job names that resemble one another stay apart', async () => {
    const { a, b } = scene;
    const names = [
      'a',
      'a@1',
      'a@2',
      'a@1 0 now',
      'a,0',
      'a/b',
      'A',
      ' a',
      '',
      '__proto__',
      'constructor',
      '\ud800',
    ];
    await a.enqueue(T, ...names.map((name, index) => spec(`${index}`, { name })));
    for (const [index, name] of names.entries())
      expect(await b.claimIds(T, { names: [name] })).toEqual([`${index}`]);
  });

  it('queue names that resemble one another stay apart', async () => {
    const { a, b } = scene;
    const queues = ['q', 'q,job', 'q/job', 'q@1', 'Q', '__proto__', 'toString'];
    for (const queue of queues) await a.inQueue(queue).enqueue(T, spec('x', { payload: queue }));
    for (const queue of queues) {
      const [claimed, ...more] = await b.inQueue(queue).claim(T);
      expect(claimed?.job).toMatchObject({ queue, payload: queue });
      expect(more).toEqual([]);
    }
  });

  it('ids, lanes and keys may have any characters', async () => {
    const { a, b } = scene;
    const words = ['__proto__', 'constructor', 'a,b', '"', '\uffff', '\ud800', '💾'];
    for (const word of words) {
      const job = spec(word, { lane: word, idempotencyKey: word, known: true });
      expect(await a.enqueue(T, job, { ...job, id: `${word}2` })).toEqual([
        { id: word, status: 'enqueued' },
        { id: word, status: 'duplicate' },
      ]);
    }
    expect(await b.claimIds(T)).toEqual(words);
    expect((await a.job('__proto__')).lane).toBe('__proto__');
  });
}
