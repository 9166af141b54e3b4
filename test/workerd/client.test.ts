import { env } from 'cloudflare:workers';
import { type Environment, job } from 'holdfast';
import { type QueueClientOptions, queueClient, serveQueue } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';
import { jobs } from './worker.ts';

type Options = Partial<QueueClientOptions<typeof jobs>>;

let made = 0;
const freshName = (): string => `queue ${++made}`;
const clientOf = (name: string, options: Options = {}) => queueClient(env.MAILER, name, { jobs, ...options });
const client = (options: Options = {}) => clientOf(freshName(), options);
const HOUR_MS = 3_600_000;

/** Waits take no time, and are written down. */
function hurried(waits: number[]): Environment {
  let ids = 0;
  return {
    now: () => Date.now(),
    setTimer(callback, ms) {
      waits.push(ms);
      queueMicrotask(callback);
      return () => undefined;
    },
    yield: async () => undefined,
    id: () => `id ${++ids} ${crypto.randomUUID()}`,
  };
}

describe('a client of a queue in Durable Objects', () => {
  it('enqueues, reads, lists, counts and drains by RPC', async () => {
    const queue = client();
    const { id, status } = await queue.enqueue('send', { n: 1 }, { delayMs: HOUR_MS });
    expect(status).toBe('enqueued');
    expect(await queue.get(id)).toMatchObject({ id, state: 'pending', payload: { n: 1 } });
    expect((await queue.list({ state: 'pending' })).jobs.map((job) => job.id)).toEqual([id]);
    expect(await queue.count()).toMatchObject({ pending: 1, paused: false });
    expect(await queue.cancel(id)).toBe('cancelled');
    await queue.enqueueMany([{ name: 'send', payload: { n: 2 } }]);
    expect((await queue.drain()).completed + (await queue.count()).completed).toBeGreaterThanOrEqual(1);
    expect(await queue.count()).toMatchObject({ pending: 0, active: 0, completed: 1, cancelled: 1 });
  });

  it('drains with what a drain takes, and refuses what it does not', async () => {
    const queue = client();
    const how = {
      maxJobs: 2,
      timeoutGraceMs: 10,
      overlapAfterMs: 10,
      waitFor: 'empty',
      lift: true,
      concurrency: 2,
    } as const;
    await queue.pause();
    await queue.enqueueMany([1, 2, 3].map((n) => ({ name: 'send' as const, payload: { n } })));
    expect(await queue.drain({ ...how, waitFor: 0 })).toMatchObject({ completed: 0 });
    await queue.resume();
    await queue.drain(how);
    expect((await queue.count()).completed).toBeGreaterThanOrEqual(2);
    for (const wrong of [
      { maxJobs: 0 },
      { waitFor: -1 },
      { lift: 1 },
      { timeoutGraceMs: 'x' },
      { overlapAfterMs: -1 },
      { leaseMs: 5_000 },
    ])
      await expect(queue.drain(wrong as never)).rejects.toMatchObject({ code: 'InvalidOption' });
  });

  it('keeps the code of an error that the object answers', async () => {
    const queue = client();
    await expect(queue.enqueue('send', { n: Symbol('no') } as never)).rejects.toMatchObject({
      code: 'Payload',
    });
    const big = { n: 1, text: 'x'.repeat(1_960_000) } as never;
    await expect(queue.enqueue('send', big)).rejects.toMatchObject({ code: 'Payload' });
    expect(await queue.count()).toMatchObject({ pending: 0 });
  });

  it('keeps the issues of a schema that only the object knows', async () => {
    const queue = queueClient(env.MAILER, freshName(), { jobs: { letter: job() } });
    await expect(queue.enqueue('letter', { to: 7 })).rejects.toMatchObject({
      name: 'PayloadError',
      code: 'Payload',
      message: 'payload.to is not valid: expected a text',
      issues: [{ message: 'expected a text', path: ['to'] }],
    });
  });

  it('says Store, not to be repeated, of what is not the error of a queue, and why', async () => {
    let calls = 0;
    const thrown = new TypeError('no such thing', { cause: new RangeError('too far') });
    const object = () => ({
      holdfast(call: never) {
        calls += 1;
        const failing = { count: () => Promise.reject(thrown) };
        return serveQueue({ ...failing, keptShards: { standing: () => 'same' } } as never, call);
      },
    });
    const error = await client({ object })
      .count()
      .catch((refused: unknown) => refused);
    expect(error).toMatchObject({
      code: 'Store',
      retryable: false,
      message: 'the object failed: no such thing',
      cause: { name: 'TypeError', cause: { name: 'RangeError', message: 'too far' } },
    });
    expect(calls).toBe(1);
  });

  it('stores a job once, though the answer to its enqueue was lost', async () => {
    const name = freshName();
    const waits: number[] = [];
    let calls = 0;
    const object = (of: string) => ({
      async holdfast(call: never) {
        const reply: unknown = await env.MAILER.get(env.MAILER.idFromName(of)).holdfast(call);
        calls += 1;
        if (calls === 1) throw Object.assign(new Error('the connection was lost'), { retryable: true });
        return reply;
      },
    });
    const queue = clientOf(name, { object, environment: hurried(waits) });
    expect(await queue.enqueue('send', { n: 1 }, { delayMs: HOUR_MS })).toMatchObject({ status: 'enqueued' });
    expect(calls).toBe(2);
    expect(await queue.count()).toMatchObject({ pending: 1 });
  });

  it('waits a second or more before it calls an overloaded object again, and gives up in the end', async () => {
    const waits: number[] = [];
    const object = () => ({
      holdfast: () => Promise.reject(Object.assign(new Error('overloaded'), { overloaded: true })),
    });
    const queue = client({ object, environment: hurried(waits), tries: 3 });
    await expect(queue.count()).rejects.toMatchObject({ code: 'Store', retryable: true });
    expect(waits).toHaveLength(2);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000);
  });

  it.each([
    ['no call at all', undefined],
    ['an unknown kind', { kind: 'purge' }],
    ['a key of the prototype', { kind: 'constructor' }],
    ['an unknown key', { kind: 'count', all: true }],
    ['an id that is no text', { kind: 'get', id: 7 }],
    ['more jobs than a call may carry', { kind: 'enqueue', jobs: Array.from({ length: 1_001 }, () => ({})) }],
    ['a job without a name', { kind: 'enqueue', jobs: [{ id: 'x', known: false, version: 1, priority: 0 }] }],
    ['a lease of a year', { kind: 'claim', workerId: 'w', names: [], limit: 1, leaseMs: 4e10, idle: true }],
  ])('is refused with a typed error when it sends %s', async (_what, call) => {
    const stub = env.MAILER.get(env.MAILER.idFromName(freshName()));
    const reply = (await stub.holdfast(call)) as { error?: { code: string; message: string } };
    expect(reply.error).toMatchObject({ code: 'InvalidOption', message: expect.any(String) });
  });

  it('checks payloads with the schema of their job, before it calls any object', async () => {
    const object = () => {
      throw new Error('nobody is to be called');
    };
    const refused = { code: 'Payload', message: 'payload.to is not valid: expected a text' };
    const queue = client({ object });
    await expect(queue.enqueue('letter', {} as never)).rejects.toMatchObject(refused);
    const batch = [1, 'a'].map((to) => ({ name: 'letter' as const, payload: { to } as { to: string } }));
    await expect(queue.enqueueMany(batch)).rejects.toMatchObject(refused);
  });

  it('is not believed: the object checks payloads again, those of the version it knows', async () => {
    const name = freshName();
    const stub = env.MAILER.get(env.MAILER.idFromName(name));
    const send = (payload: unknown, version = 1) => {
      const sent = { id: crypto.randomUUID(), known: false, name: 'letter', version, priority: 0, payload };
      return stub.holdfast({ kind: 'enqueue', jobs: [sent] });
    };
    expect(await send({ to: 7 })).toMatchObject({ error: { code: 'Payload' } });
    expect(await clientOf(name).count()).toMatchObject({ pending: 0 });
    expect(await send({ to: 'a' })).toHaveProperty('answer');
    expect(await send({ to: 7 }, 2)).toHaveProperty('answer');
    expect(await clientOf(name).count()).toMatchObject({ pending: 2 });
  });

  it('carries payloads there and back as they were given', async () => {
    const queue = client();
    const given = {
      at: new Date(5),
      none: undefined,
      numbers: [-0, Number.NaN, 1n],
      map: new Map([['k', new Set([new Date(6)])]]),
      bytes: new Uint8Array([1, 2]),
      texts: { '\ud800': 'a\u0000b' },
      holes: Object.assign([], { 1: 'one' }),
      keys: JSON.parse('{"__proto__":{"a":1},"constructor":2,"then":3,"toJSON":4}'),
    };
    const payload = { n: 1, given } as never;
    const { id } = await queue.enqueue('send', payload, { delayMs: HOUR_MS });
    expect((await queue.get(id))?.payload).toStrictEqual({ n: 1, given });
  });

  it('refuses what cannot be carried before it calls an object: payloads and progress, with their places', async () => {
    const object = () => {
      throw new Error('nobody is to be called');
    };
    const queue = client({ object });
    const shared = { n: 1, list: [0, { at: new Proxy(new Date(0), {}) }] } as never;
    await expect(queue.enqueue('send', shared)).rejects.toThrow('payload.list[1].at is a Date: only plain');
    const blob = { n: 1, file: new Blob(['x']) } as never;
    await expect(queue.enqueue('send', blob)).rejects.toThrow('payload.file is a Blob: it cannot be stored');
    const lease = { job: { id: 'x' }, fence: 1, shard: 'x', progress: { done: () => 1 } } as never;
    await expect(queue.extend('worker', [lease])).rejects.toThrow('progress.done is a function');
  });

  it('gives jobs to consumers elsewhere under leases, and takes what they make of them', async () => {
    const queue = client();
    await queue.pause();
    await queue.enqueueMany([1, 2, 3].map((n) => ({ name: 'send' as const, payload: { n } })));
    await queue.resume();
    const { jobs: pulled } = await queue.claim({ workerId: 'consumer', names: ['send'] });
    const settlements = pulled.map((one, i) => ({
      ...one,
      outcome:
        i === 0 ? ({ kind: 'bury', error: new Error('no') } as const) : ({ kind: 'complete' } as const),
    }));
    expect(await queue.extend('consumer', pulled)).toEqual(pulled.map(() => 'extended'));
    expect(await queue.settle('another', settlements)).toEqual(pulled.map(() => 'stale'));
    expect(await queue.settle('consumer', settlements)).toEqual(pulled.map(() => 'settled'));
    expect(await queue.settle('consumer', settlements)).toEqual(pulled.map(() => 'stale'));
    expect(await queue.count()).toMatchObject({ active: 0, dead: pulled.length > 0 ? 1 : 0 });
  });
});

describe('a queue spread over several objects', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ name: 'send' as const, payload: { n }, delayMs: HOUR_MS }));
  const countsOf = async (name: string, shards: number) =>
    Promise.all(
      Array.from({ length: shards }, async (_, i) => (await clientOf(`${name}/${i}`).count()).pending),
    );

  it('spreads jobs evenly, and keeps a lane together, and a key', async () => {
    const name = freshName();
    const queue = clientOf(name, { shards: 4 });
    await queue.enqueueMany(many(1_000));
    const spread = await countsOf(name, 4);
    expect(spread.reduce((sum, count) => sum + count, 0)).toBe(1_000);
    for (const count of spread) expect(count).toBeGreaterThan(180);

    const laned = freshName();
    await clientOf(laned, { shards: 4 }).enqueueMany(many(20).map((item) => ({ ...item, lane: 'doc' })));
    expect((await countsOf(laned, 4)).sort()).toEqual([0, 0, 0, 20]);
    const keyed = clientOf(freshName(), { shards: 4 });
    const first = await keyed.enqueue('send', { n: 1 }, { idempotencyKey: 'k', delayMs: HOUR_MS });
    expect(await keyed.enqueue('send', { n: 2 }, { idempotencyKey: 'k' })).toEqual({
      id: first.id,
      status: 'duplicate',
    });
  });

  it('finds and runs everything when the number of objects changes with jobs waiting', async () => {
    const name = freshName();
    const ids: string[] = [];
    for (const [shards, formerShards] of [
      [2, []],
      [4, [2]],
      [3, [2, 4]],
    ] as const) {
      const queue = clientOf(name, { shards, formerShards });
      for (const { id } of await queue.enqueueMany(many(40))) ids.push(id);
      for (const id of ids) expect(await queue.get(id)).toMatchObject({ id, state: 'pending' });
      expect(await queue.count()).toMatchObject({ pending: ids.length });
    }
    const queue = clientOf(name, { shards: 3, formerShards: [2, 4] });
    const listed: string[] = [];
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      const page = await queue.list({
        state: 'pending',
        limit: 25,
        ...(cursor === undefined ? {} : { cursor }),
      });
      listed.push(...page.jobs.map(({ id }) => id));
      cursor = page.cursor;
    }
    expect(listed.sort()).toEqual([...ids].sort());
    for (const id of ids) expect(await queue.cancel(id)).toBe('cancelled');
    expect(await queue.count()).toMatchObject({ pending: 0, cancelled: ids.length });
  });
});
