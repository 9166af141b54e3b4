import { env } from 'cloudflare:workers';
import {
  count,
  drain,
  enqueueMany,
  explain,
  fixed,
  get,
  hold,
  pause,
  type Queue,
  redrive,
  remove,
  resume,
  retryNow,
  ServerError,
  UnreachableError,
  work,
} from 'holdfast';
import { type QueueClientOptions, queueClient } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';
import { jobs, use } from './worker.ts';

const HOUR_MS = 3_600_000;

let made = 0;
const freshName = (): string => `steered ${++made}`;
const clientOf = (name: string, options: Partial<QueueClientOptions<typeof jobs>> = {}) =>
  queueClient(env.MAILER, name, { jobs, use, ...options });
/** No handler inside the object takes these. */
const waiting = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ name: 'unhandled' as const, payload: n }));
/** Runs what is due, here: the jobs lie in the object. */
const drainHere = (queue: Queue<typeof jobs>, run: (payload: unknown) => unknown = () => undefined) =>
  drain(queue, { unhandled: run }, { concurrency: 100 });

function throwing(error: Error): () => never {
  return () => {
    throw error;
  };
}

describe('a client steers its queue', () => {
  it('by pause and resume', async () => {
    const queue = clientOf(freshName());
    await enqueueMany(queue, waiting(1));
    await pause(queue);
    expect(await count(queue)).toMatchObject({ paused: true });
    expect(await drainHere(queue)).toMatchObject({ completed: 0 });
    await resume(queue);
    expect(await count(queue)).toMatchObject({ paused: false });
    expect(await drainHere(queue)).toMatchObject({ completed: 1 });
  });

  it('by a hold until an instant, which travels as a delay', async () => {
    const queue = clientOf(freshName());
    await enqueueMany(queue, waiting(1));
    const before = Date.now();
    await hold(queue, 'unhandled', new Date(before + HOUR_MS));
    const { completed, nextAt = 0 } = await drainHere(queue);
    expect(completed).toBe(0);
    expect(nextAt).toBeGreaterThan(before + HOUR_MS - 60_000);
    expect(nextAt).toBeLessThanOrEqual(Date.now() + HOUR_MS);
  });

  it('by redrive and remove', async () => {
    const queue = clientOf(freshName());
    const { id } = await queue.enqueue('unhandled', 'x', { maxAttempts: 1 });
    const bury = () => drainHere(queue, throwing(new Error('no')));
    expect(await bury()).toMatchObject({ dead: 1 });
    expect(await redrive(queue, id)).toBe('redriven');
    expect(await remove(queue, id)).toBe('live');
    expect(await bury()).toMatchObject({ dead: 1 });
    expect(await remove(queue, id)).toBe('removed');
    expect(await redrive(queue, id)).toBe('unknown');
  });
});

describe('a worker elsewhere', () => {
  it('fails an attempt, which is retried until the last of them, and then dead', async () => {
    const queue = clientOf(freshName());
    const backoff = fixed({ delayMs: HOUR_MS });
    const { id } = await queue.enqueue('unhandled', 'x', { maxAttempts: 2, backoff });
    const fail = () => drainHere(queue, throwing(new Error('no')));
    expect(await fail()).toMatchObject({ retried: 1 });
    expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 1 });
    await retryNow(queue);
    expect(await fail()).toMatchObject({ dead: 1 });
    expect(await get(queue, id)).toMatchObject({ state: 'dead', errors: [{ attempt: 1 }, { attempt: 2 }] });
  });

  it('waits for the backoff of the job, by the clock of the object', async () => {
    const queue = clientOf(freshName());
    const { id } = await queue.enqueue('unhandled', 'x', { backoff: fixed({ delayMs: HOUR_MS }) });
    const before = Date.now();
    await drainHere(queue, throwing(new Error('no')));
    const { runAt = 0 } = (await get(queue, id)) ?? {};
    expect(runAt).toBeGreaterThanOrEqual(before + HOUR_MS);
    expect(runAt).toBeLessThanOrEqual(Date.now() + HOUR_MS);
  });

  it('gives a job back when it is stopped, the attempt uncounted', async () => {
    const queue = clientOf(freshName());
    const { id } = await queue.enqueue('unhandled', 'x');
    const attempts: number[] = [];
    const worker = work(queue, {
      unhandled: (_, { attempt, signal }) => {
        attempts.push(attempt);
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
      },
    });
    await expect.poll(() => attempts).toEqual([1]);
    await worker.stop({ graceMs: 0 });
    expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 0 });
    expect(await drainHere(queue)).toMatchObject({ completed: 1 });
  });
});

describe('a worker elsewhere whose server is down', () => {
  const down = throwing(new UnreachableError('nobody answered'));
  const toHost = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ name: 'unhandled' as const, payload: n, target: 'host' }));

  it('closes the target for all: no attempt counts, and nobody is given its jobs, but those of others', async () => {
    const queue = clientOf(freshName());
    const answers = await enqueueMany(queue, toHost(4));
    expect(await drainHere(queue, down)).toMatchObject({ dead: 0, completed: 0 });
    expect(await get(queue, answers[0]?.id ?? '')).toMatchObject({ state: 'pending', failures: 0 });
    expect(await explain(queue, answers[3]?.id ?? '')).toMatchObject({
      waits: expect.arrayContaining([
        expect.objectContaining({ why: 'outage', target: 'host', reason: 'network' }),
      ]),
    });
    const ran: unknown[] = [];
    await enqueueMany(queue, [{ name: 'unhandled', payload: 'other' }]);
    await drainHere(queue, (payload) => ran.push(payload));
    expect(ran).toEqual(['other']);
  });

  it('does not lose a job by its last attempt', async () => {
    const queue = clientOf(freshName());
    const { id } = await queue.enqueue('unhandled', 1, { maxAttempts: 1, target: 'one' });
    expect(await drainHere(queue, down)).toMatchObject({ dead: 0, retried: 1 });
    expect(await get(queue, id)).toMatchObject({ state: 'pending', failures: 0 });
  });

  it('counts what its server answered once others get through beside it', async () => {
    const queue = clientOf(freshName());
    const backoff = fixed({ delayMs: HOUR_MS });
    const [bad] = await enqueueMany(
      queue,
      toHost(2).map((item) => ({ ...item, backoff })),
    );
    const failBad = async (payload: unknown) => {
      if (payload === 0) throw new ServerError('no', { status: 500 });
      await expect.poll(async () => (await get(queue, bad?.id ?? ''))?.state).toBe('pending');
    };
    expect(await drainHere(queue, failBad)).toMatchObject({ completed: 1, retried: 1 });
    await retryNow(queue);
    expect(await drainHere(queue, failBad)).toMatchObject({ retried: 1 });
    expect(await get(queue, bad?.id ?? '')).toMatchObject({ state: 'pending', failures: 1 });
  });

  it('is believed within bounds only', async () => {
    const stub = env.MAILER.get(env.MAILER.idFromName(freshName()));
    const error = { name: 'Error', message: 'no', attempt: 1, at: 0 };
    const met = (how: unknown, ageMs: unknown = 0) => ({
      v: 1,
      call: 'exchange',
      args: {
        workerId: 'worker',
        settle: [{ id: 'x', fence: 1, outcome: { kind: 'bury', error }, met: { how, ageMs } }],
      },
    });
    const asked = { kind: 'unreached', reason: 'busy', retryAfterMs: 1e12, closes: true };
    expect(await stub.holdfast(met(asked))).toMatchObject({ answer: { settled: ['stale'] } });
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
  /** An id of its own leads each to one of the objects. */
  const spread = () => waiting(20).map((item, n) => ({ ...item, id: `mine ${n}` }));

  it('keeps no worker from the jobs of the others', async () => {
    const name = freshName();
    await enqueueMany(clientOf(name, { shards: 2 }), spread());
    const there = (await count(clientOf(`${name}/1`))).pending;
    expect(there).toBeGreaterThan(0);
    expect(await drainHere(halved(name))).toMatchObject({ completed: there });
    expect(await count(clientOf(`${name}/1`))).toMatchObject({ pending: 0, active: 0, completed: there });
  });

  it('hears what ended there when it is back, and its worker goes on with the others meanwhile', async () => {
    const name = freshName();
    const state = { down: false };
    const queue = clientOf(name, {
      shards: 2,
      tries: 1,
      pollMs: 100,
      object: (of) =>
        of.endsWith('/0') && state.down
          ? { holdfast: () => Promise.reject(Object.assign(new Error('down'), { retryable: true })) }
          : env.MAILER.get(env.MAILER.idFromName(of)),
    });
    await enqueueMany(queue, spread());
    const there = (await count(clientOf(`${name}/1`))).pending;
    const ran: unknown[] = [];
    const worker = work(
      queue,
      {
        unhandled: (payload) => {
          ran.push(payload);
          state.down = ran.length < 20;
        },
      },
      { concurrency: 20 },
    );
    await expect.poll(async () => (await count(clientOf(`${name}/1`))).completed).toBe(there);
    state.down = false;
    await expect.poll(async () => (await count(queue)).completed).toBe(20);
    await worker.stop();
    expect(ran).toHaveLength(20);
  });

  it('refuses its part of a batch, and the others accept theirs', async () => {
    const name = freshName();
    await expect(enqueueMany(halved(name), spread())).rejects.toMatchObject({ code: 'Store' });
    expect(await count(clientOf(`${name}/0`))).toMatchObject({ pending: 0 });
    expect((await count(clientOf(`${name}/1`))).pending).toBeGreaterThan(0);
  });

  it('refuses no enqueue that leads to another', async () => {
    const queue = halved(freshName());
    const ends = await Promise.allSettled(
      spread().map(({ name, payload, id }) => queue.enqueue(name, payload, { id })),
    );
    const accepted = ends.filter(({ status }) => status === 'fulfilled');
    expect(accepted.length).toBeGreaterThan(0);
    expect(accepted.length).toBeLessThan(ends.length);
  });
});
