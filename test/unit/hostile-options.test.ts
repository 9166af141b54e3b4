import fc from 'fast-check';
import {
  cancel,
  count,
  createQueue,
  defineJobs,
  drain,
  enqueueMany,
  explain,
  exponential,
  fixed,
  gates,
  get,
  hold,
  job,
  linear,
  list,
  memoryStore,
  middleware,
  putSchedule,
  type Queue,
  redrive,
  remove,
  retryNow,
  work,
} from 'holdfast';
import { drainObjects, queueClient } from 'holdfast/edge';
import type { FakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import {
  good,
  hostile,
  hostileOptions,
  hostileRecipes,
  isPolluted,
  type Recipe,
  typedError,
} from './hostile-values.ts';
import { setScene } from './scene.ts';

const jobs = defineJobs({ push: job<unknown>() });
const RUNS = { numRuns: 300 };
type Call = (...given: never[]) => unknown;

const gate = { isOpen: () => true, subscribe: () => () => {} };
const schema = { '~standard': { version: 1, vendor: 'tests', validate: (value: unknown) => ({ value }) } };
const backoff = { kind: 'fixed', initialMs: 1, factor: 2, stepMs: 1, maxMs: 5, jitter: 'none' };

/** The call with any of these goes through or throws a typed error at once. */
const holds = (...given: [...fc.Arbitrary<Recipe>[], Call]) => {
  const call = given.pop() as Call;
  const property = fc.asyncProperty(fc.tuple(...(given as fc.Arbitrary<Recipe>[])), async (values) => {
    await typedError(() => call(...(values.map((make) => make()) as never[])));
    expect(isPolluted()).toBe(false);
  });
  return fc.assert(property, RUNS);
};

describe('whatever is given in the place of options is taken or refused with a typed error, by', () => {
  it('createQueue', () =>
    holds(
      hostileOptions({
        ...{ name: 'q', jobs, store: memoryStore(), maxDepth: 5, maxBytes: 500, dedupeMs: 0 },
        use: [middleware([{ name: 'm', run: () => undefined }])],
      }),
      createQueue as Call,
    ));

  it('middleware', () =>
    holds(hostileOptions({ name: 'm', run: () => undefined }), ((one: never) => middleware([one])) as Call));

  it('gates', () => holds(hostileOptions({ push: gate }), gates as Call));

  it.each(hostileRecipes)('createQueue, with an environment of %s', async (_, make) => {
    const value = make();
    const options = { name: 'q', jobs, store: memoryStore(), environment: value };
    const error = await typedError(() => createQueue(options as never));
    expect(error?.code).toBe(value === undefined || value === null ? undefined : 'InvalidOption');
  });

  it('job and defineJobs', async () => {
    const good = {
      maxAttempts: 2,
      maxCrashes: 2,
      backoff,
      timeoutMs: 5,
      concurrency: 1,
      version: 2,
      upcast: { 1: (payload: unknown) => payload },
      payload: schema,
    };
    await holds(hostileOptions(good), job as Call);
    await holds(hostileOptions({ push: good }), defineJobs as Call);
  });

  it('the backoffs', async () => {
    const good = { initialMs: 5, factor: 2, stepMs: 1, maxMs: 50, jitter: 'full', delayMs: 5 };
    for (const make of [exponential, linear, fixed]) await holds(hostileOptions(good), make as Call);
  });
});

async function expectUnharmed(queue: Queue, stored: number): Promise<void> {
  const counts = await count(queue);
  expect(counts.pending).toBe(stored);
  expect(Object.values(counts).every((count) => count === false || Number.isSafeInteger(count))).toBe(true);
  expect((await list(queue, { state: 'pending', limit: 1_000 })).jobs).toHaveLength(stored);
}

describe('a hostile call of a queue is taken whole or refused whole:', () => {
  const options = {
    priority: 'high',
    delayMs: 5,
    lane: 'doc',
    idempotencyKey: 'k',
    onDuplicate: 'keep',
    id: 'x',
    maxAttempts: 2,
    maxCrashes: 2,
    backoff,
    timeoutMs: 5,
    headers: { a: 'b' },
    tags: ['t'],
  };

  it('enqueue', () =>
    fc.assert(
      fc.asyncProperty(fc.oneof(good('push'), hostile), hostileOptions(options), async (name, given) => {
        const { queue } = setScene(jobs);
        const error = await typedError(() => queue.enqueue(name() as 'push', 1, given() as never));
        await expectUnharmed(queue, error === undefined ? 1 : 0);
      }),
      RUNS,
    ));

  const lists = fc.array(hostileOptions({ name: 'push', payload: 1, lane: 'doc' }), { maxLength: 3 }).map(
    (items): Recipe =>
      () =>
        items.map((make) => make()),
  );

  it('enqueueMany', () =>
    fc.assert(
      fc.asyncProperty(fc.oneof(lists, hostile), async (items) => {
        const { queue } = setScene(jobs);
        let length = 0;
        const error = await typedError(async () => {
          length = (await enqueueMany(queue, items() as never)).length;
        });
        await expectUnharmed(queue, error === undefined ? length : 0);
      }),
      RUNS,
    ));

  it('get, list, count, cancel, redrive, remove, hold', async () => {
    const { queue } = setScene(jobs);
    await queue.enqueue('push', 1, { id: 'there' });
    const page = { state: 'pending', name: 'push', limit: 5, cursor: 'c' };
    await holds(hostileOptions(page), ((given: never) => list(queue, given)) as Call);
    const operations: readonly ((of: typeof queue, id: never) => unknown)[] = [get, cancel, redrive, remove];
    for (const operation of operations) await holds(hostile, ((id: never) => operation(queue, id)) as Call);
    await expectUnharmed(queue, 1);
    await holds(fc.oneof(good('push'), hostile), hostile, ((name: never, until: never) =>
      hold(queue, name, until)) as Call);
    await expectUnharmed(queue, 1);
  });

  /** Lets all happen that needs no time, and answers what the call came to. */
  async function flushed<T>(environment: FakeEnvironment, call: () => T | Promise<T>): Promise<T> {
    const answer = (async () => call())();
    answer.catch(() => undefined);
    await environment.flush();
    return answer;
  }

  it('work, stop, drain and close', async () => {
    const handlers = hostileOptions({ push: () => {} });
    const worker = {
      concurrency: 2,
      leaseMs: 5_000,
      timeoutGraceMs: 5,
      overlapAfterMs: 5,
      signal: new AbortController().signal,
    };
    const { queue, environment } = setScene(jobs);
    await holds(handlers, hostileOptions(worker), hostileOptions({ graceMs: 0 }), (async (
      given: never,
      how: never,
      end: never,
    ) => {
      const started = work(queue, given, how);
      const error = await typedError(() => flushed(environment, () => started.stop(end)));
      if (error !== undefined) await flushed(environment, () => started.stop({ graceMs: 0 }));
    }) as Call);
    await holds(handlers, hostileOptions({ ...worker, deadlineMs: 5 }), ((given: never, how: never) =>
      flushed(environment, () => drain(queue, given, how))) as Call);
    await holds(
      hostile.filter((make) => make() !== undefined),
      ((how: never) => flushed(environment, () => queue.close(how))) as Call,
    );
    expect(environment.timers).toBe(0);
  });

  it('a job defined with getters is what it was when it was defined', async () => {
    let asked = 0;
    const shifty = Object.defineProperty({}, 'maxAttempts', {
      enumerable: true,
      get: () => (asked++ === 0 ? 1 : Number.NaN),
    });
    const { queue, environment } = setScene({ push: job(shifty) });
    await queue.enqueue('push', 1, { id: 'x' });
    const drained = drain(queue, { push: () => Promise.reject(new Error('no')) });
    await environment.flush();
    expect(await drained).toMatchObject({ dead: 1, retried: 0 });
  });
});

/** A hostile iterable throws what it likes: only lists are checked whole. */
const enqueueList = (queue: Queue, items: never) => enqueueMany(queue, items);

const ASKED = {
  enqueueMany: enqueueList,
  list,
  drainObjects,
  hold,
  get,
  cancel,
  explain,
  retryNow,
  putSchedule,
};

describe('a client of objects', () => {
  const namespace = {
    idFromName: (name: string) => ({ name }),
    get: () => ({ holdfast: () => ({ answer: undefined }) }),
  };

  it('is made, or its options are refused', () =>
    holds(
      fc.oneof(good(namespace), hostile),
      fc.oneof(good('mail'), hostile),
      hostileOptions({ jobs, shards: 2, formerShards: [1], dedupeMs: 5, tries: 1 }),
      queueClient as Call,
    ));

  it.each(Object.entries(ASKED))(
    'asked to %s anything of objects that fail in any way rejects with typed errors only',
    async (_name, act) => {
      const answers = fc.oneof(hostile, hostileOptions({ error: { code: 'Store', message: 'no' } }));
      const given = fc.oneof(
        hostile,
        hostileOptions({ state: 'dead', workerId: 'w', names: ['push'], job: {}, outcome: {} }),
      );
      const thrown = fc.oneof(good(true), good(false));
      await holds(answers, thrown, given, given, (async (
        answer: never,
        throws: boolean,
        first: never,
        second: never,
      ) => {
        const object = () => ({
          holdfast: () => {
            if (throws) throw answer;
            return answer;
          },
        });
        const client = queueClient(namespace, 'mail', { jobs, object, tries: 1 });
        await (act as (...all: unknown[]) => Promise<unknown>)(client, first, second);
      }) as Call);
    },
  );
});
