import {
  abandon,
  batch,
  cancel,
  checkpoints,
  clear,
  count,
  createQueue,
  defineJobs,
  drain,
  edit,
  enqueueFlow,
  enqueueMany,
  every,
  explain,
  exportJobs,
  expose,
  type Feature,
  flows,
  get,
  hold,
  job,
  list,
  listAll,
  listSchedules,
  log,
  memoryStore,
  type OptionsOf,
  pause,
  pauseSchedule,
  prepare,
  prune,
  purge,
  putSchedule,
  type Queue,
  readLog,
  ready,
  redrive,
  redriveMany,
  remoteQueue,
  remove,
  removeMany,
  removeSchedule,
  result,
  results,
  resume,
  resumeSchedule,
  retryNow,
  type Send,
  StoreError,
  stats,
  triggerSchedule,
  watch,
  work,
  workers,
} from 'holdfast';
import { hostQueue, workerQueue } from 'holdfast/comlink';
import { httpHost, httpQueue, queueClient } from 'holdfast/edge';
import { type FakeEnvironment, fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { laterTask } from '../../src/core/queue/later-task.ts';
import { everything } from './everything.ts';

const T = 1_750_000_000_000;
const HOUR_MS = 3_600_000;
const jobs = defineJobs({ push: job<unknown>({ maxAttempts: 1 }), other: job<unknown>() });
type Jobs = typeof jobs;
const use = [results(), flows(), checkpoints(), log({ size: 100 })] as const;
type Options = OptionsOf<typeof use>;

interface Place {
  readonly queue: Queue<Jobs, Options>;
  readonly environment: FakeEnvironment;
  /** Of the host: the same, unless the two are apart. */
  readonly host: Queue<Jobs, Options>;
}

function openHost() {
  const environment = { ...fakeEnvironment({ now: T }), yield: () => laterTask({}) };
  const store = memoryStore();
  return {
    environment,
    store,
    host: createQueue({ name: 'sync', jobs, store, environment, use }),
  };
}

/** As a carrier that knows no more than plain data. */
const wires: Readonly<Record<string, (value: unknown) => unknown>> = {
  'structured clones': (value) => structuredClone(value),
  JSON: (value) => JSON.parse(JSON.stringify(value)),
};

function openRemote(wire: (value: unknown) => unknown, skewMs = 0): Place {
  const { environment, host } = openHost();
  const serve = expose(host, everything);
  const send: Send = async (message) => wire(await serve(wire(message)));
  const skewed = { ...environment, now: () => environment.now() + skewMs };
  return {
    host,
    environment,
    queue: remoteQueue({ name: 'sync', jobs, use, send, environment: skewed, pollMs: 100 }),
  };
}

function openHttp(): Place {
  const { environment, host } = openHost();
  const serve = httpHost(host, everything, { authorize: () => true });
  const fetch = (url: string, init: RequestInit) => serve(new Request(url, init));
  const queue = httpQueue('https://queue.example/calls', { jobs, use, fetch, environment, pollMs: 100 });
  return { host, environment, queue };
}

/** Messages take turns of their own, which the clock that stands still does not know. */
function openWorker(): Place {
  const { environment: clock, host } = openHost();
  const environment: FakeEnvironment = {
    ...clock,
    async advance(ms) {
      for (let step = 0; step <= 20; step++) {
        for (let turn = 0; turn < 40; turn++) await laterTask({});
        if (step < 20) await clock.advance(ms / 20);
      }
    },
  };
  const { port1, port2 } = new MessageChannel();
  hostQueue(host, everything, { endpoint: port1 });
  const queue = workerQueue({ name: 'sync', jobs, use, worker: port2, environment, pollMs: 100 });
  onTestFinished(() => {
    port1.close();
    port2.close();
  });
  return { host, environment, queue };
}

/** A host between: its queue is elsewhere as well. */
function openRelayed(): Place {
  const { queue: between, host, environment } = openRemote(wires.JSON as never);
  const serve = expose(between, everything);
  const send: Send = async (message) => structuredClone(await serve(structuredClone(message)));
  return {
    host,
    environment,
    queue: remoteQueue({ name: 'sync', jobs, use, send, environment, pollMs: 100 }),
  };
}

/** Three objects, and the number that they are called with is not theirs to compare. */
function openShards(): Place {
  const environment = { ...fakeEnvironment({ now: T }), yield: () => laterTask({}) };
  const objects = new Map<string, ReturnType<typeof expose>>();
  const object = (name: string) => {
    let serve = objects.get(name);
    if (serve === undefined) {
      const store = memoryStore();
      serve = expose(createQueue({ name: 'sync', jobs, store, environment, use }), everything);
      objects.set(name, serve);
    }
    return {
      holdfast: ({ layout: _, ...message }: { readonly layout: unknown }) => serve(structuredClone(message)),
    };
  };
  const open = () =>
    queueClient({} as never, 'sync', {
      jobs,
      use,
      shards: 3,
      object: object as never,
      environment,
      pollMs: 100,
    });
  return { queue: open(), host: open(), environment };
}

const PLACES: Readonly<Record<string, () => Place>> = {
  here: () => {
    const { environment, host } = openHost();
    return { queue: host, host, environment };
  },
  'over structured clones': () => openRemote(wires['structured clones'] as never),
  'over JSON': () => openRemote(wires.JSON as never),
  'over HTTP': openHttp,
  'in a worker': openWorker,
  'over three objects': openShards,
  'over a host whose queue is elsewhere': openRelayed,
  'over JSON, by a clock that is an hour ahead': () => openRemote(wires.JSON as never, HOUR_MS),
};

/** What each function does to a queue, as somebody who uses it would see it. */
const WALK: Readonly<Record<string, (place: Place) => Promise<void>>> = {
  enqueue: async ({ queue, host }) => {
    const { id, status } = await queue.enqueue(
      'push',
      { n: 1 },
      { id: 'mine', priority: 'high', tags: ['t'] },
    );
    expect([id, status]).toEqual(['mine', 'enqueued']);
    expect(await get(host, 'mine')).toMatchObject({ payload: { n: 1 }, priority: 10, tags: ['t'] });
    expect(await queue.enqueue('push', { n: 2 }, { id: 'mine' })).toEqual({
      id: 'mine',
      status: 'duplicate',
    });
  },
  get: async ({ queue }) => {
    const { id } = await queue.enqueue('push', 'x');
    expect(await get(queue, id)).toMatchObject({ id, state: 'pending', payload: 'x' });
    expect(await get(queue, 'none')).toBeUndefined();
  },
  'list and listAll': async ({ queue }) => {
    const answers = await enqueueMany(
      queue,
      [1, 2, 3].map((n) => ({ name: 'push' as const, payload: n })),
    );
    const listed: string[] = [];
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      const page = await list(queue, { state: 'pending', limit: 2, ...(cursor && { cursor }) });
      expect(page.jobs.length).toBeLessThanOrEqual(2);
      listed.push(...page.jobs.map(({ id }) => id));
      cursor = page.cursor;
    }
    expect(listed).toEqual(answers.map(({ id }) => id));
    const all: string[] = [];
    for await (const { id } of listAll(queue, { state: 'pending' })) all.push(id);
    expect(all).toEqual(answers.map(({ id }) => id));
  },
  count: async ({ queue }) => {
    await queue.enqueue('push', 'x');
    expect(await count(queue)).toMatchObject({ pending: 1, paused: false });
  },
  stats: async ({ queue }) => {
    await queue.enqueue('push', 'x');
    expect((await stats(queue)).names.push).toMatchObject({ waiting: 1 });
  },
  log: async ({ queue }) => {
    const { id } = await queue.enqueue('push', 'x');
    expect(await readLog(queue, { limit: 1 })).toEqual([
      expect.objectContaining({ id, to: 'enqueued', at: T }),
    ]);
  },
  explain: async ({ queue }) => {
    const { id } = await queue.enqueue('push', 'x');
    await pause(queue);
    expect((await explain(queue, id))?.waits).toEqual([{ why: 'paused' }, { why: 'no-worker' }]);
  },
  cancel: async ({ queue, host }) => {
    const { id } = await queue.enqueue('push', 'x');
    expect(await cancel(queue, id)).toBe('cancelled');
    expect(await cancel(queue, id)).toBe('unknown');
    expect(await count(host)).toMatchObject({ pending: 0, cancelled: 1 });
  },
  clear: async ({ queue }) => {
    await enqueueMany(
      queue,
      [1, 2, 3].map((n) => ({ name: 'push' as const, payload: n })),
    );
    expect(await clear(queue)).toBe(3);
  },
  'pause, resume and hold': async ({ queue, host }) => {
    await pause(queue, 'push');
    expect(await count(host)).toMatchObject({ pausedNames: ['push'] });
    await resume(queue, 'push');
    const { id } = await queue.enqueue('other', 'x');
    // Over a wire it is taken for what it is by the caller's own clock.
    await hold(queue, 'other', skewedNow(queue) + 5_000);
    expect((await explain(host, id))?.waits).toContainEqual({ why: 'held', until: T + 5_000 });
  },
  'delays and instants': async ({ queue, host }) => {
    const first = await queue.enqueue('push', 'x', { delayMs: 5_000 });
    const second = await queue.enqueue('push', 'x', { runAt: skewedNow(queue) + 7_000 });
    expect((await get(host, first.id))?.runAt).toBe(T + 5_000);
    expect((await get(host, second.id))?.runAt).toBe(T + 7_000);
  },
  'redrive, with another payload, and remove': async ({ queue, host }) => {
    const id = await deadJob(queue, host);
    expect(await redrive(queue, id, { payload: 'better' })).toBe('redriven');
    expect(await get(queue, id)).toMatchObject({ state: 'pending', payload: 'better', failures: 0 });
    expect(await remove(queue, id)).toBe('live');
    expect(await remove(queue, await deadJob(queue, host))).toBe('removed');
  },
  edit: async ({ queue, host }) => {
    const { id } = await queue.enqueue('push', 'x', { lane: 'l' });
    expect(await edit(queue, id, { payload: { better: [1] }, priority: 'high' })).toBe('edited');
    expect(await edit(queue, id, { runAt: skewedNow(queue) + 5_000 })).toBe('edited');
    expect(await get(host, id)).toMatchObject({
      payload: { better: [1] },
      priority: 10,
      lane: 'l',
      runAt: T + 5_000,
    });
    expect(await edit(queue, id, { runAt: new Date(skewedNow(queue) + 9_000) })).toBe('edited');
    expect((await get(host, id))?.runAt).toBe(T + 9_000);
    expect(await edit(queue, id, { delayMs: 0 })).toBe('edited');
    expect((await get(host, id))?.runAt).toBe(T);
    expect(await edit(queue, 'none', { priority: 1 })).toBe('unknown');
    expect(await edit(queue, 'none', { payload: 1 })).toBe('unknown');
    expect(await edit(queue, await deadJob(queue, host), { payload: 1 })).toBe('finished');
    await expect(edit(queue, id, {})).rejects.toMatchObject({ code: 'InvalidOption' });
  },
  workers: async ({ queue, host, environment }) => {
    const { id } = await queue.enqueue('push', 'x');
    expect(await workers(queue)).toEqual({ workers: [], names: [] });
    let end = () => {};
    const worker = work(host, {
      push: () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    });
    await environment.advance(1_000);
    const { workers: all, names } = await workers(queue);
    expect(all).toEqual([
      { workerId: expect.any(String), active: 1, jobs: [{ id, name: 'push' }], ...seen(all[0]) },
    ]);
    expect(names).toEqual(['push']);
    end();
    await worker.stop();
  },
  'redriveMany and removeMany': async ({ queue, host, environment }) => {
    await deadJob(queue, host);
    expect(await redriveMany(queue, { name: 'push' })).toMatchObject({ redriven: 1 });
    await clear(queue);
    await deadJob(queue, host);
    expect(await removeMany(queue, { olderThanMs: 60_000 })).toEqual({ removed: 0 });
    await environment.advance(60_000);
    expect(await removeMany(queue, { olderThanMs: 60_000 })).toEqual({ removed: 1 });
  },
  abandon: async ({ queue }) => {
    await queue.enqueue('push', 'x');
    expect(await abandon(queue, 'flows')).toEqual({ freed: 0, dropped: 0 });
  },
  prune: async ({ queue }) => {
    expect(await prune(queue)).toEqual({ completed: 0, dead: 0 });
  },
  purge: async ({ queue }) => {
    await queue.enqueue('push', 'x');
    expect(await purge(queue)).toEqual({ removed: 1, asked: 0 });
  },
  retryNow: async ({ queue, host }) => {
    const { id } = await queue.enqueue('push', 'x', { delayMs: 5_000 });
    expect(await retryNow(queue, { ids: [id] })).toEqual({ due: 1 });
    expect((await get(host, id))?.runAt).toBe(T);
  },
  result: async ({ queue, host, environment }) => {
    const { id } = await queue.enqueue('push', 'x', { keepResultMs: HOUR_MS });
    const wanted = result(queue, id);
    const worker = work(host, { push: () => ({ n: 7 }) });
    await environment.advance(5_000);
    expect(await wanted).toEqual({ n: 7 });
    await worker.stop();
  },
  ready: async ({ queue }) => {
    await ready(queue);
  },
  schedules: async ({ queue, host }) => {
    await putSchedule(queue, 'often', {
      recurrence: every({ ms: 60_000, anchor: T }),
      name: 'push',
      payload: 'x',
    });
    const expected = [expect.objectContaining({ id: 'often', name: 'push', nextAt: T + 60_000 })];
    expect(await listSchedules(queue)).toEqual(expected);
    expect(await listSchedules(host)).toEqual(expected);
    expect(
      await putSchedule(queue, 'often', {
        recurrence: every({ ms: 60_000, anchor: T }),
        name: 'push',
        payload: 'x',
      }),
    ).toEqual({});
    expect(await pauseSchedule(queue, 'often')).toBe(true);
    expect(await listSchedules(host)).toMatchObject([{ id: 'often', paused: true }]);
    const triggered = await triggerSchedule(queue, 'often');
    expect(triggered).toMatchObject({ status: 'enqueued', id: expect.stringMatching(/^often@/) });
    expect((await list(host, { state: 'pending' })).jobs).toMatchObject([{ tick: { schedule: 'often' } }]);
    expect(await triggerSchedule(queue, 'none')).toEqual({ status: 'unknown' });
    expect(await resumeSchedule(queue, 'often')).toBe(true);
    expect(await resumeSchedule(queue, 'none')).toBe(false);
    expect(await listSchedules(queue)).not.toMatchObject([{ paused: true }]);
    expect(await removeSchedule(queue, 'often')).toBe(true);
    expect(await removeSchedule(queue, 'often')).toBe(false);
  },
  batch: async ({ queue, host }) => {
    const photos = await batch(queue, { id: 'photos', whenDone: { name: 'other', payload: 'done' } });
    expect(await photos.add([1, 2].map((n) => ({ name: 'push' as const, payload: n })))).toMatchObject({
      enqueued: 2,
    });
    await photos.close();
    expect(await photos.counts()).toMatchObject({ total: 2, open: 2, closed: true });
    expect((await list(host, { state: 'pending' })).jobs).toHaveLength(2);
  },
  enqueueFlow: async ({ queue, host }) => {
    const { last } = await enqueueFlow(queue, {
      first: { name: 'push', payload: 1 },
      last: { name: 'other', payload: 2, dependsOn: 'first' },
    });
    expect((await explain(host, last.id))?.waits).toContainEqual(
      expect.objectContaining({ why: 'dependencies' }),
    );
  },
  'enqueueMany of an iterable': async ({ queue, host }) => {
    const items = Array.from({ length: 5 }, (_, n) => ({ name: 'push' as const, payload: n }));
    expect(await enqueueMany(queue, new Set(items), { chunkSize: 2 })).toMatchObject({ enqueued: 5 });
    expect(await count(host)).toMatchObject({ pending: 5 });
  },
  exportJobs: async ({ queue }) => {
    const { id } = await queue.enqueue('push', 'x', { delayMs: 5_000 });
    const items = [];
    for await (const { item } of exportJobs(queue)) items.push(item);
    expect(items).toEqual([expect.objectContaining({ id, name: 'push', payload: 'x', runAt: T + 5_000 })]);
  },
  watch: async ({ queue, host, environment }) => {
    const { subscribe, getSnapshot } = watch(queue);
    getSnapshot();
    let calls = 0;
    const end = subscribe(() => (calls += 1));
    await environment.advance(1_000);
    const before = calls;
    await host.enqueue('push', 'x');
    await environment.advance(5_000);
    expect(calls).toBeGreaterThan(before);
    expect(getSnapshot()).toMatchObject({ pending: 1 });
    end();
  },
  work: async ({ queue, host, environment }) => {
    const ran: unknown[] = [];
    await enqueueMany(
      queue,
      [1, 2, 3].map((n) => ({ name: 'push' as const, payload: n })),
    );
    const worker = work(queue, {
      push: (payload, context) => {
        ran.push(payload);
        if (payload === 2) throw new Error('no');
        if (payload === 3) context.enqueue('other', 'chained');
      },
    });
    await environment.advance(1_000);
    await worker.stop();
    expect(ran).toEqual([1, 2, 3]);
    expect(await count(host)).toMatchObject({ pending: 1, active: 0, completed: 2, dead: 1 });
    expect((await list(host, { state: 'dead' })).jobs[0]?.errors).toEqual([
      expect.objectContaining({ message: 'no', attempt: 1, at: T }),
    ]);
  },
  'prepare, which needs a store here': async ({ queue, host }) => {
    await expect(prepare(queue, 'push', 'x')).rejects.toThrow('can join a transaction of the app');
    expect(await count(host)).toMatchObject({ pending: 0 });
  },
  'errors of the host': async ({ queue }) => {
    const refused = queue.enqueue('push', 'x', { dependsOn: 'nobody' });
    await expect(refused).rejects.toMatchObject({ code: 'InvalidOption', name: 'InvalidOptionError' });
    await expect(get(queue, '')).rejects.toMatchObject({ code: 'InvalidOption' });
  },
};

const skews = new WeakMap<object, number>();
const skewedNow = (queue: object): number => T + (skews.get(queue) ?? 0);

/** By the clock of the rows. */
const seen = (worker: object | undefined) => {
  const { since, seenAt } = worker as { readonly since: number; readonly seenAt: number };
  expect([since >= T, since <= seenAt, seenAt <= T + 1_000]).toEqual([true, true, true]);
  return { since, seenAt };
};

/** Runs one into the dead letters, where the rows are. */
async function deadJob(queue: Queue<Jobs>, host: Queue<Jobs>): Promise<string> {
  const { id } = await queue.enqueue('push', 'x');
  const worker = work(host, {
    push: () => {
      throw new Error('no');
    },
  });
  await expect.poll(async () => (await get(host, id))?.state).toBe('dead');
  await worker.stop();
  return id;
}

describe.each(Object.entries(PLACES))(
  'a function over a queue does the same wherever the queue is: %s',
  (where, open) => {
    it.each(Object.entries(WALK))('%s', async (_, walk) => {
      const place = open();
      if (where.includes('ahead')) skews.set(place.queue, HOUR_MS);
      await walk(place);
    });
  },
);

describe('a worker over a wire that fails for good', () => {
  const failures: Readonly<Record<string, () => unknown>> = {
    'rejects with what nobody knows': () => Promise.reject(new Error('gone')),
    'rejects with a StoreError': () => Promise.reject(new StoreError('gone', { retryable: false })),
    'brings no reply': () => undefined,
    'brings that the host failed': () => ({ v: 1, now: T, error: { name: 'TypeError', message: 'no' } }),
  };

  it.each(
    Object.entries(failures).flatMap(([how, fail]) => [
      [how, 'before the call was carried out', fail, false] as const,
      [how, 'after it was', fail, true] as const,
    ]),
  )('and %s %s keeps what its jobs have come to, and tells it again', async (_, __, fail, isCarriedOut) => {
    const { environment, host } = openHost();
    const serve = expose(host, everything);
    let failing = 0;
    const send: Send = async (message) => {
      const { settle = [] } = Object(message.args);
      const isLost = failing < 2 && settle.length > 0;
      const reply = isLost && !isCarriedOut ? undefined : await serve(structuredClone(message));
      if (!isLost) return reply;
      failing += 1;
      return fail();
    };
    const queue = remoteQueue({ name: 'sync', jobs, use, send, environment, pollMs: 100 });
    const events: string[] = [];
    for (const name of ['job:completed', 'job:stale'] as const) queue.on(name, () => events.push(name));
    const { id } = await queue.enqueue('push', 'x', { keepResultMs: HOUR_MS });
    const worker = work(queue, { push: () => ({ n: 7 }) });
    for (let n = 0; n < 20; n++) await environment.advance(500);
    await worker.stop();
    expect(failing).toBe(2);
    expect(await result(host, id)).toEqual({ n: 7 });
    expect(events).toEqual(isCarriedOut ? [] : ['job:completed']);
  });
});

describe('a result, asked for from elsewhere', () => {
  it('is there that a page without the feature owes to the host', async () => {
    const { environment, host, store } = openHost();
    const serve = expose(host, { enqueueMany, result });
    const send: Send = async (message) => structuredClone(await serve(structuredClone(message)));
    const queue = remoteQueue({ name: 'sync', jobs, use, send, environment });
    const { id } = await queue.enqueue('push', 'x', { keepResultMs: HOUR_MS });
    const bare = createQueue({ name: 'sync', jobs, store, environment });
    await drain(bare, { push: () => 7, other: () => undefined });
    expect(await result(queue, id)).toBe(7);
  });
});

describe('a worker elsewhere', () => {
  it('is given no job that needs a feature which only the host uses', async () => {
    const needy: Feature = {
      name: 'needy',
      order: 0,
      specify: (spec) => {
        if (spec.name === 'other') spec.needs = ['needy'];
      },
    };
    const environment = { ...fakeEnvironment({ now: T }), yield: () => laterTask({}) };
    const host = createQueue({ name: 'sync', jobs, store: memoryStore(), environment, use: [needy] });
    const serve = expose(host, everything);
    await enqueueMany(host, [
      { name: 'other', payload: 'needs it' },
      { name: 'push', payload: 'plain' },
    ]);
    const drained = async (use: readonly Feature[], isSilent = false) => {
      const send: Send = async (message) => {
        const sent = structuredClone(message);
        if (isSilent) delete Object(sent.args).claim?.uses;
        return serve(sent);
      };
      const ran: unknown[] = [];
      const run = (payload: unknown) => void ran.push(payload);
      await drain(remoteQueue({ name: 'sync', jobs, use, send, environment }), { push: run, other: run });
      return ran;
    };
    expect(await drained([])).toEqual(['plain']);
    expect(await drained([needy], true)).toEqual([]);
    expect(await drained([needy])).toEqual(['needs it']);
  });
});

describe('a worker over HTTP', () => {
  it.each([
    ['is not over: false', true],
    ['ends with its attempt: nobody hears of it', false],
  ])(
    'stores no checkpoint where the host has none in use, and costs nobody his lease: one that %s',
    async (_, waits) => {
      const environment = fakeEnvironment({ now: T });
      const host = createQueue({ name: 'sync', jobs, store: memoryStore(), environment });
      const serve = httpHost(host, everything, { authorize: () => true });
      const fetch = (url: string, init: RequestInit) => serve(new Request(url, init));
      const queue = httpQueue('https://queue.example/calls', { jobs, use, fetch, environment, pollMs: 100 });
      const { id } = await queue.enqueue('push', 'x');
      const stored: unknown[] = [];
      work(queue, {
        push: async (_payload, { checkpoint, release, job: { checkpoint: found } }) => {
          stored.push(found);
          if (stored.length > 1) return;
          const left = checkpoint('half');
          if (waits) stored.push(await left);
          release();
        },
      });
      await environment.advance(90_000);
      expect(stored).toEqual(waits ? [undefined, false, undefined] : [undefined, undefined]);
      expect(await count(host)).toMatchObject({ completed: 1, dead: 0 });
      expect(await get(host, id)).toBeUndefined();
    },
  );

  it('refuses progress and a checkpoint that JSON would change at once, and costs nobody his lease', async () => {
    const { queue, host, environment } = openHttp();
    const { id } = await queue.enqueue('push', 'x');
    const refused: unknown[] = [];
    const note = (error: unknown) => refused.push(Object(error).code);
    work(
      queue,
      {
        push: async (_, { progress, checkpoint, signal }) => {
          for (const leave of [progress, checkpoint])
            try {
              await leave(new Map());
            } catch (error) {
              note(error);
            }
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
      },
      { leaseMs: 30_000 },
    );
    for (let n = 0; n < 40; n++) await environment.advance(1_000);
    expect(refused).toEqual(['Payload', 'Payload']);
    const lease = (await get(host, id))?.lease;
    expect(lease?.until).toBeGreaterThan(environment.now());
  });
});
