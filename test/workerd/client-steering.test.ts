import { env } from 'cloudflare:workers';
import { fixed, retryNow, ServerError, UnreachableError } from 'holdfast';
import { type PulledJob, type PullOutcome, type QueueClientOptions, queueClient } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';
import { inside } from './mailer.ts';
import { jobs } from './worker.ts';

const HOUR_MS = 3_600_000;

let made = 0;
const freshName = (): string => `steered ${++made}`;
const clientOf = (name: string, options: Partial<QueueClientOptions<typeof jobs>> = {}) =>
  queueClient(env.MAILER, name, { jobs, ...options });
/** No handler inside the object takes these. */
const waiting = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ name: 'unhandled' as const, payload: n }));
const consumer = { workerId: 'consumer', names: ['unhandled'] as const, limit: 100 };

describe('a client steers its queue', () => {
  it('by pause and resume', async () => {
    const queue = clientOf(freshName());
    await queue.enqueueMany(waiting(1));
    await queue.pause();
    expect(await queue.count()).toMatchObject({ paused: true });
    expect((await queue.claim(consumer)).jobs).toEqual([]);
    await queue.resume();
    expect(await queue.count()).toMatchObject({ paused: false });
    expect((await queue.claim(consumer)).jobs).toHaveLength(1);
  });

  it('by a hold until an instant, which travels as a delay', async () => {
    const queue = clientOf(freshName());
    await queue.enqueueMany(waiting(1));
    await queue.hold('unhandled', new Date(Date.now() + HOUR_MS));
    const { jobs: pulled, nextMs } = await queue.claim(consumer);
    expect(pulled).toEqual([]);
    expect(nextMs).toBeGreaterThan(HOUR_MS - 60_000);
    expect(nextMs).toBeLessThanOrEqual(HOUR_MS);
  });

  it('by redrive and remove', async () => {
    const queue = clientOf(freshName());
    const { id } = await queue.enqueue('unhandled', 'x');
    const bury = async () => {
      const { jobs: pulled } = await queue.claim(consumer);
      const outcome = { kind: 'bury', error: new Error('no') } as const;
      return queue.settle(
        'consumer',
        pulled.map((one) => ({ ...one, outcome })),
      );
    };
    expect(await bury()).toEqual(['settled']);
    expect(await queue.redrive(id)).toBe('redriven');
    expect(await queue.remove(id)).toBe('live');
    expect(await bury()).toEqual(['settled']);
    expect(await queue.remove(id)).toBe('removed');
    expect(await queue.redrive(id)).toBe('unknown');
  });
});

describe('a consumer elsewhere', () => {
  const settleAll = async (queue: ReturnType<typeof clientOf>, outcome: PullOutcome) => {
    const { jobs: pulled } = await queue.claim(consumer);
    const settlements = pulled.map((one) => ({ ...one, outcome }));
    return [pulled.map(({ job }) => job.attempt), await queue.settle('consumer', settlements)];
  };
  const failed: PullOutcome = { kind: 'retry', error: new Error('no'), delayMs: 0 };

  it('fails an attempt, which is retried until the last of them, and then dead', async () => {
    const queue = clientOf(freshName());
    const { id } = await queue.enqueue('unhandled', 'x', { maxAttempts: 2 });
    expect(await settleAll(queue, failed)).toEqual([[1], ['settled']]);
    expect(await queue.get(id)).toMatchObject({ state: 'pending', failures: 1 });
    expect(await settleAll(queue, failed)).toEqual([[2], ['settled']]);
    expect(await queue.get(id)).toMatchObject({ state: 'dead', errors: [{ attempt: 1 }, { attempt: 2 }] });
  });

  it('waits for the backoff of the job unless it says how long', async () => {
    const queue = clientOf(freshName());
    const { id } = await queue.enqueue('unhandled', 'x', { backoff: fixed({ delayMs: HOUR_MS }) });
    const before = Date.now();
    await settleAll(queue, { kind: 'retry', error: new Error('no') });
    const { runAt = 0 } = (await queue.get(id)) ?? {};
    expect(runAt).toBeGreaterThanOrEqual(before + HOUR_MS);
    expect(runAt).toBeLessThanOrEqual(Date.now() + HOUR_MS);
  });

  it('gives a job back, the attempt uncounted', async () => {
    const queue = clientOf(freshName());
    await queue.enqueue('unhandled', 'x');
    expect(await settleAll(queue, { kind: 'release' })).toEqual([[1], ['settled']]);
    expect(await settleAll(queue, { kind: 'complete' })).toEqual([[1], ['settled']]);
  });
});

describe('a consumer elsewhere whose server is down', () => {
  const down: PullOutcome = { kind: 'retry', error: new UnreachableError('nobody answered') };
  const settle = (queue: ReturnType<typeof clientOf>, pulled: readonly PulledJob[], outcome: PullOutcome) =>
    queue.settle(
      'consumer',
      pulled.map((one) => ({ ...one, outcome })),
    );
  const toHost = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ name: 'unhandled' as const, payload: n, target: 'host' }));

  it('closes the target for all: no attempt counts, and nobody is given its jobs, but those of others', async () => {
    const queue = clientOf(freshName());
    const answers = await queue.enqueueMany(toHost(4));
    const { jobs: pulled } = await queue.claim({ ...consumer, limit: 3 });
    expect(await settle(queue, pulled, down)).toEqual(['spared', 'spared', 'spared']);
    expect(await queue.get(answers[0]?.id ?? '')).toMatchObject({
      state: 'pending',
      failures: 0,
      attempt: 1,
    });
    expect(await queue.explain(answers[3]?.id ?? '')).toMatchObject({
      waits: expect.arrayContaining([
        expect.objectContaining({ why: 'outage', target: 'host', reason: 'network' }),
      ]),
    });
    const [other] = await queue.enqueueMany(waiting(1));
    const { jobs: next } = await queue.claim(consumer);
    expect(next.map(({ job }) => job.id)).toEqual([other?.id]);
  });

  it('does not lose a job by its last attempt, nor one that it buries itself to its server', async () => {
    const queue = clientOf(freshName());
    const [first, second] = await queue.enqueueMany([
      { name: 'unhandled', payload: 1, maxAttempts: 1, target: 'one' },
      { name: 'unhandled', payload: 2, target: 'two' },
    ]);
    const { jobs: pulled } = await queue.claim(consumer);
    const of = (id = '') => pulled.filter(({ job }) => job.id === id);
    expect(await settle(queue, of(first?.id), down)).toEqual(['spared']);
    expect(await settle(queue, of(second?.id), { ...down, kind: 'bury' })).toEqual(['settled']);
    expect(await queue.get(first?.id ?? '')).toMatchObject({ state: 'pending' });
    expect(await queue.get(second?.id ?? '')).toMatchObject({ state: 'dead' });
  });

  it('counts what its server answered once others get through beside it', async () => {
    const name = freshName();
    const queue = clientOf(name);
    const failed: PullOutcome = { kind: 'retry', error: new ServerError('no', { status: 500 }), delayMs: 0 };
    const [bad, good] = await queue.enqueueMany(toHost(2));
    const byId = async () =>
      new Map((await queue.claim(consumer)).jobs.map((one) => [one.job.id, one] as const));
    const first = await byId();
    const pick = (from: typeof first, id = '') => [from.get(id) as PulledJob];
    expect(await settle(queue, pick(first, bad?.id), failed)).toEqual(['spared']);
    expect(await settle(queue, pick(first, good?.id), { kind: 'complete' })).toEqual(['settled']);
    await inside(env.MAILER.get(env.MAILER.idFromName(name)), (mailer) => retryNow(mailer.queue));
    expect(await settle(queue, pick(await byId(), bad?.id), failed)).toEqual(['settled']);
    expect(await queue.get(bad?.id ?? '')).toMatchObject({ state: 'pending', failures: 1 });
  });

  it('is believed within bounds only', async () => {
    const stub = env.MAILER.get(env.MAILER.idFromName(freshName()));
    const met = (how: unknown, ageMs: unknown = 0) => ({
      kind: 'settle',
      workerId: 'consumer',
      settlements: [{ id: 'x', fence: 1, outcome: { kind: 'complete' }, met: { how, ageMs } }],
    });
    const asked = { kind: 'unreached', reason: 'busy', retryAfterMs: 1e12, closes: true };
    expect(await stub.holdfast(met(asked))).toEqual({ answer: ['stale'] });
    for (const call of [
      met({ kind: 'unreached', reason: 'tired' }),
      met({ kind: 'unreached', reason: 'busy', closes: false }),
      met({ kind: 'unreached', reason: 'busy', retryAfterMs: -1 }),
      met({ kind: 'answered', reason: 'x'.repeat(101) }),
      met({ kind: 'through', reason: 'x' }),
      met({ kind: 'through' }, -1),
      met('through'),
    ])
      expect(await stub.holdfast(call)).toMatchObject({ error: { code: 'InvalidOption' } });
  });
});

describe('an object of several that cannot be reached', () => {
  /** A client for which the first object is down. */
  const halved = (name: string) =>
    clientOf(name, {
      shards: 2,
      tries: 1,
      object: (of) =>
        of.endsWith('/0')
          ? { holdfast: () => Promise.reject(new Error('down')) }
          : env.MAILER.get(env.MAILER.idFromName(of)),
    });

  it('keeps no consumer from the jobs of the others', async () => {
    const name = freshName();
    await clientOf(name, { shards: 2 }).enqueueMany(waiting(20));
    const there = (await clientOf(`${name}/1`).count()).pending;
    const queue = halved(name);
    const { jobs: pulled } = await queue.claim(consumer);
    expect(pulled).toHaveLength(there);
    const settlements = pulled.map((one) => ({ ...one, outcome: { kind: 'complete' as const } }));
    expect(await queue.settle('consumer', settlements)).toEqual(pulled.map(() => 'settled'));
  });

  it('refuses its part of a batch, and the others accept theirs', async () => {
    const name = freshName();
    await expect(halved(name).enqueueMany(waiting(20))).rejects.toMatchObject({ code: 'Store' });
    expect(await clientOf(`${name}/0`).count()).toMatchObject({ pending: 0 });
    expect((await clientOf(`${name}/1`).count()).pending).toBeGreaterThan(0);
  });
});
