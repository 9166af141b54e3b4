import {
  batch,
  type CallMessage,
  createQueue,
  defineJobs,
  type EnqueueRequest,
  type ExchangeRequest,
  enqueueFlow,
  enqueueMany,
  every,
  exportJobs,
  expose,
  get,
  InvalidOptionError,
  job,
  type Middleware,
  memoryStore,
  middleware,
  type PutBatchRequest,
  type PutSchedulesRequest,
  prepare,
  putSchedule,
  remoteQueue,
  type Transact,
  work,
} from 'holdfast';
import { httpFront } from 'holdfast/edge';
import { fakeEnvironment } from 'holdfast/testing';
import { describe, expect, it } from 'vitest';
import { OPTIONS, sampleOf } from '../../src/testing/conformance/samples.ts';
import { T } from '../../src/testing/conformance/spec.ts';
import { type EveryOption, type EverySpec, everyFeature } from '../../src/testing/every-feature.ts';
import { everything } from './everything.ts';

const jobs = defineJobs({ push: job<string>(), parent: job<string>() });

/** What a border is given, and what stands behind it. */
interface Crossing {
  readonly options: EveryOption;
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

/** What operations bring to the store, by their names. */
const SPECS_OF: Readonly<Record<string, (request: never) => readonly EverySpec[]>> = {
  enqueue: ({ jobs: specs }: EnqueueRequest) => specs,
  exchange: ({ settle }: ExchangeRequest) =>
    settle.flatMap(({ outcome }) => (outcome.kind === 'complete' ? (outcome.enqueue ?? []) : [])),
  putSchedules: ({ schedules }: PutSchedulesRequest) => schedules.map(({ job: spec }) => spec as EverySpec),
  putBatch: ({ whenDone }: PutBatchRequest) => (whenDone === undefined ? [] : [whenDone]),
};

function openQueue(list: readonly Middleware[] = []) {
  const environment = fakeEnvironment({ now: T });
  const memory = memoryStore();
  const stored: EverySpec[] = [];
  const transact: Transact = (transaction) => {
    stored.push(...(SPECS_OF[transaction.name]?.(transaction.args as never) ?? []));
    return memory.transact(transaction);
  };
  const store = { ...memory, transact, join: () => transact };
  const queue = createQueue({
    name: 'sync',
    jobs,
    store,
    environment,
    use: [middleware(list), ...everyFeature()],
  });
  return { queue, environment, store, stored };
}

/** The queue as a Worker has it, over plain data. */
function clientOf({ queue, environment }: Crossing) {
  const serve = expose(queue, everything);
  const send = async (message: CallMessage) => structuredClone(await serve(structuredClone(message)));
  return remoteQueue({ name: 'sync', jobs, send, environment, use: everyFeature() });
}

const item = (options: EveryOption) => ({ name: 'push' as const, payload: 'x', ...options });
const BORDERS: Readonly<Record<string, Border>> = {
  enqueue: { cross: ({ queue, options }) => queue.enqueue('push', 'x', options) },
  enqueueMany: { cross: ({ queue, options }) => enqueueMany(queue, [item(options)]) },
  'enqueueMany of an iterable': {
    cross: ({ queue, options }) => enqueueMany(queue, new Set([item(options)]), {}),
  },
  // There they are names of steps.
  enqueueFlow: {
    cross: ({ queue, options: { dependsOn, ...options } }) =>
      enqueueFlow(queue, {
        x: { name: 'parent', payload: 'x', id: 'x' },
        last: dependsOn === undefined ? item(options) : { ...item(options), dependsOn },
      } as never),
  },
  'a schedule': {
    cross: ({ queue, options }) =>
      putSchedule(queue, 'often', { recurrence: every(60_000), name: 'push', payload: 'x', options }),
    refuses: ['id', 'runAt', 'delayMs', 'dependsOn', 'onDependencyDeath'],
  },
  'a batch': {
    cross: async ({ queue, options }) => (await batch(queue)).add([item(options)]),
  },
  'the last job of a batch': {
    cross: ({ queue, options }) => batch(queue, { whenDone: item(options) }),
    refuses: ['id', 'dependsOn', 'idempotencyKey', 'onDuplicate', 'keyForMs', 'maxWaitMs'],
  },
  'the context of a handler': {
    cross: async ({ queue, options, environment }) => {
      const thrown: unknown[] = [];
      const { id } = await queue.enqueue('parent', 'x');
      const worker = work(queue, {
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
      expect(await get(queue, id)).toBeUndefined();
      if (thrown.length > 0) throw thrown[0];
    },
  },
  'a transaction of the app': {
    cross: async ({ queue, options }) =>
      (await prepare(queue, 'push', 'x', options)).addTo({} as never).committed,
  },
  'a remote queue': { cross: (crossing) => clientOf(crossing).enqueue('push', 'x', crossing.options) },
  'enqueueFlow of a remote queue': {
    cross: (crossing) => {
      const { dependsOn, ...options } = crossing.options;
      return enqueueFlow(clientOf(crossing), {
        x: { name: 'parent', payload: 'x', id: 'x' },
        last: dependsOn === undefined ? item(options) : { ...item(options), dependsOn },
      } as never);
    },
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
function arrived({ dependsOn, ...spec }: EverySpec): Readonly<Record<string, unknown>> {
  return dependsOn === undefined ? spec : { ...spec, dependsOn: Object.keys(dependsOn) };
}

describe.each(Object.entries(BORDERS))(
  'every option that is given crosses unchanged, or is refused by name: %s',
  (name, border) => {
    it.each(OPTIONS)('%s', async (option) => {
      const sample = sampleOf(option);
      const { queue, environment, store, stored } = openQueue();
      if (option === 'dependsOn' && !name.startsWith('enqueueFlow'))
        await queue.enqueue('parent', 'x', { id: 'x' });
      const crossing = border.cross({ queue, environment, store, options: sample.given });
      const isRefused = border.refuses?.includes(option) ?? (border.takes && !border.takes.includes(option));
      if (isRefused) {
        await expect(crossing).rejects.toThrow(InvalidOptionError);
        await expect(crossing).rejects.toThrow(new RegExp(Object.keys(sample.given).join('|')));
        return;
      }
      await crossing;
      expect(arrived(stored.at(-1) as EverySpec)).toMatchObject(sample.kept);
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
    expect(arrived(stored.at(-1) as EverySpec)).toMatchObject(kept);
  });

  it.each(OPTIONS)(
    'is shown by its job, and by the one that is enqueued from what was exported: %s',
    async (option) => {
      const { given } = sampleOf(option);
      const [from, to] = [openQueue(), openQueue()];
      if (option === 'dependsOn') await from.queue.enqueue('parent', 'x', { id: 'x' });
      const { id } = await from.queue.enqueue('push', 'x', given);
      const items = [];
      for await (const { item: exported } of exportJobs(from.queue)) items.push(exported);
      await enqueueMany(to.queue, JSON.parse(JSON.stringify(items)));
      const job = await get(from.queue, id);
      expect(await get(to.queue, id)).toEqual({ ...job });
    },
  );
});
