import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  batch,
  type CallMessage,
  count,
  createQueue,
  defineJobs,
  type Exposable,
  type ExposeOptions,
  enqueueMany,
  expose,
  flows,
  get,
  type Handle,
  type Job,
  job,
  limits,
  list,
  log,
  memoryStore,
  pulling,
  type Reply,
  remoteQueue,
  results,
  retryNow,
  type StandardSchema,
  StoreError,
  schedules,
  schema,
  type Transaction,
  work,
} from 'holdfast';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { contextOf } from '../../src/core/queue/context.ts';
import { everyFeature } from '../../src/testing/every-feature.ts';
import { everything } from './everything.ts';

const T = 1_750_000_000_000;
const texts: StandardSchema<string> = {
  '~standard': {
    version: 1,
    vendor: 'tests',
    validate: (value) =>
      typeof value === 'string' ? { value } : { issues: [{ message: 'expected a text', path: [] }] },
  },
};
const jobs = defineJobs({ push: job<unknown>({ maxAttempts: 1 }) });

function openHost() {
  const environment = fakeEnvironment({ now: T });
  const store = memoryStore();
  const use = [log({ size: 100 }), limits({}, { maxActive: 5 }), schedules(), flows(), results()];
  return {
    environment,
    host: createQueue({ name: 'sync', jobs, store, environment, use }),
  };
}

const spec = (id: string, more: object = {}) => ({
  ...{ id, known: false, name: 'push', version: 1, priority: 0, payload: { secret: 1 } },
  ...more,
});
const call = (name: string, args: object = {}): CallMessage => ({ v: 1, call: name, args });
const enqueues = (...specs: object[]) => call('enqueue', { jobs: specs });
const claims = (more: object = {}) =>
  call('exchange', {
    workerId: 'w',
    settle: [],
    claim: { names: { push: { version: 1, slots: 9 } }, limit: 9, leaseMs: 30_000, idle: true },
    ...more,
  });

describe('the first version of the protocol', () => {
  const folder = new URL('./protocol-1/', import.meta.url);
  /** Of the kernel, and of each feature that has operations, in an order in which a host is asked. */
  const calls = readdirSync(folder).map((file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    return [file, JSON.parse(text) as readonly { message: CallMessage; reply: Reply }[]] as const;
  });

  it.each(calls)(
    'is served: each call is replied as it was, whatever replies have beside that: %s',
    async (_, all) => {
      const serve = expose(openHost().host, everything);
      for (const { message, reply } of all)
        expect(JSON.parse(JSON.stringify(await serve(message))), message.call).toMatchObject(reply);
    },
  );

  it('has a call of each operation that can be exposed', () => {
    const { host } = openHost();
    const names = Object.values<Exposable>(everything)
      .flatMap(({ operations, also }) => [...operations, ...(also?.(contextOf(host)) ?? [])])
      .map(({ name }) => name);
    const called = calls.flatMap(([, all]) => all.map(({ message }) => message.call));
    expect([...new Set(called)].sort()).toEqual([...new Set(names)].sort());
  });

  it('is what a host speaks: another number is refused, with those that it knows', async () => {
    const serve = expose(openHost().host, { count });
    for (const v of [0, 2, '1', undefined, Number.NaN])
      expect(await serve({ v, call: 'count' })).toMatchObject({
        error: { code: 'InvalidOption', message: expect.stringContaining('expected one of 1') },
      });
  });
});

describe('a host serves', () => {
  const isServed = (reply: Reply) => reply.error === undefined;

  it('nothing that was not exposed', async () => {
    const { host } = openHost();
    const none = expose(host, {});
    const some = expose(host, { get });
    for (const name of ['count', 'get', 'reclaim', 'constructor', '__proto__', '', 7])
      expect(isServed(await none({ v: 1, call: name, args: {} }))).toBe(false);
    expect(isServed(await some(call('get', { id: 'x' })))).toBe(true);
    expect(await some(call('count'))).toMatchObject({
      error: { message: expect.stringContaining('exposed: get') },
    });
  });

  it('and says what that is, to whoever may ask', async () => {
    const { host } = openHost();
    expect(await expose(host, { get, enqueueMany })(call('operations'))).toMatchObject({
      answer: ['get', 'enqueue'],
    });
    expect(await expose(host, {})({ v: 1, call: 'operations' })).toMatchObject({ answer: [] });
    const refusing = expose(host, { get }, { authorize: (_, operation) => operation === 'get' });
    expect(await refusing(call('operations'))).toMatchObject({ error: { code: 'NotPermitted' } });
  });

  it('no caller that authorize does not permit, and asks it with checked arguments', async () => {
    const { host } = openHost();
    const asked: unknown[] = [];
    const options: ExposeOptions<string> = {
      authorize: (from, operation, args) => {
        asked.push([from, operation, args]);
        if (from === 'thrower') throw new Error('the session store is away');
        return from === 'friend' ? true : (from as never);
      },
    };
    const serve = expose(host, { get, enqueueMany }, options);
    expect(isServed(await serve(call('get', { id: 'x' }), 'friend'))).toBe(true);
    for (const nobody of ['', 0, 1, null, undefined, false, {}] as never[])
      expect(await serve(call('get', { id: 'x' }), nobody)).toMatchObject({
        error: { code: expect.any(String) },
      });
    expect(await serve(call('get', { id: 'x' }), 'thrower')).toMatchObject({
      error: { message: 'the session store is away' },
    });
    await serve(enqueues({ wrong: true }), 'friend');
    expect(asked).not.toContainEqual(expect.arrayContaining(['enqueue']));
    expect(asked[0]).toEqual(['friend', 'get', { id: 'x' }]);
    expect(await count(host)).toMatchObject({ pending: 0 });
  });

  it('each caller as a worker of his own, by the identity that authorize gives', async () => {
    const { host } = openHost();
    await enqueueMany(
      host,
      [1, 2].map((n) => ({ name: 'push' as const, payload: n })),
    );
    const serve = expose<string>(host, pulling, { authorize: (from) => from });
    const one = { ...claims(), args: { ...(claims().args as object) } };
    const { answer } = (await serve(one, 'ann')) as { answer: { jobs: { job: Job; fence: number }[] } };
    const [claimed] = answer.jobs;
    expect(claimed?.job.lease?.workerId).toBe('remote "ann" w');
    const leases = [{ id: claimed?.job.id, fence: claimed?.fence }];
    const extend = call('extend', { workerId: 'w', leases, leaseMs: 1_000 });
    expect(await serve(extend, 'bob')).toMatchObject({ answer: ['stale'] });
    expect(await serve(extend, 'ann')).toMatchObject({ answer: ['extended'] });
  });

  it('what its workers lost: it emits that a job is dead whose worker elsewhere has gone', async () => {
    const { host, environment } = openHost();
    const { id } = await host.enqueue('push', 1, { maxCrashes: 1 });
    const serve = expose(host, pulling);
    const events: string[] = [];
    host.on('job:dead', ({ job }) => events.push(job.id));
    await serve(claims());
    await environment.advance(30_001);
    await serve(claims({ workerId: 'another' }));
    expect(events).toEqual([id]);
  });

  it('limits and rules of its own: what a caller says of them is refused', async () => {
    const { host } = openHost();
    await enqueueMany(
      host,
      Array.from({ length: 9 }, (_, n) => ({ name: 'push' as const, payload: n })),
    );
    const serve = expose(host, pulling);
    const { answer } = (await serve(claims())) as { answer: { jobs: unknown[] } };
    expect(answer.jobs).toHaveLength(5);
    for (const wrong of [
      claims({ keep: { dead: { count: 1 } } }),
      claims({ probeMaxMs: 1 }),
      claims({ claim: { ...(claims().args as { claim: object }).claim, maxActive: 99 } }),
      claims({ claim: { ...(claims().args as { claim: object }).claim, leaseMs: 4e10 } }),
      claims({ claim: { ...(claims().args as { claim: object }).claim, limit: 1_001 } }),
      claims({ settle: Array.from({ length: 1_001 }, () => ({})) }),
      enqueues(spec('a'), { ...spec('b'), tick: { id: 'x', at: 1 } }),
    ])
      expect(await serve(wrong)).toMatchObject({ error: { code: 'InvalidOption' } });
  });

  it('claims as its queue says, also how the old get their turn', async () => {
    const memory = memoryStore();
    const claimed: unknown[] = [];
    const transact = <T>(transaction: Transaction<T>) => {
      if (transaction.name === 'exchange') claimed.push((transaction.args as { claim: unknown }).claim);
      return memory.transact(transaction);
    };
    const store = { ...memory, transact };
    const host = createQueue({
      name: 'sync',
      jobs,
      store,
      environment: fakeEnvironment({ now: T }),
      ageing: 4,
    });
    await expose(host, pulling)(claims());
    expect(claimed).toMatchObject([{ ageing: 4, limit: 9 }]);
  });

  it('no payload that its schema refuses, on whatever way it comes', async () => {
    const checked = defineJobs({ text: job({ payload: texts }) });
    const use = [schema(), schedules(), flows()];
    const host = createQueue({ name: 'sync', jobs: checked, store: memoryStore(), use });
    const serve = expose(host, everything);
    const bad = spec('x', { name: 'text', payload: 7 });
    const { id: _, known: __, ...ticking } = bad;
    const rule = { kind: 'every', ms: 60_000 };
    const settle = [{ id: 'x', fence: 1, outcome: { kind: 'complete', enqueue: [bad] } }];
    for (const message of [
      enqueues(bad),
      call('putBatch', { id: 'b', whenDone: bad }),
      call('putSchedules', { schedules: [{ id: 's', rule, missed: 'once', overlap: true, job: ticking }] }),
      call('exchange', { workerId: 'w', settle }),
    ])
      expect(await serve(message)).toMatchObject({ error: { code: 'Payload', issues: [{}] } });
    expect(await count(host)).toMatchObject({ pending: 0 });
  });

  const isInvalid = async (host: Handle, name: string, args: object) =>
    expect(await expose(host, everything)(call(name, args)), JSON.stringify(args)).toMatchObject({
      error: { code: 'InvalidOption' },
    });

  it('no batch that a queue here would refuse', async () => {
    const { host } = openHost();
    for (const whenDone of [
      spec('x', { known: true }),
      spec('x', { idempotencyKey: 'k' }),
      spec('x', { dependsOn: { y: 'y' } }),
      spec('x', { batch: 'b' }),
      ...[null, 0, false, ''],
    ])
      await isInvalid(host, 'putBatch', { id: 'b', whenDone });
    await expect(batch(host, { whenDone: 0 as never })).rejects.toMatchObject({ code: 'InvalidOption' });
    expect(await expose(host, everything)(call('countBatch', { id: 'b' }))).not.toHaveProperty(
      'answer.total',
    );
  });

  it('no schedule that a queue here would refuse', async () => {
    const { host } = openHost();
    const { id: _, known: __, ...ticking } = spec('x');
    for (const more of [{ dependsOn: { y: 'y' } }, { onDependencyDeath: 'run' }, { batch: 'b' }]) {
      const every = { kind: 'every', ms: 60_000 };
      const job = { ...ticking, ...more };
      const put = { id: 's', rule: every, missed: 'once', overlap: true, job };
      await isInvalid(host, 'putSchedules', { schedules: [put] });
    }
    expect(await expose(host, everything)(call('listSchedules'))).toMatchObject({ answer: [] });
  });

  it('no redrive that a queue here would refuse', async () => {
    const { host } = openHost();
    for (const more of [{ edit: null }, { edit: 0 }, { alone: '' }, { alone: null }])
      await isInvalid(host, 'redrive', { ids: ['x'], ...more });
  });

  it('what redact leaves of the jobs that are read', async () => {
    const { host } = openHost();
    const redact = ({ id, name, state }: Job) => ({ id, name, state });
    const serve = expose(host, everything, { redact });
    await serve(enqueues(spec('a')));
    for (const message of [
      call('get', { id: 'a' }),
      call('list', { state: 'pending' }),
      call('explain', { id: 'a' }),
    ]) {
      const reply = JSON.stringify(await serve(message));
      expect(reply).toContain('"name":"push"');
      expect(reply).not.toContain('secret');
    }
    expect(JSON.stringify(await serve(claims()))).toContain('secret');
  });

  it('whatever comes, by a reply and never by a rejection, and stores nothing by it', async () => {
    const { host } = openHost();
    const serve = expose(host, everything);
    const names = fc.constantFrom(
      ...new Set(Object.values(everything).flatMap(({ operations }) => operations.map(({ name }) => name))),
    );
    const hostile = fc.constantFrom<() => unknown>(
      () =>
        new Proxy(
          {},
          {
            get: () => {
              throw new Error('get');
            },
            ownKeys: () => {
              throw new Error('keys');
            },
          },
        ),
      () => ({
        get id() {
          throw new Error('getter');
        },
      }),
      () => Object.create({ id: 'x' }),
      () => new Map(),
      () => Symbol('s'),
      () => () => undefined,
    );
    const junk = fc.oneof(
      fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true }),
      hostile.map((make) => make()),
    );
    const field = fc.constantFrom(
      ...[
        'id',
        'ids',
        'jobs',
        'state',
        'limit',
        'cursor',
        'name',
        'until',
        'settle',
        'claim',
        'leases',
        'schedules',
      ],
    );
    const args = fc.oneof(junk, fc.dictionary(field, junk));
    const message = fc.oneof(
      junk,
      fc.record({ v: fc.constantFrom(1, 1, 1, 2), call: fc.oneof(names, junk), args }),
    );
    await fc.assert(
      fc.asyncProperty(message, async (given) => {
        const reply = await serve(given);
        expect(reply.v).toBe(1);
        structuredClone(reply);
      }),
      { numRuns: 300 },
    );
    expect(await list(host, { state: 'pending' })).toEqual({ jobs: [] });
  });
});

describe('a remote queue', () => {
  const lossy = (losses: number) => {
    const { host } = openHost();
    const serve = expose(host, everything);
    const seen: CallMessage[] = [];
    const send = async (message: CallMessage) => {
      seen.push(message);
      const reply = await serve(structuredClone(message));
      if (seen.length <= losses)
        throw Object.assign(new Error('the connection was lost'), { retryable: true });
      return reply;
    };
    const waits: number[] = [];
    const environment = {
      ...fakeEnvironment({ now: T }),
      setTimer(callback: () => void, ms: number) {
        waits.push(ms);
        queueMicrotask(callback);
        return () => undefined;
      },
    };
    return {
      host,
      seen,
      waits,
      queue: remoteQueue({ name: 'sync', jobs, use: everyFeature(), send, environment }),
    };
  };

  it('repeats a call whose answer was lost, and a job is stored once', async () => {
    const { host, queue, seen, waits } = lossy(2);
    expect(await queue.enqueue('push', 1)).toMatchObject({ status: 'enqueued' });
    expect(seen).toHaveLength(3);
    expect(waits).toHaveLength(2);
    expect(await count(host)).toMatchObject({ pending: 1 });
  });

  it('gives up after five tries, once for all that was enqueued together, and says that it may be stored', async () => {
    const { queue, seen } = lossy(99);
    const ends = await Promise.allSettled([1, 2, 3].map((n) => queue.enqueue('push', n)));
    expect(seen).toHaveLength(5);
    for (const end of ends)
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'Store', retryable: true } });
  });

  it('does not repeat what is refused, nor what failed for good', async () => {
    const { queue, seen } = lossy(0);
    await expect(queue.enqueue('push', 1, { dependsOn: 'nobody' })).rejects.toMatchObject({
      code: 'InvalidOption',
    });
    expect(seen).toHaveLength(1);
    const send = () => Promise.reject(new StoreError('gone', { retryable: false }));
    const gone = remoteQueue({ name: 'sync', jobs, send });
    await expect(count(gone)).rejects.toThrow('gone');
  });

  it('says what is wrong when its messages are not carried to a host', async () => {
    const queue = remoteQueue({ name: 'sync', jobs, send: async () => 'hello' });
    await expect(count(queue)).rejects.toThrow('has to return what expose(…) replied');
  });

  it('takes no reply for a number of jobs that has none', async () => {
    const send = async () => ({ v: 1, now: T });
    const queue = remoteQueue({ name: 'sync', jobs, send, tries: 1 });
    await expect(retryNow(queue)).rejects.toMatchObject({ code: 'Store', retryable: false });
  });

  it('sends no instant of its own clock, and nothing that is of its context alone', async () => {
    const { queue, seen } = lossy(0);
    await queue.enqueue('push', 'x', { runAt: T + 5_000 });
    expect(seen[0]?.args).toEqual({
      jobs: [{ ...spec('id-000001', { payload: 'x', runAt: 5_000 }) }],
    });
  });

  it('claims no more than it begins: also where jobs are quick', async () => {
    const { host, environment } = openHost();
    const serve = expose(host, everything);
    const limits: number[] = [];
    const send = async (message: CallMessage) => {
      const { claim } = message.args as { claim?: { limit: number } };
      if (claim !== undefined) limits.push(claim.limit);
      return serve(message);
    };
    await enqueueMany(
      host,
      Array.from({ length: 50 }, (_, n) => ({ name: 'push' as const, payload: n })),
    );
    const queue = remoteQueue({ name: 'sync', jobs, send, environment });
    const worker = work(queue, { push: () => undefined }, { concurrency: 3 });
    await environment.advance(1_000);
    await worker.stop();
    expect(await count(host)).toMatchObject({ completed: 50 });
    expect(Math.max(...limits)).toBe(3);
  });
});
