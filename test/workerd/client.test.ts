import { env } from 'cloudflare:workers';
import {
  cancel,
  count,
  drain,
  type Environment,
  enqueueMany,
  expose,
  get,
  job,
  list,
  pause,
  resume,
  work,
} from 'holdfast';
import { drainObjects, type QueueClientOptions, queueClient } from 'holdfast/edge';
import { describe, expect, it } from 'vitest';
import { jobs, use } from './worker.ts';

type Options = Partial<QueueClientOptions<typeof jobs>>;

let made = 0;
const freshName = (): string => `queue ${++made}`;
const clientOf = (name: string, options: Options = {}) =>
  queueClient(env.MAILER, name, { jobs, use, ...options });
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
    expect(await get(queue, id)).toMatchObject({ id, state: 'pending', payload: { n: 1 } });
    expect((await list(queue, { state: 'pending' })).jobs.map((job) => job.id)).toEqual([id]);
    expect(await count(queue)).toMatchObject({ pending: 1, paused: false });
    expect(await cancel(queue, id)).toBe('cancelled');
    await enqueueMany(queue, [{ name: 'send', payload: { n: 2 } }]);
    expect((await drainObjects(queue)).completed + (await count(queue)).completed).toBeGreaterThanOrEqual(1);
    expect(await count(queue)).toMatchObject({ pending: 0, active: 0, completed: 1, cancelled: 1 });
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
    await pause(queue);
    await enqueueMany(
      queue,
      [1, 2, 3].map((n) => ({ name: 'send' as const, payload: { n } })),
    );
    expect(await drainObjects(queue, { ...how, waitFor: 0 })).toMatchObject({ completed: 0 });
    await resume(queue);
    await drainObjects(queue, how);
    expect((await count(queue)).completed).toBeGreaterThanOrEqual(2);
    for (const wrong of [
      { maxJobs: 0 },
      { waitFor: -1 },
      { lift: 1 },
      { timeoutGraceMs: 'x' },
      { overlapAfterMs: -1 },
      { leaseMs: 5_000 },
    ])
      await expect(drainObjects(queue, wrong as never)).rejects.toMatchObject({ code: 'InvalidOption' });
  });

  it('keeps the code of an error that the object answers', async () => {
    const queue = client();
    await expect(queue.enqueue('send', { n: Symbol('no') } as never)).rejects.toMatchObject({
      code: 'Payload',
    });
    const big = { n: 1, text: 'x'.repeat(1_960_000) } as never;
    await expect(queue.enqueue('send', big)).rejects.toMatchObject({ code: 'Payload' });
    expect(await count(queue)).toMatchObject({ pending: 0 });
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
    const failing = {
      operations: [{ name: 'count', kind: 'reader', check: () => ({}), act: () => Promise.reject(thrown) }],
    };
    const object = () => ({
      holdfast(call: { readonly layout?: unknown }) {
        calls += 1;
        const { layout: _, ...message } = call;
        return expose(client(), { count: failing as never })(message);
      },
    });
    const error = await count(client({ object: object as never })).catch((refused: unknown) => refused);
    expect(error).toMatchObject({
      code: 'Store',
      retryable: false,
      message: 'the host failed: no such thing',
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
    expect(await count(queue)).toMatchObject({ pending: 1 });
  });

  it('waits a second or more before it calls an overloaded object again, and gives up in the end', async () => {
    const waits: number[] = [];
    const object = () => ({
      holdfast: () => Promise.reject(Object.assign(new Error('overloaded'), { overloaded: true })),
    });
    const queue = client({ object, environment: hurried(waits), tries: 3 });
    await expect(count(queue)).rejects.toMatchObject({ code: 'Store', retryable: true });
    expect(waits).toHaveLength(2);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000);
  });

  const message = (call: string, args: object = {}) => ({ v: 1, call, args });
  const claim = { names: {}, limit: 1, leaseMs: 1_000, idle: true };
  it.each([
    ['no call at all', undefined],
    ['another version', { v: 0, call: 'count' }],
    ['an unknown operation', message('reclaim')],
    ['a key of the prototype', message('constructor')],
    ['an unknown argument', message('count', { all: true })],
    ['an unknown key', { ...message('count'), all: true }],
    ['an id that is no text', message('get', { id: 7 })],
    [
      'more jobs than a call may carry',
      message('enqueue', { jobs: Array.from({ length: 1_001 }, () => ({})) }),
    ],
    [
      'a job without a name',
      message('enqueue', { jobs: [{ id: 'x', known: false, version: 1, priority: 0 }] }),
    ],
    [
      'a lease of a year',
      message('exchange', { workerId: 'w', settle: [], claim: { ...claim, leaseMs: 4e10 } }),
    ],
    [
      'limits that are the object’s to say',
      message('exchange', { workerId: 'w', settle: [], claim: { ...claim, maxActive: 9 } }),
    ],
    ['what is to be kept', message('exchange', { workerId: 'w', settle: [], keep: { dead: { count: 1 } } })],
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
    await expect(enqueueMany(queue, batch)).rejects.toMatchObject(refused);
  });

  it('is not believed: the object checks payloads again, those of the version it knows', async () => {
    const name = freshName();
    const stub = env.MAILER.get(env.MAILER.idFromName(name));
    const send = (payload: unknown, version = 1) => {
      const sent = { id: crypto.randomUUID(), known: false, name: 'letter', version, priority: 0, payload };
      return stub.holdfast({ v: 1, call: 'enqueue', args: { jobs: [sent] } });
    };
    expect(await send({ to: 7 })).toMatchObject({ error: { code: 'Payload' } });
    expect(await count(clientOf(name))).toMatchObject({ pending: 0 });
    expect(await send({ to: 'a' })).toHaveProperty('answer');
    expect(await send({ to: 7 }, 2)).toHaveProperty('answer');
    expect(await count(clientOf(name))).toMatchObject({ pending: 2 });
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
    expect((await get(queue, id))?.payload).toStrictEqual({ n: 1, given });
  });

  it('refuses what cannot be carried before it calls an object, with its place', async () => {
    const object = () => {
      throw new Error('nobody is to be called');
    };
    const queue = client({ object });
    const shared = { n: 1, list: [0, { at: new Proxy(new Date(0), {}) }] } as never;
    await expect(queue.enqueue('send', shared)).rejects.toThrow('payload.list[1].at is a Date: only plain');
    const blob = { n: 1, file: new Blob(['x']) } as never;
    await expect(queue.enqueue('send', blob)).rejects.toThrow('payload.file is a Blob: it cannot be stored');
  });

  it('gives its jobs to workers elsewhere under leases, and takes what they make of them', async () => {
    const queue = client();
    const sent = await enqueueMany(
      queue,
      [1, 2, 3].map((n) => ({
        name: 'unhandled' as const,
        payload: n,
        maxAttempts: 1,
        keepResultMs: HOUR_MS,
      })),
    );
    const owners = new Set<string>();
    const drained = await drain(queue, {
      unhandled: async (n, { job: { lease }, enqueue }) => {
        owners.add(lease?.workerId ?? '');
        if (n === 1) throw new Error('no');
        if (n === 2) enqueue('unhandled', 'chained', { delayMs: HOUR_MS });
        return { n };
      },
    });
    expect(drained).toMatchObject({ completed: 2, dead: 1 });
    expect([...owners].every((owner) => owner.startsWith('remote '))).toBe(true);
    expect(await get(queue, sent[1]?.id ?? '')).toMatchObject({ state: 'completed', result: { n: 2 } });
    expect(await count(queue)).toMatchObject({ pending: 1, active: 0, dead: 1 });
  });

  it('is worked by a loop elsewhere, which claims nothing that it does not begin', async () => {
    const queue = client();
    await enqueueMany(
      queue,
      Array.from({ length: 20 }, (_, n) => ({ name: 'unhandled' as const, payload: n })),
    );
    let [running, ended] = [0, 0];
    const surplus: number[] = [];
    const worker = work(
      queue,
      {
        unhandled: async () => {
          running += 1;
          surplus.push((await count(queue)).active - running);
          running -= 1;
          ended += 1;
        },
      },
      { concurrency: 1 },
    );
    await expect.poll(() => ended, { timeout: 10_000 }).toBe(20);
    await worker.stop();
    expect(Math.max(...surplus)).toBe(0);
    expect(await count(queue)).toMatchObject({ pending: 0, active: 0, completed: 20 });
  });
});

describe('a queue spread over several objects', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, n) => ({ name: 'send' as const, payload: { n }, delayMs: HOUR_MS }));
  const countsOf = async (name: string, shards: number) =>
    Promise.all(
      Array.from({ length: shards }, async (_, i) => (await count(clientOf(`${name}/${i}`))).pending),
    );

  it('spreads jobs evenly, and keeps a lane together, and a key', async () => {
    const name = freshName();
    const queue = clientOf(name, { shards: 4 });
    await enqueueMany(
      queue,
      many(1_000).map((item, n) => ({ ...item, id: `mine ${n}` })),
    );
    const spread = await countsOf(name, 4);
    expect(spread.reduce((sum, count) => sum + count, 0)).toBe(1_000);
    for (const count of spread) expect(count).toBeGreaterThan(180);

    const laned = freshName();
    await enqueueMany(
      clientOf(laned, { shards: 4 }),
      many(20).map((item) => ({ ...item, lane: 'doc' })),
    );
    expect((await countsOf(laned, 4)).sort()).toEqual([0, 0, 0, 20]);
    const keyed = clientOf(freshName(), { shards: 4 });
    const first = await keyed.enqueue('send', { n: 1 }, { idempotencyKey: 'k', delayMs: HOUR_MS });
    expect(await keyed.enqueue('send', { n: 2 }, { idempotencyKey: 'k' })).toEqual({
      id: first.id,
      status: 'duplicate',
    });
  });

  it('takes jobs that nothing leads anywhere together to one object', async () => {
    const name = freshName();
    await enqueueMany(clientOf(name, { shards: 4 }), many(20));
    expect((await countsOf(name, 4)).sort()).toEqual([0, 0, 0, 20]);
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
      for (const { id } of await enqueueMany(queue, many(40))) ids.push(id);
      for (const id of ids) expect(await get(queue, id)).toMatchObject({ id, state: 'pending' });
      expect(await count(queue)).toMatchObject({ pending: ids.length });
    }
    const queue = clientOf(name, { shards: 3, formerShards: [2, 4] });
    const listed: string[] = [];
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      const page = await list(queue, {
        state: 'pending',
        limit: 25,
        ...(cursor === undefined ? {} : { cursor }),
      });
      listed.push(...page.jobs.map(({ id }) => id));
      cursor = page.cursor;
    }
    expect(listed.sort()).toEqual([...ids].sort());
    for (const id of ids) expect(await cancel(queue, id)).toBe('cancelled');
    expect(await count(queue)).toMatchObject({ pending: 0, cancelled: ids.length });
  });
});
