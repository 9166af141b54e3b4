import {
  createQueue,
  defineJobs,
  type EnqueueOptions,
  every,
  InvalidOptionError,
  job,
  type Middleware,
  memoryStore,
} from 'holdfast';
import { httpFront, queueClient, serveQueue } from 'holdfast/edge';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import type { JobSpec } from '../../src/core/kernel/messages.ts';
import { OPTIONS, type Sample, sampleOf } from '../../src/testing/conformance/samples.ts';
import { T } from '../../src/testing/conformance/spec.ts';

const jobs = defineJobs({ push: job<string>(), parent: job<string>() });

/** What a border is given, and what stands behind it. */
interface Crossing {
  readonly options: EnqueueOptions;
  /** A queue whose store keeps what it was asked to store. */
  readonly queue: ReturnType<typeof openQueue>['queue'];
  readonly environment: ReturnType<typeof fakeEnvironment>;
  readonly store: ReturnType<typeof openQueue>['store'];
}

interface Border {
  /** Resolves when the job is over, or rejects as the caller is told. */
  readonly cross: (crossing: Crossing) => Promise<unknown>;
  /** What it takes; absent: all. */
  readonly takes?: readonly string[];
  /** What it refuses; absent: nothing. */
  readonly refuses?: readonly string[];
}

function openQueue(middleware: readonly Middleware[] = []) {
  const environment = fakeEnvironment({ now: T });
  const memory = memoryStore();
  const stored: JobSpec[] = [];
  const store = {
    ...memory,
    enqueue: (request: Parameters<typeof memory.enqueue>[0], now: number) => {
      stored.push(...request.jobs);
      return memory.enqueue(request, now);
    },
    enqueueIn: (_transaction: unknown, request: Parameters<typeof memory.enqueue>[0], now: number) =>
      store.enqueue(request, now),
    exchange: (request: Parameters<typeof memory.exchange>[0], now: number) => {
      for (const { outcome } of request.settle)
        if (outcome.kind === 'complete') stored.push(...(outcome.enqueue ?? []));
      return memory.exchange(request, now);
    },
    putSchedules: (request: Parameters<typeof memory.putSchedules>[0], now: number) => {
      stored.push(...request.schedules.map(({ job: spec }) => spec as JobSpec));
      return memory.putSchedules(request, now);
    },
    putBatch: (request: Parameters<typeof memory.putBatch>[0], now: number) => {
      if (request.whenDone !== undefined) stored.push(request.whenDone);
      return memory.putBatch(request, now);
    },
  };
  const queue = createQueue({ name: 'sync', jobs, store, environment, middleware });
  return { queue, environment, store, stored };
}

/** A client of the queue, as a Worker has it. */
function clientOf({ store, environment }: Crossing) {
  const served = { name: 'sync', stream: 'sync', jobs, store, keptShards: { standing: () => 'known' } };
  const holdfast = (call: unknown) => serveQueue(served as never, structuredClone(call), { environment });
  const namespace = { idFromName: () => ({}), get: () => ({ holdfast }) };
  return queueClient(namespace as never, 'sync', { jobs, environment });
}

const item = (options: EnqueueOptions) => ({ name: 'push' as const, payload: 'x', ...options });
const BORDERS: Readonly<Record<string, Border>> = {
  enqueue: { cross: ({ queue, options }) => queue.enqueue('push', 'x', options) },
  enqueueMany: { cross: ({ queue, options }) => queue.enqueueMany([item(options)]) },
  'enqueueMany of an iterable': {
    cross: ({ queue, options }) => queue.enqueueMany(new Set([item(options)]), {}),
  },
  // There they are names of steps.
  enqueueFlow: {
    cross: ({ queue, options: { dependsOn, ...options } }) =>
      queue.enqueueFlow({
        x: { name: 'parent', payload: 'x', id: 'x' },
        last: dependsOn === undefined ? item(options) : { ...item(options), dependsOn },
      } as never),
  },
  'a schedule': {
    cross: ({ queue, options }) =>
      queue.schedules.put('often', { recurrence: every(60_000), name: 'push', payload: 'x', options }),
    refuses: ['id', 'runAt', 'delayMs', 'dependsOn', 'onDependencyDeath'],
  },
  'a batch': {
    cross: async ({ queue, options }) => (await queue.batch()).add([item(options)]),
  },
  'the last job of a batch': {
    cross: ({ queue, options }) => queue.batch({ whenDone: item(options) }),
    refuses: ['id', 'dependsOn', 'idempotencyKey', 'onDuplicate', 'keyForMs', 'maxWaitMs'],
  },
  'the context of a handler': {
    cross: async ({ queue, options, environment }) => {
      const thrown: unknown[] = [];
      const { id } = await queue.enqueue('parent', 'x');
      const worker = queue.work({
        parent: (_, context) => {
          try {
            context.enqueue('push', 'x', options);
          } catch (error) {
            thrown.push(error);
          }
        },
      });
      await environment.flush();
      await worker.stop();
      expect(await queue.get(id)).toBeUndefined();
      if (thrown.length > 0) throw thrown[0];
    },
  },
  'a transaction of the app': {
    cross: async ({ queue, options }) =>
      (await queue.prepare('push', 'x', options)).addTo({} as never).committed,
  },
  'a client over RPC': {
    cross: (crossing) => clientOf(crossing).enqueue('push', 'x', crossing.options),
    refuses: ['dependsOn'],
  },
  'the HTTP front': {
    cross: async ({ queue, options: { id, ...options } }) => {
      const front = httpFront({ queue, jobs, authorize: () => true });
      const body = JSON.stringify({ name: 'push', payload: 'x', id, options });
      const headers = { 'content-type': 'application/json' };
      const answer = await front(
        new Request('https://queue.example/jobs', { method: 'POST', headers, body }),
      );
      const { detail } = (await answer.json()) as { detail?: string };
      if (detail !== undefined) throw new InvalidOptionError('options', detail, 'others');
    },
    takes: ['id', 'lane', 'idempotencyKey', 'delayMs'],
  },
};

/** What arrived, by the names that it was given under. */
function arrived({ dependsOn, ...spec }: JobSpec): Readonly<Record<string, unknown>> {
  return dependsOn === undefined ? spec : { ...spec, dependsOn: Object.keys(dependsOn) };
}

/** What it is given on the other side: no instant goes over RPC, and definitions and clocks are the same here. */
const expected = (border: string, { kept }: Sample): object => {
  const { runAt, ...rest } = kept;
  return border === 'a client over RPC' && typeof runAt === 'number' ? { ...rest, delayMs: runAt - T } : kept;
};

describe.each(Object.entries(BORDERS))(
  'every option that is given crosses unchanged, or is refused by name: %s',
  (name, border) => {
    it.each(OPTIONS)('%s', async (option) => {
      const sample = sampleOf(option);
      const { queue, environment, store, stored } = openQueue();
      if (option === 'dependsOn' && name !== 'enqueueFlow') await queue.enqueue('parent', 'x', { id: 'x' });
      const crossing = border.cross({ queue, environment, store, options: sample.given });
      const isRefused = border.refuses?.includes(option) ?? (border.takes && !border.takes.includes(option));
      if (isRefused) {
        await expect(crossing).rejects.toThrow(InvalidOptionError);
        await expect(crossing).rejects.toThrow(new RegExp(Object.keys(sample.given).join('|')));
        return;
      }
      await crossing;
      expect(arrived(stored.at(-1) as JobSpec)).toMatchObject(expected(name, sample));
      await queue.close();
    });
  },
);

describe('every option that is given', () => {
  it.each(OPTIONS)('goes through middleware: %s', async (option) => {
    const { given, kept } = sampleOf(option);
    const { queue, stored } = openQueue([
      { enqueue: (call, next) => next({ options: { ...call.options } }) },
      { enqueue: (_, next) => next() },
    ]);
    if (option === 'dependsOn') await queue.enqueue('parent', 'x', { id: 'x' });
    await queue.enqueue('push', 'x', given);
    expect(arrived(stored.at(-1) as JobSpec)).toMatchObject(kept);
  });

  it.each(OPTIONS)(
    'is shown by its job, and by the one that is enqueued from what was exported: %s',
    async (option) => {
      const { given } = sampleOf(option);
      const [from, to] = [openQueue(), openQueue()];
      if (option === 'dependsOn') await from.queue.enqueue('parent', 'x', { id: 'x' });
      const { id } = await from.queue.enqueue('push', 'x', given);
      const items = [];
      for await (const { item: exported } of from.queue.export()) items.push(exported);
      await to.queue.enqueueMany(JSON.parse(JSON.stringify(items)));
      const job = await from.queue.get(id);
      expect(await to.queue.get(id)).toEqual({ ...job });
    },
  );
});
